"""Signing in to the API, and out again: ``/api/v1/session``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.api.problems import ProblemError
from neiic.console.asking import Caller, Wired, address_of
from neiic.console.desk.audit import author_of
from neiic.statute.terms import Role

router = APIRouter(tags=["session"])


class Credentials(BaseModel):
    """Name and password; with several roles, the one to act in (by default the first)."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=64, examples=["wang"])]
    password: Annotated[str, Field(min_length=1, max_length=128)]
    role: Annotated[Role | None, Field(strict=False)] = None
    unit: Annotated[str | None, Field(max_length=200)] = None


class Acting(BaseModel):
    """A role in which the user may act, for a unit."""

    role: Role
    unit: str


class Opened(BaseModel):
    """The token that every other call carries as ``Authorization: Bearer``."""

    token: str
    expires_at: datetime
    user: str
    name: str
    acting: Acting
    grants: list[Acting]


@router.post("/session", status_code=201)
def open_session(given: Credentials, request: Request, house: Wired) -> Opened:
    """Sign in: a token for twelve hours. Wrong name and wrong password are told alike."""
    found = house.accounts.sign_in(
        given.name,
        given.password,
        address_of(request),
        request.headers.get("user-agent", ""),
        house.now(),
        as_token=True,
        role=given.role,
        unit=given.unit,
    )
    if isinstance(found, SignInRefused):
        raise _not_let_in(found)
    person = house.accounts.person_of_token(found.key, house.now())
    assert person is not None, "a token that was just made"
    return Opened(
        token=found.key,
        expires_at=found.expires,
        user=person.login,
        name=person.name,
        acting=Acting(role=person.scope.role, unit=person.scope.unit),
        grants=[Acting(role=one.role, unit=one.unit) for one in person.grants],
    )


def _not_let_in(found: SignInRefused) -> ProblemError:
    headers = {"Retry-After": str(found.wait)} if found.wait else None
    status = 429 if found.wait else 401
    return ProblemError(status, f"sign_in_{found.kind}", found.zh, found.en, headers=headers)


@router.get("/session")
def who_am_i(person: Caller) -> Acting:
    """In which role and for which unit this token acts."""
    return Acting(role=person.scope.role, unit=person.scope.unit)


@router.delete("/session", status_code=204)
def close_session(person: Caller, house: Wired) -> Response:
    """Sign out: the token is worth nothing from now on."""
    assert person.token_id is not None, "the API knows no other key"
    house.accounts.end_token(author_of(person), person.token_id, house.now(), person.user_id)
    return Response(status_code=204)
