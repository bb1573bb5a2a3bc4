"""The board: all deadlines of all centers that one sees, as a table, a calendar and a strip.

Where a deadline stands is told by its recorded status and by ``now``: one that is open and past is
overdue, whether or not its worker has said so yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from neiic.console.accounts.access import SEE_ALL, Scope, scope_condition
from neiic.console.portfolio import cursors
from neiic.console.portfolio.lights import LIGHTS, PAGE, Light, due_day
from neiic.console.portfolio.tallies import Reading, Tallies
from neiic.models.tables import CenterRecord, DeadlineRecord, table_of
from neiic.statute.periods import day_of, start_of

_CENTERS, _DEADLINES = table_of(CenterRecord), table_of(DeadlineRecord)

#: How a deadline stands.
Standing = Literal["overdue", "held", "open", "upcoming", "closed"]
STANDINGS: tuple[Standing, ...] = ("overdue", "held", "open", "upcoming", "closed")
_CLOSED = ("met", "waived", "lapsed")
_LIVE = ("overdue", "held", "open", "upcoming")

#: Months of the heat strip, from that of today.
MONTHS = 36


class Month(NamedTuple):
    """A month of the Beijing calendar."""

    year: int
    month: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def later(self, months: int) -> Month:
        """The month so many months on."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which deadlines are wanted; what is None is not asked for.

    Without a standing those that are closed are left out. ``unit`` is the present name of any of a
    center's units. ``month`` is that of the due date, ``day`` the due date itself.
    """

    month: Month | None = None
    day: date | None = None
    kind: str | None = None
    unit: str | None = None
    light: Light | None = None
    standing: Standing | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One deadline with its center. A closed one has no light."""

    center: str
    name: str | None
    field: str
    stage: str
    competent_unit: str
    deadline: str
    kind: str
    title: str
    article: str
    due: date
    days_left: int
    standing: Standing
    status: str
    light: Light | None
    responsible: str
    provisional: bool
    opens: datetime | None


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """How many deadlines each link of the board opens.

    ``total`` fits the whole filter; each other number fits it with its own part replaced: the days
    of ``calendar``'s month by light (a closed deadline counts as green there), the months of the
    strip, the kinds, the lights.
    """

    total: int
    days: Mapping[date, Mapping[Light, int]]
    months: Mapping[Month, int]
    kinds: Mapping[str, int]
    lights: Mapping[Light, int]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Deadlines in order, the cursor of the next page, and the counts."""

    rows: tuple[BoardRow, ...]
    next: str | None
    counts: BoardCounts


class _Step(NamedTuple):
    """Deadlines of one recorded status, at one step of the board's order."""

    step: int
    standing: Standing
    status: str
    light: Light | None
    condition: ColumnElement[bool] | None = None


def board(
    tallies: Tallies,
    scope: Scope,
    wanted: BoardFilter,
    now: datetime,
    *,
    calendar: Month | None = None,
    cursor: str | None = None,
) -> BoardPage:
    """One page of deadlines with the counts: overdue first, then by due date; closed ones last first.

    ``calendar`` is the month whose days are counted, by default the filter's or this one. ``now``
    is aware. Raises CursorError. Three statements at most.
    """
    shown_month = calendar or wanted.month or _month_of(day_of(now))
    place = cursors.read("board", cursor, (int, datetime, str, str, str)) if cursor else None
    with tallies.reading() as reading:
        counts = _counted(reading, scope, wanted, shown_month, now)
        rows = _rows(reading.connection, scope, wanted, now, place)
    shown = rows[:PAGE]
    return BoardPage(
        rows=tuple(_row(row, now) for row in shown),
        next=cursors.written("board", _place(shown[-1])) if len(rows) > PAGE else None,
        counts=counts,
    )


def _steps(wanted: BoardFilter, now: datetime) -> Iterator[_Step]:
    """The recorded statuses that a filter asks for, each with its step in the order."""
    instant, close = _DEADLINES.c.instant, _DEADLINES.c.yellow_from
    near = and_(instant > now, close <= now)
    far = and_(instant > now, or_(close.is_(None), close > now))
    steps = [
        _Step(0, "overdue", "overdue", "red"),
        _Step(0, "overdue", "open", "red", instant <= now),
        _Step(1, "held", "held", "amber"),
        _Step(1, "open", "open", "amber", near),
        _Step(1, "open", "open", "green", far),
        _Step(1, "upcoming", "upcoming", "green"),
        *(_Step(2, "closed", status, None) for status in _CLOSED),
    ]
    for step in steps:
        if wanted.standing is None and step.standing == "closed":
            continue
        if wanted.standing in (None, step.standing) and wanted.light in (None, step.light):
            yield step


