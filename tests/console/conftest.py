"""``console``: the real app on a migrated SQLite file with two centers, without a server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from temporalio.client import Client

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.console.accounts import passwords
from neiic.console.accounts.accounts import Accounts
from neiic.console.desk.desk import Desk
from neiic.console.house import House
from neiic.console.portfolio.tallies import Tallies
from neiic.console.rechecking import Rechecks
from neiic.settings import load_settings
from neiic.starter.ports import free_port
from tests.console.direct_door import DirectDoor
from tests.console.house import MORNING, Browser, Console, add_people
from tests.records.conftest import migrated_sqlite  # noqa: F401
from tests.records.lives import Life, approved

#: A center in preparation, and one that waits for its assessment.
PREPARED, APPLIED = "NEIIC-2031-001", "NEIIC-2031-002"


@pytest.fixture
def light_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of the same kind that cost less: many people sign in here."""
    light = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", light)
    monkeypatch.setattr(passwords, "_NOBODY", light.hash("nobody"))


@pytest.fixture
def console_settings() -> dict[str, str]:
    """Settings that a test file has for itself."""
    return {}


@pytest.fixture
def console(
    migrated_sqlite: Path,  # noqa: F811
    tmp_path: Path,
    light_hashes: None,
    console_settings: dict[str, str],
) -> Iterator[Console]:
    path = tmp_path / "neiic.db"
    shutil.copy(migrated_sqlite, path)
    engine = connect(f"sqlite:///{path}")
    clock = [MORNING]
    records = Records(engine, now=lambda: clock[0])
    calendar = HolidayCalendar(None)
    # Nothing listens there: what reaches for the server would fail.
    lazy = asyncio.run(Client.connect(f"127.0.0.1:{free_port()}", lazy=True))
    door = DirectDoor(lazy, records, lambda: clock[0], calendar)
    house = House(
        settings=load_settings(data_dir=tmp_path, **console_settings),
        records=records,
        door=door,
        rechecks=Rechecks(door, records),
        accounts=Accounts(engine),
        desk=Desk(engine),
        tallies=Tallies(engine),
        calendar=calendar,
        now=lambda: clock[0],
    )
    made = Console(house, door, clock)
    made.write(approved(PREPARED, "run-1"))
    made.write(Life(APPLIED, "run-2", "2031-06-02T09:00"))
    add_people(made)
    yield made
    engine.dispose()


@pytest.fixture
def client_as(console: Console) -> Callable[[str], Browser]:
    """Browsers, each with a user of ``tests.console.house.PEOPLE`` signed in."""
    return console.client_as
