"""The way to the database: SQLite in one file, or PostgreSQL."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, create_engine, event, make_url

#: Seconds that a writer waits for another process's transaction on SQLite.
PATIENCE = 30
#: Execution option that makes a transaction on SQLite take the write lock at its beginning.
WRITES = "records_writes"


def connect(url: str) -> Engine:
    """An engine for ``sqlite:///FILE``, ``postgresql://…`` or ``postgresql+psycopg://…``.

    Nothing is opened yet. Raises ValueError for another kind of database, or one in memory.
    """
    address = make_url(url)
    kind = address.get_backend_name()
    # Written and read in Rust; a Pydantic model may be handed over as it is.
    documents = {"json_serializer": _written, "json_deserializer": from_json}
    # An error's text goes to logs and histories: names and remarks must not.
    secretive = {"hide_parameters": True}
    if kind == "postgresql":
        return create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            **documents,
            **secretive,
        )
    if kind != "sqlite" or address.database in (None, "", ":memory:"):
        raise ValueError(
            f"the records are kept in a file of sqlite or in postgresql, not in {address}"
        )
    engine = create_engine(
        address, connect_args={"timeout": PATIENCE}, max_overflow=-1, **documents, **secretive
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine for transactions that write."""
    return engine.execution_options(**{WRITES: True})


def _written(value: Any) -> str:
    return to_json(value).decode()


def _prepare(connection: Any, record: Any) -> None:
    del record
    # The driver must not begin transactions of its own: ``_begin`` does.
    connection.isolation_level = None
    run = connection.execute
    run(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
    run("PRAGMA journal_mode = WAL")
    # What was acknowledged survives a power cut.
    run("PRAGMA synchronous = FULL")
    run("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later could find the lock taken, with no way
    # to wait for it; one that takes the lock at once waits its turn.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
