"""How fast a fresh worker takes up sleeping centers, beside empty workflows that start and complete.

The worker that knew the centers is gone; another one, with nothing in its cache, replays each
center when it is woken. A center counts once it has taken its wake and answers a query: two
calls and one workflow task, as an empty workflow's start and its result are. Both are served
by one process on one server and take turns, so that both have the machine at its various speeds.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import Brief
from bench.stack import Stack, spread, stack
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.sandbox import sandboxed
from neiic.settings import Settings
from neiic.worker import center_worker

RECOVERY = Must("recovery", "sleeping centers recovered a second ÷ bare start→complete", "≥", 0.35)

CENTERS, TURNS, AT_ONCE = 1_000, 8, 32


Call = Callable[[str], Awaitable[object]]


class _Turn(NamedTuple):
    """How many a second were recovered, then completed; the events that each center replayed."""

    recovered: float
    completed: float
    replayed: int


def measure() -> Iterator[Row]:
    """The median over some turns of the ratio of rates within the turn."""
    turns = asyncio.run(_measure())
    ratios = [turn.recovered / turn.completed for turn in turns]
    recovered = statistics.median(turn.recovered for turn in turns)
    completed = statistics.median(turn.completed for turn in turns)
    yield RECOVERY.measured(
        statistics.median(ratios),
        f"{CENTERS:,} centers in preparation, asleep on their timers, each with"
        f" {turns[0].replayed} events to replay, woken and asked by {AT_ONCE} callers at once"
        f" {recovered:.0f}/s; empty workflows started and completed by as many"
        f" {completed:.0f}/s (medians); {TURNS} turns of {CENTERS // TURNS} each,"
        f" ratios {min(ratios):.2f} to {max(ratios):.2f}",
    )


async def _measure() -> list[_Turn]:
    settings = Settings()
    codes = [f"NEIIC-R-{number:04}" for number in range(CENTERS)]
    async with stack(in_memory=True) as built:
        async with _centers(built, settings):
            await built.restore(codes, AT_ONCE)
        async with _bare_worker(await built.connect(), settings):
            await _rate(_completing(built), [f"warm/{code}" for code in codes[:AT_ONCE]])
            async with _centers(built, settings):
                return [await _turn(built, number, codes[number::TURNS]) for number in range(TURNS)]


@contextlib.asynccontextmanager
async def _centers(built: Stack, settings: Settings) -> AsyncIterator[None]:
    async with center_worker(await built.connect(), built.records, HolidayCalendar(), settings):
        yield


def _bare_worker(client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue="bare",
        workflows=[Brief],
        workflow_runner=sandboxed(),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
    )


async def _turn(built: Stack, number: int, codes: Sequence[str]) -> _Turn:
    before = await _events(built, codes[0])
    recovered = await _rate(_waking(built), codes)
    completed = await _rate(_completing(built), [f"{number}/{code}" for code in codes])
    after = await _events(built, codes[0])
    taken = after[after.index(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) :]
    if EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED not in taken:
        raise ValueError(f"{codes[0]} answered and had not taken its wake")
    return _Turn(recovered, completed, len(before))


async def _events(built: Stack, code: str) -> list[int]:
    history = await built.center(code).fetch_history()
    return [event.event_type for event in history.events]


def _waking(built: Stack) -> Call:
    async def wake(code: str) -> None:
        center = built.center(code)
        await center.signal("wake")
        shown = await center.query("snapshot")
        if shown["stage"] != "preparation":
            raise ValueError(f"{code} came back in {shown['stage']}")

    return wake


def _completing(built: Stack) -> Call:
    async def complete(name: str) -> None:
        await built.client.execute_workflow(Brief.run, id=f"bare/{name}", task_queue="bare")

    return complete


async def _rate(call: Call, names: Sequence[str]) -> float:
    """Calls a second."""
    begun = time.perf_counter()
    await spread(call, names, AT_ONCE)
    return len(names) / (time.perf_counter() - begun)
