"""A month as a table: weeks from Monday, days off shaded, deadlines counted by light."""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import get_day_names

from neiic.console.dates import day as day_in
from neiic.console.dates import locale_of
from neiic.console.dates import month as month_in
from neiic.console.drawing.words import SHAPES

#: Lights in the order in which a day shows them.
LIGHTS = tuple(SHAPES)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the table; ``counts`` are its lights that are not zero, the gravest first.

    ``written`` is the date in full, for screen readers and titles.
    """

    date: date
    written: str
    inside: bool
    off: bool
    today: bool
    counts: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many deadlines fall on it."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Month:
    """A month's table: ``weekdays`` are short and full names, ``weeks`` have seven days each.

    ``before`` and ``after`` are the first days of the months beside it; None where there is none.
    """

    title: str
    weekdays: tuple[tuple[str, str], ...]
    weeks: tuple[tuple[Day, ...], ...]
    before: date | None
    after: date | None


def month(
    year: int,
    month: int,
    counts_by_day: Mapping[date, Mapping[Any, int]],
    days_off: Collection[date],
    today: date,
    language: str = "zh",
) -> Month:
    """The table of a month. Days of the neighbouring months fill the first and last week.

    Raises ValueError for a month or a year that no calendar has.
    """
    first = date(year, month, 1)
    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month)
    return Month(
        title=month_in(first, language),
        weekdays=_weekdays(language),
        weeks=tuple(
            tuple(
                Day(
                    date=one,
                    written=day_in(one, language),
                    inside=one.month == month,
                    off=one in days_off,
                    today=one == today,
                    counts=_counts(counts_by_day.get(one, {})),
                )
                for one in week
            )
            for week in weeks
        ),
        before=_first_of(year, month - 1),
        after=_first_of(year, month + 1),
    )


def _counts(counted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((light, counted[light]) for light in LIGHTS if counted.get(light, 0) > 0)


def _weekdays(language: str) -> tuple[tuple[str, str], ...]:
    locale = locale_of(language)
    short, full = (get_day_names(width, locale=locale) for width in ("abbreviated", "wide"))
    return tuple((short[index], full[index]) for index in range(7))


def _first_of(year: int, month: int) -> date | None:
    years, index = divmod(month - 1, 12)
    year += years
    return date(year, index + 1, 1) if 1 <= year <= 9999 else None
