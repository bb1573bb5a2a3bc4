"""Signing in by the unit's account (OpenID Connect): to the provider and back.

Between the two the browser carries a signed cookie of ten minutes, sent to these addresses only.
Its key comes from the settings, so that any process may answer the way back.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from neiic.console.accounts.faults import FaultError
from neiic.console.accounts.oidc import SignInElsewhere, sign_in_elsewhere_of
from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.asking import address_of
from neiic.console.house import House
from neiic.console.pages.signing_in import own_path, set_session, sign_in_page
from neiic.settings import Settings

PATH = "/sign-in/oidc"
COOKIE, MINUTES = "neiic_elsewhere", 10
_NEXT = "next"


def routes(house: House) -> list[Route]:
    """The two addresses, where the settings name a provider; none otherwise."""
    way = sign_in_elsewhere_of(house.settings)
    if way is None:
        return []
    pages = _Pages(house, way)
    carried = Middleware(
        SessionMiddleware,
        secret_key=key_of(house.settings),
        session_cookie=COOKIE,
        max_age=MINUTES * 60,
        path=PATH,
        same_site="lax",
        https_only=house.settings.console_address.startswith("https:"),
    )
    return [
        Route(PATH, pages.begin, middleware=[carried]),
        Route(f"{PATH}/callback", pages.complete, middleware=[carried]),
    ]


def key_of(settings: Settings) -> str:
    """The key of the cookie: from the setting for it or else from the secret at the provider.

    Settings make sure that there is one of them. Derived, so that neither is used twice.
    """
    secret = (
        settings.console_secret.get_secret_value() or settings.oidc_client_secret.get_secret_value()
    )
    return hmac.new(secret.encode(), b"neiic sign-in elsewhere", hashlib.sha256).hexdigest()


class _Pages:
    def __init__(self, house: House, way: SignInElsewhere) -> None:
        self._house = house
        self._way = way

    async def begin(self, request: Request) -> Response:
        """Off to the provider; where to go afterwards is remembered."""
        request.session[_NEXT] = own_path(request.query_params.get("next"))
        back = f"{self._house.settings.console_address}{PATH}/callback"
        try:
            return await self._way.begin(request, back)
        except FaultError as error:
            return self._denied(request, error, 503)

    async def complete(self, request: Request) -> Response:
        """Back with the provider's word: a session of ours, or the sign-in page with the reason."""
        target = own_path(request.session.pop(_NEXT, None))
        try:
            login = await self._way.complete(request)
        except FaultError as error:
            return self._denied(request, error, 403)
        finally:
            # The answer to one question is worth nothing for another.
            request.session.clear()
        found = await asyncio.to_thread(
            self._house.accounts.sign_in_elsewhere,
            login,
            address_of(request),
            request.headers.get("user-agent", ""),
            self._house.now(),
        )
        if isinstance(found, SignInRefused):
            return sign_in_page(request, self._house, next_page=target, denied=found, status=403)
        answer = RedirectResponse(target, 303)
        set_session(answer, self._house, found.key)
        return answer

    def _denied(self, request: Request, error: FaultError, status: int) -> Response:
        denied = SignInRefused("wrong", f"{error.fault.zh}。", f"{error.fault.en}.")
        return sign_in_page(request, self._house, denied=denied, status=status)
