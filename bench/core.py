"""How many thirty-year lives the law alone can live in a second."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench import long_life
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.statute import decide, evolve, register
from neiic.statute.acts import Refused, TimePasses, read_act
from neiic.statute.periods import Asks, CalendarAnswer
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center

LIVES = Must("core", "pure core: 30-year lives a second, one core", "≥", 100)

BATCHES = 3
SECONDS = 3.0


def measure() -> Iterator[Row]:
    """The best of some batches, by processor time: the others were slowed by something else."""
    life = _Life()
    events = life.live()
    rates = [_rate(life) for _ in range(BATCHES)]
    yield LIVES.measured(
        max(rates),
        f"read_act, decide, evolve over the {len(life.messages)} acts ({events} events) of a life"
        f" without reminders; best of {BATCHES} batches of {SECONDS:g} s of processor time,"
        f" median {statistics.median(rates):.0f}",
    )


class _Life:
    """The life's messages, made beforehand as they would come in."""

    def __init__(self) -> None:
        self.rules: RuleSet = long_life.rules(reminders=False)
        self.registration = long_life.registration("NEIIC-2031-001", long_life.START.date())
        self.messages = [
            (said.at, said.action, long_life.message(said.role, said.data, f"act-{number}"))
            for number, said in enumerate(long_life.acts())
        ]
        self._calendar = HolidayCalendar()
        self._known: dict[date, CalendarAnswer] = {}

    def live(self) -> int:
        """Live it once; answers the number of events. Raises ValueError if an act is refused."""
        center = evolve(None, register(self.registration, long_life.START, self.rules.name))
        for at, action, message in self.messages:
            center = self._take(center, at, action, message)
        last = decide(center, TimePasses(), self.messages[-1][0], self.rules, {})
        if last != ():
            raise ValueError(f"something was left undone: {last}")
        return center.sequence

    def _take(self, center: Center, at: Any, action: str, message: dict[str, Any]) -> Center:
        act = read_act(action, message)
        if isinstance(act, Refused):
            raise ValueError(f"{at} {action}: {act.message_en}")
        answers: dict[date, CalendarAnswer] = {}
        while True:
            outcome = decide(center, act, at, self.rules, answers)
            if not isinstance(outcome, Asks):
                break
            answers |= {day: self._resolved(day) for day in outcome.dates}
        if isinstance(outcome, Refused):
            raise ValueError(f"{at} {action}: {outcome.message_en}")
        for event in outcome:
            center = evolve(center, event)
        return center

    def _resolved(self, day: date) -> CalendarAnswer:
        """The calendar is no part of the core: it is asked once for each date."""
        if day not in self._known:
            self._known[day] = self._calendar.resolve(day)
        return self._known[day]


def _rate(life: _Life) -> float:
    lives, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < SECONDS:
        life.live()
        lives += 1
    return lives / spent
