"""One's own page: who one is, where one is signed in, tokens, and work handed to a colleague."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, invalid
from neiic.console.accounts.passwords import LONGEST, SHORTEST
from neiic.console.accounts.tokens import DAYS, MOST_DAYS, PERMITS
from neiic.console.asking import Number, Visitor, Wired, address_of
from neiic.console.desk.audit import author_of
from neiic.console.forms.dates import day_in
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.mending import FRESH, again
from neiic.console.pages.rendering import page, said_in
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.signing_in import set_session
from neiic.console.pages.standing import title_of
from neiic.console.translating import translator
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import Role

router = APIRouter(include_in_schema=False)

#: What the page says after it was sent, by the word in its address.
SAID = {
    "session-ended": N_("That browser is signed out."),
    "token-ended": N_("The token is taken back; whatever used it is shut out."),
    "delegated": N_("The work is handed over for those days."),
    "delegation-ended": N_("The delegation has ended."),
}
#: Names of scopes as people read them.
SCOPES = {
    "read": N_("read: look at what the role sees"),
    "act": N_("act: decide as the role does"),
    "admin": N_("admin: administer users and units"),
}


@router.get("/profile")
def show(request: Request, house: Wired, person: Visitor, said: str = "") -> Response:
    """The page."""
    return _page(request, house, person, said=said_in(SAID, said, person))


def _page(request: Request, house: House, person: Person, **form: Any) -> Response:
    now = house.now()
    delegations = house.accounts.delegations(person.user_id)
    context: dict[str, Any] = {
        "sessions": house.accounts.sessions(person.user_id, now),
        "tokens": [(one, _holds(one, now)) for one in house.accounts.tokens(person.user_id)],
        "own_grants": [one for one in person.grants if one.delegation_id is None],
        "scopes": _scopes(person),
        "days": DAYS,
        "most_days": MOST_DAYS,
        "given": [one for one in delegations if one.giver == person.login],
        "received": [one for one in delegations if one.receiver == person.login],
        "may_delegate": person.for_whom is None and person.scope.role is not Role.OPERATOR,
        "colleagues": house.accounts.colleagues(person),
        "signing": _signing(person),
    }
    return page(request, house, person, "profile/profile.html", **context | FRESH | form)


def _holds(token: Any, now: Any) -> bool:
    return token.ended is None and token.expires > now


def _scopes(person: Person) -> list[tuple[str, str]]:
    _ = translator(person.language)
    operator = any(one.role is Role.OPERATOR for one in person.grants)
    return [(name, _(SCOPES[name])) for name in PERMITS if name != "admin" or operator]


def _signing(person: Person) -> list[str] | None:
    """The acts that the unit has signed by a second person; None where it has none signed."""
    if person.signing is None:
        return None
    mine = [one for one in ACTIONS.values() if person.scope.role in one.roles]
    return [
        title_of(one.name, person.language)
        for one in mine
        if person.signing.asks(one.name, one.irreversible)
    ]


@router.post("/profile/sessions/{session_id}/end")
def end_session(
    session_id: Number, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Sign another browser out, or this one."""
    del sent
    house.accounts.end_session(author_of(person), person.user_id, session_id, house.now())
    mine = session_id == person.session_id
    return RedirectResponse("/sign-in" if mine else "/profile?said=session-ended#sessions", 303)


@router.post("/profile/tokens")
def make_token(
    request: Request, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """A new token, shown in this answer and never again."""
    try:
        made = house.accounts.make_token(
            author_of(person),
            person.user_id,
            sent.number("grant"),
            name=sent.one("name"),
            scopes=sent.all("scopes"),
            now=house.now(),
            days=sent.number("days"),
        )
    except FaultError as error:
        return _page(request, house, person, **again(error, person, sent, form="token-"))
    return _page(request, house, person, made=made.key)


@router.post("/profile/tokens/{token_id}/end")
def end_token(
    token_id: Number, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Take one of one's tokens back."""
    del sent
    house.accounts.end_token(author_of(person), token_id, house.now(), person.user_id)
    return RedirectResponse("/profile?said=token-ended#tokens", 303)


@router.post("/profile/delegations")
def delegate(
    request: Request, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Hand the work of the grant one acts in to a colleague."""
    try:
        first, last = day_in(sent.one("first")), day_in(sent.one("last"))
        for name, day in (("first", first), ("last", last)):
            if day is None:
                raise invalid(name, "请填写日期，例如 2034-06-19", "is no day, such as 2034-06-19")
        assert first is not None
        assert last is not None
        house.accounts.delegate(person, sent.one("to"), first, last, house.now())
    except FaultError as error:
        return _page(request, house, person, **again(error, person, sent, form="delegation-"))
    return RedirectResponse("/profile?said=delegated#delegations", 303)


@router.post("/profile/delegations/{delegation_id}/end")
def end_delegation(
    delegation_id: Number, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Take a delegation back, or give it back."""
    del sent
    house.accounts.end_delegation(person, delegation_id, house.now())
    return RedirectResponse("/profile?said=delegation-ended#delegations", 303)


@router.get("/profile/password")
def password(request: Request, house: Wired, person: Visitor) -> Response:
    """The form for another password."""
    return _password_page(request, house, person)


def _password_page(request: Request, house: House, person: Person, **form: Any) -> Response:
    limits = {"shortest": SHORTEST, "longest": LONGEST}
    return page(request, house, person, "profile/password.html", **limits | FRESH | form)


@router.post("/profile/password")
def change_password(
    request: Request, house: Wired, person: Visitor, sent: Annotated[Sent, checked()]
) -> Response:
    """Change it: every other browser is signed out, this one goes on with a new session."""
    # As they were typed: blanks at the ends may be part of a password.
    old, new, repeated = (next(iter(sent.all(name)), "") for name in ("old", "new", "again"))
    try:
        if new != repeated:
            raise invalid("again", "两次输入不一致", "differs from the first")
        opened = house.accounts.change_password(
            person,
            old,
            new,
            address_of(request),
            request.headers.get("user-agent", ""),
            house.now(),
        )
    except FaultError as error:
        return _password_page(request, house, person, **again(error, person, sent))
    answer = RedirectResponse("/tasks", 303)
    set_session(answer, house, opened.key)
    return answer
