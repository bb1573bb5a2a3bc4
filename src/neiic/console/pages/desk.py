"""The desk on a center's page: who has what in hand, what the unit has remarked, who assesses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, unknown
from neiic.console.asking import Visitor, Wired
from neiic.console.desk.audit import author_of
from neiic.console.desk.claims import Claim, Matter
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.mending import again
from neiic.console.pages.rendering import page, said_in
from neiic.console.pages.seen import name_of_center, seen_center
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import title_of
from neiic.statute import matters
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center
from neiic.statute.terms import Role

router = APIRouter(include_in_schema=False)

#: What the center's page says after the desk was used, by the word in its address.
SAID = {
    "claimed": N_("You have the matter in hand."),
    "released": N_("The matter is free for any colleague."),
    "handed-over": N_("The matter is handed over."),
    "commented": N_("Your remark is there; only your unit reads it."),
    "engaged": N_("The agency is engaged: it sees the center, other agencies do not."),
    "disengaged": N_("The engagement is taken back."),
}


def desk_said(word: str, person: Person) -> str | None:
    """What to say for the word in a center's address; None for a word of others."""
    return said_in(SAID, word, person)


def desk_of(house: House, person: Person, center: Center) -> dict[str, Any]:
    """What ``desk/notes.html`` shows of a center that the person sees."""
    working = person.scope.role is not Role.OPERATOR
    ndrc = person.scope.role is Role.NDRC
    return {
        "code": center.code,
        "matters": list(_matters(house, person, center)) if working else [],
        "colleagues": house.accounts.colleagues(person) if working else [],
        "comments": house.desk.comments(person, center.code),
        "drafts": list(_drafts(house, person, center)) if person.signing else [],
        "agencies": list(_agencies(house, person, center)) if ndrc else None,
        "known_agencies": _known_agencies(house) if ndrc else [],
    }


def _matters(house: House, person: Person, center: Center) -> Iterator[dict[str, Any]]:
    """What waits for the person's role, and which colleague has it in hand."""
    claims = house.desk.claims(person, centers=[center.code])
    for one in matters.matters(center, LIBRARY[center.rule_set]):
        if person.scope.role not in one.answered_by:
            continue
        about = "-".join(map(str, one.subject.values()))
        claim: Claim | None = claims.get(Matter(center.code, one.action, about))
        yield {
            "action": one.action,
            "subject": about,
            "title": f"{title_of(one.action, person.language)} {about}".strip(),
            "since": one.since,
            "claim": claim,
            "mine": claim is not None and claim.user_id == person.user_id,
        }


def _drafts(house: House, person: Person, center: Center) -> Iterator[dict[str, Any]]:
    for one in house.desk.drafts(person, center=center.code):
        title = title_of(one.action, person.language)
        yield {"id": one.id, "title": title, "drafter_name": one.drafter_name}


def _agencies(house: House, person: Person, center: Center) -> Iterator[dict[str, str]]:
    """The agencies that are engaged, with what ties them to the center's units."""
    units = [center.competent_unit, center.lead_unit, center.implementing_unit.name]
    for agency in house.accounts.engaged([center.code]).get(center.code, []):
        tie = next(iter(house.accounts.ties_with(agency, units)), None)
        note = "" if tie is None else tie.note_zh if person.language == "zh" else tie.note_en
        yield {"name": agency, "tied_to": tie.other if tie else "", "note": note}


def _known_agencies(house: House) -> list[str]:
    return [one.name for one in house.accounts.units() if Role.ASSESSOR in one.roles]


@router.post("/centers/{code}/comments")
def comment(
    request: Request, code: str, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Write a remark for one's unit."""

    def change() -> None:
        house.desk.comment(person, code, sent.one("text"), house.now())

    return _changed(request, house, person, code, sent, change, "commented")


@router.post("/centers/{code}/claims")
def claim(
    request: Request, code: str, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Take a matter in hand, take it over from a colleague, or put it back."""
    step = sent.one("step") or "take"
    if step not in ("take", "take-over", "release"):
        raise HTTPException(404)

    def change() -> None:
        # One's own may always be put back, also when it waits no more.
        matter = _matter(code, sent)
        if step == "release":
            house.desk.release(person, matter, house.now())
            return
        _check_waits(house, person, matter)
        house.desk.claim(person, matter, house.now(), take_over=step == "take-over")

    said = "released" if step == "release" else "claimed"
    return _changed(request, house, person, code, sent, change, said)


@router.post("/centers/{code}/claims/hand-over")
def hand_over(
    request: Request, code: str, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Hand a matter to a colleague, with a note."""

    def change() -> None:
        matter = _matter(code, sent)
        _check_waits(house, person, matter)
        house.desk.hand_over(person, matter, sent.one("to"), sent.one("note"), house.now())

    return _changed(request, house, person, code, sent, change, "handed-over")


def _matter(code: str, sent: Sent) -> Matter:
    return Matter(code, sent.one("action"), sent.one("subject"))


def _check_waits(house: House, person: Person, matter: Matter) -> None:
    """Raises FaultError where nothing of this kind waits for the person's role."""
    center = seen_center(house, person, matter.center)
    for one in matters.matters(center, LIBRARY[center.rule_set]):
        about = "-".join(map(str, one.subject.values()))
        if (one.action, about) == matter[1:] and person.scope.role in one.answered_by:
            return
    raise unknown(
        "matter",
        "这一事项目前不等待贵单位办理，可能刚刚办结",
        "nothing of this kind waits for you at present; it may just have been done",
    )


@router.post("/centers/{code}/engagement")
def engage(
    request: Request, code: str, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """NDRC engages an agency for the center, or takes that back."""
    if person.scope.role is not Role.NDRC:
        raise HTTPException(404)
    back, agency = sent.one("step") == "disengage", sent.one("agency")

    def change() -> None:
        if back:
            house.accounts.disengage(author_of(person), code, agency, house.now())
            return
        if agency not in _known_agencies(house):
            raise unknown(
                "agency",
                "没有这家第三方机构的账户，请先由系统管理员建立",
                "no agency of this name has an account; let an operator add it first",
            )
        house.accounts.engage(author_of(person), code, agency, house.now())

    said = "disengaged" if back else "engaged"
    return _changed(request, house, person, code, sent, change, said)


def _changed(
    request: Request,
    house: House,
    person: Person,
    code: str,
    sent: Sent,
    change: Callable[[], None],
    said: str,
) -> Response:
    """Back to the center's page; or the desk alone, with what does not fit at its field."""
    center = seen_center(house, person, code)
    try:
        change()
    except FaultError as error:
        shown = snapshot(center, LIBRARY[center.rule_set], house.now())
        return page(
            request,
            house,
            person,
            "desk/desk.html",
            here="centers",
            shown=shown,
            name=name_of_center(shown, person.language),
            desk=desk_of(house, person, center),
            **again(error, person, sent),
        )
    return RedirectResponse(f"/centers/{quote(code)}?said={said}#desk", 303)
