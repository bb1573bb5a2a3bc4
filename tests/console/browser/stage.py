"""A stack whose time can be moved on: the test server of ``neiic simulate``, worker and console.

The console's clock goes with the server's, so that the pages show the day on which the law judges.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.records import Records
from neiic.console.accounts.accounts import Accounts
from neiic.console.house import House
from neiic.door import Door
from neiic.migrations.migrating import migrate
from neiic.settings import load_settings
from neiic.starter.console_server import wired
from neiic.starter.namespace import set_up
from neiic.starter.ports import free_port
from neiic.starter.simulate import _AT_WORK
from neiic.worker import center_worker
from tests.console.http.serving import listens

BEIJING = ZoneInfo("Asia/Shanghai")
#: Real seconds that a center may take to catch up with the skipped time.
PATIENCE = 30.0


class StoodStillError(Exception):
    """The test server lost the key to its clock, as it now and then does."""


class Stage:
    """What a life is played on. ``address`` is the console's."""

    def __init__(self, environment: WorkflowEnvironment, records: Records, address: str) -> None:
        self.environment = environment
        self.records = records
        self.address = address
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The moment on the server's clock."""
        return datetime.now(UTC) + self._ahead

    @property
    def today(self) -> date:
        """The Beijing day on that clock."""
        return self.now().astimezone(BEIJING).date()

    async def until(self, code: str, day: date) -> None:
        """Let time pass until nine in the morning of a day, and the center with it."""
        moment = datetime(day.year, day.month, day.day, 9, tzinfo=BEIJING)
        try:
            async with asyncio.timeout(PATIENCE):
                ahead = moment - await self.environment.get_current_time()
                if ahead > timedelta(0):
                    await self.environment.sleep(ahead)
                now = await self.environment.get_current_time()
                self._ahead = now - datetime.now(UTC)
                await self._caught_up(code)
        except TimeoutError:
            raise StoodStillError(f"in {PATIENCE:.0f} s {code} did not come to {day}") from None

    async def _caught_up(self, code: str) -> None:
        handle = self.environment.client.get_workflow_handle(f"center/{code}")
        while True:
            await self._at_rest(handle)
            if self._dealt_with(code):
                return
            await handle.signal("wake")

    async def _at_rest(self, handle: WorkflowHandle[Any, Any]) -> None:
        """As simulate does: nothing is sent while the life is at work, or the clock is lost."""
        while True:
            last = None
            async for event in handle.fetch_history_events():
                last = event.event_type
            if last not in _AT_WORK:
                return
            await asyncio.sleep(0.01)

    def _dealt_with(self, code: str) -> bool:
        shown = self.records.snapshot(code)
        today = self.today.isoformat()
        stale = (
            one
            for one in (shown.model_dump(mode="json")["deadlines"] if shown else ())
            if (one["status"] == "upcoming" and one["opens"] <= today)
            or (one["status"] == "open" and one["due"] < today)
        )
        return shown is not None and next(stale, None) is None


@contextlib.asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[tuple[Stage, Accounts]]:
    """A stage in a folder of its own, with nobody and no center in it."""
    url = f"sqlite:///{folder / 'neiic.db'}"
    await asyncio.to_thread(migrate, url)
    environment = await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
    )
    async with contextlib.AsyncExitStack() as parts:
        parts.push_async_callback(environment.shutdown)
        await set_up(environment.client)
        settings = load_settings(
            data_dir=folder,
            database_url=url,
            temporal_address=environment.client.service_client.config.target_host,
            console_port=free_port(),
        )
        app = await parts.enter_async_context(wired(settings))
        house: House = app.state.house
        records = Records(house.records.engine)
        await parts.enter_async_context(
            center_worker(environment.client, records, HolidayCalendar())
        )
        played = Stage(environment, records, settings.console_address)
        app.state.house = replace(house, now=played.now, door=_door(environment, house, played.now))
        await parts.enter_async_context(_served(app, settings.console_port))
        yield played, house.accounts


def _door(environment: WorkflowEnvironment, house: House, now: Callable[[], datetime]) -> Door:
    return Door(environment.client, house.records, now=now)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield  # the signals are the test runner's


@contextlib.asynccontextmanager
async def _served(app: FastAPI, port: int) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    try:
        await listens(server, serving, PATIENCE)
        yield
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, PATIENCE)
