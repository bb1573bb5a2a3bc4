"""Time as the Measures count it: Beijing days, periods of years and days, roll-over (T1-T5).

A due *date* D ends at D 24:00 Beijing time, which is the instant ``end_of(D)``. Nothing here
reads a clock or a calendar: now and the calendar's answers are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING

from neiic.statute.forms import Frozen

if TYPE_CHECKING:
    from neiic.statute.rules import RuleSet

#: Beijing has had no summer time since 1991; a fixed offset also works inside the workflow sandbox.
BEIJING = timezone(timedelta(hours=8))


@lru_cache(maxsize=4096)
def start_of(day: date) -> datetime:
    """The instant at which this Beijing day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)


@lru_cache(maxsize=4096)
def end_of(day: date) -> datetime:
    """The first instant after this Beijing day: an act then is late (T1)."""
    return start_of(day) + timedelta(days=1)


def beijing(moment: datetime) -> datetime:
    """A moment on the Beijing clock; one without a zone is taken to be Beijing time."""
    return moment.replace(tzinfo=BEIJING) if moment.tzinfo is None else moment.astimezone(BEIJING)


def day_of(moment: datetime) -> date:
    """The Beijing date of a moment."""
    return beijing(moment).date()


def add_years(anchor: date, years: int) -> date:
    """The corresponding day so many years on, or the month's last day where there is none (T2)."""
    try:
        return anchor.replace(year=anchor.year + years)
    except ValueError:
        return anchor.replace(year=anchor.year + years, day=28)


def last_day_of_february(year: int) -> date:
    """28 or 29 February."""
    return date(year, 3, 1) - timedelta(days=1)


class CalendarAnswer(Frozen):
    """Where a nominal date falls by one version of the holiday calendar (T3, T4).

    ``reason_zh`` and ``reason_en`` say why it moved and are empty when it did not.
    ``provisional`` is true when a day that was looked at lies in a projected year.
    """

    nominal: date
    due: date
    reason_zh: str = ""
    reason_en: str = ""
    provisional: bool
    version: str


#: What the calendar has answered so far, by nominal date.
Calendar = Mapping[date, CalendarAnswer]


class Asks(Frozen):
    """The core needs the calendar's answer for these nominal dates before it can decide."""

    dates: tuple[date, ...]


class CalendarNeededError(Exception):
    """Raised inside a rule when an answer is missing; ``decide`` turns it into ``Asks``."""

    def __init__(self, nominal: date) -> None:
        super().__init__(nominal.isoformat())
        self.nominal = nominal


class Due(Frozen):
    """A resolved due date with all that explains it (T5).

    ``anchor`` is the date of the fact that it counts from, ``nominal`` the day the count
    ends on, ``due`` the day that holds after roll-over.
    """

    anchor: date
    nominal: date
    due: date
    reason_zh: str = ""
    reason_en: str = ""
    provisional: bool = False
    calendar: str = ""

    @property
    def rolled(self) -> bool:
        """Whether the calendar moved it."""
        return self.due != self.nominal


def resolve(kind: str, anchor: date, nominal: date, rules: RuleSet, calendar: Calendar) -> Due:
    """The due date of a period of this kind that ends nominally on ``nominal`` (T3).

    Raises CalendarNeededError when the kind rolls over and the answer is not there yet.
    """
    if kind not in rules.roll_over:
        return Due(anchor=anchor, nominal=nominal, due=nominal)
    answer = calendar.get(nominal)
    if answer is None:
        raise CalendarNeededError(nominal)
    return Due(
        anchor=anchor,
        nominal=nominal,
        due=answer.due,
        reason_zh=answer.reason_zh,
        reason_en=answer.reason_en,
        provisional=answer.provisional,
        calendar=answer.version,
    )


@lru_cache(maxsize=4096)
def fixed(anchor: date, day: date) -> Due:
    """A date that a decision or the Measures name: it never rolls over (T3)."""
    return Due(anchor=anchor, nominal=day, due=day)


def date_zh(day: date) -> str:
    """A date as Chinese documents write it."""
    return f"{day.year}年{day.month}月{day.day}日"
