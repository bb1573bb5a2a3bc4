"""Signing in by a provider of OpenID Connect that runs, through the real app."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread

from neiic.console.asking import COOKIE
from neiic.console.pages import signing_elsewhere
from neiic.settings import SettingsError, load_settings
from neiic.starter.ports import free_port
from tests.console.house import Browser, Console, location


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    people = [
        User(sub="1", claims={"preferred_username": "Competent"}),
        User(sub="2", claims={"preferred_username": "stranger"}),
        User(sub="3", claims={"preferred_username": ["odd"]}),
    ]
    with run_server_in_thread(port=free_port(), require_nonce=True, user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def console_settings(issuer: str) -> dict[str, str]:
    return {
        "oidc_issuer": issuer,
        "oidc_client_id": "console",
        "oidc_client_secret": "s3cret-of-ours",
        "console_url": "http://testserver",
    }


def vouched(page: str, sub: str) -> str:
    """Where the provider sends a browser that signs in there as ``sub``."""
    answer = httpx.post(page, data={"sub": sub})
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["location"].removeprefix("http://testserver")


def begun(browser: Browser, next_page: str = "/profile") -> str:
    answer = browser.get(f"/sign-in/oidc?next={next_page}")
    assert answer.status_code == 302, answer.text
    return str(answer.headers["location"])


def test_it_signs_in_and_goes_where_one_wanted(console: Console) -> None:
    browser = console.visitor()
    browser.shows("/sign-in", "/sign-in/oidc?next=")
    page = begun(browser)
    assert parse_qs(urlsplit(page).query)["redirect_uri"] == [
        "http://testserver/sign-in/oidc/callback"
    ]
    assert location(browser.get(vouched(page, "1"))) == "/profile"
    browser.shows("/profile", "Competent 某")
    assert signing_elsewhere.COOKIE not in browser.client.cookies


def test_it_sends_nobody_to_another_site(console: Console) -> None:
    browser = console.visitor()
    page = begun(browser, "//evil.example")
    assert location(browser.get(vouched(page, "1"))) == "/tasks"


@pytest.mark.parametrize("sub", ["2", "3"])
def test_strangers_are_told_so(console: Console, sub: str) -> None:
    browser = console.visitor()
    answer = browser.get(vouched(begun(browser), sub))
    assert answer.status_code == 403
    assert COOKIE not in browser.client.cookies
    assert "统一认证" in answer.text


def test_another_browser_s_answer_is_not_taken(console: Console) -> None:
    attacker, victim = console.visitor(), console.visitor()
    back = vouched(begun(attacker), "1")
    assert victim.get(back).status_code == 403
    begun(victim)
    assert victim.get(back).status_code == 403
    assert COOKIE not in victim.client.cookies


def test_an_answer_counts_once(console: Console) -> None:
    browser = console.visitor()
    back = vouched(begun(browser), "1")
    location(browser.get(back))
    assert browser.get(back).status_code == 403


def test_another_process_takes_the_way_back(console: Console) -> None:
    browser = console.visitor()
    page = begun(browser)
    other = Console(console.house, console.door, [console.now]).visitor()
    other.client.cookies.update(browser.client.cookies)
    assert location(other.get(vouched(page, "1"))) == "/profile"


def test_the_cookie_between_goes_nowhere_else(console: Console) -> None:
    answer = console.visitor().get("/sign-in/oidc")
    kept = answer.headers["set-cookie"].lower()
    assert "path=/sign-in/oidc" in kept
    assert "httponly" in kept
    assert "samesite=lax" in kept


def test_a_client_without_a_secret_needs_one_of_ours() -> None:
    public = {"oidc_issuer": "http://localhost:1", "oidc_client_id": "console"}
    with pytest.raises(SettingsError, match="NEIIC_CONSOLE_SECRET"):
        load_settings(**public)
    with pytest.raises(SettingsError, match="32 characters"):
        load_settings(**public, console_secret="short")
    ours = load_settings(**public, console_secret="x" * 32)
    assert "x" * 32 not in signing_elsewhere.key_of(ours)
