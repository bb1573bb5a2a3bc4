"""Deciding: an act's form with the article beside it, what will follow, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.acting import (
    Conflict,
    Done,
    Drafted,
    NotSeenError,
    Outcome,
    Proposed,
    Unknown,
    new_decision_id,
    propose,
)
from neiic.console.asking import Visitor, Wired
from neiic.console.forms.changes import changed
from neiic.console.forms.fields import Form, form_for
from neiic.console.forms.foresight import Foresight, outlooks
from neiic.console.forms.reading import FieldError, data_from, errors_of
from neiic.console.house import House
from neiic.console.pages.before_sending import (
    carried,
    foreseen,
    last_question,
    law_of,
    outlook_of,
)
from neiic.console.pages.matter_shown import answered, answers_something, subject_in
from neiic.console.pages.rendering import page, part
from neiic.console.pages.seen import decision_path, name_of_center, path_of, seen_center
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import entries, sentence, title_of
from neiic.console.pages.telling import details
from neiic.statute.acts import Event, Refused
from neiic.statute.deciding import replay
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import Snapshot, actions_for, snapshot
from neiic.statute.state import Center
from neiic.statute.terms import Role

router = APIRouter(include_in_schema=False)

#: Inputs of an act's page that belong to no field of the law.
OWN = ("step", "decision_id", "seen", "csrf", "remarks", "conflict_reason", "more")


@dataclass(slots=True)
class Sheet:
    """An act's page while a person works on it: what is asked, what was typed, what is wrong."""

    house: House
    person: Person
    center: Center
    action: str
    subject: dict[str, int]
    form: Form
    decision_id: str
    seen: int
    typed: dict[str, list[str]] = field(default_factory=dict)
    remarks: str = ""
    conflict_reason: str = ""
    errors: list[FieldError] = field(default_factory=list)
    conflict: Conflict | None = None

    @property
    def path(self) -> str:
        """The address of this page."""
        return path_of(self.center.code, self.action, self.subject)

    @property
    def about(self) -> dict[str, int]:
        """The year or case, as far as the address, what is typed or a lone choice tells it."""
        offered = {one.name: [one.offered] for one in self.form.fields if one.offered}
        return self.subject or subject_in(data_from(self.form, offered | self.typed).data)

    @property
    def proposed(self) -> Proposed:
        """What is typed, as an act."""
        data = data_from(self.form, self.typed).data
        return Proposed(
            self.center.code,
            self.action,
            data,
            self.remarks or None,
            self.decision_id,
            self.conflict_reason or None,
        )


def sheet_of(house: House, person: Person, code: str, action: str, about: str | None) -> Sheet:
    """An empty sheet. 404 for a center that is not seen, or an action that is not the role's."""
    center = seen_center(house, person, code)
    if action not in ACTIONS or person.scope.role not in ACTIONS[action].roles:
        raise HTTPException(404)
    views = actions_for(center, person.scope.role, house.now(), LIBRARY[center.rule_set])
    choices = next((view.choices for view in views if view.action == action), ())
    subject = next(
        (choice for choice in choices if "-".join(map(str, choice.values())) == (about or "")), {}
    )
    form = form_for(
        action,
        [subject] if subject else choices,
        person.language,
        house.today,
        role=person.scope.role,
        center=center,
    )
    if person.scope.role is Role.ASSESSOR:
        form = form.offering("data.agency", person.scope.unit)
    sheet = Sheet(house, person, center, action, subject, form, new_decision_id(), center.sequence)
    kept = house.desk.kept(person.user_id, sheet.path)
    if kept is not None:
        sheet.typed = {name: values for name, values in kept.fields.items() if name not in OWN}
        sheet.remarks = next(iter(kept.fields.get("remarks", ())), "")
    return sheet


def _take(sheet: Sheet, sent: Sent) -> None:
    """What was sent, onto the sheet."""
    sheet.typed = {name: values for name, values in sent.mapping().items() if name not in OWN}
    sheet.remarks, sheet.conflict_reason = sent.one("remarks"), sent.one("conflict_reason")
    sheet.decision_id = sent.one("decision_id")[:64] or sheet.decision_id
    seen = sent.one("seen")
    sheet.seen = int(seen) if seen.isdecimal() and len(seen) < 12 else sheet.center.sequence


