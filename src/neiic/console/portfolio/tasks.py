"""What waits for a unit, the most urgent first (待办)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from neiic.console.accounts.access import Scope, scope_condition
from neiic.console.portfolio import cursors
from neiic.console.portfolio.lights import LIGHTS, PAGE, Light, due_day, light_of
from neiic.console.portfolio.tallies import Reading, Tallies
from neiic.models.tables import CenterRecord, EventRecord, MatterRecord, table_of
from neiic.statute.periods import day_of
from neiic.statute.terms import NATIONAL_UNITS, UNIT_ROLES, Role

_CENTERS, _EVENTS, _MATTERS = (
    table_of(record) for record in (CenterRecord, EventRecord, MatterRecord)
)
CENTER_COLUMNS = tuple(
    _CENTERS.c[name]
    for name in ("name", "field", "stage", "competent_unit", "lead_unit", "implementing_unit")
)

#: Where a matter stands in the order of urgency; what has no due date comes last, by age.
_RED, _AMBER, _GREEN, _UNBOUND = range(4)
_BY_LIGHT: dict[Light, tuple[int, ...]] = {
    "red": (_RED,),
    "amber": (_AMBER,),
    "green": (_GREEN, _UNBOUND),
}


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are wanted; what is None is not asked for.

    ``kind`` is an action or the first word of a matter's id. ``text`` is looked for in the code,
    the name, the field and the units of the center.
    """

    field: str | None = None
    competent_unit: str | None = None
    stage: str | None = None
    kind: str | None = None
    light: Light | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One open matter of a center, for one role.

    ``due`` is the Beijing day at whose end it is late, ``days_left`` the days until then (negative
    once late); both None where no deadline bounds it.
    """

    center: str
    matter: str
    role: Role
    unit: str
    action: str
    subject: Mapping[str, int]
    article: str
    since: date
    deadline: str | None
    due: date | None
    days_left: int | None
    light: Light
    name: str | None
    field: str
    stage: str
    competent_unit: str
    lead_unit: str
    implementing_unit: str


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Tasks in order, the cursor of the next page, and how many there are of each light.

    ``counts`` leaves the filter by light aside: each number is that of the list it opens.
    """

    rows: tuple[Task, ...]
    next: str | None
    counts: Mapping[Light, int]


def tasks(
    tallies: Tallies,
    scope: Scope,
    wanted: TaskFilter,
    now: datetime,
    cursor: str | None = None,
) -> TaskPage:
    """One page of what waits for the scope's role and unit, the most urgent first.

    Overdue by how long, then what is close by its due date, then the rest, then what has no due
    date by age. ``now`` is aware. Raises CursorError. Three statements at most.
    """
    place = cursors.read("tasks", cursor, (int, datetime, date, str, str)) if cursor else None
    groups = _BY_LIGHT[wanted.light] if wanted.light else (_RED, _AMBER, _GREEN, _UNBOUND)
    with tallies.reading() as reading:
        counts = lights(reading, scope, wanted, now)
        rows = _rows(reading.connection, scope, wanted, groups, now, place)
    shown = rows[:PAGE]
    more = len(rows) > PAGE
    return TaskPage(
        rows=tuple(task(row, now) for row in shown),
        next=cursors.written("tasks", _place(shown[-1])) if more else None,
        counts=counts,
    )


def lights(
    reading: Reading, scope: Scope, wanted: TaskFilter, now: datetime
) -> Mapping[Light, int]:
    """How many tasks there are of each light; the filter by light is left aside."""
    any_light = replace(wanted, light=None)
    return reading.counted(
        scope,
        ("tasks", any_light, day_of(now)),
        lambda connection: _counts(connection, scope, any_light, now),
    )


def _rows(
    connection: Connection,
    scope: Scope,
    wanted: TaskFilter,
    groups: tuple[int, ...],
    now: datetime,
    place: cursors.Place | None,
) -> list[dict[str, Any]]:
    """One row more than a page, if there are so many."""
    first = [
        _group(scope, wanted, group, now, place)
        for group in groups
        if place is None or group >= place[0]
    ]
    if not first:
        return []
    found = union_all(*(select(one.subquery()) for one in first)).subquery()
    # Ordered and cut before the rows themselves are fetched.
    order = [found.c[name] for name in ("urgency", "due", "age", "center", "matter")]
    keys = select(found).order_by(*order).limit(PAGE + 1).subquery()
    joined = (_MATTERS.c.center == keys.c.center) & (_MATTERS.c.matter == keys.c.matter)
    query = (
        select(keys.c.urgency, _MATTERS, *CENTER_COLUMNS)
        .join(_MATTERS, joined & (_MATTERS.c.role == scope.role.value))
        .join(_CENTERS, _CENTERS.c.code == keys.c.center)
    )
    return sorted((dict(row) for row in connection.execute(query).mappings()), key=_order)


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    urgency, due, since, center, matter = _place(row)
    return (urgency, since if urgency == _UNBOUND else due, center, matter)


