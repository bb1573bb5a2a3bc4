"""Migrations make just the schema that the tables say, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from neiic.activities.database import connect, writing
from neiic.migrations import head, migrate, needs_migration, revision
from neiic.models.tables import Stored


def test_a_new_database_is_brought_to_the_head(empty_url: str) -> None:
    assert revision(empty_url) is None
    migrate(empty_url)
    assert revision(empty_url) == head()
    assert tables(empty_url) == {*Stored.metadata.tables, "alembic_version"}


def tables(url: str) -> set[str]:
    engine = connect(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_migrating_again_changes_nothing(url: str) -> None:
    migrate(url)
    assert revision(url) == head()


def test_the_schema_of_a_later_release_is_left_alone_and_serves(empty_url: str) -> None:
    url = empty_url
    migrate(url)
    engine = connect(url)
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("ALTER TABLE events ADD COLUMN of_a_later_release TEXT"))
    engine.dispose()
    migrate(url)
    assert revision(url) == "9999"
    assert not needs_migration("9999")
    assert needs_migration(None)


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Stored.metadata))


def test_the_migrated_schema_is_that_of_the_tables(engine: Engine) -> None:
    assert differences(engine) == []


def test_a_difference_would_be_seen(empty_url: str) -> None:
    migrate(empty_url)
    engine = connect(empty_url)
    with writing(engine).begin() as connection:
        connection.execute(text("ALTER TABLE events DROP COLUMN remarks"))
        connection.execute(text("DROP INDEX ix_centers_stage"))
    assert len(differences(engine)) == 2
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    engine = connect(empty_url)
    with writing(engine).begin() as connection:
        connection.execute(text("CREATE TABLE outbox (x INTEGER)"))
    engine.dispose()
    with pytest.raises(Exception, match="already exists"):
        migrate(empty_url)
    assert tables(empty_url) == {"outbox"}


def test_two_migrations_at_once_do_not_disturb_each_other(empty_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(migrate, [empty_url] * 2))
    assert revision(empty_url) == head()


def test_a_database_that_is_away_is_told() -> None:
    with pytest.raises(OperationalError):
        migrate("postgresql://nobody@127.0.0.1:1/nothing")
