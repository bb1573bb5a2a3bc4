"""Who asks: the person behind a session cookie or a token."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from neiic.console.accounts.access import Person
from neiic.console.api.problems import ProblemError
from neiic.console.house import House

COOKIE = "neiic_session"

_bearer = HTTPBearer(
    auto_error=False, description="A token from POST /session or `neiic user token`."
)
_cookie = APIKeyCookie(name=COOKIE, auto_error=False)


def house_of(request: Request) -> House:
    """What the app is wired with."""
    house: House = request.app.state.house
    return house


async def _wired(request: Request) -> House:
    # A coroutine, because a plain function would be called in a thread, at every request.
    return house_of(request)


Wired = Annotated[House, Depends(_wired)]

#: A row's number in an address; one that no row can have is answered like one that none has.
LARGEST_NUMBER = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


#: What somebody may do before the password that was given to them is their own.
MAY_COME_BEFORE = ("/profile/password", "/sign-out", "/language")


class PasswordNeededError(Exception):
    """The password was given by somebody else and must be changed first."""


class SignInNeededError(Exception):
    """A page was asked for without a session that still holds."""


def person_of_token(
    house: Wired, given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Person:
    """The person of an API call. Raises a 401 problem without a token that still holds."""
    person = house.accounts.person_of_token(given.credentials, house.now()) if given else None
    if person is None:
        raise ProblemError(
            401,
            "sign_in_needed",
            "请先以 POST /api/v1/session 登录，或使用有效的访问令牌。",
            "Sign in with POST /api/v1/session first, or use a token that is still valid.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return person


Caller = Annotated[Person, Depends(person_of_token)]


def may(scope: str) -> Any:
    """A dependency: the person of a token that has this scope (read, act, admin)."""

    async def scoped(person: Caller) -> Person:
        if scope not in person.permits:
            raise ProblemError(
                403,
                "scope_missing",
                f"此令牌没有 {scope} 权限，请另行申请。",
                f"This token lacks the scope {scope}: ask for one that has it.",
            )
        return person

    return Depends(scoped)


def person_of_session(
    request: Request, house: Wired, cookie: Annotated[str | None, Security(_cookie)]
) -> Person:
    """The person of a page. Raises SignInNeededError without a session that still holds."""
    person = house.accounts.person_of_session(cookie, house.now()) if cookie else None
    if person is None:
        raise SignInNeededError(request.url.path)
    if person.must_change and not request.url.path.startswith(MAY_COME_BEFORE):
        raise PasswordNeededError
    return person


Visitor = Annotated[Person, Depends(person_of_session)]


def address_of(request: Request) -> str:
    """Where a request comes from, as the sign-in log keeps it."""
    return request.client.host if request.client else ""
