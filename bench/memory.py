"""What one more center costs a worker in memory."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
from temporalio.api.enums.v1 import EventType

from bench.stack import Stack, stack
from bench.table import Must, Row
from neiic.starter import StackError
from neiic.starter.child import dies_with_its_parent

MEMORY = Must("memory", "worker memory per cached center (USS)", "≤", 250, "KiB")
SCALE = Must("memory-scale", "USS per cached center at 5,000 ÷ at 1,000", "≤", 1.1)

FIRST, MORE, AT_ONCE = 50, 500, 16
FEW, MANY = 1_000, 5_000
#: Seconds that a worker may take to start, or to come to rest.
PATIENCE = 30.0

_QUIET = 1.0


def measure() -> Iterator[Row]:
    """The growth from one number of centers to a larger one, by their difference."""
    before, after, timers = asyncio.run(_measure())
    yield MEMORY.measured(
        (after - before) / MORE / 1024,
        f"`neiic worker` with {FIRST} centers {before / 2**20:.0f} MiB, with {FIRST + MORE}"
        f" {after / 2**20:.0f} MiB; all in preparation with {timers} timers each, and room for twice as many",
    )


def measure_scale() -> Iterator[Row]:
    """Whether a center costs the more the more there are."""
    base, few, many = asyncio.run(_measure_scale())
    per_few, per_many = (few - base) / (FEW - FIRST), (many - base) / (MANY - FIRST)
    yield SCALE.measured(
        per_many / per_few,
        f"`neiic worker` with {FIRST} centers {base / 2**20:.0f} MiB, with {FEW:,}"
        f" {few / 2**20:.0f} MiB, with {MANY:,} {many / 2**20:.0f} MiB: {per_few / 1024:.0f} and"
        f" {per_many / 1024:.0f} KiB each; all in preparation, taken up from records",
    )


async def _measure_scale() -> tuple[int, int, int]:
    codes = [f"NEIIC-S-{number:04}" for number in range(MANY)]
    async with stack(in_memory=True) as built, _worker(built, 2 * MANY) as process:
        sizes = []
        for begin, end in itertools.pairwise((0, FIRST, FEW, MANY)):
            await built.restore(codes[begin:end], AT_ONCE)
            sizes.append(await _memory_at_rest(process))
        return sizes[0], sizes[1], sizes[2]


async def _measure() -> tuple[int, int, int]:
    codes = [f"NEIIC-M-{number:03}" for number in range(FIRST + MORE)]
    async with stack() as built, _worker(built, 2 * (FIRST + MORE)) as process:
        await built.prepare(codes[:FIRST], AT_ONCE)
        before = await _memory_at_rest(process)
        await built.prepare(codes[FIRST:], AT_ONCE)
        after = await _memory_at_rest(process)
        standing = [built.records.snapshot(code) for code in codes]
        if any(shown is None or shown.stage != "preparation" for shown in standing):
            raise StackError("not every center came to preparation")
        return before, after, await _timers(built, codes[-1])


async def _memory_at_rest(process: psutil.Process) -> int:
    """Its unique set size once it has done nothing for a moment."""
    async with asyncio.timeout(PATIENCE):
        while True:
            before = sum(process.cpu_times()[:2])
            await asyncio.sleep(_QUIET)
            if sum(process.cpu_times()[:2]) - before < 0.05 * _QUIET:
                return int(process.memory_full_info().uss)


async def _timers(built: Stack, code: str) -> int:
    history = await built.center(code).fetch_history()
    kinds = [event.event_type for event in history.events]
    return kinds.count(EventType.EVENT_TYPE_TIMER_STARTED)


@contextlib.asynccontextmanager
async def _worker(built: Stack, room: int) -> AsyncIterator[psutil.Process]:
    """The product's own worker in a process of its own, with room for so many centers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEIIC_")}
    settings = {
        "NEIIC_DATA_DIR": str(built.folder),
        "NEIIC_DATABASE_URL": built.url,
        "NEIIC_TEMPORAL_ADDRESS": built.address,
        "NEIIC_MAX_CACHED_WORKFLOWS": str(room),
        "NEIIC_LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "neiic"),
        "worker",
        env=kept | settings,
        stdout=asyncio.subprocess.PIPE,
        **dies_with_its_parent(),
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            line = await process.stdout.readline()
        if not line.startswith(b"ready"):
            raise StackError(f"the worker did not start: {line.decode(errors='replace')}")
        yield psutil.Process(process.pid)
    finally:
        if process.returncode is None:
            process.kill()  # its centers are for nobody; an orderly end would take longer
        await process.wait()
