"""Every route × every role × the own center and another's: who gets what.

Expectations follow from the registry and the scope rule alone; a route that is new is tried like
all others, and fails here until it is clear whose it is.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import httpx
import pytest

from neiic.console.accounts.access import SEE_ALL
from neiic.console.starting import MAY_START
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import Role
from tests.console.http.acts import fitting
from tests.console.http.findings import Findings
from tests.console.http.people import FOREIGN, NOBODYS, OWN, ROLES, Browser, People, now
from tests.console.http.routes import (
    LEADING_ON,
    OWNED,
    WAITING,
    Route,
    hints,
    lists,
    may_send,
    routes,
)
from tests.console.http.serving import GROUP

pytestmark = pytest.mark.xdist_group(GROUP)

BOUND = tuple(role for role in ROLES if role not in SEE_ALL)
#: Ends what one is signed in with: asked with a key of its own.
ENDING = frozenset({("POST", "/sign-out"), ("DELETE", "/api/v1/session")})
NO_SUCH_ID = "987654321"


@pytest.fixture
def findings() -> Findings:
    return Findings()


def everywhere(app: Any) -> list[Route]:
    return [route for route in routes(app) if not route.is_public]


def values(route: Route, code: str, action: str = "supervision.note") -> dict[str, str]:
    """Parameters by their name; what belongs to somebody is asked for by an id that nobody has."""
    fixed = {"code": code, "action": action, "about": "1", "decision_id": "no-such-decision"}
    return {name: fixed.get(name, NO_SUCH_ID) for name in route.names}


def ask(client: httpx.Client, route: Route, path: str, **more: Any) -> httpx.Response:
    if route.is_api and route.method in ("POST", "PUT", "PATCH"):
        more.setdefault("json", {})
    return client.request(route.method, path, **more)


def test_nobody_gets_anything(people: People, findings: Findings) -> None:
    api, browser = people.api(None), people.browser(None)
    for route in everywhere(people.site.app):
        path = route.at(**values(route, OWN.code))
        client = api if route.is_api else browser.client
        _is_turned_away(findings, route, ask(client, route, path))
    findings.settle()


def test_who_is_no_longer_anybody_gets_nothing(people: People, findings: Findings) -> None:
    """A disabled user, a session that ended, a token that expired: as good as nobody."""
    accounts = people.site.house.accounts
    people.add("gone", Role.NDRC, None)
    gone, token = people.browser("gone"), people.new_token("gone")
    stale = people.browser_since("ndrc", now() - timedelta(hours=13))
    old = people.new_token("ndrc", made=now() - timedelta(days=400))
    from neiic.console.desk.audit import COMMAND_LINE

    accounts.set_disabled(COMMAND_LINE, accounts.user("gone").id, now(), disabled=True)
    for route in everywhere(people.site.app):
        path = route.at(**values(route, OWN.code))
        keys = (
            (people.site.client(token), people.site.client(old))
            if route.is_api
            else (gone.client, stale.client)
        )
        for client in keys:
            _is_turned_away(findings, route, ask(client, route, path))
    findings.settle()


def _is_turned_away(findings: Findings, route: Route, answer: httpx.Response) -> None:
    if route.is_api:
        problem = answer.headers["content-type"] == "application/problem+json"
        findings.expect(answer.status_code == 401 and problem, route, answer, 401)
    elif route.method == "GET":
        to = answer.headers.get("location", "")
        findings.expect(
            answer.status_code == 303 and to.startswith("/sign-in?"), route, answer, "303 /sign-in"
        )
    else:
        asks = 'action="/sign-in"' in answer.text
        findings.expect(answer.status_code == 401 and asks, route, answer, "401, sign-in form")


@pytest.mark.parametrize("role", ROLES)
def test_a_token_that_only_reads(people: People, role: Role, findings: Findings) -> None:
    client = people.api(role.value, "read")
    for route in everywhere(people.site.app):
        if route.is_api and (route.method, route.path) not in ENDING:
            answer = ask(client, route, route.at(**values(route, OWN.code)))
            if route.method == "GET":
                findings.status(route, answer, 200, 202)
            else:
                refused = answer.status_code == 403 and answer.json()["code"] == "scope_missing"
                findings.expect(refused, route, answer, "403 scope_missing")
    findings.settle()


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_reads(people: People, role: Role, findings: Findings) -> None:
    """Readable addresses: one's own is there, another's is like an unknown one."""
    api, browser = people.api(role.value), people.browser(role.value)
    mine = (
        next(name for name, one in ACTIONS.items() if role in one.roles)
        if any(role in one.roles for one in ACTIONS.values())
        else "supervision.note"
    )
    for route in everywhere(people.site.app):
        if route.method != "GET":
            continue
        client = api if route.is_api else browser.client
        answer = client.get(route.at(**values(route, OWN.code, mine)))
        findings.status(route, answer, *_reading(route, role, mine))
        if "code" in route.names:
            other = client.get(route.at(**values(route, FOREIGN.code, mine)))
            if role in SEE_ALL:
                findings.status(route, other, *_reading(route, role, mine))
            else:
                unknown = client.get(route.at(**values(route, NOBODYS, mine)))
                _is_unknown(findings, route, other, unknown)
    findings.settle()


def _reading(route: Route, role: Role, action: str) -> tuple[int, ...]:
    if route.roles is not None and role not in route.roles:
        return (404,)
    if "action" in route.names and not may_send(role, action):
        return (404,)
    if route.names & OWNED:
        return (404,)
    if route.is_api and "decision_id" in route.names:
        return (202,)
    return (200, 303) if route.path in LEADING_ON else (200,)


def _is_unknown(
    findings: Findings, route: Route, other: httpx.Response, unknown: httpx.Response
) -> None:
    """Another's center answers as a code that nobody has, to the letter."""
    wanted = 200 if WAITING in str(route) and other.status_code == 200 else 404
    findings.status(route, other, wanted)
    findings.status(route, unknown, wanted)
    said, like = neutral(other.text), neutral(unknown.text)
    same = said.replace(FOREIGN.code, "") == like.replace(NOBODYS, "")
    findings.expect(same, route, other, "the very words for an unknown code")
    heads = [
        {k: v for k, v in one.headers.items() if k not in ("date", "content-length")}
        for one in (other, unknown)
    ]
    findings.expect(heads[0] == heads[1], route, other, "the very headers for an unknown code")


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sends_from_pages(people: People, role: Role, findings: Findings) -> None:
    browser = people.browser(role.value)
    for route in everywhere(people.site.app):
        if route.is_api or route.method == "GET":
            continue
        ends = (route.method, route.path) in ENDING
        sender = people.browser(role.value) if ends else browser
        own = route.at(**values(route, OWN.code))
        findings.status(route, ask(sender.client, route, own), *_without_token(route, role))
        for action in ACTIONS if "action" in route.names else ("supervision.note",):
            _sent_by(findings, sender, route, role, action)
        if "code" in route.names and role not in SEE_ALL:
            other = sender.post(route.at(**values(route, FOREIGN.code)))
            unknown = sender.post(route.at(**values(route, NOBODYS)))
            _is_unknown(findings, route, other, unknown)
    findings.settle()


