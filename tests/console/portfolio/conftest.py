"""The databases of the records' tests, with the console's table of engagements."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from neiic.activities.database import writing
from neiic.console.portfolio.tallies import Tallies
from tests.records.conftest import (
    blank_postgres,
    engine,
    migrated_postgres,
    migrated_sqlite,
    postgres,
    records,
    url,
)

__all__ = [
    "blank_postgres",
    "engine",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres",
    "records",
    "url",
]


@pytest.fixture
def tallies(engine: Engine) -> Tallies:
    with writing(engine).begin() as connection:
        # Part of the accounts; here only what the scope of an assessor asks.
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS engagements (center TEXT, unit TEXT, at TIMESTAMP)")
        )
        connection.execute(text("DELETE FROM engagements"))
    return Tallies(engine)


def engage(engine: Engine, center: str, unit: str) -> None:
    with writing(engine).begin() as connection:
        connection.execute(
            text("INSERT INTO engagements (center, unit, at) VALUES (:c, :u, CURRENT_TIMESTAMP)"),
            {"c": center, "u": unit},
        )
