"""Users: found, added, given and taken roles, shut out, and given another password."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, forbidden, invalid
from neiic.console.accounts.users import User
from neiic.console.asking import Number, Wired
from neiic.console.desk.audit import author_of
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.admin.asking import Operator, admin_page, role_in, roles
from neiic.console.pages.mending import FRESH, again
from neiic.console.pages.rendering import said_in
from neiic.console.pages.sending import Sent, checked

router = APIRouter()

ROWS = 50
SAID = {
    "granted": N_("The role is given."),
    "granted-before": N_("The user has this role in this unit already."),
    "taken": N_("The role is taken back, with the tokens that were made for it."),
    "disabled": N_("The user is shut out, and signed out everywhere."),
    "enabled": N_("The user may sign in again."),
    "token-ended": N_("The token is taken back."),
    "renamed": N_("The name is changed."),
}


@router.get("/admin")
def start(person: Operator) -> Response:
    """The users come first."""
    del person
    return RedirectResponse("/admin/users", 303)


@router.get("/admin/users")
def show(
    request: Request, house: Wired, person: Operator, q: str = "", after: str = ""
) -> Response:
    """Users by login, those that the search finds."""
    return _list(request, house, person, q=q, after=after)


def _list(
    request: Request,
    house: House,
    person: Person,
    *,
    q: str = "",
    after: str = "",
    **form: Any,
) -> Response:
    return admin_page(
        request,
        house,
        person,
        "users.html",
        "users",
        found=house.accounts.found_users(q, after, ROWS),
        q=q[:100],
        after=after,
        roles=roles(person),
        units=[one.name for one in house.accounts.units()],
        searched=None,
        **FRESH | form,
    )


@router.post("/admin/users")
def add(
    request: Request, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """A new user; the password made for them is shown in this answer and never again."""
    try:
        role = role_in(sent)
        for known in house.accounts.found_users(sent.one("login"), limit=200).users:
            if known.login == sent.one("login").lower():
                raise invalid(
                    "login",
                    "已有这个用户，请到其页面授予角色",
                    "is there already: give the role on their page",
                )
        added = house.accounts.add_user(
            sent.one("login"),
            sent.one("name"),
            role,
            sent.one("unit") or None,
            now=house.now(),
            author=author_of(person),
            with_password=not sent.one("elsewhere"),
        )
    except FaultError as error:
        return _list(request, house, person, **again(error, person, sent))
    user = house.accounts.user(sent.one("login"))
    return _user(request, house, person, user, password=added.password, made=True)


@router.get("/admin/users/{login}")
def user(request: Request, login: str, house: Wired, person: Operator, said: str = "") -> Response:
    """One user."""
    known = _known(house, login)
    return _user(request, house, person, known, said=said_in(SAID, said, person))


def _known(house: House, login: str) -> User:
    try:
        return house.accounts.user(login)
    except FaultError:
        raise HTTPException(404) from None


def _user(
    request: Request,
    house: House,
    person: Person,
    user: User,
    *,
    password: str | None = None,
    made: bool = False,
    **form: Any,
) -> Response:
    now = house.now()
    return admin_page(
        request,
        house,
        person,
        "user.html",
        "users",
        user=user,
        myself=user.id == person.user_id,
        password=password,
        made=made,
        tokens=[
            one for one in house.accounts.tokens(user.id) if one.ended is None and one.expires > now
        ],
        sessions=len(house.accounts.sessions(user.id, now)),
        seen=house.accounts.last_sign_in(user.login),
        delegations=[
            one for one in house.accounts.delegations(user.id) if one.holds_on(house.today)
        ],
        roles=roles(person),
        units=[one.name for one in house.accounts.units()],
        **FRESH | form,
    )


@router.post("/admin/users/{login}/grants")
def grant(
    request: Request, login: str, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """Give a user another role."""
    known = _known(house, login)
    try:
        role = role_in(sent)
        added = house.accounts.add_user(
            known.login,
            None,
            role,
            sent.one("unit") or None,
            now=house.now(),
            author=author_of(person),
            with_password=False,
        )
    except FaultError as error:
        return _user(request, house, person, known, **again(error, person, sent))
    return _back(known, "granted" if added.new_grant else "granted-before")


@router.post("/admin/users/{login}/grants/{grant_id}/end")
def end_grant(
    login: str,
    grant_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Take a role back; never the one that one acts in."""
    del sent
    known = _known(house, login)
    if grant_id not in {one.id for one in known.grants}:
        raise HTTPException(404)
    if grant_id == person.grant.id:
        raise _not_oneself()
    house.accounts.end_grant(author_of(person), grant_id, house.now())
    return _back(known, "taken")


@router.post("/admin/users/{login}/disabled")
def set_disabled(
    login: str, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """Shut a user out, or let them in again; never oneself."""
    known, disabled = _known(house, login), sent.one("disabled") == "yes"
    if known.id == person.user_id:
        raise _not_oneself()
    house.accounts.set_disabled(author_of(person), known.id, house.now(), disabled=disabled)
    return _back(known, "disabled" if disabled else "enabled")


def _not_oneself() -> FaultError:
    return forbidden(
        "user",
        "不能停用自己或收回自己正在使用的系统运行角色，请由另一位管理员办理",
        "nobody shuts themselves out: let another operator do it",
    )


@router.post("/admin/users/{login}/name")
def rename(
    request: Request, login: str, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """Correct a user's name."""
    known = _known(house, login)
    try:
        house.accounts.set_profile(author_of(person), known.id, house.now(), name=sent.one("name"))
    except FaultError as error:
        return _user(request, house, person, known, **again(error, person, sent))
    return _back(known, "renamed")


@router.post("/admin/users/{login}/password")
def give_password(
    request: Request, login: str, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """Another password, shown in this answer and never again."""
    del sent
    known = _known(house, login)
    if known.id == person.user_id:
        # One's own is changed with the present one, and without being signed out half-way.
        return RedirectResponse("/profile/password", 303)
    made = house.accounts.set_password(author_of(person), known.id, house.now())
    return _user(request, house, person, _known(house, login), password=made)


@router.post("/admin/users/{login}/tokens/{token_id}/end")
def end_token(
    login: str,
    token_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Take one of the user's tokens back."""
    del sent
    known = _known(house, login)
    house.accounts.end_token(author_of(person), token_id, house.now(), known.id)
    return _back(known, "token-ended")


def _back(user: User, said: str) -> Response:
    return RedirectResponse(f"/admin/users/{quote(user.login, safe='')}?said={said}", 303)
