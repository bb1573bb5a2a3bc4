"""All of the accounts as one object, for whoever wires the console or the command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from neiic.console.accounts import (
    delegations,
    directory,
    engagements,
    persons,
    sessions,
    signing_in,
    tokens,
    units,
    users,
)
from neiic.console.accounts.access import Person, Scope, may_see
from neiic.console.accounts.delegations import Delegation
from neiic.console.accounts.sessions import Opened, Session
from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.accounts.tokens import Token
from neiic.console.accounts.units import Tie, Unit
from neiic.console.accounts.users import Added, User
from neiic.console.desk.audit import COMMAND_LINE, Author
from neiic.statute.terms import Role

#: A session ends after so long without a request, and in any case after so long.
IDLE, LIFETIME = timedelta(hours=2), timedelta(hours=12)


class Accounts:
    """Users, units, grants, sessions, tokens, delegations; every call a short transaction.

    Calls that change something take the ``author`` for the trail and raise FaultError where the
    data cannot be taken. Instants are aware.
    """

    def __init__(
        self, engine: Engine, *, idle: timedelta = IDLE, lifetime: timedelta = LIFETIME
    ) -> None:
        self.engine = engine
        self.idle = idle
        self.lifetime = lifetime

    # Who is there ------------------------------------------------------------------------

    def person_of_session(self, cookie: str, now: datetime) -> Person | None:
        """Who is signed in with this cookie; None where nobody is, or is any more."""
        return persons.person_of_session(self.engine, cookie, now, self.idle)

    def person_of_token(self, token: str, now: datetime) -> Person | None:
        """Who holds this token of the API; None where nobody does, or does any more."""
        return persons.person_of_token(self.engine, token, now)

    def may_see(self, scope: Scope, code: str) -> bool:
        """Whether the center exists for this scope."""
        return may_see(self.engine, scope, code)

    # Signing in --------------------------------------------------------------------------

    def sign_in(
        self,
        login: str,
        password: str,
        address: str,
        agent: str,
        now: datetime,
        *,
        as_token: bool = False,
        role: Role | None = None,
        unit: str | None = None,
    ) -> Opened | SignInRefused:
        """A new session, or why not; as a token of the API for 12 hours, in a grant that fits."""
        return signing_in.sign_in(
            self.engine,
            login,
            password,
            address=address,
            agent=agent,
            now=now,
            lifetime=self.lifetime,
            as_token=as_token,
            role=role,
            unit=unit,
        )

    def sign_in_elsewhere(
        self, login: str, address: str, agent: str, now: datetime
    ) -> Opened | SignInRefused:
        """A new session for whom another house has signed in, or why not."""
        return signing_in.sign_in_elsewhere(
            self.engine, login, address=address, agent=agent, now=now, lifetime=self.lifetime
        )

    def sign_out(self, cookie: str, now: datetime) -> None:
        """End the session behind a cookie, if there is one."""
        sessions.end_by_cookie(self.engine, cookie, now)

    def change_password(
        self, person: Person, old: str, new: str, address: str, agent: str, now: datetime
    ) -> Opened:
        """Change one's own password; all sessions end, and a new one is answered."""
        return signing_in.change_password(
            self.engine,
            person,
            old,
            new,
            address=address,
            agent=agent,
            now=now,
            lifetime=self.lifetime,
        )

    def sign_ins(
        self, *, before_id: int | None = None, login: str | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """The log of sign-ins, newest first."""
        return signing_in.sign_ins(self.engine, before_id=before_id, login=login, limit=limit)

    # Sessions and tokens -----------------------------------------------------------------

    def sessions(self, user_id: int, now: datetime) -> list[Session]:
        """A user's live sessions, the last seen first."""
        return sessions.sessions(self.engine, user_id, now, self.idle)

    def end_session(self, author: Author, user_id: int, session_id: int, now: datetime) -> None:
        """End one session of this user."""
        sessions.end_session(self.engine, author, user_id, session_id, now)

    def act_as(
        self, person: Person, grant_id: int, delegation_id: int | None, now: datetime
    ) -> None:
        """Let this browser act in another of the person's grants."""
        sessions.act_as(self.engine, person, grant_id, delegation_id, now)

    def make_token(
        self,
        author: Author,
        user_id: int,
        grant_id: int,
        *,
        name: str,
        scopes: Collection[str],
        now: datetime,
        days: int = tokens.DAYS,
    ) -> Opened:
        """A token of the API for one of the user's own grants."""
        return tokens.make_token(
            self.engine,
            author,
            user_id,
            grant_id,
            name=name,
            scopes=scopes,
            now=now,
            days=days,
        )

    def tokens(self, user_id: int) -> list[Token]:
        """A user's tokens, also those that hold no more, newest first."""
        return tokens.tokens(self.engine, user_id)

    def end_token(
        self, author: Author, token_id: int, now: datetime, user_id: int | None = None
    ) -> None:
        """Take a token back; with ``user_id`` only if it is this user's."""
        tokens.end_token(self.engine, author, token_id, now, user_id)

    # Users and grants --------------------------------------------------------------------

    def add_user(
        self,
        login: str,
        name: str | None,
        role: Role,
        unit: str | None = None,
        *,
        now: datetime,
        author: Author = COMMAND_LINE,
        password: str | None = None,
        must_change: bool = True,
        language: str = "zh",
        with_password: bool = True,
    ) -> Added:
        """Add a user with a grant; to one who is there already, another grant."""
        return users.add_user(
            self.engine,
            author,
            login=login,
            name=name,
            role=role,
            unit=unit,
            now=now,
            password=password,
            must_change=must_change,
            language=language,
            with_password=with_password,
        )

    def users(self) -> list[User]:
        """All users with their grants, by login."""
        return users.users(self.engine)

    def found_users(self, text: str = "", after: str = "", limit: int = 50) -> directory.Found:
        """A page of the users whose login, name or unit has this text in it."""
        return directory.found_users(self.engine, text, after, limit)

    def last_sign_in(self, login: str) -> datetime | None:
        """When somebody of this login was last let in."""
        return directory.last_sign_in(self.engine, login)

    def colleagues(self, person: Person) -> list[directory.Colleague]:
        """The other active users of the unit that the person acts for."""
        return directory.colleagues(self.engine, person)

    def user(self, login: str) -> User:
        """One user; FaultError where there is none."""
        return users.user_by_login(self.engine, login)

    def set_disabled(self, author: Author, user_id: int, now: datetime, *, disabled: bool) -> None:
        """Shut a user out at once, or let them in again."""
        users.set_disabled(self.engine, author, user_id, now, disabled=disabled)

    def set_password(
        self, author: Author, user_id: int, now: datetime, password: str | None = None
    ) -> str | None:
        """Give a user another password; answers a generated one where none is given."""
        return users.set_password(self.engine, author, user_id, now, password)

    def set_profile(
        self,
        author: Author,
        user_id: int,
        now: datetime,
        *,
        name: str | None = None,
        language: str | None = None,
    ) -> None:
        """Change a user's name or language."""
        users.set_profile(self.engine, author, user_id, now, name=name, language=language)

    def end_grant(self, author: Author, grant_id: int, now: datetime) -> None:
        """Take a grant back; whoever acts in it is out of it at once."""
        users.end_grant(self.engine, author, grant_id, now)

    # Delegation --------------------------------------------------------------------------

    def delegate(
        self, person: Person, to_login: str, first: date, last: date, now: datetime
    ) -> int:
        """Hand the work of the grant one acts in to a colleague, for Beijing days inclusive."""
        return delegations.delegate(self.engine, person, to_login, first, last, now)

    def end_delegation(self, person: Person, delegation_id: int, now: datetime) -> None:
        """Take a delegation back."""
        delegations.end_delegation(self.engine, person, delegation_id, now)

    def delegations(self, user_id: int | None = None) -> list[Delegation]:
        """Delegations from and to a user, or all, newest first."""
        return delegations.delegations(self.engine, user_id)

    # Units -------------------------------------------------------------------------------

    def add_unit(
        self,
        author: Author,
        role: Role,
        name: str | None,
        now: datetime,
        superior: str | None = None,
    ) -> int:
        """Make a unit, or let one play another role, or name its superior."""
        return units.add_unit(self.engine, author, role, name, now, superior)

    def units(self) -> list[Unit]:
        """All units, by name."""
        return units.units(self.engine)

    def set_superior(
        self, author: Author, unit_id: int, superior: str | None, now: datetime
    ) -> None:
        """Say whose a unit is; None: nobody's."""
        units.set_superior(self.engine, author, unit_id, superior, now)

    def unmatched_units(self) -> list[directory.Unmatched]:
        """Units that centers name and that nobody here has an account for."""
        return directory.unmatched_units(self.engine)

    def rename_unit(self, author: Author, old: str, new: str, now: datetime) -> None:
        """Give a unit another name; it keeps what it had under the old one."""
        units.rename_unit(self.engine, author, old, new, now)

    def set_signing(
        self,
        author: Author,
        unit_id: int,
        now: datetime,
        *,
        on: bool,
        actions: Sequence[str] | None = None,
    ) -> None:
        """Whether a unit's acts are drafted and signed; None: those that cannot be undone."""
        units.set_signing(self.engine, author, unit_id, now, on=on, actions=actions)

    def tie(self, author: Author, one: str, other: str, note: str, now: datetime) -> None:
        """Note that two units are tied to each other."""
        units.tie(self.engine, author, one, other, note, now)

    def untie(self, author: Author, one: str, other: str, now: datetime) -> None:
        """Take back that two units are tied."""
        units.untie(self.engine, author, one, other, now)

    def ties(self) -> list[tuple[str, str, str]]:
        """All ties: both units' present names, and why."""
        return units.ties(self.engine)

    def tied(self, unit: str, other: str) -> Tie | None:
        """How two units are tied, if they are."""
        return next(iter(self.ties_with(unit, [other])), None)

    def ties_with(self, unit: str, others: Sequence[str]) -> list[Tie]:
        """How a unit is tied to any of these; two statements however many there are."""
        return units.tied(self.engine, unit, others)

    def engage(self, author: Author, center: str, agency: str, now: datetime) -> None:
        """From now on this agency assesses the center, and sees it."""
        engagements.engage(self.engine, author, center, agency, now)

    def disengage(self, author: Author, center: str, agency: str, now: datetime) -> None:
        """This agency does not assess the center after all."""
        engagements.disengage(self.engine, author, center, agency, now)

    def engaged(self, centers: Sequence[str]) -> dict[str, list[str]]:
        """The agencies that assess each of these centers."""
        return engagements.engaged(self.engine, centers)
