"""A child process that does not outlive us, and what is done about one that did."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PAUSE = 0.02


def dies_with_its_parent() -> dict[str, Any]:
    """Options for starting a process that the kernel kills when the starting thread ends.

    Empty where the system has no such service (everywhere but on Linux).
    """
    if sys.platform != "linux":
        return {}
    # Loaded here: between fork and exec only calls that take no lock are safe.
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_the_child() -> None:
        # Not SIGTERM: we are gone, there is nobody left to wait for an orderly end, and the
        # database survives a kill.
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died before the call
            os._exit(1)

    return {"preexec_fn": in_the_child}


def leftover(pid_file: Path, database: Path) -> int | None:
    """The process id of a server that a killed stack left behind with ``database`` open.

    The number in the file may belong to anybody by now, so the process's command line must name
    the database. None if there is no such process.
    """
    try:
        pid = int(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return pid if _serves(pid, database) else None


async def stop_leftover(pid: int, database: Path, patience: float) -> None:
    """Stop the server with this id, which has ``database`` open: asked first, forced after
    ``patience`` seconds.
    """
    for ending in (signal.SIGTERM, signal.SIGKILL):
        if not _serves(pid, database):
            break
        try:
            os.kill(pid, ending)
        except ProcessLookupError:
            break
        await _until_gone(pid, database, patience)


async def _until_gone(pid: int, database: Path, patience: float) -> None:
    try:
        async with asyncio.timeout(patience):
            while _serves(pid, database):  # noqa: ASYNC110 - not our child: nobody tells us
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        return


def _serves(pid: int, database: Path) -> bool:
    command = _command_line(pid)
    return "start-dev" in command and str(database) in command


def _command_line(pid: int) -> str:
    """The process's command line; empty if there is none, or if it has ended."""
    if Path("/proc/self/cmdline").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        except OSError:
            return ""
    answer = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout
