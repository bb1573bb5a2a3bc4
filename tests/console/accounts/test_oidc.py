"""Signing in by a provider of OpenID Connect that runs, over a tiny app of our own."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from oidc_provider_mock import User, run_server_in_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from neiic.console.accounts.faults import FaultError
from neiic.console.accounts.oidc import SignInElsewhere, sign_in_elsewhere_of
from neiic.settings import SettingsError, load_settings
from neiic.starter.ports import free_port

BACK = "http://console/back"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    people = [
        User(sub="1", claims={"preferred_username": "Li.Si", "email": "li@si"}),
        User(sub="2", claims={"preferred_username": ["li.si"], "email": "x"}),
        User(
            sub="3",
            claims={"preferred_username": "x" * 65, "email": "w@w", "email_verified": True},
        ),
    ]
    with run_server_in_thread(port=free_port(), require_nonce=True, user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


def way(issuer: str, claim: str = "preferred_username") -> SignInElsewhere:
    settings = load_settings(
        data_dir="/nowhere",
        oidc_issuer=issuer,
        oidc_client_id="console",
        oidc_client_secret="s3cret-of-ours",
        oidc_name_claim=claim,
    )
    found = sign_in_elsewhere_of(settings)
    assert found is not None
    return found


def browser(way: SignInElsewhere) -> httpx.AsyncClient:
    """A browser in front of an app that has the two routes and nothing else."""

    async def begin(request: Request) -> Response:
        return await answered(way.begin(request, BACK))

    async def complete(request: Request) -> Response:
        return await answered(way.complete(request))

    async def answered(what: object) -> Response:
        try:
            answer = await what  # type: ignore[misc]
        except FaultError as error:
            return PlainTextResponse(error.fault.en, 403)
        return answer if isinstance(answer, Response) else PlainTextResponse(answer)

    app = Starlette(
        routes=[Route("/begin", begin), Route("/back", complete)],
        middleware=[Middleware(SessionMiddleware, secret_key="of this test")],
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console")


async def vouched(page: str, sub: str) -> str:
    """Where the provider sends a browser that signs in there as ``sub``."""
    async with httpx.AsyncClient() as elsewhere:
        answer = await elsewhere.post(page, data={"sub": sub})
    assert answer.status_code == 302, answer.text[:500]
    return answer.headers["location"]


async def signed_in(way: SignInElsewhere, sub: str) -> httpx.Response:
    async with browser(way) as here:
        begun = await here.get("/begin")
        assert begun.status_code == 302
        return await here.get(await vouched(begun.headers["location"], sub))


async def test_the_provider_s_word_is_a_login(issuer: str) -> None:
    answer = await signed_in(way(issuer), "1")
    assert (answer.status_code, answer.text) == (200, "li.si")


async def test_it_is_asked_with_state_nonce_and_a_code_challenge(issuer: str) -> None:
    async with browser(way(issuer)) as here:
        asked = parse_qs(urlsplit((await here.get("/begin")).headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert all(asked[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("sub", "claim"),
    [("2", "preferred_username"), ("3", "preferred_username"), ("1", "email"), ("1", "nothing")],
)
async def test_what_is_no_name_names_nobody(sub: str, claim: str, issuer: str) -> None:
    answer = await signed_in(way(issuer, claim), sub)
    assert (answer.status_code, answer.text) == (403, f"the provider gives no usable {claim}")


async def test_a_proved_address_may_be_the_login(issuer: str) -> None:
    assert (await signed_in(way(issuer, "email"), "3")).text == "w@w"


async def test_another_browser_s_answer_is_not_taken(issuer: str) -> None:
    ours = way(issuer)
    async with browser(ours) as attacker, browser(ours) as victim:
        begun = await attacker.get("/begin")
        back = await vouched(begun.headers["location"], "1")
        await victim.get("/begin")
        for address in (back, "/back", "/back?code=x&state=y", "/back?error=access_denied"):
            assert (await victim.get(address)).status_code == 403
        assert (await attacker.get(back)).text == "li.si"
        assert (await attacker.get(back)).status_code == 403


async def test_a_provider_that_is_away_is_told() -> None:
    async with browser(way(f"http://127.0.0.1:{free_port()}")) as here:
        answer = await here.get("/begin")
    assert answer.status_code == 403
    assert "does not answer" in answer.text


def test_without_an_issuer_there_is_no_such_way() -> None:
    assert sign_in_elsewhere_of(load_settings(data_dir="/nowhere")) is None


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "http://sso.example.cn", "oidc_client_id": "x"},
        {"oidc_issuer": "https://user:pw@sso", "oidc_client_id": "x"},
        {"oidc_issuer": "https://sso.example.cn"},
    ],
)
def test_an_issuer_is_far_away_only_by_https_and_knows_us(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="NEIIC_OIDC_"):
        load_settings(data_dir="/nowhere", **given)


def test_no_message_repeats_the_secret() -> None:
    settings = load_settings(data_dir="/nowhere", oidc_client_secret="s3cret")
    assert "s3cret" not in repr(settings)
    with pytest.raises(SettingsError) as caught:
        load_settings(data_dir="/nowhere", oidc_client_secret=["s3cret"])
    assert "s3cret" not in str(caught.value)
