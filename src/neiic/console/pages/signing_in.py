"""Signing in and out, language, and the role in which one acts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.asking import COOKIE, Visitor, Wired, address_of
from neiic.console.desk.audit import author_of
from neiic.console.house import House
from neiic.console.pages.rendering import LANGUAGE_COOKIE, bare_page
from neiic.console.pages.sending import Sent, checked
from neiic.console.translating import LANGUAGES

router = APIRouter(include_in_schema=False)

#: Names of hidden inputs that carry what a form held when its session had ended.
KEPT = "kept."
A_YEAR = 366 * 24 * 3600


def own_path(path: str | None) -> str:
    """The path if it is one of ours, the tasks otherwise: nobody is sent to another site."""
    if not path or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/tasks"
    return path if path.isprintable() else "/tasks"


def sign_in_page(
    request: Request,
    house: House,
    *,
    next_page: str | None = None,
    kept: Sequence[tuple[str, str]] = (),
    denied: SignInRefused | None = None,
    login: str = "",
    status: int = 200,
) -> Response:
    """The sign-in form. ``kept`` is what another form held; it goes along, hidden."""
    return bare_page(
        request,
        house,
        "sign_in.html",
        status=status,
        next_page=own_path(next_page),
        kept=[(KEPT + name.removeprefix(KEPT), value) for name, value in kept],
        denied=denied,
        login=login,
        expired=bool(kept) or status == 401,
        with_oidc=bool(house.settings.oidc_issuer),
    )


@router.get("/sign-in")
def show(request: Request, house: Wired, next: str | None = None) -> Response:
    """The form."""
    return sign_in_page(request, house, next_page=next)


@router.post("/sign-in")
async def sign_in(request: Request, house: Wired) -> Response:
    """A session, or the form again with the reason."""
    form = await request.form()
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    given = dict(fields)
    kept = [(name, value) for name, value in fields if name.startswith(KEPT)]
    return await asyncio.to_thread(_signed_in, request, house, given, kept)


def _signed_in(
    request: Request, house: House, given: dict[str, str], kept: list[tuple[str, str]]
) -> Response:
    target = own_path(given.get("next"))
    found = house.accounts.sign_in(
        given.get("login", ""),
        given.get("password", ""),
        address_of(request),
        request.headers.get("user-agent", ""),
        house.now(),
    )
    if isinstance(found, SignInRefused):
        again = sign_in_page(
            request,
            house,
            next_page=target,
            kept=kept,
            denied=found,
            login=given.get("login", "")[:64],
            status=429 if found.wait else 401,
        )
        again.headers.update({"Retry-After": str(found.wait)} if found.wait else {})
        return again
    if kept:
        fields: dict[str, list[str]] = {}
        for name, value in kept:
            fields.setdefault(name.removeprefix(KEPT), []).append(value)
        house.desk.keep(found.user_id, target, fields, house.now())
    answer = RedirectResponse(target, 303)
    set_session(answer, house, found.key)
    return answer


def set_session(answer: Response, house: House, token: str) -> None:
    """The session's cookie on an answer."""
    answer.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="lax",
        secure=house.settings.console_url.startswith("https:"),
        path="/",
    )


@router.post("/sign-out")
def sign_out(request: Request, house: Wired, sent: Annotated[Sent, checked()]) -> Response:
    """End this session."""
    del sent
    house.accounts.sign_out(request.cookies[COOKIE], house.now())
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.post("/language")
def choose_language(house: Wired, person: Visitor, sent: Annotated[Sent, checked()]) -> Response:
    """Read on in the other language."""
    language = sent.one("language")
    answer = RedirectResponse(own_path(sent.one("back")), 303)
    if language in LANGUAGES:
        house.accounts.set_profile(
            author_of(person), person.user_id, house.now(), language=language
        )
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="lax", path="/")
    return answer


@router.post("/sign-in/language")
def visitors_language(language: Annotated[str, Form()] = "") -> Response:
    """The same for a visitor who is not signed in: no more than a cookie."""
    answer = RedirectResponse("/sign-in", 303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=A_YEAR, samesite="lax", path="/")
    return answer


@router.post("/acting-as")
def act_as(house: Wired, person: Visitor, sent: Annotated[Sent, checked()]) -> Response:
    """Act in another of one's roles from now on."""
    grant, _, delegation = sent.one("grant").partition("-")
    if not grant.isdecimal() or not (delegation or "0").isdecimal():
        raise HTTPException(404)
    house.accounts.act_as(person, int(grant), int(delegation) if delegation else None, house.now())
    return RedirectResponse("/tasks", 303)
