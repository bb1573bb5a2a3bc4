"""Who comes to the console, and the centers that are theirs or another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE
from neiic.console.desk.audit import COMMAND_LINE
from neiic.console.guarding import masked
from neiic.statute.periods import day_of
from neiic.statute.terms import Role
from tests.console.http.serving import Site, eventually

PASSWORD = "correct horse 电池 staple"


@dataclass(frozen=True)
class Units:
    """The units of one center, and all that would give it away where it must not be seen."""

    code: str
    competent: str
    lead: str
    implementing: str
    agency: str
    field: str
    field_en: str
    letter: str
    document: str

    @property
    def telling(self) -> tuple[str, ...]:
        return (
            *(self.code, self.competent, self.lead, self.implementing, self.agency),
            *(self.field, self.field_en, self.letter, self.document),
        )

    def unit_of(self, role: Role) -> str | None:
        return {
            Role.COMPETENT: self.competent,
            Role.LEAD: self.lead,
            Role.IMPLEMENTING: self.implementing,
            Role.ASSESSOR: self.agency,
        }.get(role)


OWN = Units(
    code="NEIIC-OWN-1",
    competent="宁夏发展改革委",
    lead="甲公司",
    implementing="乙公司",
    agency="丙机构",
    field="智能铸造",
    field_en="Smart Casting",
    letter="宁发改〔2026〕1号",
    document="发改高技〔2026〕11号",
)
FOREIGN = Units(
    code="NEIIC-FOREIGN-2",
    competent="陕西发展改革委",
    lead="戊研究所",
    implementing="己公司",
    agency="庚机构",
    field="量子测量",
    field_en="Quantum Metrology",
    letter="陕发改〔2026〕2号",
    document="发改高技〔2026〕22号",
)
#: A code that nobody has.
NOBODYS = "NEIIC-NOBODY-3"

ROLES = tuple(Role)


@dataclass
class People:
    """Users of a console: one in each role at ``OWN``, and the same for ``FOREIGN``."""

    site: Site
    tokens: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def add(self, login: str, role: Role, unit: str | None) -> None:
        self.site.house.accounts.add_user(
            login, f"{login}某", role, unit, now=now(), password=PASSWORD, must_change=False
        )

    def add_everybody(self) -> None:
        for role in ROLES:
            self.add(role.value, role, OWN.unit_of(role))
            if FOREIGN.unit_of(role):
                self.add(f"far-{role.value}", role, FOREIGN.unit_of(role))

    def token(self, login: str, *scopes: str) -> str:
        wanted = scopes or ("read", "act")
        if (login, wanted) not in self.tokens:
            self.tokens[login, wanted] = self.new_token(login, wanted)
        return self.tokens[login, wanted]

    def new_token(
        self, login: str, scopes: Sequence[str] = ("read", "act"), made: datetime | None = None
    ) -> str:
        user = self.site.house.accounts.user(login)
        made_at = made or now()
        key: str = self.site.house.accounts.make_token(
            COMMAND_LINE, user.id, user.grants[0].id, name="t", scopes=scopes, now=made_at
        ).key
        return key

    def api(self, login: str | None, *scopes: str) -> httpx.Client:
        return self.site.client(self.token(login, *scopes) if login else None)

    def browser(self, login: str | None) -> Browser:
        browser = Browser(self.site)
        if login is not None:
            answer = browser.sign_in(login)
            assert answer.status_code == 303, answer.text[-1000:]
        return browser

    def browser_since(self, login: str, since: datetime) -> Browser:
        """Somebody who signed in long ago."""
        opened = self.site.house.accounts.sign_in(login, PASSWORD, "127.0.0.1", "", since)
        browser = Browser(self.site)
        browser.client.cookies.set(COOKIE, opened.key)  # type: ignore[union-attr]
        return browser


class Browser:
    """Somebody's browser; its forms carry the session's token by themselves."""

    def __init__(self, site: Site) -> None:
        self.client = site.client()

    @property
    def cookie(self) -> str:
        return self.client.cookies.get(COOKIE) or ""

    @property
    def csrf(self) -> str:
        return masked(csrf_of(self.cookie))

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        return self.client.post("/sign-in", data={"login": login, "password": password})

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, **fields: Any) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **fields})


def now() -> datetime:
    return datetime.now(UTC)


def days_ago(days: int) -> str:
    return (day_of(now()) - timedelta(days=days)).isoformat()


def registration(units: Units, **changes: Any) -> dict[str, Any]:
    met = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    return {
        "code": units.code,
        "field": units.field,
        "field_en": units.field_en,
        "competent_unit": units.competent,
        "lead_unit": units.lead,
        "implementing_unit": {"name": units.implementing},
        "recommendation": {"letter_no": units.letter, "letter_date": days_ago(30)},
        "requirements": dict.fromkeys(met, True),
        "team_has_other_platform": False,
        **changes,
    }


def start(people: People, units: Units) -> None:
    """A center that is registered, by NDRC over the API."""
    api = people.api("ndrc")
    answer = api.post("/api/v1/centers", json=registration(units))
    assert answer.status_code in (201, 202), answer.text
    eventually(lambda: api.get(f"/api/v1/centers/{units.code}").status_code == 200)


def act(api: httpx.Client, code: str, action: str, **data: Any) -> httpx.Response:
    return api.post(f"/api/v1/centers/{code}/actions/{action}", json={"data": data})


def prepare(people: People, units: Units, far: str = "") -> None:
    """Bring a center to preparation: assessed by its agency, approved under its document."""
    start(people, units)
    said = {"agency": units.agency, "conclusion": "support", "opinion": "可行"}
    assessed = act(people.api(f"{far}assessor"), units.code, "formation.assess", **said)
    assert assessed.status_code == 200, assessed.text
    approval = {"document_no": units.document, "document_date": days_ago(0)}
    approved = act(
        people.api("ndrc"), units.code, "formation.decide", decision="approve", **approval
    )
    assert approved.status_code == 200, approved.text
