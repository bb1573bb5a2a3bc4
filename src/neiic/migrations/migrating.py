"""Bring a database to the schema that this version of the package works with.

The scripts lie inside the package, so an installed wheel can migrate without any other file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.pool import NullPool

#: Any number that nobody else locks; it keeps two migrations from running at once.
LOCK = 17_481_229


def migrate(url: str, target: str = "head") -> None:
    """Bring the database up to ``head()``, all or nothing. Does nothing where it is there already.

    Nor where a later release has brought it further: this one works with what it finds.
    ``target`` is an earlier version to stop at, if any. ``url`` is ``sqlite:///FILE`` (made if
    it is not there), ``postgresql://…`` or ``postgresql+psycopg://…``. Raises SQLAlchemy's
    OperationalError if the database is away.
    """
    with _connection(url) as connection:
        if not needs_migration(_current(connection)):
            return
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def revision(url: str) -> str | None:
    """The version of the database's schema; None where it has none yet.

    Only reads: it waits for nobody who is writing, a migration included.
    """
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            return _current(connection)
    finally:
        engine.dispose()


def needs_migration(present: str | None) -> bool:
    """Whether a schema of this version, None if there is none, lacks what this package needs.

    A version that the package does not know was made by a later release. It serves this one as
    well, since a migration only adds; what a release no longer needs goes with the release
    after it. Without that nobody could go back to the release before.
    """
    return present is None or (present in scripts() and present != head())


def head() -> str:
    """The version of the schema that this package works with."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise RuntimeError("the package has no migrations")
    return found


def scripts() -> dict[str, Path]:
    """Each version's script, oldest first."""
    found = ScriptDirectory.from_config(_config()).walk_revisions()
    return {script.revision: Path(script.path) for script in reversed(list(found))}


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _engine(url: str) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(address, poolclass=NullPool)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    """One connection in one transaction that no other migration shares."""
    engine = _engine(url)
    on_sqlite = engine.dialect.name == "sqlite"
    if on_sqlite:
        event.listen(engine, "connect", _leave_transactions_to_us)
        event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            if not on_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            yield connection
    finally:
        engine.dispose()


def _leave_transactions_to_us(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 30000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
