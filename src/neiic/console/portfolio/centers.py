"""The centers that one sees: looked for as one types, filtered, sorted, counted by stage."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from neiic.console.accounts.access import Scope, scope_condition
from neiic.console.portfolio import cursors
from neiic.console.portfolio.lights import PAGE
from neiic.console.portfolio.tallies import Reading, Tallies
from neiic.models.tables import CenterRecord, EventRecord, MatterRecord, table_of

_CENTERS, _EVENTS, _MATTERS = (
    table_of(record) for record in (CenterRecord, EventRecord, MatterRecord)
)
_UNITS = ("competent_unit", "lead_unit", "implementing_unit")

Sort = Literal["code", "name", "stage", "next_deadline", "updated_at"]
SORTS: tuple[Sort, ...] = ("code", "name", "stage", "next_deadline", "updated_at")
#: Columns that may be empty: rows without a value come last in either direction.
_MAY_BE_NULL = ("name", "next_deadline")
_TYPES: dict[str, type] = {"next_deadline": datetime, "updated_at": datetime}


@dataclass(frozen=True, slots=True)
class CenterFilter:
    """Which centers are wanted; what is None is not asked for.

    ``text`` is looked for in code, name, field and units, and at the beginning of the document
    numbers of its events. ``unit`` is the present name of any of its units.
    """

    text: str | None = None
    stage: str | None = None
    field: str | None = None
    unit: str | None = None
    waiting_for: str | None = None
    overdue: bool | None = None
    grade: str | None = None
    closed: bool | None = None


@dataclass(frozen=True, slots=True)
class CenterRow:
    """A center as the list shows it."""

    code: str
    name: str | None
    field: str
    competent_unit: str
    lead_unit: str
    implementing_unit: str
    stage: str
    since: date
    closed: bool
    latest_grade: str | None
    next_deadline_kind: str | None
    next_deadline: datetime | None
    overdue: bool
    waiting_for: list[str]
    sequence: int
    updated_at: datetime


_SHOWN = tuple(CenterRow.__annotations__)


@dataclass(frozen=True, slots=True)
class CenterPage:
    """Centers in order, the cursor of the next page, how many there are in all and by stage.

    ``stages`` leaves the filter by stage aside: each number is that of the list it opens.
    """

    rows: tuple[CenterRow, ...]
    next: str | None
    count: int
    stages: Mapping[str, int]


def centers(
    tallies: Tallies,
    scope: Scope,
    wanted: CenterFilter,
    *,
    sort: Sort = "code",
    descending: bool = False,
    cursor: str | None = None,
) -> CenterPage:
    """One page of centers; rows without the value that is sorted by come last.

    Raises CursorError, also for a cursor of another sort. Three statements at most.
    """
    kind = f"centers {sort} {'down' if descending else 'up'}"
    place = cursors.read(kind, cursor, (bool, _TYPES.get(sort, str), str)) if cursor else None
    with tallies.reading() as reading:
        by_stage = stages(reading, scope, wanted)
        rows = _rows(reading.connection, scope, wanted, sort, descending, place)
    shown = rows[:PAGE]
    return CenterPage(
        rows=tuple(CenterRow(**row) for row in shown),
        next=cursors.written(kind, _place(shown[-1], sort)) if len(rows) > PAGE else None,
        count=sum(by_stage.values()) if wanted.stage is None else by_stage.get(wanted.stage, 0),
        stages=by_stage,
    )


def stages(reading: Reading, scope: Scope, wanted: CenterFilter) -> Mapping[str, int]:
    """How many centers there are of each stage; the filter by stage is left aside."""
    any_stage = replace(wanted, stage=None)
    return reading.counted(
        scope, ("centers", any_stage), lambda connection: _stages(connection, scope, any_stage)
    )


def search(tallies: Tallies, scope: Scope, text: str, most: int = 10) -> tuple[CenterRow, ...]:
    """The first centers by code that a few typed letters could mean. One statement."""
    with tallies.reading() as reading:
        within = _within(reading.connection, scope, CenterFilter(text=text))
        query = within.order_by(_CENTERS.c.code).limit(most)
        return tuple(CenterRow(**row) for row in reading.connection.execute(query).mappings())


def _place(row: Mapping[str, Any], sort: Sort) -> cursors.Place:
    value = row[sort]
    empty = "" if _TYPES.get(sort, str) is str else None
    return (value is None, empty if value is None else value, row["code"])


def _rows(
    connection: Connection,
    scope: Scope,
    wanted: CenterFilter,
    sort: Sort,
    descending: bool,
    place: cursors.Place | None,
) -> list[dict[str, Any]]:
    """One row more than a page: first those with a value, then, if need be, those without."""
    rows: list[dict[str, Any]] = []
    column, code = _CENTERS.c[sort], _CENTERS.c.code
    among_empty = place is not None and place[0]
    if not among_empty:
        order = [code] if sort == "code" else [column, code]
        query = _within(connection, scope, wanted)
        if sort in _MAY_BE_NULL:
            query = query.where(column.is_not(None))
        if place is not None:
            if place[1] is None:
                raise cursors.CursorError
            at = place[2:] if sort == "code" else place[1:]
            query = query.where(cursors.after(order, at, descending=descending))
        query = query.order_by(*(one.desc() if descending else one for one in order))
        query = query.limit(PAGE + 1)
        rows += map(dict, connection.execute(query).mappings())
    if sort in _MAY_BE_NULL and len(rows) <= PAGE:
        query = _within(connection, scope, wanted).where(column.is_(None))
        if place is not None and among_empty:
            query = query.where(code > place[2])
        query = query.order_by(code).limit(PAGE + 1 - len(rows))
        rows += map(dict, connection.execute(query).mappings())
    return rows


def _within(connection: Connection, scope: Scope, wanted: CenterFilter) -> Select[Any]:
    columns = [_CENTERS.c[name] for name in _SHOWN]
    return select(*columns).where(
        scope_condition(scope), *_conditions(wanted, connection.dialect.name)
    )


def _conditions(wanted: CenterFilter, dialect: str) -> Iterator[ColumnElement[bool]]:
    exact = {
        "stage": wanted.stage,
        "field": wanted.field,
        "overdue": wanted.overdue,
        "latest_grade": wanted.grade,
        "closed": wanted.closed,
    }
    for name, value in exact.items():
        if value is not None:
            yield _CENTERS.c[name] == value
    if wanted.unit is not None:
        yield or_(*(_CENTERS.c[name] == wanted.unit for name in _UNITS))
    if wanted.waiting_for is not None:
        yield exists().where(
            _MATTERS.c.center == _CENTERS.c.code, _MATTERS.c.role == wanted.waiting_for
        )
    if wanted.text and wanted.text.strip():
        yield _mentions(wanted.text.strip(), dialect)


def _mentions(text: str, dialect: str) -> ColumnElement[bool]:
    columns = [_CENTERS.c[name] for name in ("code", "field", *_UNITS)]
    # One comparison instead of six; a line break between, which nobody types.
    said: ColumnElement[str] = func.coalesce(_CENTERS.c.name, "")
    for column in columns:
        said = said.concat("\n").concat(column)
    number = _EVENTS.c.document_no
    # Each database finds a beginning in its index by another condition.
    if dialect == "sqlite":
        begins = and_(number >= text, number < text + chr(sys.maxunicode))
    else:
        begins = number.startswith(text, autoescape=True)
    documented = select(_EVENTS.c.center).where(number.is_not(None), begins)
    # SQLite's LIKE takes capitals for small letters by itself.
    like = said.contains if dialect == "sqlite" else said.icontains
    return or_(like(text, autoescape=True), _CENTERS.c.code.in_(documented))


def _stages(connection: Connection, scope: Scope, wanted: CenterFilter) -> Mapping[str, int]:
    query = (
        select(_CENTERS.c.stage, func.count().label("number"))
        .where(scope_condition(scope), *_conditions(wanted, connection.dialect.name))
        .group_by(_CENTERS.c.stage)
        .order_by(_CENTERS.c.stage)
    )
    return {row.stage: row.number for row in connection.execute(query)}
