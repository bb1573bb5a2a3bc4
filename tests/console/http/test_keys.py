"""Keys and passwords: those that no longer hold, those that are tried, and what is told of them."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog

from neiic.console.asking import COOKIE
from neiic.console.desk.audit import COMMAND_LINE
from neiic.statute.terms import Role
from tests.console.http.people import OWN, PASSWORD, Browser, People, now
from tests.console.http.serving import GROUP, Site

pytestmark = pytest.mark.xdist_group(GROUP)

SESSION = "/api/v1/session"
NOTE = f"/api/v1/centers/{OWN.code}/actions/supervision.note"


def test_tokens_that_no_longer_hold(people: People) -> None:
    people.add("leaver", Role.NDRC, None)
    accounts = people.site.house.accounts
    leaver = accounts.user("leaver")
    expired = people.new_token("leaver", made=now() - timedelta(days=400))
    ended = people.new_token("leaver")
    latest = max(accounts.tokens(leaver.id), key=lambda one: one.id)
    accounts.end_token(COMMAND_LINE, latest.id, now())
    orphaned = people.new_token("leaver")
    reading = people.new_token("leaver", ("read",))
    acts = people.site.client(reading).post(NOTE, json={"data": {"text": "x"}})
    assert (acts.status_code, acts.json()["code"]) == (403, "scope_missing")
    acting = people.site.client(people.new_token("leaver", ("act",))).get("/api/v1/tasks")
    assert (acting.status_code, acting.json()["code"]) == (403, "scope_missing")
    assert people.site.client(orphaned).get(SESSION).status_code == 200
    accounts.set_disabled(COMMAND_LINE, leaver.id, now(), disabled=True)
    cookie = people.browser("ndrc").cookie
    for key in (expired, ended, orphaned, "x", "neiic_" + "A" * 43, cookie, "x" * 9_000):
        answer = people.site.client(key).get("/api/v1/tasks")
        assert answer.status_code == 401, key[:20]
        assert answer.headers["www-authenticate"].startswith("Bearer")
    basic = people.api(None).get("/api/v1/tasks", headers={"authorization": "Basic eDp4"})
    assert basic.status_code == 401
    page = people.api(None).get("/tasks", headers={"cookie": f"{COOKIE}={orphaned}"})
    assert page.status_code == 303


def _tried(site: Site, name: str, **more: Any) -> tuple[httpx.Response, float]:
    client = site.client(**more)
    begun = time.perf_counter()
    answer = client.post(SESSION, json={"name": name, "password": "wrong wrong wrong"})
    return answer, time.perf_counter() - begun


def test_whether_a_login_exists_is_not_told(people: People) -> None:
    for number in range(8):
        people.add(f"known-{number}", Role.NDRC, None)
    known, unknown = [], []
    for number in range(8):  # in turn, so that both have the machine at its various speeds
        known.append(_tried(people.site, f"known-{number}"))
        unknown.append(_tried(people.site, f"unknown-{number}"))
    assert {answer.status_code for answer, _ in (*known, *unknown)} == {401}
    assert len({answer.text for answer, _ in (*known, *unknown)}) == 1
    longer, shorter = (min(took for _, took in each) for each in (known, unknown))
    assert abs(longer - shorter) < max(0.5 * max(longer, shorter), 0.02)
    pages = [
        people.api(None).post("/sign-in", data={"login": login, "password": "wrong"})
        for login in ("known-0", "unknown-0")
    ]
    neutral = {page.text.replace("unknown-0", "").replace("known-0", "") for page in pages}
    assert len(neutral) == 1
    assert {page.status_code for page in pages} == {401}


@pytest.mark.parametrize("login", ["resting", "resting-nobody"])
def test_after_five_failures_a_login_rests(people: People, login: str) -> None:
    if login == "resting":
        people.add(login, Role.NDRC, None)
    assert [_tried(people.site, login)[0].status_code for _ in range(5)] == [401] * 5
    told, _ = _tried(people.site, login)
    assert told.status_code == 429
    assert 0 < int(told.headers["retry-after"]) <= 900
    right = people.api(None).post(SESSION, json={"name": login, "password": PASSWORD})
    assert right.status_code == 429
    page = people.api(None).post("/sign-in", data={"login": login, "password": PASSWORD})
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "set-cookie" not in page.headers


def test_an_address_that_tries_many_logins_is_limited(people: People) -> None:
    here = {"x-forwarded-for": "203.0.113.7"}
    tries = [_tried(people.site, f"spray-{n}", **here)[0].status_code for n in range(31)]
    assert tries == [401] * 30 + [429]
    elsewhere, _ = _tried(people.site, "spray-0", **{"x-forwarded-for": "203.0.113.8"})
    assert elsewhere.status_code == 401


def test_no_secret_is_logged(people: People, caplog: pytest.LogCaptureFixture) -> None:
    people.add("logged", Role.NDRC, None)
    token, secret = people.new_token("logged"), "my-very-wrong-password-42"
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as lines:
        browser = people.browser("logged")
        Browser(people.site).sign_in("logged", secret)
        people.api(None).post(SESSION, json={"name": "logged", "password": secret})
        people.api(None).post(SESSION, json={"name": "logged", "password": [secret]})
        opened = people.api(None).post(SESSION, json={"name": "logged", "password": PASSWORD})
        people.site.client(token).post(NOTE, json={"data": {"text": "x"}, "remarks": secret})
        people.site.client(token[:-1] + "!").get("/api/v1/tasks")
        browser.get("/tasks")
    # The callers' own library runs in this process too.
    ours = [one for one in caplog.records if not one.name.startswith("http")]
    said = "".join(one.getMessage() + str(one.__dict__) for one in ours) + repr(lines)
    for key in (secret, PASSWORD, token, browser.cookie, opened.json()["token"], browser.csrf):
        assert key not in said


def test_what_is_said_of_a_wrong_body_does_not_repeat_it(people: People) -> None:
    answer = people.api(None).post(SESSION, json={"name": "x", "password": ["hunter2-hunter2"]})
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
