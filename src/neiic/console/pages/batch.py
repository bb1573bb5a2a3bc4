"""One act for many centers (批量办理): chosen in the list, asked once, sent to each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from neiic.console.accounts.faults import FaultError
from neiic.console.acting import (
    Conflict,
    Done,
    Drafted,
    NotSeenError,
    Outcome,
    propose,
)
from neiic.console.asking import Visitor, Wired
from neiic.console.forms.fields import Form
from neiic.console.forms.foresight import Foresight, outlooks
from neiic.console.forms.reading import errors_of
from neiic.console.forms.words import N_
from neiic.console.pages.batch_rows import MOST, Batch, Chosen, batch_of
from neiic.console.pages.before_sending import (
    carried,
    foreseen,
    last_question,
    law_of,
    outlook_of,
    tie_told,
)
from neiic.console.pages.rendering import page
from neiic.console.pages.seen import decision_path, path_of
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import title_of
from neiic.console.pages.telling import details
from neiic.console.translating import translator
from neiic.statute.acts import Refused
from neiic.statute.registry import ACTIONS

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger(__name__)

PATH = "/tasks/batch"
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
class Result:
    """What came of one row: for a refusal why and by which article, and where to go on."""

    row: Chosen
    status: Status
    message: str = ""
    article: str = ""
    href: str = ""


@router.get(PATH)
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """The form for the rows that the address names; the list where it names no act."""
    action = request.query_params.get("action", "")
    if not action:
        return RedirectResponse("/tasks", 303)
    keys = list(dict.fromkeys(request.query_params.getlist("row")))
    return _form_page(request, batch_of(house, person, action, keys, {}))


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
    batch = await run_in_threadpool(batch_of, house, person, action, keys, ids)
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
        said = tie_told(outcome, batch.person.language)
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
    return decision_path(row.center.code, row.decision_id)


# What will follow -------------------------------------------------------------------------------


def _foreseen(batch: Batch, row: Chosen) -> Foresight:
    return foreseen(batch.house, batch.person, row.center, batch.proposed(row))


def _outlooks(batch: Batch, row: Chosen, *, filled: bool) -> list[dict[str, Any]]:
    """What will follow for one row: from what is typed, or for each choice until it is."""
    if filled:
        return [outlook_of(_foreseen(batch, row))]
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
        outlook_of(one.foresight, "" if one.field in given else one.label)
        for one in found
        if given.get(one.field, one.value) == one.value
    ]


# Pages ------------------------------------------------------------------------------------------


def _context(batch: Batch) -> dict[str, Any]:
    language = batch.person.language
    return {
        "action": batch.action,
        "title": title_of(batch.action, language),
        "law": law_of(ACTIONS[batch.action].article, language),
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
    language = batch.person.language
    taken = [row for row, one in seen if one.refusal is None]
    kept = [*taken, *(row for row in batch.rows if row.recorded)]
    hidden = carried(batch.typed)
    hidden += [("action", batch.action), ("remarks", batch.remarks)]
    hidden += [("row", row.key) for row in kept]
    hidden += [(_ID + row.key, row.decision_id) for row in kept]
    shared = {
        name: value
        for name, value in batch.proposed(taken[0]).data.items()
        if name not in taken[0].given
    }
    context = _context(batch) | last_question(batch.action, batch.form, batch.typed, language)
    context |= {
        "details": list(details(batch.action, shared, language)),
        "taken": [(row, [outlook_of(one)]) for row, one in seen if one.refusal is None],
        "left_out": [(row, one.errors) for row, one in seen if one.refusal is not None],
        "carried": hidden,
    }
    return page(
        request, batch.house, batch.person, "tasks/batch_confirm.html", here="tasks", **context
    )


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