def _rows(
    connection: Connection,
    scope: Scope,
    wanted: BoardFilter,
    now: datetime,
    place: cursors.Place | None,
) -> list[dict[str, Any]]:
    steps = [step for step in _steps(wanted, now) if place is None or step.step >= place[0]]
    if not steps:
        return []
    narrow = wanted.unit is not None or scope.role not in SEE_ALL
    backwards = wanted.standing == "closed"
    if narrow:
        found = _of_few(scope, wanted, steps, place).subquery()
    else:
        firsts = [_first(scope, wanted, step, place) for step in steps]
        found = union_all(*(select(one.subquery()) for one in firsts)).subquery()
    # Ordered and cut before the rows themselves are fetched.
    order = [found.c[name] for name in ("step", *_PLACE)]
    ordered = (column.desc() if backwards else column for column in order)
    keys = select(found).order_by(*ordered).limit(PAGE + 1).subquery()
    query = (
        select(keys.c.step, _DEADLINES, *(_CENTERS.c[name] for name in _OF_CENTER))
        .join(
            _DEADLINES,
            and_(_DEADLINES.c.center == keys.c.center, _DEADLINES.c.deadline == keys.c.deadline),
        )
        .join(_CENTERS, _CENTERS.c.code == keys.c.center)
    )
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return sorted(rows, key=_place, reverse=backwards)


_PLACE = ("instant", "kind", "center", "deadline")
_OF_CENTER = ("name", "field", "stage", "competent_unit")


def _first(
    scope: Scope, wanted: BoardFilter, step: _Step, place: cursors.Place | None
) -> Select[Any]:
    """The first deadlines of a step among those of thousands of centers, by the status's index."""
    backwards = step.standing == "closed"
    order = [_DEADLINES.c[name] for name in _PLACE]
    query = _matching(scope, wanted).where(_in_step(step, _DEADLINES.c.status, place))
    return (
        query.with_only_columns(literal_column(str(step.step)).label("step"), *order)
        .order_by(*(column.desc() if backwards else column for column in order))
        .limit(PAGE + 1)
    )


def _of_few(
    scope: Scope, wanted: BoardFilter, steps: list[_Step], place: cursors.Place | None
) -> Select[Any]:
    """All deadlines of these steps among those of a unit's centers."""
    # Written so that no index of the status is tempting: there are few centers, and many deadlines.
    status = _DEADLINES.c.status.concat("")
    each = [(_in_step(step, status, place), step.step) for step in steps]
    query = _matching(scope, wanted).where(or_(*(condition for condition, _ in each)))
    return query.with_only_columns(
        case(*each).label("step"), *(_DEADLINES.c[name] for name in _PLACE)
    )


def _in_step(
    step: _Step, status: ColumnElement[Any], place: cursors.Place | None
) -> ColumnElement[bool]:
    """Whether a deadline stands at this step, and after a place where that lies in it."""
    conditions = [status == step.status]
    if step.condition is not None:
        conditions.append(step.condition)
    if place is not None and place[0] == step.step:
        if place[1] is None:
            raise cursors.CursorError
        order = [_DEADLINES.c[name] for name in _PLACE]
        conditions.append(cursors.after(order, place[1:], descending=step.standing == "closed"))
    return and_(*conditions)


def _matching(scope: Scope, wanted: BoardFilter) -> Select[Any]:
    query = _within(scope, wanted)
    if wanted.kind is not None:
        query = query.where(_DEADLINES.c.kind == wanted.kind)
    if wanted.month is not None:
        query = query.where(*_in_month(wanted.month))
    if wanted.day is not None:
        query = query.where(_DEADLINES.c.instant == start_of(wanted.day + timedelta(days=1)))
    return query


def _within(scope: Scope, wanted: BoardFilter) -> Select[Any]:
    """The deadlines of centers that the scope sees and the filter names."""
    conditions: list[ColumnElement[bool]] = []
    if scope.role not in SEE_ALL:
        conditions.append(scope_condition(scope))
    if wanted.field is not None:
        conditions.append(_CENTERS.c.field == wanted.field)
    if wanted.unit is not None:
        units = ("competent_unit", "lead_unit", "implementing_unit")
        conditions.append(or_(*(_CENTERS.c[name] == wanted.unit for name in units)))
    query = select(_DEADLINES)
    if conditions:
        seen = select(_CENTERS.c.code).where(*conditions)
        query = query.where(_DEADLINES.c.center.in_(seen))
    return query


def _in_month(month: Month) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """A due date lies in a month if its instant, the next midnight, lies a day later than that."""
    day = timedelta(days=1)
    begin, end = (start_of(one.first) + day for one in (month, month.later(1)))
    return _DEADLINES.c.instant >= begin, _DEADLINES.c.instant < end


