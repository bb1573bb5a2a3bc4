"""The board: all deadlines of all centers that one sees, as a calendar and as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console import dates
from neiic.console.accounts.access import Person
from neiic.console.asking import Visitor, Wired
from neiic.console.drawing.heat import heat
from neiic.console.drawing.month import month as drawn
from neiic.console.drawing.words import SHAPES, deadline_title, words
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.downloads import sheet_response
from neiic.console.pages.filters import Query
from neiic.console.pages.rendering import page
from neiic.console.pages.sending import Sent, checked
from neiic.console.portfolio.board import (
    STANDINGS,
    BoardFilter,
    BoardPage,
    BoardRow,
    Month,
    board,
)
from neiic.console.portfolio.board_filter import month_of
from neiic.console.portfolio.lights import LIGHTS, PAGE
from neiic.console.sheets import workbook
from neiic.console.translating import translator
from neiic.statute.terms import DEADLINE_EN, DEADLINE_ZH, ROLE_EN, ROLE_ZH, Role

router = APIRouter(include_in_schema=False)

FILTERS = ("month", "day", "kind", "unit", "light", "standing", "field", "cursor")
KINDS = tuple(DEADLINE_ZH)
MOST_EXPORTED = 200_000
_MONTH = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D?")


def wanted_in(query: Query) -> BoardFilter:
    """The filter that an address asks for. 404 where there is no such month or day."""
    return BoardFilter(
        month=_month(query.get("month")),
        day=_day(query.get("day")),
        kind=query.one_of("kind", KINDS),
        unit=query.get("unit"),
        light=query.one_of("light", LIGHTS),
        standing=query.one_of("standing", STANDINGS),
        field=query.get("field"),
    )


def _month(given: str | None) -> Month | None:
    """A month as browsers send it, 2034-06, or as people type it, 2034年6月."""
    if given is None:
        return None
    written = _MONTH.fullmatch(given)
    first = _day(f"{written[1]}-{int(written[2]):02}-01" if written else given)
    return Month(first.year, first.month) if first else None


def _day(given: str | None) -> date | None:
    if given is None:
        return None
    try:
        found = date.fromisoformat(given)
    except ValueError:
        raise HTTPException(404) from None
    if not 2000 <= found.year <= 2999:
        raise HTTPException(404)
    return found


@router.get("/deadlines")
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """The calendar of a month, the load of three years, and the deadlines that are filtered."""
    query = Query("/deadlines", request.query_params, (*FILTERS, "calendar"))
    language, zh = person.language, person.language == "zh"
    wanted = wanted_in(query)
    shown = _month(query.get("calendar")) or wanted.month or month_of(wanted.day or house.today)
    found = board(
        house.tallies,
        person.scope,
        wanted,
        house.now(),
        calendar=shown,
        cursor=query.get("cursor"),
    )
    told = words(translator(language))
    table = drawn(
        shown.year, shown.month, found.counts.days, _days_off(house, shown), house.today, language
    )
    return page(
        request,
        house,
        person,
        "board/board.html",
        here="board",
        rows=[_row(row, language) for row in found.rows],
        found=found,
        query=query,
        table=table,
        words=told,
        shapes=SHAPES,
        day_link=lambda day: query.but(day=day.isoformat(), month=None, calendar=None),
        month_name=dates.month(shown.first, language),
        strip=heat(
            house.today,
            {month.first: count for month, count in found.counts.months.items()},
            lambda first: query.but(month=f"{first:%Y-%m}", day=None, calendar=None),
            language,
            told,
        ),
        kinds=list((DEADLINE_ZH if zh else DEADLINE_EN).items()),
        standings=[(one, translator(language)(STANDING_WORDS[one])) for one in STANDINGS],
        saved=house.desk.filters(person.user_id, "deadlines"),
    )


#: How a deadline stands, in words.
STANDING_WORDS = {
    "overdue": N_("overdue"),
    "held": N_("held"),
    "open": N_("running"),
    "upcoming": N_("to come"),
    "closed": N_("closed"),
}


def _days_off(house: House, shown: Month) -> set[date]:
    day, end = shown.first, shown.later(1).first
    days = (day + timedelta(days=ahead) for ahead in range((end - day).days))
    return {one for one in days if house.calendar.is_off(one)}


def _row(row: BoardRow, language: str) -> dict[str, Any]:
    return {
        "deadline": row,
        "name": row.name or row.field,
        "title": deadline_title(row.deadline, row.title, language),
        "standing": translator(language)(STANDING_WORDS[row.standing]),
        "responsible": (ROLE_ZH if language == "zh" else ROLE_EN)[Role(row.responsible)],
    }


@router.post("/deadlines/filters")
def save(house: Wired, person: Visitor, sent: Annotated[Sent, checked()]) -> Response:
    """Keep this filter under a name, or forget one."""
    forgotten = sent.one("forget")
    if forgotten:
        if not forgotten.isdecimal():
            raise HTTPException(404)
        house.desk.forget_filter(person, int(forgotten), house.now())
        return RedirectResponse("/deadlines", 303)
    given = {name: sent.one(name) for name in FILTERS}
    query = Query("/deadlines", given, FILTERS)
    wanted_in(query)
    house.desk.save_filter(person, "deadlines", sent.one("name"), query.text, house.now())
    return RedirectResponse(query.but(), 303)


@router.get("/deadlines/export.xlsx")
def export(request: Request, house: Wired, person: Visitor) -> Response:
    """What is filtered, as a sheet."""
    query = Query("/deadlines", request.query_params, FILTERS)
    _ = translator(person.language)
    columns = [
        _("Standing"),
        _("Deadline"),
        _("Center"),
        _("Code"),
        (ROLE_ZH if person.language == "zh" else ROLE_EN)[Role.COMPETENT],
        _("Due"),
        _("Days left"),
        _("Who"),
        _("Article"),
        _("provisional"),
    ]
    rows = [
        [
            row["standing"],
            row["title"],
            row["name"],
            row["deadline"].center,
            row["deadline"].competent_unit,
            row["deadline"].due,
            row["deadline"].days_left,
            row["responsible"],
            row["deadline"].article,
            _("yes") if row["deadline"].provisional else "",
        ]
        for row in _all(house, person, query)
    ]
    name = _("Deadlines")
    return sheet_response(workbook(name, columns, rows), f"{name}-{house.today.isoformat()}.xlsx")


def _all(house: House, person: Person, query: Query) -> Iterator[dict[str, Any]]:
    cursor: str | None = None
    for _page in range(MOST_EXPORTED // PAGE):
        found: BoardPage = board(
            house.tallies, person.scope, wanted_in(query), house.now(), cursor=cursor
        )
        yield from (_row(row, person.language) for row in found.rows)
        if found.next is None:
            return
        cursor = found.next


@router.get("/evaluations")
def evaluations(request: Request, house: Wired, person: Visitor) -> Response:
    """The centers in a national evaluation: what stands until the round's close (Article 23)."""
    query = Query("/evaluations", request.query_params, ("light", "unit", "field", "cursor"))
    wanted = BoardFilter(
        kind="evaluation_close",
        light=query.one_of("light", LIGHTS),
        unit=query.get("unit"),
        field=query.get("field"),
    )
    found = board(house.tallies, person.scope, wanted, house.now(), cursor=query.get("cursor"))
    return page(
        request,
        house,
        person,
        "board/evaluations.html",
        here="evaluations",
        rows=[_row(row, person.language) for row in found.rows],
        found=found,
        query=query,
    )
