"""The thirty-year life on the real workflow: how long it takes, how large its histories are."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from bench import long_life
from bench.table import Must, Row
from neiic.sandbox import sandboxed
from neiic.starter.simulate import simulate
from neiic.workflows.center import CenterWorkflow

SIMULATE = Must("simulate", "one 30-year life through simulate", "≤", 10, "s")
EVENTS = Must("events", "history events a center-year, with reminders", "≤", 120)
EVENTS_QUIET = Must("events-quiet", "history events a center-year, without reminders", "≤", 60)
REPLAY = Must("replay", "largest run's replay in the sandbox", "≤", 250, "ms")
CARRIED = Must("carried", "state carried through continue-as-new", "≤", 64, "KiB")

REPLAYS = 7


def measure() -> Iterator[Row]:
    """The life with its reminders, once."""
    life = asyncio.run(_play(reminders=True))
    yield SIMULATE.measured(
        life.seconds,
        f"{life.acts} acts, {life.recorded} recorded events of which {life.reminders} reminders;"
        " server, worker and records started and stopped within it",
    )
    yield _events(EVENTS, life)
    largest = max(life.runs, key=lambda run: len(run.events))
    times = asyncio.run(_replays(largest))
    yield REPLAY.measured(
        statistics.median(times) * 1000,
        f"median of {REPLAYS} after a warm-up; {len(largest.events)} events,"
        f" {min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms",
    )
    sizes = [_carried(run) for run in life.runs[1:]]
    yield CARRIED.measured(
        sizes[-1] / 1024,
        f"the payload with which the last of {len(life.runs)} runs started;"
        f" the largest of all is {max(sizes) / 1024:.1f} KiB",
    )


def measure_quiet() -> Iterator[Row]:
    """The life without reminders, once."""
    yield _events(EVENTS_QUIET, asyncio.run(_play(reminders=False)))


def _events(must: Must, life: _Played) -> Row:
    total = sum(len(run.events) for run in life.runs)
    return must.measured(
        total / long_life.YEARS,
        f"{total} events in {len(life.runs)} runs ÷ {long_life.YEARS} years",
    )


@dataclass(frozen=True, slots=True)
class _Played:
    seconds: float
    acts: int
    recorded: int
    reminders: int
    runs: list[WorkflowHistory]


async def _play(*, reminders: bool) -> _Played:
    """Play the life. Raises ValueError when an act of it was refused."""
    scenario = long_life.scenario(reminders=reminders)
    runs: list[WorkflowHistory] = []
    looking = 0.0

    async def after(environment: WorkflowEnvironment, handle: WorkflowHandle[Any, Any]) -> None:
        nonlocal looking
        began = time.perf_counter()
        runs[:] = await _all_runs(environment, handle.id)
        looking = time.perf_counter() - began

    begun = time.perf_counter()
    life = await simulate(scenario, after)
    seconds = time.perf_counter() - begun - looking
    if not life.held:
        wrong = next(step for step in life.steps if step.differences)
        raise ValueError(f"{wrong.at} {wrong.do}: {wrong.differences[0]} {wrong.refused}")
    kinds = [event.kind for event in life.events]
    return _Played(seconds, len(scenario.steps), len(kinds), kinds.count("reminder"), runs)


async def _all_runs(environment: WorkflowEnvironment, workflow_id: str) -> list[WorkflowHistory]:
    """The histories of all runs so far, in order."""
    latest = environment.client.get_workflow_handle(workflow_id)
    found = [await latest.fetch_history()]
    while True:
        started = found[0].events[0].workflow_execution_started_event_attributes
        before = started.continued_execution_run_id
        if not before:
            return found
        run = environment.client.get_workflow_handle(workflow_id, run_id=before)
        found.insert(0, await run.fetch_history())


async def _replays(history: WorkflowHistory) -> list[float]:
    replayer = Replayer(
        workflows=[CenterWorkflow],
        workflow_runner=sandboxed(),
        data_converter=pydantic_data_converter,
    )
    times = []
    for _ in range(REPLAYS + 1):
        begun = time.perf_counter()
        await replayer.replay_workflow(history)
        times.append(time.perf_counter() - begun)
    return times[1:]


def _carried(run: WorkflowHistory) -> int:
    started = run.events[0].workflow_execution_started_event_attributes
    return len(started.input.payloads[1].data)