def _place(row: dict[str, Any]) -> cursors.Place:
    return (row["urgency"], row["due"], row["since"], row["center"], row["matter"])


def _group(
    scope: Scope, wanted: TaskFilter, group: int, now: datetime, place: cursors.Place | None
) -> Select[Any]:
    """The first matters of one step of urgency, after a place where that lies in it."""
    order = [_MATTERS.c.since if group == _UNBOUND else _MATTERS.c.due]
    order += [_MATTERS.c.center, _MATTERS.c.matter]
    query = _within(scope, wanted).where(_urgency(group, now))
    if place is not None and place[0] == group:
        at = (place[2] if group == _UNBOUND else place[1], *place[3:])
        if at[0] is None:
            raise cursors.CursorError
        query = query.where(cursors.after(order, at))
    age = _MATTERS.c.since if group == _UNBOUND else cast(null(), Date)
    urgency: ColumnElement[int] = literal_column(str(group))
    return (
        query.with_only_columns(
            urgency.label("urgency"),
            _MATTERS.c.due,
            age.label("age"),
            _MATTERS.c.center,
            _MATTERS.c.matter,
        )
        .order_by(*order)
        .limit(PAGE + 1)
    )


def _urgency(group: int, now: datetime) -> ColumnElement[bool]:
    due, close = _MATTERS.c.due, _MATTERS.c.yellow_from
    if group == _RED:
        return due <= now
    if group == _UNBOUND:
        return due.is_(None)
    if group == _AMBER:
        return and_(due > now, close <= now)
    return and_(due > now, or_(close.is_(None), close > now))


def _within(scope: Scope, wanted: TaskFilter) -> Select[Any]:
    """The matters of a scope that fit the filter, but for the light."""
    query = select(_MATTERS).where(_MATTERS.c.role == scope.role.value, _of_unit(scope))
    if wanted.kind is not None:
        query = query.where(_of_kind(wanted.kind))
    conditions = list(_of_center(wanted))
    if scope.role is Role.ASSESSOR:
        # A matter of any other role names its unit, and so does the scope.
        conditions.append(scope_condition(scope))
    if conditions:
        query = query.join(_CENTERS, _CENTERS.c.code == _MATTERS.c.center).where(*conditions)
    return query


def _of_unit(scope: Scope) -> ColumnElement[bool]:
    if scope.role in UNIT_ROLES:
        [first, *others] = scope.names or ("",)
        # With one name the index also gives the order.
        return _MATTERS.c.unit.in_(scope.names) if others else _MATTERS.c.unit == first
    return _MATTERS.c.unit == NATIONAL_UNITS.get(scope.role, "")


def _of_kind(kind: str) -> ColumnElement[bool]:
    matter = _MATTERS.c.matter
    return or_(
        _MATTERS.c.action == kind, matter == kind, matter.startswith(f"{kind}:", autoescape=True)
    )


def _of_center(wanted: TaskFilter) -> Iterator[ColumnElement[bool]]:
    for name in ("field", "competent_unit", "stage"):
        value = getattr(wanted, name)
        if value is not None:
            yield _CENTERS.c[name] == value
    if wanted.text:
        columns = (_CENTERS.c.code, *CENTER_COLUMNS)
        yield or_(
            *(
                column.icontains(wanted.text, autoescape=True)
                for column in columns
                if column.name != "stage"
            )
        )


def _counts(
    connection: Connection, scope: Scope, wanted: TaskFilter, now: datetime
) -> Mapping[Light, int]:
    red, amber = (
        func.coalesce(func.sum(case((_urgency(group, now), 1), else_=0)), 0)
        for group in (_RED, _AMBER)
    )
    query = _within(scope, wanted).with_only_columns(func.count(), red, amber)
    total, late, close = connection.execute(query).one()
    return dict(zip(LIGHTS, (int(late), int(close), int(total - late - close)), strict=True))


def task(row: Mapping[str, Any], now: datetime) -> Task:
    """The task in a row of ``matters`` with its center's columns."""
    instant = row["due"]
    due = due_day(instant) if instant else None
    return Task(
        center=row["center"],
        matter=row["matter"],
        role=Role(row["role"]),
        unit=row["unit"],
        action=row["action"],
        subject=row["subject"],
        article=row["article"],
        since=row["since"],
        deadline=row["deadline"],
        due=due,
        days_left=(due - day_of(now)).days if due else None,
        light=light_of(instant, row["yellow_from"], now),
        **{column.name: row[column.name] for column in CENTER_COLUMNS},
    )
