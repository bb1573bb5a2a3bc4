"""What a scenario's life comes to by the law alone: the measure for a life that was swapped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from neiic.activities.calendar import HolidayCalendar
from neiic.starter.scenarios import Scenario
from neiic.starter.simulate import message_of
from neiic.statute.acts import Act, Event, Refused, TimePasses, decision_id_in, read_act
from neiic.statute.deciding import decide, evolve, register, unfold
from neiic.statute.periods import Asks, CalendarAnswer
from neiic.statute.snapshot import snapshot

#: What a life shows at its end, as far as it does not tell the instant of the last act.
SHOWN = (
    "stage",
    "since",
    "closed",
    "name",
    "name_en",
    "rule_set",
    "waiting_for",
    "extension",
    "confirmation",
    "latest_grade",
    "strikes",
    "reports",
    "rounds",
    "overdue",
    "cases",
    "revocation_pending",
    "followups",
)

#: One event as far as both lives must have it: kind, article, day, decision id.
Happened = tuple[str, str, str, str | None]

#: How many reminders are given depends on how often a life looks at its clock.
BY_PACE = "reminder"


class Expected(NamedTuple):
    """A life on the core: the stages after each step, its events, what it shows at its end."""

    stages: tuple[str, ...]
    events: tuple[Happened, ...]
    shown: Mapping[str, Any]


class _Core:
    def __init__(self, scenario: Scenario, calendar: HolidayCalendar) -> None:
        self.rules, self.calendar = scenario.rules, calendar
        first = register(scenario.registration, scenario.start, scenario.rules.name)
        self.center = evolve(None, first)
        self.events: list[Event] = [first]

    def take(self, action: Act | TimePasses, now: datetime) -> None:
        answers: dict[date, CalendarAnswer] = {}
        while True:
            outcome = decide(self.center, action, now, self.rules, answers)
            if not isinstance(outcome, Asks):
                break
            answers |= {day: self.calendar.resolve(day) for day in outcome.dates}
        if not isinstance(outcome, Refused):
            self.center, _ = unfold(self.center, outcome, self.rules)
            self.events.extend(outcome)

    def act(self, action: str, message: Mapping[str, Any], now: datetime) -> None:
        act = read_act(action, dict(message))
        known = self.center.act_of(decision_id_in(message)) is not None
        if not known and not isinstance(act, Refused):
            self.take(act, now)

    def snapshot(self) -> dict[str, Any]:
        return snapshot(self.center, self.rules).model_dump(mode="json")


def lived(scenario: Scenario, calendar: HolidayCalendar) -> Expected:
    """Play a scenario on the core."""
    core = _Core(scenario, calendar)
    stages = []
    for number, step in enumerate(scenario.steps):
        core.take(TimePasses(), step.at)
        if step.do is not None:
            core.act(step.do, message_of(step, number, core.snapshot()), step.at)
        stages.append(stage_of(core.snapshot()))
    events = tuple(
        (event.kind, event.article, event.effective.isoformat(), event.decision_id)
        for event in core.events
        if event.kind != BY_PACE
    )
    return Expected(tuple(stages), events, shown(core.snapshot()))


def shown(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a snapshot that does not depend on when the last act was done."""
    deadlines = sorted((one["id"], one["due"], one["status"]) for one in snapshot["deadlines"])
    return {key: snapshot[key] for key in SHOWN} | {"deadlines": deadlines}


#: Where a life can rest, in the order of a life.
STAGES = (
    "application",
    "preparation",
    "preparation, extension pending",
    "preparation, supplement",
    "operation",
    "operation, round open",
    "improvement",
    "revocation pending",
    "follow-ups",
)


def stage_of(snapshot: Mapping[str, Any]) -> str:
    """Which of :data:`STAGES` a snapshot shows; ``closed`` when the life is over."""
    live = {one["kind"] for one in snapshot["deadlines"] if one["status"] in ("open", "held")}
    stage = str(snapshot["stage"])
    if snapshot["closed"]:
        return "closed"
    if snapshot["revocation_pending"]:
        return "revocation pending"
    if stage == "preparation" and snapshot["extension"] == "pending":
        return "preparation, extension pending"
    if stage == "preparation" and "supplement" in live:
        return "preparation, supplement"
    if stage == "operation" and "evaluation_close" in live:
        return "operation, round open"
    return stage if stage in STAGES else "follow-ups"
