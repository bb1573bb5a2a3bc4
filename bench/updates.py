"""An accepted update with its commit, beside a bare update of an empty workflow.

Both are served by one process with the same sandbox and the same limits, on one server, and
are called from there; they take turns, so that both have the machine at its various speeds.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence

from temporalio.client import Client
from temporalio.worker import Worker

from bench import long_life
from bench.bare import Bare
from bench.stack import Stack, stack
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.settings import Settings
from neiic.worker import center_worker, sandboxed

RATIO = Must("updates", "accepted update with commit ÷ bare update, 16 at once", "≥", 0.35)

AT_ONCE = 16
ROUNDS = 8
SECONDS = 1.5

Call = Callable[[], Awaitable[object]]


def measure() -> Iterator[Row]:
    """The median over some rounds of the ratio of rates within the round."""
    rounds = asyncio.run(_measure())
    ratios = [center / bare for bare, center in rounds]
    bare, center = (statistics.median(rates) for rates in zip(*rounds, strict=True))
    yield RATIO.measured(
        statistics.median(ratios),
        f"supervision.note to {AT_ONCE} centers {center:.0f}/s, empty update to {AT_ONCE} empty"
        f" workflows {bare:.0f}/s (medians); one process for both, records on SQLite;"
        f" {ROUNDS} rounds of {SECONDS:g} s each, ratios {min(ratios):.2f} to {max(ratios):.2f}",
    )


async def _measure() -> list[tuple[float, float]]:
    settings = Settings()
    async with stack() as built:
        client = await built.connect()
        async with (
            center_worker(client, built.records, HolidayCalendar(), settings),
            _bare_worker(client, settings),
        ):
            bare, center = await _bare_calls(built), await _center_calls(built)
            await _rate(bare, 1.0)
            await _rate(center, 1.0)
            return [(await _rate(bare), await _rate(center)) for _ in range(ROUNDS)]


def _bare_worker(client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue="bare",
        workflows=[Bare],
        workflow_runner=sandboxed(),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
    )


async def _bare_calls(built: Stack) -> list[Call]:
    handles = [
        await built.client.start_workflow(Bare.run, id=f"bare/{number}", task_queue="bare")
        for number in range(AT_ONCE)
    ]
    return [lambda handle=handle: handle.execute_update(Bare.nothing) for handle in handles]  # type: ignore[misc]


async def _center_calls(built: Stack) -> list[Call]:
    codes = [f"NEIIC-B-{number:03}" for number in range(AT_ONCE)]
    await built.prepare(codes, AT_ONCE)
    return [_noting(built, code) for code in codes]


def _noting(built: Stack, code: str) -> Call:
    center, numbers = built.center(code), itertools.count(1)

    async def note() -> object:
        said = {"text": f"第{next(numbers)}次检查，进展正常"}
        message = long_life.message("ndrc", said, uuid.uuid4().hex)
        return await center.execute_update("supervision.note", message)

    return note


async def _rate(calls: Sequence[Call], seconds: float = SECONDS) -> float:
    """Answers a second when each caller sends its next call as soon as the last is answered."""
    begun = time.perf_counter()

    async def send(call: Call) -> int:
        sent = 0
        while time.perf_counter() - begun < seconds:
            await call()
            sent += 1
        return sent

    sent = await asyncio.gather(*map(send, calls))
    return sum(sent) / (time.perf_counter() - begun)
