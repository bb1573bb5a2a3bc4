"""One act for many centers (批量办理): chosen in the list, asked once, sent to each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.acting import (
    Conflict,
    Done,
    Drafted,
    NotSeenError,
    Outcome,
    Proposed,
    actor_at,
    new_decision_id,
    propose,
)
from neiic.console.asking import Visitor, Wired
from neiic.console.forms.fields import Form, form_for
from neiic.console.forms.foresight import Foresight, foresee, outlooks
from neiic.console.forms.reading import FieldError, data_from, errors_of, typed_from
from neiic.console.forms.words import N_, choices_of
from neiic.console.house import House
from neiic.console.pages.rendering import page
from neiic.console.pages.seen import name_of_center, path_of, seen_center
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import title_of
from neiic.console.pages.telling import details
from neiic.console.portfolio.lights import PAGE
from neiic.console.translating import translator
from neiic.statute.acts import Refused
from neiic.statute.articles import summaries
from neiic.statute.matters import waiting
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger(__name__)

PATH = "/tasks/batch"
#: As many as one page of the list shows.
MOST = PAGE
#: Acts of one batch that are on their way at the same time.
AT_ONCE = 4
#: Inputs of the page that belong to no field of the law; a row's decision id has its own prefix.
OWN = ("step", "action", "row", "remarks", "more")
_ID = "decision:"

Status = Literal["recorded", "refused", "unknown", "drafted", "conflict", "gone", "failed"]
#: What came of a row, in words and with the colour of a light.
STATUSES: dict[Status, tuple[str, str]] = {
    "recorded": ("green", N_("recorded")),
    "refused": ("red", N_("not accepted")),
    "failed": ("red", N_("not known: something went wrong on the way")),
    "unknown": ("amber", N_("sent; being found out")),
    "conflict": ("amber", N_("not sent: conflict of interest")),
    "drafted": ("amber", N_("laid before a colleague for signing")),
    "gone": ("amber", N_("not sent: it does not wait for this any more")),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One row of the list: a matter of a center.

    ``about`` tells the year, case or follow-up, ``given`` is what it says of the act's data. ``recorded`` tells that its decision has
    acted already, ``waits`` whether the matter still waits for this act and role.
    """

    center: Center
    name: str
    matter: str
    subject: dict[str, int]
    about: str
    given: dict[str, Any]
    decision_id: str
    recorded: bool
    waits: bool

    @property
    def key(self) -> str:
        """How forms and addresses call it."""
        return f"{self.center.code}/{self.matter}"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one row: for a refusal why and by which article, and where to go on."""

    row: Chosen
    status: Status
    message: str = ""
    article: str = ""
    href: str = ""


@dataclass(slots=True)
class Batch:
    """The page while a person works on it. ``form`` asks for what is not ``given`` by the rows."""

    house: House
    person: Person
    action: str
    rows: list[Chosen]
    whole: Form
    form: Form
    typed: dict[str, list[str]] = field(default_factory=dict)
    remarks: str = ""
    errors: list[FieldError] = field(default_factory=list)

    @property
    def waiting(self) -> list[Chosen]:
        """The rows that are still to be acted on."""
        return [row for row in self.rows if row.waits and not row.recorded]

    @property
    def gone(self) -> list[Chosen]:
        """The rows that do not wait any more, and not because of this batch."""
        return [row for row in self.rows if not row.waits and not row.recorded]

    def typed_for(self, row: Chosen) -> dict[str, list[str]]:
        """What is typed, with what the row itself says."""
        said = typed_from(self.whole, row.given)
        return self.typed | {f"data.{name}": said[f"data.{name}"] for name in row.given}

    def proposed(self, row: Chosen) -> Proposed:
        """What is typed, as an act on this row."""
        data = data_from(self.whole, self.typed_for(row)).data
        return Proposed(row.center.code, self.action, data, self.remarks or None, row.decision_id)

    def faults(self) -> list[FieldError]:
        """What does not fit yet, each fault once."""
        found = (
            error
            for row in self.waiting
            for error in data_from(self.whole, self.typed_for(row)).errors
        )
        return list(dict.fromkeys(found))


def _batch_of(
    house: House, person: Person, action: str, keys: Sequence[str], ids: dict[str, str]
) -> Batch:
    """The batch of these rows. 404 for an act that is not the role's or a center that is not seen."""
    if action not in ACTIONS or person.scope.role not in ACTIONS[action].roles:
        raise HTTPException(404)
    # More than a page holds is answered with that alone: nothing is read for it.
    few = keys if len(keys) <= MOST else ()
    rows = [_chosen(house, person, action, key, ids.get(key, "")) for key in few]
    whole = form_for(action, (), person.language, house.today, role=person.scope.role)
    given = {f"data.{name}" for row in rows for name in row.given}
    groups = tuple(
        replace(group, fields=tuple(one for one in group.fields if one.name not in given))
        for group in whole.groups
    )
    batch = Batch(house, person, action, rows, whole, replace(whole, groups=groups))
    told = translator(person.language)
    if not keys:
        batch.errors = [FieldError(None, told("Choose at least one row of the list."))]
    elif not few:
        said = told("At most %(most)s rows at a time; %(count)s were chosen.")
        batch.errors = [FieldError(None, said % {"most": MOST, "count": len(keys)})]
    return batch


