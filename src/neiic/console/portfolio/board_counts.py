"""The counts of the board, from one table of all deadlines that are alike, shared by its filters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, case, func

from neiic.console.accounts.access import SEE_ALL, Scope
from neiic.console.portfolio.board_filter import BoardFilter, Month, month_of, within
from neiic.console.portfolio.lights import (
    CLOSED,
    LIGHTS,
    LIVE,
    Light,
    Standing,
    due_day,
    light_of_standing,
    standing_of,
)
from neiic.console.portfolio.tallies import Reading
from neiic.models.tables import DeadlineRecord, table_of
from neiic.statute.periods import day_of

_DEADLINES = table_of(DeadlineRecord)

#: Months of the heat strip, from that of today.
MONTHS = 36


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


class _Some(NamedTuple):
    """So many deadlines that are alike."""

    standing: Standing
    light: Light | None
    kind: str
    due: date
    number: int


def counted(
    reading: Reading, scope: Scope, wanted: BoardFilter, month: Month, now: datetime
) -> BoardCounts:
    """The counts, from one table of all that is alike, which other filters share."""
    today = day_of(now)
    closed = wanted.standing == "closed"
    where = BoardFilter(unit=wanted.unit, field=wanted.field)

    def table(connection: Connection) -> tuple[_Some, ...]:
        return tuple(_alike(connection, scope, where, CLOSED if closed else LIVE, now))

    return reading.counted(
        scope,
        ("board", wanted, month, today),
        lambda _: _counts(
            reading.counted(scope, ("deadlines", where, closed, today), table),
            wanted,
            month,
            month_of(today),
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
        within(scope, where)
        .where(recorded.in_(statuses))
        .with_only_columns(*columns, func.count(), amber)
        .group_by(*columns)
    )
    rows: Iterable[tuple[str, datetime, str, int, int]] = connection.execute(query)
    for status, instant, kind, count, close in rows:
        standing, due = standing_of(status, instant, now), due_day(instant)
        if standing != "open":
            yield _Some(standing, light_of_standing(standing, None, now), kind, due, count)
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
        in_month = wanted.month in (None, month_of(one.due)) and wanted.day in (None, one.due)
        of_kind, lit = wanted.kind in (None, one.kind), wanted.light in (None, one.light)
        if of_kind and lit:
            if month_of(one.due) == month:
                days.setdefault(one.due, Counter())[one.light or "green"] += one.number
            months[month_of(one.due)] += one.number
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
