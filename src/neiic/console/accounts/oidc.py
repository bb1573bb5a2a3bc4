"""Signing in by another house (OpenID Connect): it says who somebody is, we say what they may do.

Nobody gets an account by this: the claim has to be the login of a user who is there already.
"""

from __future__ import annotations

import re
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.starlette_client import OAuth  # type: ignore[import-untyped]
from joserfc.errors import JoseError
from starlette.requests import Request
from starlette.responses import RedirectResponse

from neiic.console.accounts.faults import FaultError, forbidden, typed_login
from neiic.settings import Settings


class SignInElsewhere:
    """The way to the provider and back. Needs Starlette's SessionMiddleware on both requests.

    The middleware's cookie carries state, nonce and the code verifier between the two; it says
    nothing of who is signed in here.
    """

    def __init__(self, settings: Settings) -> None:
        self._claim = settings.oidc_name_claim
        issuer = settings.oidc_issuer.rstrip("/")
        self._client: Any = OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value() or None,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid profile email",
                "code_challenge_method": "S256",
                "timeout": 10,
            },
        )

    async def begin(self, request: Request, redirect_uri: str) -> RedirectResponse:
        """Send the browser to the provider; it comes back to ``redirect_uri``.

        Raises FaultError where the provider does not answer.
        """
        try:
            answer: RedirectResponse = await self._client.authorize_redirect(request, redirect_uri)
        except (OAuthError, httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise _away() from error
        return answer

    async def complete(self, request: Request) -> str:
        """The login that the provider vouches for, in lower case.

        Signature, issuer, audience, nonce and state have been checked. Raises FaultError where
        the provider refused, did not answer, was not asked by this browser, or names nobody.
        """
        try:
            token = await self._client.authorize_access_token(request)
        except (OAuthError, JoseError) as error:
            raise forbidden(
                "oidc",
                "统一认证未通过或已过期，请重新登录",
                "the provider did not vouch for you, or it took too long; sign in again",
            ) from error
        except (httpx2.HTTPError, ValueError, RuntimeError) as error:
            raise _away() from error
        return self._login(token.get("userinfo") or {})

    def _login(self, claims: Any) -> str:
        said = claims.get(self._claim)
        # An address that its owner merely typed in is nobody's name.
        unproved = self._claim == "email" and claims.get("email_verified") is not True
        if not isinstance(said, str) or not re.fullmatch(r"\S{2,64}", said) or unproved:
            raise forbidden(
                "oidc",
                f"统一认证没有给出可用的 {self._claim}",
                f"the provider gives no usable {self._claim}",
            )
        return typed_login(said)


def _away() -> FaultError:
    return forbidden(
        "oidc",
        "统一认证暂不可用，请稍后再试或用密码登录",
        "the provider does not answer; try again later, or sign in by password",
    )


def sign_in_elsewhere_of(settings: Settings) -> SignInElsewhere | None:
    """The way to the provider, where the settings name one."""
    return SignInElsewhere(settings) if settings.oidc_issuer else None
