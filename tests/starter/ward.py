"""A house with what the doctor needs: its settings, troubled records and calendar, commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import RemoveSearchAttributesRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.activities.calendar import HolidayCalendar
from neiic.settings import Settings
from neiic.starter.looking import last_access, queue
from neiic.statute.periods import CalendarAnswer
from tests.starter.whole_stack import Ran
from tests.workflows.house import House, eventually
from tests.workflows.troubled import Troubled

NEIIC = Path(sys.executable).parent / "neiic"
PATIENCE = 60.0


class LostCalendar(HolidayCalendar):
    """A calendar whose files have gone, once ``lost`` is set."""

    lost = False

    def resolve(self, nominal: date) -> CalendarAnswer:
        if self.lost:
            raise FileNotFoundError("/srv/calendars: there is no such folder")
        return super().resolve(nominal)


class Ward(House):
    """A house in a namespace, with ``worker`` over records and a calendar that can be troubled."""

    def __init__(self, address: str, url: str, folder: Path, namespace: str = "default") -> None:
        super().__init__(address, url)
        self.namespace = namespace
        self.folder = folder
        self.troubled = Troubled(url)
        self.calendar = LostCalendar()

    async def new_client(self) -> Client:
        return await Client.connect(
            self.address, namespace=self.namespace, data_converter=pydantic_data_converter
        )

    def close(self) -> None:
        self.troubled.fault = None
        self.troubled.engine.dispose()
        super().close()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self.worker(self.troubled, self.calendar):
            await eventually(self._is_served)
            try:
                yield
            finally:
                self.troubled.fault, self.calendar.lost = None, False

    async def _is_served(self) -> bool:
        """Whether the server knows of the worker yet: whoever looks before that finds none."""
        kinds = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
        answers = [await queue(self.client, self.queue, kind) for kind in kinds]
        return all(last_access(answer) is not None for answer in answers)

    def settings(self, **changes: Any) -> Settings:
        given = {
            "data_dir": self.folder,
            "database_url": self.url,
            "temporal_address": self.address,
            "temporal_namespace": self.namespace,
            "task_queue": self.queue,
        }
        return Settings(**(given | changes))

    async def neiic(self, *words: str, **changes: str) -> Ran:
        """A command as its users run it, with the ward's settings as environment variables."""
        settings = self.settings()
        given = {
            "NEIIC_DATA_DIR": str(self.folder),
            "NEIIC_DATABASE_URL": settings.database,
            "NEIIC_TEMPORAL_ADDRESS": self.address,
            "NEIIC_TEMPORAL_NAMESPACE": self.namespace,
            "NEIIC_TASK_QUEUE": self.queue,
        }
        process = await asyncio.create_subprocess_exec(
            NEIIC,
            *words,
            env={**os.environ, **given, **changes},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(PATIENCE):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert b"Traceback" not in out + err, err.decode()
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def unregister(self, attribute: str) -> None:
        await self.client.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace=self.namespace, search_attributes=[attribute])
        )
