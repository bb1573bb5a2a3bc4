"""Every scenario on the real workflow, worker and records; and how a file that is none fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from neiic.starter.main import run
from neiic.starter.scenarios import ScenarioError, read_scenario
from neiic.starter.simulate import simulate

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_scenario_holds(path: Path) -> None:
    life = await simulate(read_scenario(path))
    wrong = {step.number: step.differences for step in life.steps if step.differences}
    assert wrong == {}


def test_a_scenario_that_fails_says_what_differed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "title: 不对\nstart: 2031-03-03T09:00\nsteps:\n"
        "  - {at: 2031-03-04, expect: {stage: preparation, waiting_for: [assessor]}}\n",
        encoding="utf-8",
    )
    assert run(["simulate", str(path)]) == 1
    said = capfd.readouterr().out
    assert "stage: expected preparation, was application" in said


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("title: [", 1, ""),
        ("title: x\nstart: 2031-01-01\n", 1, "steps"),
        ("title: x\nstart: soon\nsteps: []\n", 2, "start"),
        ("title: x\nstart: 2021-01-01\nsteps: []\n", 2, "past"),
        ("title: x\nstart: 2031-01-01\nsteps:\n  - {at: 2031-01-02, expekt: {}}\n", 4, "expekt"),
        ("title: x\nstart: 2031-01-01\nsteps:\n  - {at: 2030-01-02}\n", 4, "before"),
        ("title: x\nstart: 2031-01-01\nsteps:\n  - {at: 2031-01-02, by: ndrc}\n", 4, "together"),
        (
            "title: x\nstart: 2031-01-01\nsteps:\n  - {at: 2031-01-02, expect: {stage: limbo}}\n",
            4,
            "stage",
        ),
        ("title: x\nrules: {no_such: 1}\nstart: 2031-01-01\nsteps: []\n", 2, "no_such"),
        ("title: x\ncenter: {colour: red}\nstart: 2031-01-01\nsteps: []\n", 2, "colour"),
        ("just text", 1, ""),
    ],
)
def test_a_file_that_is_no_scenario_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        read_scenario(path)
    assert str(raised.value).startswith(f"{path}:{line}:")
    assert said in str(raised.value)
    assert run(["simulate", str(path)]) == 2
