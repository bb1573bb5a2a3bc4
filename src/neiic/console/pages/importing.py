"""Bringing in many centers: the template, the check of a filled-in sheet, and starting them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.asking import Wired
from neiic.console.forms.words import N_
from neiic.console.guarding import LARGEST_SHEET
from neiic.console.house import House
from neiic.console.import_columns import MOST_ROWS, template
from neiic.console.importing import Checked, Row, again, checked_sheet
from neiic.console.pages.downloads import sheet_response
from neiic.console.pages.registering import Recommender
from neiic.console.pages.rendering import page
from neiic.console.pages.sending import Sent, checked
from neiic.console.registering import own_unit_of
from neiic.console.sheet_reading import SheetError
from neiic.console.starting_many import Result, Run, Runs, laid_by, lay_by, throw_away
from neiic.console.translating import translator

router = APIRouter(include_in_schema=False)

PATH = "/centers/import"
#: Seconds that a browser waits for a short sheet before it is shown how far a long one is.
SHORT = 5.0

OUTCOMES = {
    "waiting": N_("not started yet"),
    "started": N_("started"),
    "there": N_("there already"),
    "sent": N_("sent, not recorded yet"),
    "refused": N_("not started"),
}


def _runs(request: Request) -> Runs:
    state = request.app.state
    if not hasattr(state, "runs"):
        state.runs = Runs()
    runs: Runs = state.runs
    return runs


@router.get(PATH)
def show(request: Request, house: Wired, person: Recommender) -> Response:
    """The template to download, and where the filled-in sheet goes."""
    return _upload_page(request, house, person)


def _upload_page(
    request: Request, house: House, person: Person, *, error: str = "", status: int = 200
) -> Response:
    return page(
        request,
        house,
        person,
        "starting/import.html",
        here="centers",
        status=status,
        error=error,
        most=MOST_ROWS,
        largest=LARGEST_SHEET // 1024 // 1024,
    )


@router.get(PATH + "/template.xlsx")
def download(house: Wired, person: Recommender) -> Response:
    """The sheet to fill in."""
    body = template(house.today, own_unit_of(person.scope))
    name = translator(person.language)("Recommendations")
    return sheet_response(body, f"{name}-{house.today.isoformat()}.xlsx")


@router.post(PATH)
async def check(
    request: Request, house: Wired, person: Recommender, sent: Annotated[Sent, checked()]
) -> Response:
    """Check a sheet: the report of what is wrong, or the sheet laid by to be started."""
    file = sent.files.get("sheet")
    body = await file.read() if file is not None else b""
    return await run_in_threadpool(_checked, request, house, person, body)


def _checked(request: Request, house: House, person: Person, body: bytes) -> Response:
    try:
        found = checked_sheet(
            body, house.records.engine, person.scope, person.language, house.today
        )
    except SheetError as error:
        return _upload_page(request, house, person, error=error.told(person.language), status=422)
    if found.all_errors:
        return _report_page(request, house, person, found, "", status=422)
    key = lay_by(house, person, found)
    return RedirectResponse(f"{PATH}/{key}", 303)


def _looked_up(house: House, person: Person, key: str) -> Checked:
    """The sheet that lies under this key. 404 where none of the person's does."""
    kept = laid_by(house, person, key) if len(key) <= 40 else None
    if kept is None:
        raise HTTPException(404)
    return again(kept, house.records.engine, person.scope, person.language)


@router.get(PATH + "/{key}")
async def report(request: Request, key: str, house: Wired, person: Recommender) -> Response:
    """What was checked, and how far it is started."""
    found = await run_in_threadpool(_looked_up, house, person, key)
    run = _runs(request).of(person, key)
    return await run_in_threadpool(_report_page, request, house, person, found, key, run=run)


@router.post(PATH + "/{key}")
async def start(
    request: Request, key: str, house: Wired, person: Recommender, sent: Annotated[Sent, checked()]
) -> Response:
    """Start what was checked, or throw it away."""
    found = await run_in_threadpool(_looked_up, house, person, key)
    if sent.one("step") == "discard":
        await run_in_threadpool(throw_away, house, person, key)
        return RedirectResponse(PATH, 303)
    runs = _runs(request)
    if found.all_errors:
        # Something has happened since it was checked: a code was taken by another center.
        return await run_in_threadpool(_report_page, request, house, person, found, key, status=409)
    if found.all_warnings and sent.one("read") != _digest(found):
        return await run_in_threadpool(
            _report_page, request, house, person, found, key, status=422, unread=True
        )
    run = runs.begin(house, person, key, found.to_start) if found.to_start else None
    if run is not None and run.task is not None:
        await asyncio.wait({run.task}, timeout=SHORT)
    return RedirectResponse(f"{PATH}/{quote(key)}", 303)


def _digest(found: Checked) -> str:
    """Which warnings were read: others that have come since have to be read too."""
    told = "\n".join(f"{mark.cell} {mark.message}" for mark in found.all_warnings)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _report_page(
    request: Request,
    house: House,
    person: Person,
    found: Checked,
    key: str,
    *,
    run: Run | None = None,
    status: int = 200,
    unread: bool = False,
) -> Response:
    lines = [_line(row, run, person.language) for row in found.rows]
    return page(
        request,
        house,
        person,
        "starting/report.html",
        here="centers",
        status=status,
        key=key,
        found=found,
        lines=lines,
        to_start=len(found.to_start),
        there=sum(line["outcome"] in ("started", "there") for line in lines),
        begun=run is not None,
        going_on=run is not None and run.going_on,
        stopped=run.stopped if run is not None else "",
        digest=_digest(found),
        unread=unread,
    )


def _line(row: Row, run: Run | None, language: str) -> dict[str, Any]:
    """One row of the report."""
    known = run.results.get(row.number) if run is not None else None
    if known is None or (row.there and known.outcome != "started"):
        known = Result("there" if row.there else "waiting")
    return {
        "row": row,
        "outcome": known.outcome,
        "word": translator(language)(OUTCOMES[known.outcome]),
        "message": known.message,
        "light": {"started": "green", "there": "green", "refused": "red", "sent": "amber"}.get(
            known.outcome, "red" if row.errors else "amber" if row.warnings else "none"
        ),
    }
