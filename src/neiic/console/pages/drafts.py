"""Drafts (拟办、审签): what waits for a colleague's signature, and the act as it would be."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.acting import Conflict, Done, NotSeenError, Unknown, actor_at, message_of
from neiic.console.asking import Number, Visitor, Wired
from neiic.console.desk.drafts import Draft
from neiic.console.forms.foresight import Foresight, foresee
from neiic.console.forms.reading import typed_from
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.deciding import sheet_of
from neiic.console.pages.mending import status_of, wrong_of
from neiic.console.pages.rendering import page
from neiic.console.pages.seen import name_of_center, seen_center
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.telling import details
from neiic.console.signing import (
    NotSigned,
    followed_up,
    may_sign,
    proposed_of,
    send_again,
    sign,
)
from neiic.console.translating import translator
from neiic.statute.acts import Refused
from neiic.statute.articles import summaries
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot

router = APIRouter(include_in_schema=False)

SAID = {
    "returned": N_("The draft is returned to who drafted it, with your note."),
    "withdrawn": N_("The draft is withdrawn."),
}
STATES = {
    "draft": N_("waits for a signature"),
    "signed": N_("signed"),
    "returned": N_("returned"),
    "withdrawn": N_("withdrawn"),
}


@router.get("/drafts")
def show(request: Request, house: Wired, person: Visitor, said: str = "") -> Response:
    """What one can sign, what one has drafted, and what is settled."""
    _ = translator(person.language)
    waiting = house.desk.drafts(person)
    settled = house.desk.drafts(person, states=("signed", "returned", "withdrawn"))
    context: dict[str, Any] = {
        "to_sign": [_row(one, person) for one in waiting if may_sign(person, one)],
        "mine": [_row(one, person) for one in waiting if not may_sign(person, one)],
        "settled": [_row(followed_up(house, person, one), person) for one in settled[:50]],
        "said": _(SAID[said]) if said in SAID else None,
    }
    return page(request, house, person, "drafts/drafts.html", here="drafts", **context)


def _row(draft: Draft, person: Person) -> dict[str, Any]:
    action = ACTIONS[draft.action]
    return {
        "draft": draft,
        "title": action.zh if person.language == "zh" else action.en,
        "article": action.article,
        "state": state_word(draft, person.language),
    }


def state_word(draft: Draft, language: str) -> str:
    """Where a draft stands."""
    _ = translator(language)
    if draft.state == "signed":
        return _("signed and recorded") if draft.sent else _("signed, no answer yet")
    return _(STATES[draft.state])


@router.get("/drafts/{draft_id}")
def draft(
    request: Request, draft_id: Number, house: Wired, person: Visitor, said: str = ""
) -> Response:
    """The act as it would be, and what may be done with the draft."""
    told = translator(person.language)(SAID[said]) if said in SAID else None
    return _draft_page(request, house, person, draft_id, said=told)


def _found(house: House, person: Person, draft_id: int) -> Draft:
    try:
        return followed_up(house, person, house.desk.find_draft(person, draft_id))
    except FaultError:
        raise HTTPException(404) from None


def _draft_page(
    request: Request,
    house: House,
    person: Person,
    draft_id: int,
    *,
    status: int = 200,
    said: str | None = None,
    wrong: dict[str, str] | None = None,
    refusal: tuple[str, str] | None = None,
    note: str = "",
) -> Response:
    found = _found(house, person, draft_id)
    center = seen_center(house, person, found.center)
    language, zh = person.language, person.language == "zh"
    shown = snapshot(center, LIBRARY[center.rule_set], house.now())
    action, mine = ACTIONS[found.action], found.drafted_by == person.user_id
    signing = may_sign(person, found)
    context: dict[str, Any] = {
        "draft": found,
        "shown": shown,
        "name": name_of_center(shown, language),
        "title": action.zh if zh else action.en,
        "law": [(cited, one.zh if zh else one.en) for cited, one in summaries(action.article)],
        "given": list(details(found.action, found.data, language)),
        "state": state_word(found, language),
        "lasting": (action.lasting_zh if zh else action.lasting_en) if signing else "",
        "outlooks": [_told(_foreseen(house, person, found))] if found.state == "draft" else [],
        "may_sign": signing,
        "mine": mine,
        "may_send": found.state == "signed"
        and found.sent is None
        and found.settled_by == person.user_id,
        "refusal": refusal,
        "wrong": wrong or {},
        "note": note,
    }
    return page(
        request,
        house,
        person,
        "drafts/draft.html",
        here="drafts",
        status=status,
        said=said,
        **context,
    )


def _foreseen(house: House, person: Person, found: Draft) -> Foresight:
    center = seen_center(house, person, found.center)
    actor = actor_at(house, person, found.center, drafted_by=found.drafter_name)
    return foresee(
        center,
        found.action,
        message_of(proposed_of(found), actor),
        house.now(),
        house.calendar.resolve,
        person.language,
    )


def _told(seen: Foresight) -> dict[str, Any]:
    return {
        "title": "",
        "lines": [line.text for line in seen.lines],
        "warnings": seen.warnings,
        "errors": [error.message for error in seen.errors],
    }


@router.post("/drafts/{draft_id}/sign")
async def sign_draft(
    request: Request,
    draft_id: Number,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Sign and send; what cannot be undone only once that was confirmed."""
    found = await run_in_threadpool(_found, house, person, draft_id)
    if ACTIONS[found.action].irreversible and sent.one("confirmed") != "yes":
        said = translator(person.language)(_CONFIRM)
        return await run_in_threadpool(
            _draft_page, request, house, person, draft_id, status=422, wrong={"confirmed": said}
        )
    try:
        outcome = await sign(house, person, draft_id)
    except NotSeenError:
        raise HTTPException(404) from None
    except FaultError as error:
        return await run_in_threadpool(
            _draft_page,
            request,
            house,
            person,
            draft_id,
            status=status_of(error),
            wrong=wrong_of(error, person),
        )
    if isinstance(outcome, NotSigned):
        return await run_in_threadpool(
            _draft_page,
            request,
            house,
            person,
            draft_id,
            status=409,
            refusal=_why(outcome.why, person),
        )
    return _sent_to(draft_id, found, outcome.outcome)


