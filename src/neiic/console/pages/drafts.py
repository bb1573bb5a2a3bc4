"""Drafts (拟办、审签): what waits for a colleague's signature, and the act as it would be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.acting import Conflict, Done, NotSeenError, Unknown
from neiic.console.asking import Number, Visitor, Wired
from neiic.console.desk.drafts import Draft
from neiic.console.forms.reading import typed_from
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.before_sending import foreseen, law_of, outlook_of, tie_told
from neiic.console.pages.deciding import sheet_of
from neiic.console.pages.matter_shown import matter_of, subject_in
from neiic.console.pages.mending import FRESH, again
from neiic.console.pages.rendering import page, said_in
from neiic.console.pages.seen import decision_path, name_of_center, seen_center
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import title_of
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
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center

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
    waiting = house.desk.drafts(person)
    settled = house.desk.drafts(person, states=("signed", "returned", "withdrawn"))
    context: dict[str, Any] = {
        "to_sign": [_row(one, person) for one in waiting if may_sign(person, one)],
        "mine": [_row(one, person) for one in waiting if not may_sign(person, one)],
        "settled": [_row(followed_up(house, person, one), person) for one in settled[:50]],
        "said": said_in(SAID, said, person),
    }
    return page(request, house, person, "drafts/drafts.html", here="drafts", **context)


def _row(draft: Draft, person: Person) -> dict[str, Any]:
    return {
        "draft": draft,
        "title": title_of(draft.action, person.language),
        "article": ACTIONS[draft.action].article,
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
    return _draft_page(request, house, person, draft_id, said=said_in(SAID, said, person))


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
    refusal: tuple[str, str] | None = None,
    **form: Any,
) -> Response:
    found = _found(house, person, draft_id)
    center = seen_center(house, person, found.center)
    language, zh = person.language, person.language == "zh"
    shown = snapshot(center, LIBRARY[center.rule_set], house.now())
    action, mine = ACTIONS[found.action], found.drafted_by == person.user_id
    signing, waits = may_sign(person, found), found.state == "draft"
    about = subject_in(found.data)
    context: dict[str, Any] = {
        "draft": found,
        "shown": shown,
        "name": name_of_center(shown, language),
        "title": title_of(found.action, language),
        "law": law_of(action.article, language),
        "given": list(details(found.action, found.data, language)),
        "state": state_word(found, language),
        "lasting": (action.lasting_zh if zh else action.lasting_en) if signing else "",
        "outlooks": [_outlook(house, person, center, found)] if waits else [],
        "matter": matter_of(house, center, found.action, about, language) if waits else [],
        "may_sign": signing,
        "mine": mine,
        "may_send": found.state == "signed"
        and found.sent is None
        and found.settled_by == person.user_id,
        "refusal": refusal,
    }
    return page(
        request, house, person, "drafts/draft.html", here="drafts", **context | FRESH | form
    )


def _outlook(house: House, person: Person, center: Center, found: Draft) -> dict[str, Any]:
    proposed = proposed_of(found)
    return outlook_of(foreseen(house, person, center, proposed, drafted_by=found.drafter_name))


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
        form = again(error, person, sent)
        return await run_in_threadpool(_draft_page, request, house, person, draft_id, **form)
    if isinstance(outcome, NotSigned):
        why = _why(outcome.why, person)
        return await run_in_threadpool(
            _draft_page, request, house, person, draft_id, status=409, refusal=why
        )
    return _sent_to(draft_id, found, outcome.outcome)


_CONFIRM = N_("Confirm that you know it cannot be undone")


def _why(why: Refused | Conflict, person: Person) -> tuple[str, str]:
    if isinstance(why, Refused):
        return (why.message_zh if person.language == "zh" else why.message_en), why.article
    return tie_told(why, person.language), ""


def _sent_to(draft_id: int, found: Draft, outcome: object) -> Response:
    if isinstance(outcome, Done | Unknown):
        return RedirectResponse(decision_path(found.center, found.decision_id), 303)
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

    def close() -> None:
        house.desk.return_draft(person, draft_id, sent.one("note"), house.now())

    return _closed(request, house, person, draft_id, sent, close, "returned")


@router.post("/drafts/{draft_id}/withdraw")
def withdraw(
    request: Request,
    draft_id: Number,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Take back what one has drafted."""

    def close() -> None:
        house.desk.withdraw(person, draft_id, house.now())

    return _closed(request, house, person, draft_id, sent, close, "withdrawn")


def _closed(
    request: Request,
    house: House,
    person: Person,
    draft_id: int,
    sent: Sent,
    close: Callable[[], None],
    said: str,
) -> Response:
    _found(house, person, draft_id)
    try:
        close()
    except FaultError as error:
        return _draft_page(request, house, person, draft_id, **again(error, person, sent))
    return RedirectResponse(f"/drafts?said={said}", 303)


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
    subject = "-".join(map(str, subject_in(found.data).values()))
    sheet = sheet_of(house, person, found.center, found.action, subject or None)
    if found.state == "draft":
        answer = withdraw(request, draft_id, house, person, sent)
        if answer.status_code != 303:
            return answer
    typed = typed_from(sheet.form, found.data)
    kept = {**typed, "remarks": [found.remarks or ""]}
    house.desk.keep(person.user_id, sheet.path, kept, house.now())
    return RedirectResponse(sheet.path, 303)
