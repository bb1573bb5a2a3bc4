"""Scenarios played on the time-skipping server, with the histories that they leave behind."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from neiic.starter.scenarios import Scenario, read_scenario
from neiic.starter.simulate import LifeResult, simulate
from neiic.statute.rules import LIBRARY, PARAMETERS


@dataclass(frozen=True)
class Played:
    """A life as it was played: what was seen of it, and the history of each of its runs."""

    life: LifeResult
    runs: Sequence[WorkflowHistory]

    @property
    def histories(self) -> list[list[HistoryEvent]]:
        return [list(run.events) for run in self.runs]


async def play(scenario: Scenario) -> Played:
    """Play a scenario; every expectation in it must hold."""
    runs: list[WorkflowHistory] = []

    async def fetch(environment: WorkflowEnvironment, handle: WorkflowHandle[Any, Any]) -> None:
        runs[:] = await runs_of(environment.client, handle.id)

    life = await simulate(scenario, fetch)
    wrong = [(step.number, step.differences) for step in life.steps if step.differences]
    assert life.held, wrong
    return Played(life, runs)


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """The histories of all runs of a life, from its first to its present one."""
    present = await client.get_workflow_handle(workflow_id).fetch_history()
    begun = present.events[0].workflow_execution_started_event_attributes
    runs: list[WorkflowHistory] = []
    run_id = begun.first_execution_run_id
    while run_id:
        runs.append(await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history())
        last = runs[-1].events[-1]
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return runs


def scenario_of(folder: Path, text: str) -> Scenario:
    """A scenario from its YAML."""
    path = folder / "scenario.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return read_scenario(path)


def with_released_rules(scenario: Scenario) -> Scenario:
    """The same with the released rule set, if its own differs from that in nothing but its name.

    Raises ValueError if it differs: no other process would know such a rule set.
    """
    released = LIBRARY[scenario.rules.name.partition("~")[0]]
    changed = [
        name for name in PARAMETERS if getattr(scenario.rules, name) != getattr(released, name)
    ]
    if changed:
        raise ValueError(f"{scenario.path.name} changes {', '.join(changed)} of {released.name}")
    return scenario.but(rules=released)