def _chosen(house: House, person: Person, action: str, key: str, decision_id: str) -> Chosen:
    if not key.isprintable():
        # A database may not even be able to look for it.
        raise HTTPException(404)
    code, _, matter = key.partition("/")
    center = seen_center(house, person, code)
    shown = snapshot(center, LIBRARY[center.rule_set], house.now())
    found = next(
        (
            one
            for one in waiting(center)
            if one.id == matter
            and one.action == action
            and person.scope.role in (*one.roles, *one.also)
        ),
        None,
    )
    subject = found.subject if found else {}
    given: dict[str, Any] = dict(subject)
    about = "-".join(map(str, subject.values()))
    if action == "followup.complete":
        # Which follow-up it is stands in the matter's id only.
        given["kind"] = kind = matter.partition(":")[2]
        about = choices_of(action, "kind", person.language).get(kind, "")
    recorded = bool(decision_id) and house.rechecks.known(code, decision_id).status == "done"
    return Chosen(
        center,
        name_of_center(shown, person.language),
        matter,
        subject,
        about,
        given,
        decision_id or new_decision_id(),
        recorded,
        found is not None,
    )


@router.get(PATH)
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """The form for the rows that the address names; the list where it names no act."""
    action = request.query_params.get("action", "")
    if not action:
        return RedirectResponse("/tasks", 303)
    keys = list(dict.fromkeys(request.query_params.getlist("row")))
    return _form_page(request, _batch_of(house, person, action, keys, {}))


