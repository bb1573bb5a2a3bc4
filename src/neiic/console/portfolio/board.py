"""The board: all deadlines of all centers that one sees, as a table, a calendar and a strip.

Where a deadline stands is told by its recorded status and by ``now``: one that is open and past is
overdue, whether or not its worker has said so yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    literal_column,
    or_,
    select,
    union_all,
)

from neiic.console.accounts.access import SEE_ALL, Scope
from neiic.console.portfolio import cursors
from neiic.console.portfolio.board_counts import BoardCounts, counted
from neiic.console.portfolio.board_filter import BoardFilter, Month, month_of, within
from neiic.console.portfolio.lights import (
    CLOSED,
    PAGE,
    STANDINGS,
    Light,
    Standing,
    light_of_standing,
    standing_of,
)
from neiic.console.portfolio.tallies import Tallies
from neiic.models.tables import CenterRecord, DeadlineRecord, table_of
from neiic.statute.periods import day_of, start_of

__all__ = [
    "STANDINGS",
    "BoardCounts",
    "BoardFilter",
    "BoardPage",
    "BoardRow",
    "Month",
    "Standing",
    "board",
]

_CENTERS, _DEADLINES = table_of(CenterRecord), table_of(DeadlineRecord)


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
    shown_month = calendar or wanted.month or month_of(day_of(now))
    place = cursors.read("board", cursor, (int, datetime, str, str, str)) if cursor else None
    with tallies.reading() as reading:
        counts = counted(reading, scope, wanted, shown_month, now)
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
        *(_Step(2, "closed", status, None) for status in CLOSED),
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
    query = within(scope, wanted)
    if wanted.kind is not None:
        query = query.where(_DEADLINES.c.kind == wanted.kind)
    if wanted.month is not None:
        query = query.where(*_in_month(wanted.month))
    if wanted.day is not None:
        query = query.where(_DEADLINES.c.instant == start_of(wanted.day + timedelta(days=1)))
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
        light=light_of_standing(standing, row["yellow_from"], now),
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
