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
from dataclasses import dataclass

from temporalio.client import Client
from temporalio.worker import Worker

from bench import long_life
from bench.bare import Bare
from bench.stack import Stack, stack
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.sandbox import sandboxed
from neiic.settings import Settings
from neiic.worker import center_worker

RATIO = Must("updates", "accepted update with commit ÷ bare update, 16 at once", "≥", 0.35)
TAIL = Must("updates-p99", "accepted act's p99 ÷ bare update's p99, 16 at once", "≤", 2.5)

AT_ONCE = 16
ROUNDS = 8
SECONDS = 1.5
#: So many calls of each kind, in more rounds if need be: a p99 of fewer is the luck of a few.
CALLS, MOST_ROUNDS = 1_500, 40

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Round:
    """How long each call of a round took, in seconds, and all of them together."""

    latencies: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


def measure() -> Iterator[Row]:
    """Rates: the median over the rounds of the ratio within a round. p99: over all calls."""
    rounds = asyncio.run(_measure())
    ratios, bare, center = rates(rounds)
    yield RATIO.measured(
        statistics.median(ratios),
        f"supervision.note to {AT_ONCE} centers {center:.0f}/s, empty update to {AT_ONCE} empty"
        f" workflows {bare:.0f}/s (medians); one process for both, records on SQLite;"
        f" {len(rounds)} rounds of {SECONDS:g} s each, ratios {min(ratios):.2f} to {max(ratios):.2f}",
    )
    bares, centers = ([took for one in kind for took in one.latencies] for kind in _kinds(rounds))
    tails = [_p99(center.latencies) / _p99(bare.latencies) for bare, center in rounds]
    yield TAIL.measured(
        _p99(centers) / _p99(bares),
        f"of the same {len(centers)} acts {_p99(centers) * 1000:.0f} ms, median"
        f" {statistics.median(centers) * 1000:.0f} ms, and {len(bares)} empty updates"
        f" {_p99(bares) * 1000:.0f} ms, median {statistics.median(bares) * 1000:.0f} ms;"
        f" within the rounds {min(tails):.2f} to {max(tails):.2f}, median"
        f" {statistics.median(tails):.2f}",
    )


def rates(rounds: list[tuple[Round, Round]]) -> tuple[list[float], float, float]:
    """Of each round the other's rate beside the bare one's; both kinds' median rates."""
    ratios = [other.rate / bare.rate for bare, other in rounds]
    bare, other = (statistics.median(one.rate for one in kind) for kind in _kinds(rounds))
    return ratios, bare, other


def _kinds(rounds: list[tuple[Round, Round]]) -> tuple[list[Round], list[Round]]:
    return [bare for bare, _ in rounds], [center for _, center in rounds]


def _p99(latencies: Sequence[float]) -> float:
    return statistics.quantiles(latencies, n=100, method="inclusive")[-1]


async def _measure() -> list[tuple[Round, Round]]:
    settings = Settings()
    async with stack() as built:
        client = await built.connect()
        async with (
            center_worker(client, built.records, HolidayCalendar(), settings),
            bare_worker(client, settings),
        ):
            bare, center = await bare_calls(built), await _center_calls(built)
            await one_round(bare, 1.0)
            await one_round(center, 1.0)
            rounds: list[tuple[Round, Round]] = []
            while len(rounds) < ROUNDS or _go_on(rounds):
                rounds.append((await one_round(bare), await one_round(center)))
            return rounds


def _go_on(rounds: list[tuple[Round, Round]]) -> bool:
    return len(rounds) < MOST_ROUNDS and _fewest_calls(rounds) < CALLS


def _fewest_calls(rounds: list[tuple[Round, Round]]) -> int:
    return min(sum(len(one.latencies) for one in kind) for kind in _kinds(rounds))


def bare_worker(client: Client, settings: Settings) -> Worker:
    return Worker(
        client,
        task_queue="bare",
        workflows=[Bare],
        workflow_runner=sandboxed(),
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
    )


async def bare_calls(built: Stack) -> list[Call]:
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


async def one_round(calls: Sequence[Call], seconds: float = SECONDS) -> Round:
    """What comes when each caller sends its next call as soon as the last is answered."""
    begun = time.perf_counter()
    latencies: list[float] = []

    async def send(call: Call) -> None:
        while (sent := time.perf_counter()) - begun < seconds:
            await call()
            latencies.append(time.perf_counter() - sent)

    await asyncio.gather(*map(send, calls))
    return Round(latencies, time.perf_counter() - begun)