@router.post(PATH)
async def act(
    request: Request, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Open the form for what was chosen, look ahead, ask once more, or act: by the button."""
    action, step = sent.one("action"), sent.one("step")
    keys = list(dict.fromkeys(sent.all("row")))
    if step == "choose" and 0 < len(keys) <= MOST:
        chosen = urlencode([("action", action), *(("row", key) for key in keys)])
        return RedirectResponse(f"{PATH}?{chosen}", 303)
    fixed = {key: sent.one(_ID + key)[:64] for key in keys}
    ids = {key: one for key, one in fixed.items() if one.isprintable()}
    batch = await run_in_threadpool(_batch_of, house, person, action, keys, ids)
    batch.typed = {
        name: values
        for name, values in sent.mapping().items()
        if name not in OWN and not name.startswith(_ID)
    }
    batch.remarks = sent.one("remarks")
    if step not in ("act", "confirmed") or sent.one("more") or batch.errors:
        return await run_in_threadpool(_form_page, request, batch, looked=step == "preview")
    asked = await run_in_threadpool(_before, request, batch, confirmed=step == "confirmed")
    if asked is not None:
        return asked
    at_once = asyncio.Semaphore(AT_ONCE)
    results = await asyncio.gather(*(_sent(batch, row, at_once) for row in batch.rows))
    return await run_in_threadpool(_done_page, request, batch, results)


def _before(request: Request, batch: Batch, *, confirmed: bool) -> Response | None:
    """The form again where something does not fit, the question where it cannot be undone."""
    batch.errors = batch.faults()
    if batch.errors:
        return _form_page(request, batch, status=422)
    if not ACTIONS[batch.action].irreversible or confirmed or not batch.waiting:
        return None
    seen = [(row, _foreseen(batch, row)) for row in batch.waiting]
    if all(one.refusal is not None for _, one in seen):
        batch.errors = list(dict.fromkeys(error for _, one in seen for error in one.errors))
        return _form_page(request, batch, status=409)
    return _confirm_page(request, batch, seen)


# Sending ----------------------------------------------------------------------------------------


async def _sent(batch: Batch, row: Chosen, at_once: asyncio.Semaphore) -> Result:
    """What came of one row; whatever happens to it, the others go their way."""
    if row.recorded:
        return Result(row, "recorded", href=_decision(row))
    if not row.waits:
        return Result(row, "gone", href=f"/centers/{quote(row.center.code)}")
    try:
        async with at_once:
            outcome = await propose(batch.house, batch.person, batch.proposed(row))
        return await run_in_threadpool(_result, batch, row, outcome)
    except NotSeenError:
        return Result(row, "gone")
    except FaultError as error:
        fault = error.fault
        said = fault.zh if batch.person.language == "zh" else fault.en
        return Result(row, "refused", said, href=_single(batch, row))
    except Exception:
        # One row must not hide what came of the others: they may have acted.
        _log.exception("batch_row_failed", center=row.center.code, decision_id=row.decision_id)
        return Result(row, "failed", href=_decision(row))


def _result(batch: Batch, row: Chosen, outcome: Outcome) -> Result:
    if isinstance(outcome, Done):
        return Result(row, "recorded", href=_decision(row))
    if isinstance(outcome, Drafted):
        return Result(row, "drafted", href=f"/drafts/{outcome.draft}")
    if isinstance(outcome, Refused):
        said = " ".join(error.message for error in errors_of(outcome, batch.whole))
        return Result(row, "refused", said, outcome.article, _single(batch, row))
    if isinstance(outcome, Conflict):
        told = translator(batch.person.language)
        said = told("%(agency)s is tied to %(unit)s: %(note)s") % {
            "agency": outcome.agency,
            "unit": outcome.unit,
            "note": outcome.note,
        }
        _keep(batch, row)
        return Result(row, "conflict", said, href=_single(batch, row))
    return Result(row, "unknown", href=_decision(row))


def _keep(batch: Batch, row: Chosen) -> None:
    """What was typed waits in the center's own form, unless something is kept there already."""
    house, user, path = batch.house, batch.person.user_id, _single(batch, row)
    if house.desk.kept(user, path) is None:
        fields = {**batch.typed_for(row), "remarks": [batch.remarks]}
        house.desk.keep(user, path, fields, house.now())


def _single(batch: Batch, row: Chosen) -> str:
    return path_of(row.center.code, batch.action, row.subject)


def _decision(row: Chosen) -> str:
    return f"/centers/{quote(row.center.code)}/decisions/{quote(row.decision_id, safe='')}"


# What will follow -------------------------------------------------------------------------------


def _foreseen(batch: Batch, row: Chosen) -> Foresight:
    house, proposed = batch.house, batch.proposed(row)
    message = {
        "decision_id": proposed.decision_id,
        "actor": actor_at(house, batch.person, proposed.code),
        "data": proposed.data,
    }
    return foresee(
        row.center,
        batch.action,
        message,
        house.now(),
        house.calendar.resolve,
        batch.person.language,
    )


def _outlooks(batch: Batch, row: Chosen, *, filled: bool) -> list[dict[str, Any]]:
    """What will follow for one row: from what is typed, or for each choice until it is."""
    if filled:
        return [_told("", _foreseen(batch, row))]
    house, person = batch.house, batch.person
    found = outlooks(
        row.center,
        batch.action,
        row.subject,
        house.now(),
        house.calendar.resolve,
        person.language,
        person.scope.role,
    )
    given = {f"data.{name}": str(value) for name, value in row.given.items()}
    return [
        _told("" if one.field in given else one.label, one.foresight)
        for one in found
        if given.get(one.field, one.value) == one.value
    ]


def _told(title: str, seen: Foresight) -> dict[str, Any]:
    return {
        "title": title,
        "lines": [line.text for line in seen.lines],
        "warnings": seen.warnings,
        "errors": [error.message for error in seen.errors],
    }


# Pages ------------------------------------------------------------------------------------------


def _context(batch: Batch) -> dict[str, Any]:
    action, zh = ACTIONS[batch.action], batch.person.language == "zh"
    return {
        "action": batch.action,
        "title": title_of(batch.action, batch.person.language),
        "law": [(cited, one.zh if zh else one.en) for cited, one in summaries(action.article)],
        "form": batch.form,
        "typed": batch.typed,
        "remarks": batch.remarks,
        "errors": batch.errors,
        "gone": batch.gone,
        "shares_document": bool(_documents(batch.form)),
        "list_path": f"/tasks?{urlencode({'kind': batch.action})}",
        "keep_key": f"{PATH}/{batch.action}",
    }


def _documents(form: Form) -> Iterable[str]:
    return {"data.document_no", "data.letter_no"} & {one.name for one in form.fields}


def _form_page(
    request: Request, batch: Batch, *, status: int = 200, looked: bool = False
) -> Response:
    if batch.errors and status == 200:
        status = 422
    elif not batch.waiting and status == 200:
        status = 409
    faults = batch.faults()
    if looked and not batch.errors:
        batch.errors = faults
    filled = bool(batch.waiting) and not faults
    rows = [(row, _outlooks(batch, row, filled=filled)) for row in batch.waiting]
    context = _context(batch) | {"rows": rows, "filled": filled}
    return page(
        request,
        batch.house,
        batch.person,
        "tasks/batch.html",
        here="tasks",
        status=status,
        **context,
    )


def _confirm_page(
    request: Request, batch: Batch, seen: Sequence[tuple[Chosen, Foresight]]
) -> Response:
    """Every center by its name; those that the law would not take are told and left out."""
    action, zh = ACTIONS[batch.action], batch.person.language == "zh"
    taken = [row for row, one in seen if one.refusal is None]
    kept = [*taken, *(row for row in batch.rows if row.recorded)]
    carried = [(name, value) for name, values in batch.typed.items() for value in values]
    carried += [("action", batch.action), ("remarks", batch.remarks)]
    carried += [("row", row.key) for row in kept]
    carried += [(_ID + row.key, row.decision_id) for row in kept]
    shared = {
        name: value
        for name, value in batch.proposed(taken[0]).data.items()
        if name not in taken[0].given
    }
    context = _context(batch) | {
        "verb": _decided(batch) or batch.form.title,
        "sentence": action.lasting_zh if zh else action.lasting_en,
        "details": list(details(batch.action, shared, batch.person.language)),
        "taken": [(row, [_told("", one)]) for row, one in seen if one.refusal is None],
        "left_out": [(row, one.errors) for row, one in seen if one.refusal is not None],
        "carried": carried,
    }
    return page(
        request, batch.house, batch.person, "tasks/batch_confirm.html", here="tasks", **context
    )


def _decided(batch: Batch) -> str | None:
    """What was chosen where the form asks for a decision: a better verb than the act's title."""
    for one in batch.form.fields:
        if one.kind == "radio":
            given = next(iter(batch.typed.get(one.name, ())), "")
            return next((option.label for option in one.options if option.value == given), None)
    return None


def _done_page(request: Request, batch: Batch, results: Sequence[Result]) -> Response:
    told = translator(batch.person.language)
    count = {name: sum(one.status == name for one in results) for name in STATUSES}
    shown = [(one, STATUSES[one.status][0], told(STATUSES[one.status][1])) for one in results]
    context = _context(batch) | {
        "results": shown,
        "counts": [
            (colour, told(word), count[name])
            for name, (colour, word) in STATUSES.items()
            if count[name]
        ],
    }
    return page(
        request, batch.house, batch.person, "tasks/batch_done.html", here="tasks", **context
    )
