"""``neiic dev``: the whole stack on one machine, in the order in which its parts need another."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.settings import Settings
from neiic.starter import StackError, namespace, traces
from neiic.starter.ports import LOOPBACK
from neiic.starter.server import EmbeddedServer, ServerDiedError

#: Seconds that the worker has to stop when its server is gone and answers nothing any more.
PATIENCE = 10.0

#: A terminal's Ctrl-C, a supervisor's stop, a terminal that closes.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

StartWorker = Callable[[Client], AbstractAsyncContextManager[object]]
StartConsole = Callable[[Settings], AbstractAsyncContextManager[asyncio.subprocess.Process]]


async def run_stack(
    settings: Settings,
    *,
    migrate: Callable[[], object],
    start_worker: StartWorker,
    start_console: StartConsole | None = None,
    on_ready: Callable[[Client], Awaitable[object]] | None = None,
) -> None:
    """Run server, records, worker and console in the data folder until a stop signal.

    ``migrate`` brings the records' database up to date (called in a thread). The context that
    ``start_worker`` answers is the worker's life, that of ``start_console``, if there is one,
    the console's, and gives its process. ``on_ready`` is awaited when both run; after it one
    line that begins with ``ready`` goes to standard output. A stop signal is answered by one that
    begins with ``stopping`` and ends the console first, then the worker, then the server; further
    ones change nothing. The next run in the same folder
    goes on where this one was.

    Raises StackError where the stack cannot start or its server dies. Call it in the main
    thread.
    """
    _require_this_machine(settings)
    with _stop_signals() as stop:
        serving = asyncio.create_task(
            _serve(settings, migrate, start_worker, start_console, on_ready)
        )
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if stopping.done() and not serving.done():
                _say_stopping(settings)
        finally:
            stopping.cancel()
            serving.cancel()
            await asyncio.wait({serving})
        if not serving.cancelled():
            serving.result()


async def _serve(
    settings: Settings,
    migrate: Callable[[], object],
    start_worker: StartWorker,
    start_console: StartConsole | None,
    on_ready: Callable[[Client], Awaitable[object]] | None,
) -> None:
    """Start everything and stay until cancelled; raises StackError when a part has died."""
    server = EmbeddedServer(
        settings.data_dir,
        port=settings.temporal_port,
        ui_port=settings.ui_port,
        namespace=settings.temporal_namespace,
    )
    async with server:
        client = await server.unless_it_dies(_prepare(server, settings, migrate))
        async with AsyncExitStack() as parts:
            await parts.enter_async_context(start_worker(client))
            try:
                console = None
                if start_console is not None:
                    opening = parts.enter_async_context(start_console(settings))
                    console = await server.unless_it_dies(opening)
                if on_ready is not None:
                    await server.unless_it_dies(on_ready(client))
                _say_ready(server, settings, with_console=console is not None)
                if console is None:
                    raise await server.died()
                await server.unless_it_dies(console.wait())
                raise StackError("the console's process has ended; its messages stand above")
            except ServerDiedError:
                await _stop_without_server(parts)
                raise


async def _prepare(
    server: EmbeddedServer, settings: Settings, migrate: Callable[[], object]
) -> Client:
    await _to_the_end(migrate)
    client = await Client.connect(
        server.address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        plugins=traces.plugins(settings),
    )
    await namespace.set_up(client, timedelta(days=settings.retention_days))
    return client


async def _to_the_end(call: Callable[[], object]) -> None:
    """Run it in a thread; when cancelled, wait for it: nobody may stop halfway in a migration."""
    running = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


async def _stop_without_server(parts: AsyncExitStack) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            await parts.aclose()
    except TimeoutError:
        return  # what it had in hand is done again by the next worker


def _say_ready(server: EmbeddedServer, settings: Settings, *, with_console: bool) -> None:
    console = f"console {settings.console_address}, " if with_console else ""
    print(
        f"ready: Temporal {server.address}, Web UI {server.ui_address}, "
        f"{console}data folder {settings.data_dir}",
        flush=True,
    )


def _say_stopping(settings: Settings) -> None:
    print(
        f"stopping: nothing is lost, the next start in {settings.data_dir} goes on from here",
        flush=True,
    )


def _require_this_machine(settings: Settings) -> None:
    if settings.temporal_host not in {LOOPBACK, "localhost"}:
        raise StackError(
            f"the embedded stack runs its own Temporal server on {LOOPBACK}, but "
            f"NEIIC_TEMPORAL_ADDRESS names {settings.temporal_address}; unset it, "
            "or serve that one with: neiic worker"
        )


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that the first stop signal sets; the former handlers come back afterwards."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    former = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number, handler in former.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
