"""The worker processes of a drill: started, killed, started again, and watched."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from neiic.starter.child import dies_with_its_parent

#: Seconds for a worker to serve, on a machine that does other things too.
SERVING = 60.0


class WorkerProcess:
    """One worker that is started again whenever it ends.

    ``loses`` and ``dies`` are the chances of a commit's answer being lost; ``losses`` is the
    file that says when. :attr:`own_deaths` counts the ends for which nobody can be named.
    """

    def __init__(self, name: str, address: str, url: str, seed: str, folder: Path) -> None:
        self.name = name
        self.losses = folder / f"{name}.losses"
        self.log = folder / f"{name}.log"
        self.loses = self.dies = 0.0
        self.own_deaths = 0
        self._address, self._url, self._seed = address, url, seed
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._started = 0
        self._killed: set[int] = set()
        self._wanted = asyncio.Event()
        self._serving = asyncio.Event()

    async def start(self) -> None:
        """Start it; it is kept running from now on. Returns when it serves."""
        self._wanted.set()
        self._watching = asyncio.create_task(self._keep())
        await self._until_it_serves()

    async def restart(self) -> None:
        """Kill it and start it again. Returns when it serves."""
        await self.kill(0)
        await self._until_it_serves()

    async def _until_it_serves(self) -> None:
        async with asyncio.timeout(SERVING):
            await self._serving.wait()

    async def kill(self, away: float) -> None:
        """Kill it with -9, and start it again after so many seconds."""
        self._wanted.clear()
        self._serving.clear()
        if self._process is not None and self._process.returncode is None:
            self._killed.add(self._process.pid)
            self._process.kill()
            await self._process.wait()
        await asyncio.sleep(away)
        self._wanted.set()

    async def stop(self) -> None:
        """Kill it for good."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def lost(self, how: str) -> int:
        """How many answers were lost so (``lost`` or ``died``)."""
        if not self.losses.exists():
            return 0
        return sum(line.startswith(f"{how} ") for line in self.losses.read_text().splitlines())

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            deaths = self.lost("died")
            process = self._process = await self._spawn()
            assert process.stdout is not None
            if await process.stdout.readline():
                self._serving.set()
            code = await process.wait()
            self._serving.clear()
            meant = process.pid in self._killed or self.lost("died") > deaths
            if not (meant and code == -signal.SIGKILL):
                self.own_deaths += 1
                await asyncio.sleep(0.5)

    async def _spawn(self) -> asyncio.subprocess.Process:
        self._started += 1
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "chaos.lossy_worker",
                self._address,
                self._url,
                f"{self._seed}/{self.name}/{self._started}",
                str(self.loses),
                str(self.dies),
                str(self.losses),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                **dies_with_its_parent(),
            )
