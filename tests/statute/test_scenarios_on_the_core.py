"""Every scenario on the pure core: the rules alone, in milliseconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from neiic.starter.scenarios import differences, read_scenario
from neiic.starter.simulate import message_of
from tests.statute.lives import PureLife

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_holds(path: Path) -> None:
    scenario = read_scenario(path)
    life = PureLife(scenario.registration, scenario.rules, scenario.start)
    for number, step in enumerate(scenario.steps):
        seen = len(life.notices)
        life.wait(step.at)
        refused = None
        if step.do is not None:
            message = message_of(step, number, life.snapshot())
            refused = life.act(step.do, message, step.at)
        assert (refused.code if refused else None) == step.refuse, f"step {number}: {refused}"
        if step.expect is not None:
            sent = [one.kind for one in life.notices[seen:] if one.status == "pending"]
            if step.via == "signal" and refused:
                sent.append("refused")
            assert differences(step.expect, life.snapshot(), sent) == [], f"step {number}"
