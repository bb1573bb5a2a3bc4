"""The plan: every stage has lives that rest in it, and a seed says which."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from drill import DrillError
from drill.expected import STAGES
from drill.plan import MARGIN_OF_A_REST, Known, Plan, draw, playable

FOLDER = Path(__file__).parents[1] / "scenarios"


@pytest.fixture(scope="module")
def scenarios() -> Known:
    return playable(FOLDER)


def places(plans: list[Plan]) -> list[tuple[str, int, int | None]]:
    return [(plan.scenario.path.name, plan.first, plan.second) for plan in plans]


def test_every_stage_has_a_life_each_way(scenarios: Known) -> None:
    plans = draw(scenarios, Random(1), 2)
    assert sorted({plan.stage_after(plan.first) for plan in plans}) == sorted(STAGES)
    for stage in STAGES:
        here = [plan for plan in plans if plan.stage_after(plan.first) == stage]
        assert {plan.second is None for plan in here} == {True, False}
    assert len({plan.code for plan in plans}) == len(plans)


def test_a_seed_draws_the_same_and_another_one_others(scenarios: Known) -> None:
    assert places(draw(scenarios, Random(7), 2)) == places(draw(scenarios, Random(7), 2))
    assert places(draw(scenarios, Random(7), 2)) != places(draw(scenarios, Random(8), 2))


def test_nothing_is_due_while_a_life_rests(scenarios: Known) -> None:
    for plan in draw(scenarios, Random(3), 2):
        for steps in filter(None, (plan.first, plan.second)):
            moment = plan.scenario.steps[steps - 1].at
            assert (moment + MARGIN_OF_A_REST).date() == moment.date() or (
                moment + MARGIN_OF_A_REST
            ).strftime("%H:%M:%S") == "00:00:00"
            ahead = [step.at for step in plan.scenario.steps[steps:] if step.at > moment]
            assert all(at - moment >= MARGIN_OF_A_REST for at in ahead)


def test_only_released_rules_are_drilled(scenarios: Known) -> None:
    assert {scenario.rules.name for scenario, _ in scenarios} == {"cn-2026"}


def test_a_stage_that_no_scenario_reaches_is_told(scenarios: Known) -> None:
    early = [one for one in scenarios if one[0].path.name.startswith("22-")]
    with pytest.raises(DrillError, match="improvement"):
        draw(early, Random(1), 1, ("improvement",))
