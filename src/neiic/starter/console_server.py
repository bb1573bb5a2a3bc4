"""The console's process: the web server, and what its application is wired with."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import uvicorn
from fastapi import FastAPI
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.console.accounts.accounts import Accounts
from neiic.console.app import create_app
from neiic.console.desk.desk import Desk
from neiic.console.house import House
from neiic.console.portfolio.tallies import Tallies
from neiic.console.rechecking import Rechecks
from neiic.door import Door
from neiic.settings import Settings
from neiic.starter import traces
from neiic.starter.connecting import holiday_calendar, open_records

#: Seconds that requests under way have when the console stops.
FINISHING = 10


class _Server(uvicorn.Server):
    """Says ``ready`` once it listens."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"ready: console {self._address}", flush=True)


async def serve(settings: Settings) -> None:
    """Serve until a stop signal; requests under way are finished."""
    async with wired(settings) as app:
        config = uvicorn.Config(
            app,
            host=settings.console_host,
            port=settings.console_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FINISHING,
        )
        await _Server(config, settings.console_address).serve()


@contextlib.asynccontextmanager
async def wired(settings: Settings) -> AsyncIterator[FastAPI]:
    """The console's app with records, accounts and the way to the Temporal server.

    The server may be away: pages still read, and acts are sent once it is back.
    """

    records = open_records(settings)
    client = await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        plugins=traces.plugins(settings),
        lazy=True,
    )
    door = Door(
        client,
        records,
        task_queue=settings.task_queue,
        patience=timedelta(seconds=settings.console_patience),
    )
    rechecks = Rechecks(door, records)
    house = House(
        settings=settings,
        records=records,
        door=door,
        rechecks=rechecks,
        accounts=Accounts(
            records.engine,
            idle=timedelta(minutes=settings.session_idle_minutes),
            lifetime=timedelta(hours=settings.session_hours),
        ),
        desk=Desk(records.engine),
        tallies=Tallies(records.engine),
        calendar=holiday_calendar(settings),
    )
    try:
        yield create_app(house)
    finally:
        await rechecks.close()
        records.engine.dispose()
