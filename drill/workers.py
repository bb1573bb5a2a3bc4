"""Workers of a release, each a process of its own as an operator would start it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from drill import DrillError
from drill.environment import Release
from neiic.starter.child import dies_with_its_parent

#: Seconds in which a worker is ready, and in which it has ended after SIGTERM.
STARTING, STOPPING = 60.0, 30.0

_PAUSE = 0.05
_LAST_LINES = 15


class WorkerProcess:
    """``neiic worker`` of a release; ``log`` takes all that it prints."""

    def __init__(self, release: Release, settings: Mapping[str, str], log: Path) -> None:
        self.release = release
        self.log = log
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id, with which its identity towards the server begins."""
        assert self._process is not None, "not started"
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises DrillError with its last words."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self.release.program,
                "worker",
                env={**os.environ, **self._settings, **self.release.environment},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **dies_with_its_parent(),
            )
        try:
            async with asyncio.timeout(STARTING):
                while not self.says("ready: worker"):
                    if self._process.returncode is not None:
                        raise TimeoutError
                    await asyncio.sleep(_PAUSE)
        except TimeoutError:
            await self.stop()
            raise DrillError(
                f"the worker of {self.release.version} does not come up; it says:\n{self.words()}"
            ) from None

    async def stop(self) -> None:
        """SIGTERM, and wait for its end; without effect if it has ended."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), STOPPING)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()

    def says(self, what: str) -> bool:
        """Whether its output holds these words, whatever their case."""
        return what.lower() in self.log.read_text(errors="replace").lower()

    def words(self) -> str:
        """The end of its output."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_LAST_LINES:])


async def run_once(release: Release, command: str, settings: Mapping[str, str]) -> None:
    """Run ``neiic COMMAND`` of a release to its end. Raises DrillError with what it said."""
    process = await asyncio.create_subprocess_exec(
        release.program,
        command,
        env={**os.environ, **settings, **release.environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), STARTING)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise DrillError(f"neiic {command} of {release.version} does not end") from None
    if process.returncode:
        raise DrillError(
            f"neiic {command} of {release.version} fails:\n{said.decode(errors='replace')}"
        )
