"""A console over the law and the records alone, whose clock is turned by hand.

Whole decades of a center pass in seconds here, which no server of ours could follow.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient
from temporalio.client import Client

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.console.accounts.access import Scope
from neiic.console.accounts.accounts import Accounts
from neiic.console.app import create_app
from neiic.console.desk.audit import COMMAND_LINE
from neiic.console.desk.desk import Desk
from neiic.console.house import House
from neiic.console.portfolio.tallies import Tallies
from neiic.console.rechecking import Rechecks
from neiic.models.messages import Commit
from neiic.settings import load_settings
from neiic.starter.ports import free_port
from neiic.statute import evolve, register
from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.registration import read_registration
from neiic.statute.rules import LIBRARY
from neiic.statute.terms import Role
from tests.console.direct_door import DirectDoor
from tests.console.http.people import PASSWORD


class _StartingDoor(DirectDoor):
    """Starts centers as well, by writing what their workflow would."""

    async def start(self, message: object) -> Any:
        registration = read_registration(message)
        if isinstance(registration, Refused):
            raise RefusedActError(registration)
        rules = LIBRARY[registration.rule_set or "cn-2026"]
        first = register(registration, self._clock(), rules.name)
        life = f"run-{registration.code}"
        self.records.commit(Commit(life=life, center=evolve(None, first), events=(first,)))


class Direct:
    """The app, its records and its clock."""

    def __init__(self, url: str, folder: Path, start: datetime) -> None:
        self.now = start
        self.engine = connect(url)
        self.records = Records(self.engine, now=lambda: self.now)
        self.calendar = HolidayCalendar()
        # Nothing listens there: what reaches for a server would fail.
        lazy = asyncio.run(Client.connect(f"127.0.0.1:{free_port()}", lazy=True))
        door = _StartingDoor(lazy, self.records, lambda: self.now, self.calendar)
        self.house = House(
            settings=load_settings(data_dir=folder),
            records=self.records,
            door=door,
            rechecks=Rechecks(door, self.records),
            accounts=Accounts(self.engine),
            desk=Desk(self.engine),
            tallies=Tallies(self.engine),
            calendar=self.calendar,
            now=lambda: self.now,
        )
        self.app: FastAPI = create_app(self.house)

    def add(self, login: str, role: Role, unit: str | None, name: str, language: str) -> None:
        self.house.accounts.add_user(
            login,
            name,
            role,
            unit,
            now=self.now,
            password=PASSWORD,
            must_change=False,
            language=language,
        )

    def scope(self, login: str) -> Scope:
        grant = self.house.accounts.user(login).grants[0]
        return Scope(grant.role, grant.unit, (grant.unit,))

    def api(self, login: str) -> TestClient:
        user = self.house.accounts.user(login)
        key = self.house.accounts.make_token(
            COMMAND_LINE,
            user.id,
            user.grants[0].id,
            name="t",
            scopes=("read", "act"),
            now=self.now,
            days=366,
        ).key
        return TestClient(
            self.app, headers={"authorization": f"Bearer {key}"}, follow_redirects=False
        )

    def browser(self, login: str) -> TestClient:
        client = TestClient(self.app, follow_redirects=False)
        answer = client.post("/sign-in", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303
        return client


@contextlib.contextmanager
def direct(url: str, folder: Path, start: datetime) -> Iterator[Direct]:
    made = Direct(url, folder, start)
    try:
        yield made
    finally:
        made.engine.dispose()