def _place(row: Mapping[str, Any]) -> cursors.Place:
    return tuple(row[name] for name in ("step", *_PLACE))


def _row(row: Mapping[str, Any], now: datetime) -> BoardRow:
    standing = standing_of(row["status"], row["instant"], now)
    return BoardRow(
        days_left=(row["due"] - day_of(now)).days,
        standing=standing,
        light=_light(standing, row["yellow_from"], now),
        **{name: row[name] for name in (*_OF_CENTER, *_OF_DEADLINE)},
    )


_OF_DEADLINE = (
    "center",
    "deadline",
    "kind",
    "title",
    "article",
    "due",
    "status",
    "responsible",
    "provisional",
    "opens",
)


def standing_of(status: str, instant: datetime, now: datetime) -> Standing:
    """How a deadline with this recorded status stands now."""
    if status in _CLOSED:
        return "closed"
    if status == "overdue" or (status == "open" and instant <= now):
        return "overdue"
    return "held" if status == "held" else "upcoming" if status == "upcoming" else "open"


def _light(standing: Standing, close: datetime | None, now: datetime) -> Light | None:
    if standing == "closed":
        return None
    if standing in ("overdue", "held"):
        return "red" if standing == "overdue" else "amber"
    return "amber" if standing == "open" and close is not None and close <= now else "green"


# Counts -----------------------------------------------------------------------------------------


class _Some(NamedTuple):
    """So many deadlines that are alike."""

    standing: Standing
    light: Light | None
    kind: str
    due: date
    number: int


def _counted(
    reading: Reading, scope: Scope, wanted: BoardFilter, month: Month, now: datetime
) -> BoardCounts:
    """The counts, from one table of all that is alike, which other filters share."""
    today = day_of(now)
    closed = wanted.standing == "closed"
    where = BoardFilter(unit=wanted.unit, field=wanted.field)

    def table(connection: Connection) -> tuple[_Some, ...]:
        return tuple(_alike(connection, scope, where, _CLOSED if closed else _LIVE, now))

    return reading.counted(
        scope,
        ("board", wanted, month, today),
        lambda _: _counts(
            reading.counted(scope, ("deadlines", where, closed, today), table),
            wanted,
            month,
            _month_of(today),
        ),
    )


def _alike(
    connection: Connection,
    scope: Scope,
    where: BoardFilter,
    statuses: tuple[str, ...],
    now: datetime,
) -> Iterator[_Some]:
    columns = [_DEADLINES.c[name] for name in ("status", "instant", "kind")]
    amber = func.coalesce(func.sum(case((_DEADLINES.c.yellow_from <= now, 1), else_=0)), 0)
    narrow = where.unit is not None or scope.role not in SEE_ALL
    recorded = _DEADLINES.c.status.concat("") if narrow else _DEADLINES.c.status
    query = (
        _within(scope, where)
        .where(recorded.in_(statuses))
        .with_only_columns(*columns, func.count(), amber)
        .group_by(*columns)
    )
    rows: Iterable[tuple[str, datetime, str, int, int]] = connection.execute(query)
    for status, instant, kind, count, close in rows:
        standing, due = standing_of(status, instant, now), due_day(instant)
        if standing != "open":
            yield _Some(standing, _light(standing, None, now), kind, due, count)
            continue
        near = int(close)
        if near:
            yield _Some(standing, "amber", kind, due, near)
        if count > near:
            yield _Some(standing, "green", kind, due, count - near)


def _counts(
    table: tuple[_Some, ...], wanted: BoardFilter, month: Month, this: Month
) -> BoardCounts:
    days: dict[date, Counter[Light]] = {}
    months: Counter[Month] = Counter()
    kinds: Counter[str] = Counter()
    lights: Counter[Light] = Counter(dict.fromkeys(LIGHTS, 0))
    total = 0
    strip = [this.later(ahead) for ahead in range(MONTHS)]
    for one in table:
        if wanted.standing not in (None, one.standing):
            continue
        in_month = wanted.month in (None, _month_of(one.due)) and wanted.day in (None, one.due)
        of_kind, lit = wanted.kind in (None, one.kind), wanted.light in (None, one.light)
        if of_kind and lit:
            if _month_of(one.due) == month:
                days.setdefault(one.due, Counter())[one.light or "green"] += one.number
            months[_month_of(one.due)] += one.number
        if in_month and lit:
            kinds[one.kind] += one.number
        if in_month and of_kind and one.light is not None:
            lights[one.light] += one.number
        if in_month and of_kind and lit:
            total += one.number
    return BoardCounts(
        total=total,
        days=dict(sorted(days.items())),
        months={one: months[one] for one in strip},
        kinds=dict(sorted(kinds.items())),
        lights=dict(lights),
    )


def _month_of(day: date) -> Month:
    return Month(day.year, day.month)
