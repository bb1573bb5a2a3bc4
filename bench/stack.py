"""A server and records in a folder of their own, and centers in preparation to send acts to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from bench import long_life
from neiic.activities.database import connect, writing
from neiic.activities.projection import center_row, project
from neiic.activities.records import Records
from neiic.door import TASK_QUEUE, Door
from neiic.migrations.migrating import migrate
from neiic.models.messages import FromRecords
from neiic.models.tables import CenterRecord, table_of
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.statute.periods import day_of

#: The code of the center that restored ones are copies of.
MODEL = "NEIIC-0-000"

#: Seconds that a portion of centers may take until the server lists them in preparation.
PATIENCE = 60.0

_IN_PREPARATION = "CenterStage = 'preparation'"
#: Centers started before those that were started are waited for: a longer queue makes tasks time out.
_PORTION = 200
_PAUSE = 0.1


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
        await spread(self._prepare, codes, at_once)

    async def restore(self, codes: Sequence[str], at_once: int) -> None:
        """Bring centers to preparation by one call each: from records that hold them already.

        They sleep in a run as one has it that was handed the state by the run before, with
        the same timers; only the few calls of their lives are saved. There has to be a worker.
        """
        lived = self.records.carried(MODEL)
        if lived is None:
            await self.prepare([MODEL], at_once=1)
            await self._until_listed(1)
            lived = self.records.carried(MODEL)
        assert lived is not None, "an act's answer comes after its commit"
        row = center_row(project(lived.center), lived.life or "", datetime.now(UTC))
        rows = [row | {"code": code, "state": lived.center.but(code=code)} for code in codes]
        with writing(self.records.engine).begin() as connection:
            connection.execute(insert(table_of(CenterRecord)), rows)
        known = (await self.client.count_workflows(_IN_PREPARATION)).count
        for begin in range(0, len(codes), _PORTION):
            portion = codes[begin : begin + _PORTION]
            await spread(self._restore, portion, at_once)
            known += len(portion)
            await self._until_listed(known)

    async def _restore(self, code: str) -> None:
        registered = long_life.registration(code, _yesterday())
        await self.client.start_workflow(
            "CenterWorkflow",
            args=[
                registered.model_dump(mode="json", exclude_none=True),
                FromRecords(from_records=True),
            ],
            id=f"center/{code}",
            task_queue=TASK_QUEUE,
        )

    async def _until_listed(self, centers: int) -> None:
        """Wait for those that were started: to ask each of them would cost as much as to start it."""
        async with asyncio.timeout(PATIENCE):
            while (await self.client.count_workflows(_IN_PREPARATION)).count < centers:  # noqa: ASYNC110
                await asyncio.sleep(_PAUSE)

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
async def stack(*, in_memory: bool = False) -> AsyncIterator[Stack]:
    """The stack while the context lasts; nothing of it is left behind.

    ``in_memory`` is for what depends on no disk: the server then keeps its database there.
    """
    with TemporaryDirectory(prefix="neiic-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'neiic.db'}"
        migrate(url)
        engine = connect(url)
        try:
            async with EmbeddedServer(
                folder / "temporal", port=free_port(), in_memory=in_memory
            ) as server:
                client = await Client.connect(
                    server.address, data_converter=pydantic_data_converter
                )
                yield Stack(server.address, url, folder, client, Records(engine))
        finally:
            engine.dispose()


async def spread(
    send: Callable[[str], Awaitable[object]], names: Iterable[str], at_once: int
) -> None:
    """Send for each name, by some callers who take the next one as soon as they are answered."""
    queue = iter(names)

    async def work() -> None:
        for name in queue:
            await send(name)

    await asyncio.gather(*(work() for _ in range(at_once)))


def _yesterday() -> date:
    """A document's date that is right whatever hour it is."""
    return day_of(datetime.now(UTC)) - timedelta(days=1)
