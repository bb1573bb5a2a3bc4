"""What was signed in, what was turned away, and what was done in the console, newest first."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from neiic.console.accounts.faults import kept
from neiic.console.asking import LARGEST_NUMBER, Wired
from neiic.console.desk.turned_away import NEWEST, Place
from neiic.console.forms.words import N_
from neiic.console.pages.admin.asking import Operator, admin_page
from neiic.console.pages.standing import title_of
from neiic.console.translating import translator

router = APIRouter()

ROWS = 50
Before = Annotated[int | None, Query(ge=1, le=LARGEST_NUMBER)]

OUTCOMES = {
    "succeeded": N_("signed in"),
    "failed": N_("wrong password"),
    "unknown": N_("no such user"),
    "disabled": N_("disabled user"),
    "no_grant": N_("no role"),
    "paused": N_("resting after failures"),
    "limited": N_("too many from this address"),
    "unlocked": N_("unlocked by an operator"),
}
#: What lines of the trail tell of.
DONE = {
    "user.add": N_("User added"),
    "user.disable": N_("User disabled"),
    "user.enable": N_("User enabled"),
    "user.password": N_("Password given"),
    "user.profile": N_("Name or language changed"),
    "grant.add": N_("Role given"),
    "grant.end": N_("Role taken back"),
    "password.change": N_("Own password changed"),
    "session.end": N_("Session ended"),
    "session.act_as": N_("Role switched"),
    "token.make": N_("Token made"),
    "token.end": N_("Token taken back"),
    "delegation.make": N_("Work handed over"),
    "delegation.end": N_("Delegation ended"),
    "unit.add": N_("Unit added"),
    "unit.role": N_("Unit given a role"),
    "unit.rename": N_("Unit renamed"),
    "unit.superior": N_("Superior unit set"),
    "unit.signing": N_("Signing policy set"),
    "unit.tie": N_("Tie noted"),
    "unit.untie": N_("Tie taken back"),
    "agency.engage": N_("Agency engaged"),
    "agency.disengage": N_("Engagement taken back"),
    "claim.take": N_("Matter claimed"),
    "claim.hand_over": N_("Matter handed over"),
    "claim.release": N_("Matter released"),
    "comment": N_("Comment written"),
    "draft.make": N_("Act drafted"),
    "draft.sign": N_("Draft signed"),
    "draft.return": N_("Draft returned"),
    "draft.withdraw": N_("Draft withdrawn"),
    "draft.refused": N_("Signed act refused by the center"),
    "filter.save": N_("Filter saved"),
    "filter.forget": N_("Filter deleted"),
}


@router.get("/admin/sign-ins")
def sign_ins(
    request: Request, house: Wired, person: Operator, login: str = "", before: Before = None
) -> Response:
    """The log of sign-ins; of one login where it is asked for."""
    login = kept(login.strip(), 64)
    rows = house.accounts.sign_ins(before_id=before, login=login or None, limit=ROWS + 1)
    _ = translator(person.language)
    for row in rows:
        outcome = row["outcome"]
        row["said"] = _(OUTCOMES.get(outcome, outcome))
    return admin_page(
        request,
        house,
        person,
        "sign_ins.html",
        "sign-ins",
        rows=rows[:ROWS],
        login=login,
        newest=before is None,
        older=_older("/admin/sign-ins", rows, login=login),
    )


def _older(path: str, rows: list[dict[str, Any]], **kept_in_address: str) -> str | None:
    if len(rows) <= ROWS:
        return None
    wanted = {name: value for name, value in kept_in_address.items() if value}
    return f"{path}?{urlencode({**wanted, 'before': rows[ROWS - 1]['id']})}"


@router.get("/admin/rejected")
def rejected(
    request: Request,
    house: Wired,
    person: Operator,
    attempt: Before = None,
    refusal: Before = None,
) -> Response:
    """Acts that the console turned away and acts that the law refused, in one list."""
    before = Place(attempt or NEWEST.attempt, refusal or NEWEST.refusal)
    rows, place = house.desk.turned_away(before, ROWS)
    older = place and urlencode(place._asdict())
    zh = person.language == "zh"
    return admin_page(
        request,
        house,
        person,
        "rejected.html",
        "rejected",
        rows=[
            (one, title_of(one.action, person.language), one.zh if zh else one.en) for one in rows
        ],
        newest=before == NEWEST,
        older=f"/admin/rejected?{older}" if older else None,
    )


@router.get("/admin/trail")
def trail(
    request: Request,
    house: Wired,
    person: Operator,
    login: str = "",
    center: str = "",
    before: Before = None,
) -> Response:
    """All that was done in the console; by one login or about one center where asked for."""
    login, center = kept(login.strip(), 64), kept(center.strip(), 200)
    rows = house.desk.trail(
        before_id=before, login=login or None, center=center or None, limit=ROWS + 1
    )
    _ = translator(person.language)
    for row in rows:
        what = row["what"]
        row["said"] = _(DONE.get(what, what))
        row["detail"] = [
            (name, value) for name, value in row["detail"].items() if value not in (None, "", [])
        ]
    return admin_page(
        request,
        house,
        person,
        "trail.html",
        "trail",
        rows=rows[:ROWS],
        login=login,
        center=center,
        newest=before is None,
        older=_older("/admin/trail", rows, login=login, center=center),
    )
