"""What SQLite needs to be a database of record."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import connect, writing


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path / 'records.db'}")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 30_000), ("foreign_keys", 1)],
)
def test_pragma_is_set_on_every_connection(engine: Engine, pragma: str, value: object) -> None:
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value
            connection.invalidate()


def test_a_reader_is_not_held_up_by_a_writer(engine: Engine) -> None:
    with writing(engine).begin() as writer:
        writer.execute(text("CREATE TABLE t (x)"))
    with writing(engine).begin() as writer, engine.begin() as reader:
        writer.execute(text("INSERT INTO t VALUES (1)"))
        assert reader.execute(text("SELECT count(*) FROM t")).scalar() == 0


def test_a_writer_has_the_lock_from_the_start(engine: Engine) -> None:
    with writing(engine).begin() as first:
        other = connect(str(engine.url))
        with other.connect() as second:
            second.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(Exception, match="locked"):
                second.exec_driver_sql("CREATE TABLE t (x)")
        first.execute(text("SELECT 1"))


def test_foreign_keys_are_kept(engine: Engine) -> None:
    with writing(engine).begin() as connection:
        connection.execute(text("CREATE TABLE a (x PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE b (y REFERENCES a (x))"))
    with pytest.raises(IntegrityError), writing(engine).begin() as connection:
        connection.execute(text("INSERT INTO b VALUES (1)"))
