"""One's own page: sessions, tokens, delegation, password."""

from __future__ import annotations

import re

import pytest

from neiic.console.asking import COOKIE
from neiic.console.desk.audit import COMMAND_LINE
from tests.console.house import PASSWORD, Console, location

ANOTHER = "four unrelated 电池 words"


def test_the_page_says_who_one_is(console: Console) -> None:
    browser = console.client_as("competent")
    text = browser.shows("/profile", "Competent 某", "主管单位", "本浏览器")
    assert text.count('/end"') == 1


def test_another_browser_is_signed_out_by_its_row(console: Console) -> None:
    here, there = console.client_as("ndrc"), console.client_as("ndrc")
    ends = re.findall(r"/profile/sessions/(\d+)/end", here.get("/profile").text)
    person = console.person("ndrc")
    mine = [one for one in ends if int(one) != person.session_id]
    for one in mine:
        session = console.house.accounts.person_of_session(here.client.cookies[COOKIE], console.now)
        assert session is not None
        if int(one) != session.session_id:
            assert location(here.post(f"/profile/sessions/{one}/end")).startswith("/profile?said=")
    assert here.get("/profile").status_code == 200
    assert location(there.get("/profile")).startswith("/sign-in")


def test_nobody_ends_another_s_session(console: Console) -> None:
    theirs = console.person("competent").session_id
    assert console.client_as("ndrc").post(f"/profile/sessions/{theirs}/end").status_code == 404


def test_a_token_is_shown_once_and_taken_back(console: Console) -> None:
    browser = console.client_as("competent")
    grant = console.house.accounts.user("competent").grants[0].id
    answer = browser.post(
        "/profile/tokens", name="nightly", grant=str(grant), scopes=["read"], days="30"
    )
    [token] = re.findall(r"neiic_[\w-]{43}", answer.text)
    assert console.house.accounts.person_of_token(token, console.now) is not None
    text = browser.shows("/profile", "nightly")
    assert token not in text
    [number] = re.findall(r"/profile/tokens/(\d+)/end", text)
    assert console.client_as("ndrc").post(f"/profile/tokens/{number}/end").status_code == 404
    browser.post(f"/profile/tokens/{number}/end")
    assert console.house.accounts.person_of_token(token, console.now) is None


def test_a_token_that_does_not_fit_is_told_at_its_field(console: Console) -> None:
    browser = console.client_as("competent")
    grant = str(console.house.accounts.user("competent").grants[0].id)
    for fields, field in (
        ({"name": "", "grant": grant, "scopes": "read", "days": "3"}, "token-name"),
        ({"name": "x", "grant": grant, "days": "3"}, "token-scopes"),
        ({"name": "x", "grant": grant, "scopes": "admin", "days": "3"}, "token-scopes"),
        ({"name": "x", "grant": grant, "scopes": "read", "days": "999999999999"}, "token-days"),
        ({"name": "x", "grant": "1", "scopes": "read", "days": "3"}, "token-grant"),
    ):
        answer = browser.post("/profile/tokens", **fields)
        assert answer.status_code == 422, fields
        assert f'href="#{field}"' in answer.text
    assert console.house.accounts.tokens(console.person("competent").user_id) == []


def test_work_is_handed_to_a_colleague_and_taken_back(console: Console) -> None:
    browser, colleague = console.client_as("competent"), console.client_as("competent2")
    days = {"first": "2031-06-30", "last": "2031-07-05"}
    sent = browser.post("/profile/delegations", to="competent2", **days)
    assert location(sent).startswith("/profile?said=delegated")
    text = colleague.shows("/profile", "Competent 某 → Competent2 某", "2031年7月5日")
    assert "代 Competent 某" in text or "Competent 某" in text
    assert len(console.person("competent2").grants) == 2
    [number] = re.findall(r"/profile/delegations/(\d+)/end", text)
    assert (
        console.client_as("foreign").post(f"/profile/delegations/{number}/end").status_code == 404
    )
    colleague.post(f"/profile/delegations/{number}/end")
    assert len(console.person("competent2").grants) == 1


@pytest.mark.parametrize(
    ("to", "last", "field"),
    [
        ("ndrc", "2031-07-05", "delegation-to"),
        ("competent2", "soon", "delegation-last"),
        ("competent2", "2031-06-01", "delegation-last"),
    ],
)
def test_a_delegation_that_does_not_fit(console: Console, to: str, last: str, field: str) -> None:
    answer = console.client_as("competent").post(
        "/profile/delegations", to=to, first="2031-06-30", last=last
    )
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_a_password_that_was_given_must_become_one_s_own(console: Console) -> None:
    user = console.house.accounts.user("ndrc")
    given = console.house.accounts.set_password(COMMAND_LINE, user.id, console.now)
    browser = console.visitor()
    assert location(browser.sign_in("ndrc", given or "")) == "/tasks"
    for path in ("/profile", "/drafts", "/centers/NEIIC-2031-001"):
        assert location(browser.get(path)) == "/profile/password"
    browser.shows("/profile/password", "12")
    before = browser.client.cookies[COOKIE]
    sent = browser.post("/profile/password", old=given or "", new=ANOTHER, again=ANOTHER)
    assert location(sent) == "/tasks"
    assert browser.client.cookies[COOKIE] != before
    browser.shows("/profile")
    assert console.visitor().sign_in("ndrc", ANOTHER).status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("not this one", ANOTHER, ANOTHER, "old"),
        (PASSWORD, "short", "short", "new"),
        (PASSWORD, ANOTHER, ANOTHER + "x", "again"),
    ],
)
def test_a_password_that_does_not_fit(
    console: Console, old: str, new: str, again: str, field: str
) -> None:
    browser = console.client_as("tax")
    answer = browser.post("/profile/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert old not in answer.text
    assert new not in answer.text
    assert console.visitor().sign_in("tax").status_code == 303
