"""One drill on one database: start everything, take it away bit by bit, bring it to rest, look."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from chaos import faults
from chaos.callers import WRONG, Board, Caller, Habits
from chaos.checker import check, injected
from chaos.databases import Database, database
from chaos.evidence import Evidence, at_rest, lives_of, tables_of
from chaos.faults import Dose, Injector, schedule
from chaos.lossy_worker import CALM
from chaos.programs import WorkerProcess
from chaos.proxy import Proxy
from chaos.table import Row, none_of
from neiic.activities.database import connect
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a drill is. Times are seconds.

    Callers act for ``acting``; then faults stop, and within ``resting`` every caller must know
    its answers and every workflow be at rest.
    """

    callers: int
    centers: int
    #: How many acts must have been tried.
    acts: int
    workers: int
    acting: float
    resting: float
    pause: float
    #: One of them is a caller's; the client library itself gives up after 10 s.
    patience: tuple[float, ...]
    #: Seconds at the end of ``acting`` in which all faults come at once.
    storm: float
    loses: float
    dies: float
    dose: Dose


# A regular activity whose worker was killed is missed after a minute: resting is longer.
FULL = Scale(
    callers=16, centers=60, acts=300, workers=2, acting=46, resting=74, storm=15, pause=0.8,
    patience=(1.5, 3, 4, 6, 12), loses=0.05, dies=0.01,
    dose=Dose(workers=3, servers=1, networks=2, databases=1, away=(3, 6)),
)  # fmt: skip
SHORT = Scale(
    callers=6, centers=12, acts=40, workers=1, acting=12, resting=70, storm=0, pause=0.6,
    patience=(2, 3, 4), loses=0.1, dies=0.0,
    dose=Dose(workers=1, servers=1, networks=1, databases=1, away=(2, 3)),
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What came of a drill: the table, and the faults in the order in which they came."""

    rows: list[Row]
    seconds: float
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every row holds."""
        return all(row.ok for row in self.rows)


class Drill:
    """The running parts of one drill."""

    def __init__(self, kind: str, seed: int, scale: Scale, folder: Path) -> None:
        self.seed = f"{seed}/{kind}"
        self.scale, self.folder = scale, folder
        self.board = Board()
        self.database: Database = database(kind, folder)
        self.engine: Engine = connect(self.database.url)
        self.server = EmbeddedServer(folder / "temporal", port=free_port())
        self.networks = [Proxy(free_port(), self.server.port) for _ in range(2)]
        self.workers = [
            WorkerProcess(
                f"worker-{number}", self.networks[1].address, self.database.url, self.seed, folder
            )
            for number in range(1, scale.workers + 1)
        ]
        self.injector = Injector(self.server, self.database, self.workers, self.networks)
        self.codes = [f"NEIIC-2026-{number:03}" for number in range(1, scale.centers + 1)]
        self.callers: list[Caller] = []
        self._rests_until = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything runs while the context lasts, and nothing of it is left behind."""
        async with AsyncExitStack() as parts:
            parts.callback(self.database.close)
            parts.callback(self.engine.dispose)
            await parts.enter_async_context(self.server)
            # Ending in order would take it seconds, and nobody needs it any more.
            parts.callback(self._kill_server)
            for network in self.networks:
                await network.listen()
                parts.push_async_callback(network.close)
            for worker in self.workers:
                worker.loses, worker.dies = self.scale.loses, self.scale.dies
                parts.push_async_callback(worker.stop)
            await asyncio.gather(*(worker.start() for worker in self.workers))
            yield

    def _kill_server(self) -> None:
        if self.server.pid is not None:
            os.kill(self.server.pid, signal.SIGKILL)

    async def act(self) -> None:
        """Let callers act and faults come; then mend everything and wait for every answer."""
        scale, begun = self.scale, time.monotonic()
        habits = Habits(
            begun=begun,
            acts_until=begun + scale.acting,
            knows_until=begun + scale.acting + scale.resting,
            pause=scale.pause,
            most=3 * scale.acts // scale.callers,
            patience=scale.patience,
        )
        self._rests_until = habits.knows_until
        for number in range(scale.callers):
            codes = self.codes[number :: scale.callers]
            address = self.networks[0].address
            caller = Caller(number, self.seed, self.board, habits, address, self.engine, codes)
            self.callers.append(caller)
            caller.start()
        await self.injector.play(schedule(Random(self.seed), scale.dose, scale.acting, scale.storm))
        await asyncio.sleep(max(0.0, habits.acts_until - time.monotonic()))
        (self.folder / CALM).touch()
        await self.database.bring_back()
        for network in self.networks:
            await network.mend()
        # A caller may still be in the middle of one try when its time is over.
        give_up = habits.knows_until + scale.patience[-1]
        for caller in self.callers:
            await asyncio.to_thread(caller.join, max(0.0, give_up - time.monotonic()))

    async def look(self) -> Evidence:
        """The evidence, once all is at rest or was waited for long enough.

        The workers are fresh ones by then, which replay every life.
        """
        client = await Client.connect(self.server.address, data_converter=pydantic_data_converter)
        left = self._rests_until - time.monotonic()
        await at_rest(client, self.board.started, max(5.0, left))
        await asyncio.gather(*(worker.restart() for worker in self.workers))
        lives, absent = await lives_of(client, self.board.started)
        return Evidence(lives, await asyncio.to_thread(tables_of, self.database), absent)

    def done(self) -> Counter[str]:
        """How many faults of each kind came about."""
        done = Counter(self.injector.done)
        lost = sum(worker.lost("lost") for worker in self.workers)
        died = sum(worker.lost("died") for worker in self.workers)
        wrong = sum(abs(note.skew) > WRONG and note.via != "start" for note in self.board.notes)
        return done + Counter({faults.LOST: lost + died, faults.CLOCK: wrong})

    def write_notes(self, file: Path) -> None:
        """What callers were told, one JSON line for each try."""
        lines = (json.dumps(asdict(note), ensure_ascii=False) for note in self.board.notes)
        file.write_text("\n".join(lines))

    def broken(self) -> list[str]:
        """What went wrong with the programs themselves."""
        found = [f"{one.name}: {one.broken!r}" for one in self.callers if one.broken]
        found += [f"{one.name} never ended" for one in self.callers if one.is_alive()]
        found += [
            f"{one.name} ended by itself {one.own_deaths} times, see {one.log}"
            for one in self.workers
            if one.own_deaths
        ]
        return found


async def drill(kind: str, seed: int, scale: Scale, keep: Path | None = None) -> Outcome:
    """One drill on this kind of database. ``keep`` is a folder in which its files stay."""
    begun = time.monotonic()
    with TemporaryDirectory(prefix="neiic-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name) if keep is None else keep / kind
        folder.mkdir(parents=True, exist_ok=True)
        one = Drill(kind, seed, scale, folder)
        async with one.running():
            await one.act()
            evidence = await one.look()
            one.write_notes(folder / "notes.jsonl")
            rows = check(evidence, one.board.notes, scale.acts)
            rows.append(none_of("programs that ended by themselves", one.broken()))
            rows += injected(one.done())
        return Outcome(rows, time.monotonic() - begun, sorted(one.injector.log))
