"""Where the drill is held: a development server on which each life has a clock of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from drill.environment import Release
from drill.ledger import Ledger
from drill.workers import WorkerProcess
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.door import Door
from neiic.starter.ports import free_port
from neiic.starter.server import DYNAMIC_CONFIG, EmbeddedServer

#: Skipping is off unless it is asked for, and at the defaults of the queues each skip takes
#: a second of real time.
SKIPPING: Mapping[str, str] = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "history.timerProcessorMaxPollRPS": "2000",
    "history.transferProcessorMaxPollRPS": "2000",
}


@dataclass(slots=True)
class Stage:
    """A running server, a database for the records, and what the drill needs of them.

    ``patience`` is how many seconds a life may take for one step before it counts as stuck.
    """

    server: EmbeddedServer
    client: Client
    skipper: TimeSkipper
    url: str
    ledger: Ledger
    records: Records
    folder: Path
    patience: float
    workers: list[WorkerProcess]

    def settings(self) -> dict[str, str]:
        """The environment in which workers of either release serve these lives."""
        return {
            "NEIIC_TEMPORAL_ADDRESS": self.server.address,
            "NEIIC_DATABASE_URL": self.url,
            "NEIIC_DATA_DIR": str(self.folder),
            "NEIIC_LOG_FORMAT": "json",
        }

    def door(self, moment: datetime) -> Door:
        """The door that answers for centers that have ended, by a clock that stands."""
        return Door(self.client, self.records, now=lambda: moment)

    async def worker(self, release: Release) -> WorkerProcess:
        """A worker of this release, ready to serve; it ends with the stage at the latest."""
        log = self.folder / f"worker-{len(self.workers) + 1}-{release.version}.log"
        worker = WorkerProcess(release, self.settings(), log)
        self.workers.append(worker)
        await worker.start()
        return worker


@contextlib.asynccontextmanager
async def stage(folder: Path, patience: float) -> AsyncIterator[Stage]:
    """The stage while the context lasts; nothing runs on after it."""
    url = f"sqlite:///{folder / 'neiic.db'}"
    server = EmbeddedServer(
        folder / "temporal", port=free_port(), dynamic_config={**DYNAMIC_CONFIG, **SKIPPING}
    )
    async with server:
        client = await Client.connect(server.address, data_converter=pydantic_data_converter)
        skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        engine, ledger = connect(url), Ledger(url)
        workers: list[WorkerProcess] = []
        try:
            yield Stage(
                server,
                client,
                skipper,
                url,
                ledger,
                Records(engine),
                folder,
                patience,
                workers,
            )
        finally:
            for worker in workers:
                await worker.stop()
            ledger.close()
            engine.dispose()