_TIED = N_("%(agency)s is tied to %(unit)s: %(note)s")
_CONFIRM = N_("Confirm that you know it cannot be undone")


def _why(why: Refused | Conflict, person: Person) -> tuple[str, str]:
    if isinstance(why, Refused):
        return (why.message_zh if person.language == "zh" else why.message_en), why.article
    said = translator(person.language)(_TIED)
    return said % {"agency": why.agency, "unit": why.unit, "note": why.note}, ""


def _sent_to(draft_id: int, found: Draft, outcome: object) -> Response:
    if isinstance(outcome, Done | Unknown):
        decision = quote(found.decision_id, safe="")
        return RedirectResponse(f"/centers/{quote(found.center)}/decisions/{decision}", 303)
    return RedirectResponse(f"/drafts/{draft_id}", 303)


@router.post("/drafts/{draft_id}/send")
async def send_draft(
    draft_id: Number, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Send again what one has signed and what has no answer: it acts once."""
    del sent
    found = await run_in_threadpool(_found, house, person, draft_id)
    try:
        outcome = await send_again(house, person, draft_id)
    except NotSeenError:
        raise HTTPException(404) from None
    return _sent_to(draft_id, found, outcome.outcome)


@router.post("/drafts/{draft_id}/return")
def return_draft(
    request: Request,
    draft_id: Number,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Give it back to who drafted it, with a note."""
    _found(house, person, draft_id)
    try:
        house.desk.return_draft(person, draft_id, sent.one("note"), house.now())
    except FaultError as error:
        return _draft_page(
            request,
            house,
            person,
            draft_id,
            status=status_of(error),
            wrong=wrong_of(error, person),
            note=sent.one("note"),
        )
    return RedirectResponse("/drafts?said=returned", 303)


@router.post("/drafts/{draft_id}/withdraw")
def withdraw(
    request: Request,
    draft_id: Number,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Take back what one has drafted."""
    del sent
    _found(house, person, draft_id)
    try:
        house.desk.withdraw(person, draft_id, house.now())
    except FaultError as error:
        return _draft_page(
            request,
            house,
            person,
            draft_id,
            status=status_of(error),
            wrong=wrong_of(error, person),
        )
    return RedirectResponse("/drafts?said=withdrawn", 303)


@router.post("/drafts/{draft_id}/edit")
def edit(
    request: Request,
    draft_id: Number,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Back into the act's form with what was drafted; a draft that still waits is withdrawn."""
    found = _found(house, person, draft_id)
    if found.drafted_by != person.user_id or found.state == "signed":
        raise HTTPException(404)
    subject = "-".join(str(found.data[one]) for one in ("year", "case") if one in found.data)
    sheet = sheet_of(house, person, found.center, found.action, subject or None)
    if found.state == "draft":
        answer = withdraw(request, draft_id, house, person, sent)
        if answer.status_code != 303:
            return answer
    typed = typed_from(sheet.form, found.data)
    kept = {**typed, "remarks": [found.remarks or ""]}
    house.desk.keep(person.user_id, sheet.path, kept, house.now())
    return RedirectResponse(sheet.path, 303)
