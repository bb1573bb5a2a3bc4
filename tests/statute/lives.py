"""A center played on the pure core alone: no Temporal, no records, no waiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from neiic.statute import decide, evolve, register, snapshot, unfold
from neiic.statute.acts import (
    Act,
    CalendarPublished,
    Event,
    Refused,
    TimePasses,
    decision_id_in,
    read_act,
)
from neiic.statute.notices import Notice
from neiic.statute.periods import Asks, CalendarAnswer
from neiic.statute.registration import Registration
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.state import Center


def weekends_only(nominal: date) -> CalendarAnswer:
    """A calendar that knows no holidays but Saturdays and Sundays."""
    due = nominal
    while due.weekday() >= 5:
        due += timedelta(days=1)
    reason = ("星期六" if nominal.weekday() == 5 else "星期日") if due != nominal else ""
    return CalendarAnswer(
        nominal=nominal,
        due=due,
        reason_zh=reason,
        reason_en=reason,
        provisional=True,
        version="weekends",
    )


class PureLife:
    """One life in memory, with everything that happened in it."""

    def __init__(self, registration: Registration, rules: RuleSet, start: datetime) -> None:
        self.rules = rules
        first = register(registration, start, rules.name)
        self.center: Center = evolve(None, first)
        self.events: list[Event] = [first]
        self.notices: list[Notice] = []

    def take(self, action: Act | TimePasses | CalendarPublished, now: datetime) -> Refused | None:
        answers: dict[date, CalendarAnswer] = {}
        before = self.center.rule_set
        while True:
            outcome = decide(self.center, action, now, self.rules, answers)
            if not isinstance(outcome, Asks):
                break
            answers |= {day: weekends_only(day) for day in outcome.dates}
        if isinstance(outcome, Refused):
            return outcome
        self.center, notices = unfold(self.center, outcome, self.rules)
        if self.center.rule_set != before:
            self.rules = LIBRARY[self.center.rule_set]
        self.events.extend(outcome)
        self.notices.extend(notices)
        return None

    def wait(self, until: datetime) -> None:
        self.take(TimePasses(), until)

    def act(self, action: str, message: Mapping[str, Any], now: datetime) -> Refused | None:
        if self.center.act_of(decision_id_in(message)) is not None:
            return None
        act = read_act(action, dict(message))
        if isinstance(act, Refused):
            return act
        return self.take(act, now)

    def snapshot(self) -> dict[str, Any]:
        return snapshot(self.center, self.rules).model_dump(mode="json")
