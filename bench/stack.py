"""A server and records in a folder of their own, and centers in preparation to send acts to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from bench import long_life
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations.migrating import migrate
from neiic.starter.door import Door
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.statute.periods import day_of


@dataclass(frozen=True, slots=True)
class Stack:
    """A running server with a database file, and migrated records on SQLite."""

    address: str
    url: str
    folder: Path
    client: Client
    records: Records

    async def connect(self) -> Client:
        """A connection of its own."""
        return await Client.connect(self.address, data_converter=pydantic_data_converter)

    async def prepare(self, codes: Iterable[str], at_once: int) -> None:
        """Bring new centers as far as preparation, where their timers run."""
        queue = iter(codes)

        async def work() -> None:
            for code in queue:
                await self._prepare(code)

        await asyncio.gather(*(work() for _ in range(at_once)))

    def center(self, code: str) -> WorkflowHandle[Any, Any]:
        """The center with this code, whichever run it is in."""
        return self.client.get_workflow_handle(f"center/{code}")

    async def _prepare(self, code: str) -> None:
        yesterday = _yesterday()
        registered = long_life.registration(code, yesterday)
        await Door(self.client, self.records).start(
            registered.model_dump(mode="json", exclude_none=True)
        )
        assessed = {"agency": "丙机构", "conclusion": "support", "opinion": "可行"}
        approved = {
            "decision": "approve",
            "document_no": "发改高技〔2026〕1号",
            "document_date": yesterday.isoformat(),
        }
        center = self.center(code)
        for action, role, data in (
            ("formation.assess", "assessor", assessed),
            ("formation.decide", "ndrc", approved),
        ):
            await center.execute_update(action, long_life.message(role, data, action))


@contextlib.asynccontextmanager
async def stack() -> AsyncIterator[Stack]:
    """The stack while the context lasts; nothing of it is left behind."""
    with TemporaryDirectory(prefix="neiic-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'neiic.db'}"
        migrate(url)
        engine = connect(url)
        try:
            async with EmbeddedServer(folder / "temporal", port=free_port()) as server:
                client = await Client.connect(
                    server.address, data_converter=pydantic_data_converter
                )
                yield Stack(server.address, url, folder, client, Records(engine))
        finally:
            engine.dispose()


def _yesterday() -> date:
    """A document's date that is right whatever hour it is."""
    return day_of(datetime.now(UTC)) - timedelta(days=1)
