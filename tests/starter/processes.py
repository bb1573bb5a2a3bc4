"""Programs that a test starts, watches and kills; waiting always has an end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

DEADLINE = 40.0


async def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until it holds; fails the test after :data:`DEADLINE` seconds."""
    try:
        async with asyncio.timeout(DEADLINE):
            while not holds():  # noqa: ASYNC110 - a process of its own: nobody tells us
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"in {DEADLINE:.0f} s not: {what}") from None


def runs(pid: int) -> bool:
    """Whether the process exists and is more than an entry that nobody has collected."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@asynccontextmanager
async def program(
    script: Path, *arguments: object, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python program with its output in pipes; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        script,
        *map(str, arguments),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
            await process.wait()


async def line_from(process: asyncio.subprocess.Process) -> str:
    """The next line of its standard output; fails with its errors if there is none."""
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(DEADLINE):
            line = await process.stdout.readline()
            if not line:
                raise AssertionError((await process.stderr.read()).decode())
    except TimeoutError:
        raise AssertionError(f"in {DEADLINE:.0f} s no line from process {process.pid}") from None
    return line.decode().rstrip("\n")