@router.get("/centers/{code}/acts/{action}")
@router.get("/centers/{code}/acts/{action}/{about}")
def show(
    request: Request,
    code: str,
    action: str,
    house: Wired,
    person: Visitor,
    about: str | None = None,
) -> Response:
    """The form, with what was typed and not sent before."""
    return _form_page(request, sheet_of(house, person, code, action, about))


@router.post("/centers/{code}/acts/{action}")
@router.post("/centers/{code}/acts/{action}/{about}")
async def decide(
    request: Request,
    code: str,
    action: str,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
    about: str | None = None,
) -> Response:
    """Look ahead, ask once more, or act: by the button that was pressed."""
    sheet = await run_in_threadpool(sheet_of, house, person, code, action, about)
    _take(sheet, sent)
    step = sent.one("step")
    if step not in ("act", "confirmed") or sent.one("more"):
        return await run_in_threadpool(_form_page, request, sheet, looked=step == "preview")
    asked = await run_in_threadpool(_before, request, sheet, confirmed=step == "confirmed")
    if asked is not None:
        return asked
    try:
        outcome = await propose(house, person, sheet.proposed)
    except NotSeenError:
        raise HTTPException(404) from None
    return await run_in_threadpool(_after, request, sheet, outcome)


@router.post("/centers/{code}/outlook/{action}")
@router.post("/centers/{code}/outlook/{action}/{about}")
def outlook(
    request: Request,
    code: str,
    action: str,
    house: Wired,
    person: Visitor,
    sent: Annotated[Sent, checked()],
    about: str | None = None,
) -> Response:
    """What will follow from what is typed so far, beside the form; what is typed is kept."""
    sheet = sheet_of(house, person, code, action, about)
    _take(sheet, sent)
    kept = {**sheet.typed, "remarks": [sheet.remarks]}
    house.desk.keep(person.user_id, sheet.path, kept, house.now())
    return part(request, house, person, "center/outlook.html", outlooks=_outlooks(sheet))


def _before(request: Request, sheet: Sheet, *, confirmed: bool) -> Response | None:
    """The form again where something does not fit, the question where it cannot be undone."""
    sheet.errors = list(data_from(sheet.form, sheet.typed).errors)
    if sheet.errors:
        return _form_page(request, sheet, status=422)
    if not ACTIONS[sheet.action].irreversible or confirmed:
        return None
    seen = _foreseen(sheet)
    if seen.refusal is not None:
        sheet.errors = list(seen.errors)
        sheet.house.desk.record_attempt(
            sheet.person,
            center=sheet.center.code,
            action=sheet.action,
            status=409,
            reason=seen.refusal.message_zh,
            now=sheet.house.now(),
        )
        return _form_page(request, sheet, status=409)
    return _confirm_page(request, sheet, seen)


def _after(request: Request, sheet: Sheet, outcome: Outcome) -> Response:
    house, person, code = sheet.house, sheet.person, sheet.center.code
    if isinstance(outcome, Refused):
        sheet.errors = errors_of(outcome, sheet.form)
        sheet.center = house.records.state(code) or sheet.center
        return _form_page(request, sheet, status=422 if outcome.code == "invalid" else 409)
    if isinstance(outcome, Conflict):
        sheet.conflict = outcome
        return _form_page(request, sheet, status=409)
    house.desk.forget(person.user_id, sheet.path)
    if isinstance(outcome, Drafted):
        return RedirectResponse(f"/drafts/{outcome.draft}", 303)
    assert isinstance(outcome, Done | Unknown)
    return RedirectResponse(decision_path(code, sheet.decision_id), 303)


def _outlooks(sheet: Sheet) -> list[dict[str, Any]]:
    """What will follow: from what is typed, or for each choice while little is typed yet."""
    if not data_from(sheet.form, sheet.typed).errors:
        return [outlook_of(_foreseen(sheet))]
    return [
        outlook_of(one.foresight, one.label)
        for one in outlooks(
            sheet.center,
            sheet.action,
            sheet.subject,
            sheet.house.now(),
            sheet.house.calendar.resolve,
            sheet.person.language,
            sheet.person.scope.role,
        )
    ]


def _foreseen(sheet: Sheet) -> Foresight:
    return foreseen(sheet.house, sheet.person, sheet.center, sheet.proposed)


