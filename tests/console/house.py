"""The console to test in: the real app over a database of its own, browsers in front of it.

One user stands in each role, and a second one where work is shared; all have one password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from neiic.console.accounts.access import Person
from neiic.console.accounts.keys import csrf_of
from neiic.console.app import create_app
from neiic.console.asking import COOKIE
from neiic.console.guarding import masked
from neiic.console.house import House
from neiic.statute.periods import beijing
from neiic.statute.terms import Role
from tests.console.direct_door import DirectDoor
from tests.records.lives import COMPETENT, IMPLEMENTING, UNITS, Life

PASSWORD = "correct horse 电池 staple"
#: A Monday morning, a fortnight after ``lives.approved`` was approved.
MORNING = beijing(datetime(2031, 6, 30, 9, 0))
AGENCY = "丙机构"

#: Login, role and unit of everybody.
PEOPLE: tuple[tuple[str, Role, str | None], ...] = (
    ("ndrc", Role.NDRC, None),
    ("ndrc2", Role.NDRC, None),
    ("competent", Role.COMPETENT, COMPETENT),
    ("competent2", Role.COMPETENT, COMPETENT),
    ("lead", Role.LEAD, UNITS[Role.LEAD]),
    ("implementing", Role.IMPLEMENTING, IMPLEMENTING),
    ("assessor", Role.ASSESSOR, AGENCY),
    ("customs", Role.CUSTOMS, None),
    ("tax", Role.TAX, None),
    ("operator", Role.OPERATOR, None),
    ("foreign", Role.COMPETENT, "陕西省发展和改革委员会"),
)


class Browser:
    """Somebody's browser, signed in or not. Forms carry the session's token by themselves."""

    def __init__(self, app: FastAPI) -> None:
        self.client = TestClient(app, follow_redirects=False, raise_server_exceptions=True)

    def sign_in(self, login: str, password: str = PASSWORD) -> Response:
        return self.client.post("/sign-in", data={"login": login, "password": password})

    def get(self, path: str) -> Response:
        return self.client.get(path)

    def post(self, path: str, **fields: str | Sequence[str]) -> Response:
        token = masked(csrf_of(self.client.cookies.get(COOKIE) or ""))
        return self.client.post(path, data={"csrf": token, **fields})

    def shows(self, path: str, *texts: str) -> str:
        """The page, which has all of these texts in it."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        for text in texts:
            assert text in answer.text, (path, text)
        return answer.text


class Console:
    """The app and all that it is wired with; the clock is turned by hand."""

    def __init__(self, house: House, door: DirectDoor, clock: list[datetime]) -> None:
        self.house = house
        self.door = door
        self.app = create_app(house)
        self._clock = clock

    def client_as(self, login: str) -> Browser:
        """A browser in which this user has just signed in."""
        browser = Browser(self.app)
        answer = browser.sign_in(login)
        assert answer.status_code == 303, answer.text[-2000:]
        return browser

    def visitor(self) -> Browser:
        """A browser in which nobody has signed in."""
        return Browser(self.app)

    def person(self, login: str) -> Person:
        """The user as the console knows them."""
        cookie = self.client_as(login).client.cookies[COOKIE]
        person = self.house.accounts.person_of_session(cookie, self.house.now())
        assert person is not None
        return person

    def api_as(self, login: str, scopes: Sequence[str] = ("read", "act")) -> TestClient:
        """A client of the API with a token of this user."""
        from neiic.console.desk.audit import COMMAND_LINE

        user = self.house.accounts.user(login)
        made = self.house.accounts.make_token(
            COMMAND_LINE, user.id, user.grants[0].id, name="test", scopes=scopes, now=self.now
        )
        headers = {"authorization": f"Bearer {made.key}"}
        return TestClient(self.app, headers=headers, follow_redirects=False)

    @property
    def now(self) -> datetime:
        return self._clock[0]

    def later(self, **time: float) -> None:
        self._clock[0] += timedelta(**time)

    def write(self, life: Life) -> None:
        """Record a center's life."""
        for commit in life.commits:
            self.door.records.commit(commit)

    def write_center(self, code: str, **differs: str) -> None:
        """Record a center that was just recommended, with other units than usual."""
        life = Life(code, f"run-{code}", "2031-06-02T09:00")
        first = life.commits[0]
        center = first.center.model_copy(update=differs)
        self.door.records.commit(first.model_copy(update={"center": center}))

    def sign_twice(self, login: str, actions: Sequence[str] | None = None) -> None:
        """Let this user's unit have its acts signed by a second person."""
        from neiic.console.desk.audit import COMMAND_LINE

        unit = self.house.accounts.user(login).grants[0].unit_id
        self.house.accounts.set_signing(COMMAND_LINE, unit, self.now, on=True, actions=actions)


def add_people(console: Console) -> None:
    """Everybody of ``PEOPLE``."""
    for login, role, unit in PEOPLE:
        console.house.accounts.add_user(
            login,
            f"{login.title()} 某",
            role,
            unit,
            now=console.now,
            password=PASSWORD,
            must_change=False,
        )


def location(answer: Response) -> str:
    """Where a form sent its browser."""
    assert answer.status_code == 303, (answer.status_code, answer.text[-3000:])
    return str(answer.headers["location"])


def texts(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The fields of an act as a form sends them."""
    return {f"data.{name}": str(value) for name, value in mapping.items()}
