"""What a unit has handed on, and what it has done (在办、已办)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, false, func, select

from neiic.console.accounts.access import SEE_ALL, Scope, scope_condition
from neiic.console.portfolio import cursors
from neiic.console.portfolio.lights import PAGE
from neiic.console.portfolio.tallies import Tallies
from neiic.console.portfolio.tasks import CENTER_COLUMNS, Task, task
from neiic.models.tables import CenterRecord, EventRecord, MatterRecord, table_of
from neiic.statute.terms import Role

_CENTERS, _EVENTS, _MATTERS = (
    table_of(record) for record in (CenterRecord, EventRecord, MatterRecord)
)

#: An act belongs to a matter whose act has the same word before its dot; so many letters tell.
FAMILY_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Moved:
    """Matters that wait for others after an act of ours, and the cursor of the next page."""

    rows: tuple[Task, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class DoneAct:
    """One act of ours as it was recorded."""

    center: str
    name: str | None
    field: str
    sequence: int
    action: str
    at: datetime
    recorded: datetime
    effective: date
    actor_name: str | None
    document_no: str | None


@dataclass(frozen=True, slots=True)
class DonePage:
    """Acts of ours, newest first, and the cursor of the next page."""

    rows: tuple[DoneAct, ...]
    next: str | None


def in_progress(tallies: Tallies, scope: Scope, now: datetime, cursor: str | None = None) -> Moved:
    """One page of what waits for others after an act of ours in the same matter, by center.

    The same matter: an act of the same kind of matter (the word before the dot), on the same year
    or case. ``now`` is aware. Raises CursorError. One statement.
    """
    order = [_MATTERS.c.center, _MATTERS.c.matter, _MATTERS.c.role]
    query = (
        select(_MATTERS, *CENTER_COLUMNS)
        .join(_CENTERS, _CENTERS.c.code == _MATTERS.c.center)
        .where(
            _MATTERS.c.role.not_in((scope.role.value, Role.LEAD.value)),
            scope_condition(scope),
            _after_ours(scope),
        )
        .order_by(*order)
        .limit(PAGE + 1)
    )
    if cursor:
        query = query.where(cursors.after(order, cursors.read("moved", cursor, (str, str, str))))
    with tallies.reading() as reading:
        rows = [dict(row) for row in reading.connection.execute(query).mappings()]
    shown = rows[:PAGE]
    place = [shown[-1][name] for name in ("center", "matter", "role")] if shown else []
    return Moved(
        rows=tuple(task(row, now) for row in shown),
        next=cursors.written("moved", place) if len(rows) > PAGE else None,
    )


def _after_ours(scope: Scope) -> ColumnElement[bool]:
    family = [
        func.substr(column, 1, FAMILY_LETTERS) for column in (_EVENTS.c.kind, _MATTERS.c.action)
    ]
    return (
        exists()
        .where(
            _EVENTS.c.center == _MATTERS.c.center,
            _by(scope),
            family[0] == family[1],
            _number(_EVENTS.c.data) == _number(_MATTERS.c.subject),
        )
        .correlate(_MATTERS)
    )


def _number(document: Any) -> ColumnElement[int]:
    return func.coalesce(document["year"].as_integer(), document["case"].as_integer(), 0)


def _by(scope: Scope) -> ColumnElement[bool]:
    """Acts of the scope's unit; of a role with one unit at a center, or in all, any act of it."""
    acted = _EVENTS.c.actor_role == scope.role.value
    if scope.role is Role.ASSESSOR:
        return and_(acted, _EVENTS.c.actor_unit.in_(scope.names))
    return false() if scope.role is Role.OPERATOR else acted


def done(tallies: Tallies, scope: Scope, cursor: str | None = None) -> DonePage:
    """One page of our acts in the centers that we see, newest first. Raises CursorError."""
    order = [_EVENTS.c.recorded, _EVENTS.c.id]
    query = (
        select(_EVENTS, _CENTERS.c.name, _CENTERS.c.field)
        .with_only_columns(*(_EVENTS.c[name] for name in _SHOWN), _CENTERS.c.name, _CENTERS.c.field)
        .join(_CENTERS, _CENTERS.c.code == _EVENTS.c.center)
        .where(_by(scope))
        .order_by(*(column.desc() for column in order))
        .limit(PAGE + 1)
    )
    if scope.role not in SEE_ALL:
        ours = select(_CENTERS.c.code).where(scope_condition(scope))
        query = query.where(_EVENTS.c.center.in_(ours))
    if cursor:
        place = cursors.read("done", cursor, (datetime, int))
        if place[0] is None:
            raise cursors.CursorError
        query = query.where(cursors.after(order, place, descending=True))
    with tallies.reading() as reading:
        rows = reading.connection.execute(query).mappings().all()
    shown = rows[:PAGE]
    last = (shown[-1]["recorded"], shown[-1]["id"]) if shown else ()
    return DonePage(
        rows=tuple(map(_done, shown)),
        next=cursors.written("done", last) if len(rows) > PAGE else None,
    )


_SHOWN = (
    "id",
    "center",
    "sequence",
    "kind",
    "at",
    "recorded",
    "effective",
    "actor_name",
    "document_no",
)


def _done(row: RowMapping) -> DoneAct:
    return DoneAct(
        action=row["kind"],
        **{name: row[name] for name in (*_SHOWN, "name", "field") if name not in ("id", "kind")},
    )