def _told(sheet: Sheet) -> dict[str, Any]:
    """What the act answers, and what others did since the form was opened; events are read once."""
    matters = answers_something(sheet.action)
    if not matters and sheet.center.sequence <= sheet.seen:
        return {"others": [], "matter": []}
    events = sheet.house.records.timeline(sheet.center.code, 0 if matters else sheet.seen)
    later = [one for one in events if one.sequence > sheet.seen and one.actor is not None]
    matter = answered(sheet.action, sheet.about, sheet.center, events)
    language = sheet.person.language
    return {"others": list(entries(later, language)), "matter": list(entries(matter, language))}


def _context(sheet: Sheet) -> dict[str, Any]:
    house, language = sheet.house, sheet.person.language
    action = ACTIONS[sheet.action]
    shown = snapshot(sheet.center, LIBRARY[sheet.center.rule_set], house.now())
    return {
        "shown": shown,
        "name": name_of_center(shown, language),
        "title": sheet.form.title,
        "verb": sheet.form.title,
        "to_be_signed": sheet.person.needs_signature(sheet.action, action.irreversible),
        "law": law_of(action.article, language),
        "form": sheet.form,
        "typed": sheet.typed,
        "errors": sheet.errors,
        "remarks": sheet.remarks,
        "conflict": sheet.conflict,
        "conflict_reason": sheet.conflict_reason,
        "decision_id": sheet.decision_id,
        "here_path": sheet.path,
        "outlook_path": sheet.path.replace("/acts/", "/outlook/"),
        "keep_key": sheet.path,
        "seen": sheet.seen,
    } | _told(sheet)


def _form_page(
    request: Request, sheet: Sheet, *, status: int = 200, looked: bool = False
) -> Response:
    if looked and not sheet.errors:
        sheet.errors = list(data_from(sheet.form, sheet.typed).errors)
    context = _context(sheet) | {"outlooks": _outlooks(sheet)}
    return page(
        request,
        sheet.house,
        sheet.person,
        "center/act.html",
        here="centers",
        status=status,
        **context,
    )


def _confirm_page(request: Request, sheet: Sheet, seen: Foresight) -> Response:
    language = sheet.person.language
    hidden = carried(sheet.typed)
    hidden += [("decision_id", sheet.decision_id), ("seen", str(sheet.seen))]
    hidden += [("remarks", sheet.remarks)] if sheet.remarks else []
    hidden += [("conflict_reason", sheet.conflict_reason)] if sheet.conflict_reason else []
    context = _context(sheet) | last_question(sheet.action, sheet.form, sheet.typed, language)
    context |= {
        "given": list(details(sheet.action, sheet.proposed.data, language)),
        "outlooks": [outlook_of(seen)],
        "carried": hidden,
    }
    return page(
        request, sheet.house, sheet.person, "center/confirm.html", here="centers", **context
    )


@router.get("/centers/{code}/decisions/{decision_id}")
def decision(
    request: Request, code: str, decision_id: str, house: Wired, person: Visitor
) -> Response:
    """What became of a decision: what changed and what comes next, or why not."""
    center = seen_center(house, person, code)
    language, zh = person.language, person.language == "zh"
    shown = snapshot(center, LIBRARY[center.rule_set], house.now())
    known = house.rechecks.known(code, decision_id)
    context: dict[str, Any] = {
        "code": code,
        "name": name_of_center(shown, language),
        "decision_id": decision_id,
        "outcome": known.status,
        "sentence": sentence(shown, house.today, language),
        "title": "",
        "changes": [],
        "keep_key": "",
        "refusal": "",
        "refused_by": "",
    }
    if known.status == "done":
        event, changes = _changes(house, code, decision_id, known.snapshot or {}, language)
        context |= {
            "title": title_of(event.kind, language),
            "changes": changes,
            "keep_key": path_of(code, event.kind, subject_in(event.data)),
        }
    if known.refusal is not None:
        told = known.refusal["message_zh" if zh else "message_en"]
        context |= {"refusal": told, "refused_by": known.refusal["article"]}
    return page(request, house, person, "center/decision.html", here="centers", **context)


def _changes(
    house: House, code: str, decision_id: str, answer: dict[str, Any], language: str
) -> tuple[Event, list[str]]:
    """The act of a decision, and what it and what followed from it at once changed."""
    events = house.records.timeline(code)
    place = next(i for i, event in enumerate(events) if event.decision_id == decision_id)
    before = replay(events[:place])
    shown = snapshot(before, LIBRARY[before.rule_set])
    return events[place], [
        line.text for line in changed(shown, Snapshot.model_validate(answer), language)
    ]
