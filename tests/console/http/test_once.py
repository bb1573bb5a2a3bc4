"""A decision acts once: sent twice, by twenty at once, without an answer, with nobody there."""

from __future__ import annotations

import sqlite3
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from neiic.activities import database
from neiic.console import starting
from tests.console.http.people import OWN, People, Units, registration
from tests.console.http.serving import GROUP, Site, Stack, eventually

pytestmark = pytest.mark.xdist_group(GROUP)

NOTE = f"/api/v1/centers/{OWN.code}/actions/supervision.note"
SHORT = 0.4


def decision_id() -> str:
    return f"once-{uuid.uuid4().hex[:12]}"


def note(api: httpx.Client, chosen: str, text: str = "现场检查") -> httpx.Response:
    return api.post(NOTE, json={"decision_id": chosen, "data": {"text": text}})


def times(people: People, chosen: str) -> int:
    """How often a decision stands in the record."""
    events = people.site.house.records.timeline(OWN.code)
    return sum(event.decision_id == chosen for event in events)


def found_out(api: httpx.Client, answer: httpx.Response) -> httpx.Response:
    """The outcome of an act that was unknown, once it is known."""
    look = api.get
    recheck = answer.json()["recheck"]
    eventually(lambda: look(recheck).status_code == 200)
    return look(recheck)


def test_the_same_decision_twice(people: People) -> None:
    api, chosen = people.api("ndrc"), decision_id()
    first, again = note(api, chosen), note(api, chosen, "别的内容")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert times(people, chosen) == 1


def test_the_same_decision_by_twenty_at_once(people: People) -> None:
    api, chosen = people.api("ndrc"), decision_id()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: note(api, chosen), range(20)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    # On a busy machine some have to look it up.
    told = [one if one.status_code == 200 else found_out(api, one) for one in answers]
    assert all(one.json() == told[0].json() for one in told)
    assert times(people, chosen) == 1


def test_the_key_may_stand_in_the_header(people: People) -> None:
    api, chosen = people.api("ndrc"), decision_id()
    sent = {"data": {"text": "检查"}}
    answer = api.post(NOTE, json=sent, headers={"idempotency-key": chosen})
    assert answer.json()["decision_id"] == answer.headers["idempotency-key"] == chosen
    both = api.post(NOTE, json=sent | {"decision_id": chosen}, headers={"idempotency-key": chosen})
    assert both.json() == answer.json()
    other = api.post(NOTE, json=sent | {"decision_id": "x"}, headers={"idempotency-key": chosen})
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "decision_id"
    long = api.post(NOTE, json=sent, headers={"idempotency-key": "x" * 65})
    assert long.status_code == 422
    assert times(people, chosen) == 1


def test_without_a_worker_it_is_found_out_later(stack: Stack, people: People) -> None:
    chosen = decision_id()
    with stack.console(console_patience=SHORT) as hasty:
        api = hasty.client(people.token("ndrc"))
        with stack.without_worker():
            answer = note(api, chosen)
            assert (answer.status_code, answer.json()["status"]) == (202, "unknown")
            recheck = api.get(answer.json()["recheck"])
            assert (recheck.status_code, recheck.json()["status"]) == (202, "unknown")
            assert note(api, chosen).status_code == 202
        assert found_out(api, answer).json()["status"] == "done"
        assert note(api, chosen).status_code == 200
    assert times(people, chosen) == 1


def test_with_the_server_away(
    stack: Stack, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reads go on, acts and registrations wait; a console that never met the server does so too."""
    monkeypatch.setattr(starting, "PATIENCE", SHORT)
    chosen, from_page = decision_id(), decision_id()
    new = Units("NEIIC-AWAY-1", "宁夏发展改革委", "甲", "乙", "丙", "新材料", "Materials", "1", "2")
    with stack.console(console_patience=SHORT) as met:
        api, token = met.client(people.token("ndrc")), people.token("ndrc")
        assert note(api, decision_id()).status_code == 200
        with (
            stack.without_server() as come_back,
            stack.console(console_patience=SHORT) as stranger,
        ):
            other = stranger.client(token)
            for reader in (api, other):
                assert reader.get(f"/api/v1/centers/{OWN.code}").status_code == 200
                assert reader.get("/api/v1/tasks").status_code == 200
            browser = People(stranger).browser("ndrc")
            assert browser.get(f"/centers/{OWN.code}").status_code == 200
            unknown = [note(caller, chosen) for caller in (api, other)]
            assert [answer.status_code for answer in unknown] == [202, 202]
            page = browser.post(
                f"/centers/{OWN.code}/acts/supervision.note",
                **{"step": "act", "data.text": "检查", "text": "检查", "decision_id": from_page},
            )
            assert page.status_code == 303, page.text[-2000:]
            told = browser.get(page.headers["location"])
            assert (told.status_code, from_page in told.text) == (200, True)
            begun = other.post("/api/v1/centers", json=registration(new))
            assert (begun.status_code, begun.json()["status"]) == (202, "unknown")
            come_back()
            for caller, answer in zip((api, other), unknown, strict=True):
                assert found_out(caller, answer).json()["status"] == "done"
            eventually(lambda: other.get(f"/api/v1/centers/{new.code}").status_code == 200)
            eventually(lambda: times(people, from_page) == 1)
    assert (times(people, chosen), times(people, from_page)) == (1, 1)


def test_a_locked_database_holds_up_nobody_else(
    stack: Stack, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who must write is told so in time; who reads is answered meanwhile."""
    monkeypatch.setattr(database, "PATIENCE", 1)
    path = stack.settings.database.removeprefix("sqlite:///")
    with stack.console(console_patience=SHORT) as site:
        api, browser = site.client(people.token("ndrc")), People(site).browser("ndrc")
        assert browser.get("/tasks").status_code == 200
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            with ThreadPoolExecutor(30) as pool:
                signing_in = [pool.submit(_sign_in, site) for _ in range(25)]
                begun = time.monotonic()
                assert site.client().get("/health").status_code == 200
                assert api.get("/api/v1/centers").status_code == 200
                assert browser.get(f"/centers/{OWN.code}").status_code == 200
                read = time.monotonic() - begun
                answers = [one.result() for one in signing_in]
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"]
        assert read < 5
        assert _sign_in(site).status_code == 401


def _sign_in(site: Site) -> httpx.Response:
    return site.client().post("/api/v1/session", json={"name": "nobody-x", "password": "wrong"})


@pytest.mark.parametrize("path", [f"/api/v1/centers/{OWN.code}", "/api/v1/centers"])
def test_what_one_has_already_is_not_sent_again(people: People, path: str) -> None:
    api = people.api("ndrc")
    first = api.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}'):
        same = api.get(path, headers={"if-none-match": known})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["etag"] == tag
    assert note(api, decision_id()).status_code == 200
    changed = api.get(path, headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    assert "*" not in changed.headers["etag"]
