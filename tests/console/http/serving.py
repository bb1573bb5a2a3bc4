"""The whole of it to test in: server, worker and console, as ``neiic dev`` wires them.

They run on a loop of their own in a thread, so that plain tests send plain HTTP; each part can
be taken away and brought back while the others go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.console.house import House
from neiic.settings import Settings, load_settings
from neiic.starter.console_server import wired
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.worker import center_worker

#: Seconds that anything waited for may take.
PATIENCE = 60.0
T = TypeVar("T")
#: There is one stack for all modules here: the runner must not spread them.
GROUP = "console over http"
#: What needs no server runs beside it.
WITHOUT_SERVER = "console without a server"


def eventually(holds: Callable[[], T], patience: float = PATIENCE) -> T:
    """The first true answer; fails with the last one when none comes in time."""
    ends = time.monotonic() + patience
    while not (answer := holds()):
        assert time.monotonic() < ends, f"did not come to hold within {patience} s: {answer!r}"
        time.sleep(0.05)
    return answer


class Loop:
    """An event loop in a thread, and the contexts that are held open on it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work answers; fails with its name when it takes too long."""
        return _in_time(asyncio.run_coroutine_threadsafe(work, self._loop), work.__qualname__)

    @contextlib.contextmanager
    def holding(self, context: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """The context while this one lasts; entered and left by one and the same task there."""
        ready: asyncio.Future[T] = self._loop.create_future()
        release = asyncio.Event()

        async def hold() -> None:
            try:
                async with context as value:
                    ready.set_result(value)
                    await release.wait()
            except BaseException as error:
                if not ready.done():
                    ready.set_exception(error)
                raise

        async def wait() -> T:
            return await ready

        held = asyncio.run_coroutine_threadsafe(hold(), self._loop)
        try:
            yield self.run(wait())
        finally:
            self._loop.call_soon_threadsafe(release.set)
            _in_time(held, f"the end of {context}")

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


def _in_time(work: Future[T], what: str) -> T:
    try:
        return work.result(PATIENCE)
    except TimeoutError:
        if work.done():
            raise  # its own
        work.cancel()
        raise AssertionError(f"in {PATIENCE:.0f} s not done: {what}") from None


class Site:
    """A console that listens: its app, and where."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self.app = app
        self.address = address
        self.house: House = app.state.house
        self._addresses = itertools.count()

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """A caller of this console, with a token or without; each from an address of its own."""
        far, near = divmod(next(self._addresses), 250)
        headers.setdefault("x-forwarded-for", f"10.0.{far}.{near + 1}")
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.address, headers=headers, timeout=PATIENCE)


class Stack:
    """Server and worker; consoles are opened over them."""

    def __init__(self, folder: Path, loop: Loop) -> None:
        self.loop = loop
        self.settings: Settings = load_settings(
            data_dir=folder,
            database_url=f"sqlite:///{folder / 'neiic.db'}",
            temporal_address=f"127.0.0.1:{free_port()}",
        )
        port = int(self.settings.temporal_address.rpartition(":")[2])
        self.server = EmbeddedServer(folder / "temporal", port=port)
        self.records = Records(connect(self.settings.database))
        self._worker = contextlib.ExitStack()

    def bring_worker(self) -> None:
        self._worker.enter_context(self.loop.holding(self._working()))

    @contextlib.contextmanager
    def without_worker(self) -> Iterator[None]:
        self._worker.close()
        try:
            yield
        finally:
            self.bring_worker()

    @contextlib.contextmanager
    def without_server(self) -> Iterator[Callable[[], None]]:
        """Worker and server are away; both are back when this ends, or what it gives is called."""
        self._worker.close()
        self.loop.run(self.server.stop())
        back: list[bool] = []

        def come_back() -> None:
            if not back:
                back.append(True)
                self.loop.run(self.server.start())
                self.bring_worker()

        try:
            yield come_back
        finally:
            come_back()

    @contextlib.contextmanager
    def running(self) -> Iterator[Stack]:
        with contextlib.ExitStack() as parts:
            parts.callback(self.records.engine.dispose)
            parts.enter_context(self.loop.holding(self.server))
            parts.callback(self._worker.close)
            self.bring_worker()
            yield self

    @contextlib.contextmanager
    def console(self, **settings: Any) -> Iterator[Site]:
        """A console of its own over the same records, with settings of its own."""
        port = free_port()
        chosen = self.settings.model_copy(update={"console_port": port, **settings})
        with self.loop.holding(_listening(chosen)) as app:
            yield Site(app, f"http://127.0.0.1:{port}")

    @contextlib.asynccontextmanager
    async def _working(self) -> Any:
        client = await Client.connect(
            self.settings.temporal_address, data_converter=pydantic_data_converter
        )
        async with center_worker(client, self.records, HolidayCalendar(), self.settings):
            yield


@contextlib.asynccontextmanager
async def _listening(settings: Settings) -> Any:
    async with wired(settings) as app:
        config = uvicorn.Config(
            app,
            port=settings.console_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        try:
            await listens(server, serving, PATIENCE)
            yield app
        finally:
            server.should_exit = True
            await asyncio.wait_for(serving, PATIENCE)


async def listens(server: uvicorn.Server, serving: asyncio.Task[None], patience: float) -> None:
    """Wait until it takes connections; fails with its error, or when it takes too long."""
    try:
        async with asyncio.timeout(patience):
            while not server.started and not serving.done():  # noqa: ASYNC110
                await asyncio.sleep(0.01)  # it tells only when asked
    except TimeoutError:
        raise AssertionError(f"in {patience:.0f} s no console at {server.config.port}") from None
    assert server.started, f"the console ended as it began: {serving}"
