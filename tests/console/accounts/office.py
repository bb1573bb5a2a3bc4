"""An office to test in: accounts and desk over one database, with a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event, insert, select, update

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.accounts import Accounts
from neiic.console.accounts.sessions import Opened
from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.accounts.users import USERS, Added
from neiic.console.desk.desk import Desk
from neiic.models.tables import CenterRecord, Stored, table_of
from neiic.statute.terms import Role

#: A Monday morning in Beijing.
MORNING = datetime(2031, 6, 16, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse 电池 staple"
NINGXIA, SHAANXI = "宁夏发改委", "陕西发改委"


class Office:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.accounts = Accounts(engine)
        self.desk = Desk(engine)
        self.now = MORNING

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def user(
        self,
        login: str,
        role: Role = Role.COMPETENT,
        unit: str | None = NINGXIA,
        name: str | None = None,
    ) -> Added:
        where = unit if role not in (Role.NDRC, Role.OPERATOR, Role.CUSTOMS, Role.TAX) else None
        return self.accounts.add_user(
            login, name or login.title(), role, where, now=self.now, password=PASSWORD
        )

    def tries(
        self, login: str, password: str = PASSWORD, address: str = "10.0.0.1"
    ) -> Opened | SignInRefused:
        return self.accounts.sign_in(login, password, address, "a browser", self.now)

    def cookie(self, login: str) -> str:
        opened = self.tries(login)
        assert isinstance(opened, Opened), opened
        return opened.key

    def behind(self, cookie: str) -> Person | None:
        return self.accounts.person_of_session(cookie, self.now)

    def person(self, login: str) -> Person:
        person = self.behind(self.cookie(login))
        assert person is not None
        return person

    def new_person(
        self, login: str, role: Role = Role.COMPETENT, unit: str | None = NINGXIA
    ) -> Person:
        self.user(login, role, unit)
        return self.person(login)

    def acts_for(self, cookie: str, giver: str) -> Person:
        """Let the browser act in what ``giver`` has handed over."""
        person = self.behind(cookie)
        assert person is not None
        lent = next(one for one in person.grants if one.for_whom and one.for_whom.login == giver)
        self.accounts.act_as(person, lent.id, lent.delegation_id, self.now)
        acting = self.behind(cookie)
        assert acting is not None
        return acting

    def center(self, code: str, waiting_for: tuple[Role, ...] = (), **units: str) -> None:
        values: dict[str, Any] = {
            "code": code,
            "life": "run",
            "name": None,
            "field": "智能铸造",
            "competent_unit": NINGXIA,
            "lead_unit": "甲公司",
            "implementing_unit": "乙公司",
            "stage": "application",
            "since": MORNING.date(),
            "closed": False,
            "rule_set": "x",
            "strikes": 0,
            "overdue": False,
            "waiting_for": [role.value for role in waiting_for],
            "sequence": 1,
            "updated_at": self.now,
            "state": {},
            "snapshot": {},
        } | units
        self.execute(insert(table_of(CenterRecord)).values(values))

    def execute(self, statement: Any) -> None:
        with writing(self.engine).begin() as connection:
            connection.execute(statement)

    def rows(self, record: type[Stored]) -> list[dict[str, Any]]:
        table = table_of(record)
        order = table.c.id if "id" in table.c else next(iter(table.primary_key.columns))
        with self.engine.connect() as connection:
            found = connection.execute(select(table).order_by(order)).mappings()
            return [dict(row) for row in found]

    def stored_password(self, login: str) -> str:
        with self.engine.connect() as connection:
            query = select(USERS.c.password).where(USERS.c.login == login)
            return str(connection.execute(query).scalar_one())

    def store_password(self, login: str, stored: str | None) -> None:
        self.execute(update(USERS).where(USERS.c.login == login).values(password=stored))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What is said to the database meanwhile."""
        said: list[str] = []

        def hear(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")):
                said.append(statement)

        event.listen(self.engine, "before_cursor_execute", hear)
        try:
            yield said
        finally:
            event.remove(self.engine, "before_cursor_execute", hear)