def _without_token(route: Route, role: Role) -> tuple[int, ...]:
    return (403,) if route.roles is None or role in route.roles else (403, 404)


def _sent_by(findings: Findings, sender: Browser, route: Route, role: Role, action: str) -> None:
    named = f"{route} {action}" if "action" in route.names else str(route)
    answer = sender.post(route.at(**values(route, OWN.code, action)))
    if route.roles is not None and role not in route.roles:
        findings.status(named, answer, 404)
    elif "action" in route.names:
        findings.status(named, answer, 200 if may_send(role, action) else 404)
    else:
        findings.status(named, answer, 200, 303, 403, 404, 409, 422)


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sends_to_the_api(people: People, role: Role, findings: Findings) -> None:
    api = people.api(role.value)
    for route in everywhere(people.site.app):
        if not route.is_api or route.method == "GET" or (route.method, route.path) in ENDING:
            continue
        if "action" in route.names:
            for action in ACTIONS:
                _acts(findings, api, route, role, action)
        else:
            answer = ask(api, route, route.at(**values(route, OWN.code)))
            findings.status(route, answer, *_sending(route, role))
    findings.settle()


def _sending(route: Route, role: Role) -> tuple[int, ...]:
    """For what is no act at a center: an empty body, or an id that nobody has."""
    if route.names & OWNED:
        return (404, 422)
    assert str(route) == "POST /api/v1/centers", f"{route}: who may send this?"
    return (422 if role in MAY_START else 403,)


def _acts(findings: Findings, api: httpx.Client, route: Route, role: Role, action: str) -> None:
    named = f"{route} {action}"
    fits = {"data": fitting(action)}
    own = route.at(**values(route, OWN.code, action))
    if may_send(role, action):
        # It must not happen: something is in it that no form has.
        fits["data"] |= {"surprise": 1}
        answer = api.post(own, json=fits)
        findings.expect(answer.status_code == 422, named, answer, 422)
    else:
        answer = api.post(own, json=fits)
        refused = answer.status_code == 403 and answer.json()["code"] == "role_not_allowed"
        findings.expect(refused, named, answer, "403 role_not_allowed")
    if role not in SEE_ALL:
        other = api.post(route.at(**values(route, FOREIGN.code, action)), json=fits)
        unknown = api.post(route.at(**values(route, NOBODYS, action)), json=fits)
        _is_unknown(findings, named, other, unknown)  # type: ignore[arg-type]


