"""The network between a program and the Temporal server, which can be cut."""

from __future__ import annotations

import asyncio
import contextlib

from neiic.starter.ports import LOOPBACK

_CHUNK = 65_536


class Proxy:
    """Hands connections to ``port`` on to the server at ``target``, both on the loopback address.

    Cut loudly, it refuses connections and breaks those that stand. Cut silently, it takes
    everything and hands on nothing, as a router does that lost its way; what it took meanwhile
    is gone.
    """

    def __init__(self, port: int, target: int) -> None:
        self.port = port
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def address(self) -> str:
        """Where programs connect instead of the server, HOST:PORT."""
        return f"{LOOPBACK}:{self.port}"

    async def listen(self) -> None:
        """Take connections from now on."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port)

    async def cut(self, *, silently: bool) -> None:
        """Cut the network."""
        if silently:
            self._flows.clear()
            return
        self._stop_listening()
        self._break_all()

    async def mend(self) -> None:
        """Let everything through again; without effect where nothing was cut."""
        if not self._flows.is_set():
            self._break_all()
            self._flows.set()
        if self._server is None:
            await self.listen()

    async def close(self) -> None:
        """Stop for good."""
        self._stop_listening()
        self._break_all()

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _break_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            await self._flows.wait()
            there_reader, there = await asyncio.open_connection(LOOPBACK, self._target)
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(there)
        try:
            await asyncio.gather(self._pump(reader, there), self._pump(there_reader, writer))
        finally:
            for one in (writer, there):
                one.transport.abort()
                self._open.discard(one)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await source.read(_CHUNK):
                await self._flows.wait()
                sink.write(chunk)
                await sink.drain()
        sink.transport.abort()
