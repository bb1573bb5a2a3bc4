"""``office`` lies on SQLite; ``either`` runs a test twice, the second time on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from neiic.activities.database import connect
from neiic.console.accounts import passwords
from tests.console.accounts.office import Office
from tests.records.conftest import (  # noqa: F401
    fresh_url,
    migrated_postgres,
    migrated_sqlite,
    postgres,
)


@pytest.fixture(autouse=True)
def _light_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of the same kind that cost less: many people sign in here."""
    if request.module.__name__.endswith("test_passwords"):
        return
    light = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", light)
    monkeypatch.setattr(passwords, "_NOBODY", light.hash("nobody"))


def _office(url: str) -> Iterator[Office]:
    engine = connect(url)
    yield Office(engine)
    engine.dispose()


@pytest.fixture
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    yield from _office(fresh_url("sqlite", request, tmp_path))


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    yield from _office(fresh_url(request.param, request, tmp_path))
