"""The faults of a drill: when each comes, how long it lasts, and what it does."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from dataclasses import dataclass
from random import Random

from chaos.databases import Database
from chaos.programs import WorkerProcess
from chaos.proxy import Proxy
from neiic.starter.server import EmbeddedServer

WORKER, SERVER, DATABASE, NETWORK = "worker killed", "server killed", "database away", "network cut"
LOST, DIED, CLOCK = "answer lost", "worker died before its answer", "act by a wrong clock"
KINDS = (WORKER, SERVER, DATABASE, NETWORK, LOST, CLOCK)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: ``at`` seconds after the callers begin, for ``lasts`` seconds."""

    kind: str
    at: float
    lasts: float
    #: A number by which one of several ways and places is chosen.
    lot: float


@dataclass(frozen=True, slots=True)
class Dose:
    """How many faults come one by one, and how long the database is away then (seconds)."""

    workers: int
    servers: int
    networks: int
    databases: int
    away: tuple[float, float]


#: Least and most seconds for which a worker, the server or the network is gone.
_LASTS = {WORKER: (0.3, 2.0), SERVER: (0.5, 2.5), NETWORK: (2.0, 5.0)}
#: The same for the database when all comes at once.
STORM = (10.0, 20.0)


def schedule(chance: Random, dose: Dose, within: float, storm: float) -> list[Fault]:
    """Faults one by one in a random order, over so many seconds less the storm's, then the storm.

    In the storm one of each comes while the database is away. ``storm`` 0 means none; then the
    database goes last, since a commit whose worker is killed meanwhile is missed after a minute.
    """
    kinds = [WORKER] * dose.workers + [SERVER] * dose.servers
    kinds += [NETWORK] * dose.networks + [DATABASE] * dose.databases
    chance.shuffle(kinds)
    if not storm:
        kinds.sort(key=DATABASE.__eq__)
    bounds = _LASTS | {DATABASE: dose.away}
    lasts = [chance.uniform(*bounds[kind]) for kind in kinds]
    calm = max(0.0, within - storm - sum(lasts))
    gaps = [chance.uniform(0.5, 1.5) for _ in kinds]
    at, faults = 0.0, []
    for kind, seconds, gap in zip(kinds, lasts, gaps, strict=True):
        at += calm * gap / sum(gaps)
        faults.append(_fault(chance, kind, at, seconds))
        at += seconds
    return faults + (_storm(chance, within - storm) if storm else [])


def _storm(chance: Random, begins: float) -> list[Fault]:
    away = _fault(chance, DATABASE, begins, chance.uniform(*STORM))
    others = [
        _fault(chance, kind, begins + chance.uniform(1, STORM[0]), chance.uniform(*bounds))
        for kind, bounds in _LASTS.items()
    ]
    return [away, *others]


def _fault(chance: Random, kind: str, at: float, lasts: float) -> Fault:
    return Fault(kind, round(at, 2), round(lasts, 2), chance.random())


class Injector:
    """Does the faults to the running parts; each part suffers one at a time."""

    def __init__(
        self,
        server: EmbeddedServer,
        database: Database,
        workers: list[WorkerProcess],
        networks: list[Proxy],
    ) -> None:
        self.done: Counter[str] = Counter()
        self.log: list[str] = []
        self._server, self._database = server, database
        self._workers, self._networks = workers, networks
        self._one_at_a_time = {kind: asyncio.Lock() for kind in KINDS}

    async def play(self, faults: list[Fault]) -> None:
        """Do all of them, each in its time; returns when the last one is over."""
        async with asyncio.TaskGroup() as tasks:
            for fault in faults:
                tasks.create_task(self._play(fault))

    async def _play(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at)
        does = {
            WORKER: self._kill_workers,
            SERVER: self._kill_server,
            DATABASE: self._take_database,
            NETWORK: self._cut_network,
        }
        async with self._one_at_a_time[fault.kind]:
            how = await does[fault.kind](fault)
        self.done[fault.kind] += 1
        self.log.append(f"{fault.at:5.1f} s  {fault.kind} ({how}) for {fault.lasts:.1f} s")

    async def _kill_workers(self, fault: Fault) -> str:
        number = int(fault.lot * (len(self._workers) + 1))
        struck = self._workers[number : number + 1] or self._workers
        await asyncio.gather(*(worker.kill(fault.lasts) for worker in struck))
        return ", ".join(worker.name for worker in struck)

    async def _kill_server(self, fault: Fault) -> str:
        pid = self._server.pid
        assert pid is not None, "the server ended by itself"
        os.kill(pid, signal.SIGKILL)
        await self._server.died()
        await asyncio.sleep(fault.lasts)
        await self._server.stop()
        await self._server.start()
        return "-9"

    async def _take_database(self, fault: Fault) -> str:
        ways = self._database.ways()
        way = ways[int(fault.lot * len(ways))]
        await self._database.take_away(way)
        await asyncio.sleep(fault.lasts)
        await self._database.bring_back()
        return way

    async def _cut_network(self, fault: Fault) -> str:
        number = int(fault.lot * 3)
        struck = self._networks[number : number + 1] or self._networks
        silently = fault.lot * 1000 % 2 < 1
        for network in struck:
            await network.cut(silently=silently)
        await asyncio.sleep(fault.lasts)
        for network in struck:
            await network.mend()
        sides = ("callers", "workers")
        whose = " and ".join(sides[self._networks.index(network)] for network in struck)
        return f"{whose}, {'silently' if silently else 'refused'}"
