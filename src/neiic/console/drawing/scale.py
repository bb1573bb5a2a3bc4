"""Time on a drawing: a scale of days, its ticks, and marks that would overlap made one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from neiic.console.drawing.life_entries import Row

#: A shorter life is drawn on a scale of so many days all the same.
SHORTEST = 150
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Scale:
    """Days laid out between two coordinates."""

    first: date
    last: date
    begin: float
    end: float

    def at(self, day: date) -> float:
        """The coordinate of a day."""
        share = (day - self.first).days / (self.last - self.first).days
        return self.begin + share * (self.end - self.begin)

    @property
    def years(self) -> float:
        """How many years it spans."""
        return (self.last - self.first).days / _YEAR

    @property
    def year(self) -> float:
        """The length of a year on the drawing."""
        return (self.end - self.begin) / self.years


def span(days: Iterable[date], beyond: float) -> tuple[date, date]:
    """First and last day of a scale that shows all these with a little room before them, and
    with a share of their length beyond.
    """
    found = list(days)
    first, last = min(found), max(found)
    length = max((last - first).days, SHORTEST)
    return _shifted(first, -(length * 0.012)), _shifted(first, length * (1 + beyond))


def _shifted(day: date, days: float) -> date:
    """So many days on, within what a date can be."""
    ordinal = day.toordinal() + round(days)
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def ticks(scale: Scale, room: float) -> Iterator[tuple[date, bool]]:
    """The first days of months or years on the scale, and whether there is room for a label.

    ``room`` is what one label takes. Short lives are told by months, long ones by years.
    """
    month = scale.year / 12
    for step in (1, 3, 6):
        if scale.years <= 3 and month * step >= room:
            yield from ((day, True) for day in _months(scale, step))
            return
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    step = next((step for step in steps if scale.year * step >= room), 5000)
    for year in range(scale.first.year + 1, scale.last.year + 1):
        if year % step == 0 or scale.year >= 4:
            yield date(year, 1, 1), year % step == 0


def _months(scale: Scale, step: int) -> Iterator[date]:
    day = scale.first.replace(day=1)
    while day <= scale.last:
        if day >= scale.first and (day.month - 1) % step == 0:
            yield day
        day = (day + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One mark: a row, or several that would overlap."""

    at: float
    rows: tuple[Row, ...]

    @property
    def radius(self) -> float:
        """Of its circle; a count needs more room than a dot."""
        if len(self.rows) > 1:
            return 9.0 if len(self.rows) < 100 else 12.0
        return 6.0 if self.rows[0].milestone else 4.5

    @property
    def chief(self) -> Row:
        """The row that gives the mark its name: late before milestone before the newest past,
        or the soonest to come.
        """
        newest = self.rows if self.rows[0].kind == "coming" else tuple(reversed(self.rows))
        return max(newest, key=lambda row: (row.overdue, row.milestone))


Place = Callable[[date], float]


def clustered(rows: Sequence[Row], place: Place, gap: float) -> list[Cluster]:
    """The rows, in the order of time, as marks at least ``gap`` apart from edge to edge."""
    made: list[Cluster] = []
    for row in rows:
        made.append(Cluster(place(row.date), (row,)))
        while len(made) > 1 and _too_close(made[-2], made[-1], gap):
            after, before = made.pop(), made.pop()
            together = (*before.rows, *after.rows)
            middle = (place(together[0].date) + place(together[-1].date)) / 2
            made.append(Cluster(middle, together))
    return made


def _too_close(one: Cluster, other: Cluster, gap: float) -> bool:
    return other.at - one.at < one.radius + other.radius + gap