@pytest.mark.parametrize("role", BOUND)
def test_no_list_tells_of_another_center(people: People, role: Role, findings: Findings) -> None:
    """Lists, counts, search, exports: nothing in them is another's, whatever one asks for."""
    api, browser = people.api(role.value), people.browser(role.value)
    for route in lists(people.site.app):
        client = api if route.is_api else browser.client
        for asked in hints(FOREIGN):
            answer = client.get(route.path, params=asked)
            said = telling(answer)
            for text in set(FOREIGN.telling) - set(asked.values()):
                findings.expect(text not in said, f"{route} {asked}", answer, f"not {text}")
            if not asked or answer.status_code != 200:
                continue
            # The search itself is shown again; beside it nothing may change with what is there.
            invented = {name: mangled(value) for name, value in asked.items()}
            like = telling(client.get(route.path, params=invented))
            same = neutral(said, *asked.values()) == neutral(like, *invented.values())
            findings.expect(same, f"{route} {asked}", answer, "as for a name that nobody has")
    findings.settle()


def mangled(text: str) -> str:
    """A text like this one that occurs nowhere."""
    return text[:-1] + ("X" if text[-1] != "X" else "Y") + "QQ"


def telling(answer: httpx.Response) -> str:
    """All text of an answer: of a sheet, what its cells say."""
    if not answer.headers.get("content-type", "").endswith("spreadsheetml.sheet"):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
        return "\n".join(
            parts.read(name).decode() for name in sorted(parts.namelist()) if "core" not in name
        )


def neutral(said: str, *asked: str) -> str:
    """Without what was asked for, and the words that are masked anew for each page."""
    for value in sorted(set(asked), key=len, reverse=True):
        quoted = str(httpx.QueryParams({"q": value}))[2:]
        said = said.replace(value, "").replace(quoted, "")
    return re.sub(r'(name="csrf" value=|"X-CSRF": )"[^"]*"', "", said)


@pytest.mark.parametrize("role", BOUND)
def test_nothing_of_another_center_on_any_page(
    people: People, role: Role, findings: Findings
) -> None:
    api, browser = people.api(role.value), people.browser(role.value)
    for route in everywhere(people.site.app):
        if route.method == "GET":
            client = api if route.is_api else browser.client
            answer = client.get(route.at(**values(route, OWN.code)))
            said = telling(answer)
            for text in FOREIGN.telling:
                findings.expect(text not in said, route, answer, f"not {text}")
    findings.settle()


@pytest.fixture(scope="module")
def belongings(people: People) -> dict[str, str]:
    """What a clerk of the other center's competent unit has, by the parameter that names it."""
    accounts, desk = people.site.house.accounts, people.site.house.desk
    people.add("far-colleague", Role.COMPETENT, FOREIGN.competent)
    session = people.browser("far-competent").cookie
    person = accounts.person_of_session(session, now())
    assert person is not None
    people.token("far-competent")
    today = day_of(now())
    draft = desk.draft(
        person,
        center=FOREIGN.code,
        action="supervision.note",
        data={"text": FOREIGN.field},
        remarks=None,
        subject="",
        decision_id="far-draft",
        now=now(),
    )
    return {
        "draft_id": str(draft),
        "session_id": str(person.session_id),
        "token_id": str(accounts.tokens(person.user_id)[0].id),
        "delegation_id": str(accounts.delegate(person, "far-colleague", today, today, now())),
        "login": person.login,
        "grant_id": str(person.grant.id),
        "unit_id": str(person.unit_id),
        "key": NO_SUCH_ID,
    }


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_others(
    people: People, belongings: dict[str, str], role: Role, findings: Findings
) -> None:
    """By its real number it is no more to be had than by one that nothing has."""
    api, browser = people.api(role.value), people.browser(role.value)
    for route in everywhere(people.site.app):
        if not route.names & OWNED or (role is Role.OPERATOR and _is_an_operators(route)):
            continue
        answers = []
        for named in (belongings, {}):
            path = route.at(**(values(route, OWN.code) | named))
            if route.is_api:
                answers.append(ask(api, route, path, json={"note": "x"}))
            elif route.method == "GET":
                answers.append(browser.get(path))
            else:
                answers.append(browser.post(path, note="x", step="sign"))
        real, made_up = answers
        findings.expect(made_up.status_code in (303, 403, 404), route, made_up, "none of it")
        same = neutral(real.text) == neutral(made_up.text)
        findings.expect(same, route, real, "the very words for a number that nothing has")
        findings.expect(real.status_code == made_up.status_code, route, real, made_up)
    house = people.site.house
    far = house.accounts.user("far-competent")
    assert house.accounts.sessions(far.id, now())
    assert not [one for one in house.accounts.tokens(far.id) if one.ended]
    findings.settle()


def _is_an_operators(route: Route) -> bool:
    """Operators administer other people's things, delegations too."""
    return route.path.startswith("/admin") or "delegation_id" in route.names


def test_the_lists_are_not_empty(people: People) -> None:
    """What the tests above look for would be found: whoever sees all centers finds it."""
    said = people.browser("ndrc").get("/centers").text
    assert all(text in said for text in (OWN.code, FOREIGN.code, FOREIGN.field))
    found = people.api("far-competent").get("/api/v1/centers", params={"q": FOREIGN.field})
    assert [one["code"] for one in found.json()["items"]] == [FOREIGN.code]
    letters = people.browser("far-lead").get("/documents").text
    assert FOREIGN.document in letters
