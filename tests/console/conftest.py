"""``console``: the real app on a migrated SQLite file with two centers, without a server."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def _light_hashes() -> Iterator[None]:
    """Hashes of the same kind that cost less: many people sign in here."""
    light = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", light)
        patch.setattr(passwords, "_NOBODY", light.hash("nobody"))
        yield


@pytest.fixture
def light_hashes() -> Iterator[None]:
    """The same for a test that makes its own users."""
    with _light_hashes():
        yield


@contextmanager
def _wired(path: Path, settings: dict[str, str]) -> Iterator[Console]:
    engine = connect(f"sqlite:///{path}")
    clock = [MORNING]
    records = Records(engine, now=lambda: clock[0])
    calendar = HolidayCalendar(None)
    # Nothing listens there: what reaches for the server would fail.
    lazy = asyncio.run(Client.connect(f"127.0.0.1:{free_port()}", lazy=True))
    door = DirectDoor(lazy, records, lambda: clock[0], calendar)
    house = House(
        settings=load_settings(data_dir=path.parent, **settings),
        records=records,
        door=door,
        rechecks=Rechecks(door, records),
        accounts=Accounts(engine),
        desk=Desk(engine),
        tallies=Tallies(engine),
        calendar=calendar,
        now=lambda: clock[0],
    )
    yield Console(house, door, clock)
    engine.dispose()


@pytest.fixture(scope="session")
def furnished(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    """A database with the two centers and everybody in it, to copy."""
    path = tmp_path_factory.mktemp("console") / "furnished.db"
    shutil.copy(migrated_sqlite, path)
    with _light_hashes(), _wired(path, {}) as made:
        made.write(approved(PREPARED, "run-1"))
        made.write(Life(APPLIED, "run-2", "2031-06-02T09:00"))
        add_people(made)
        with made.door.records.engine.connect() as connection:
            # What SQLite keeps beside the file has to be in it before it is copied.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def console_settings() -> dict[str, str]:
    """Settings that a test file has for itself."""
    return {}


@pytest.fixture
def console(furnished: Path, tmp_path: Path, console_settings: dict[str, str]) -> Iterator[Console]:
    """The console of one test."""
    path = tmp_path / "neiic.db"
    shutil.copy(furnished, path)
    with _light_hashes(), _wired(path, console_settings) as made:
        yield made


@pytest.fixture
def client_as(console: Console) -> Callable[[str], Browser]:
    """Browsers, each with a user of ``tests.console.house.PEOPLE`` signed in."""
    return console.client_as
