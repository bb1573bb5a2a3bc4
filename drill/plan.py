"""Which lives are led, and where each rests while the workers are swapped: seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from drill import DrillError
from drill.expected import STAGES, Expected, lived
from neiic.activities.calendar import HolidayCalendar
from neiic.starter.scenarios import Scenario, read_scenario
from neiic.statute.rules import LIBRARY, PARAMETERS

#: A life's clock runs on while it rests and while a step is being taken: whatever must not be
#: reached meanwhile lies at least so far ahead.
MARGIN_OF_A_STEP, MARGIN_OF_A_REST = timedelta(seconds=45), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Plan:
    """A life: it rests after ``first`` steps at the upgrade, after ``second`` at the rollback.

    One without ``second`` is led to its end by today's release.
    """

    scenario: Scenario
    expected: Expected
    first: int
    second: int | None

    @property
    def code(self) -> str:
        """The center's code."""
        return self.scenario.registration.code

    def stage_after(self, steps: int) -> str:
        """Where the life is after so many steps."""
        return self.expected.stages[steps - 1] if steps else STAGES[0]


#: Scenarios with what each comes to by the law.
Known = Sequence[tuple[Scenario, Expected]]


def playable(folder: Path) -> Known:
    """Scenarios under the released rule set without dates that hang on a second."""
    calendar = HolidayCalendar()
    found = [_released(read_scenario(path)) for path in sorted(folder.glob("*.yaml"))]
    return [(one, lived(one, calendar)) for one in found if one and not _too_close(one)]


def draw(known: Known, chance: Random, each: int, stages: Sequence[str] = STAGES) -> list[Plan]:
    """``each`` lives for every stage, one after the other for a rollback and to the end.

    Raises DrillError for a stage in which no scenario can rest.
    """
    plans: list[Plan] = []
    for stage in stages:
        places = [
            (scenario, expected, steps)
            for scenario, expected in known
            for steps in range(1, len(scenario.steps) + 1)
            if expected.stages[steps - 1] == stage and _rests(scenario, steps)
        ]
        if not places:
            raise DrillError(f"no scenario can rest in the stage {stage}: the drill lacks it")
        # A life with something ahead tells more than one that is all but over.
        chance.shuffle(places)
        places.sort(key=lambda place: place[2] == len(place[0].steps))
        for number in range(each):
            scenario, expected, steps = places[number % len(places)]
            back = _second_rest(scenario, expected, steps, chance) if number % 2 == 0 else None
            named = _under_code(scenario, len(plans) + 1)
            plans.append(Plan(named, expected, steps, back))
    return plans


def newborn(plan: Plan, number: int) -> Plan:
    """The same life begun anew at the rollback's start, under today's release."""
    return Plan(_under_code(plan.scenario, number), plan.expected, 0, plan.first)


def _under_code(scenario: Scenario, number: int) -> Scenario:
    code = f"NEIIC-{scenario.start.year}-{900 + number}"
    return scenario.but(registration=scenario.registration.but(code=code))


def _second_rest(scenario: Scenario, expected: Expected, first: int, chance: Random) -> int:
    places = [
        steps
        for steps in range(first + 1, len(scenario.steps) + 1)
        if expected.stages[steps - 1] != "closed" and _rests(scenario, steps)
    ]
    return chance.choice(places) if places else first


def _released(scenario: Scenario) -> Scenario | None:
    """The same with the released rule set; None if its own differs from that.

    A worker in another process knows no rule set that a scenario makes up.
    """
    released = LIBRARY[scenario.rules.name.partition("~")[0]]
    same = all(getattr(scenario.rules, name) == getattr(released, name) for name in PARAMETERS)
    return scenario.but(rules=released) if same else None


def _too_close(scenario: Scenario) -> bool:
    """Whether a step lies close before or after a midnight, when timers fire, or another step."""
    return any(
        _left(scenario, number, step.at) < MARGIN_OF_A_STEP
        or step.at - _midnight(step.at) < MARGIN_OF_A_STEP
        for number, step in enumerate(scenario.steps, start=1)
    )


def _rests(scenario: Scenario, steps: int) -> bool:
    return _left(scenario, steps, scenario.steps[steps - 1].at) >= MARGIN_OF_A_REST


def _left(scenario: Scenario, steps: int, moment: datetime) -> timedelta:
    """How long it takes from there to midnight, when dates end, or to a later step."""
    midnight = _midnight(moment) + timedelta(days=1)
    later = [step.at for step in scenario.steps[steps:] if step.at > moment]
    return min([midnight, *later[:1]]) - moment


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
