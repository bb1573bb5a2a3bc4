"""The people and units there are, as lists and pages look them up: found, counted, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, literal, or_, select, union_all

from neiic.console.accounts.access import Grant, Person
from neiic.console.accounts.faults import kept
from neiic.console.accounts.units import NAMES, UNITS
from neiic.console.accounts.users import GRANTS, SIGN_INS, USERS
from neiic.models.tables import CenterRecord, table_of
from neiic.statute.terms import UNIT_ROLES, Role

_CENTERS = table_of(CenterRecord)
_LONGEST_SEARCH = 100


class Listed(NamedTuple):
    """A user in a list. ``seen``: the last sign-in that succeeded."""

    id: int
    login: str
    name: str
    disabled: bool
    must_change: bool
    grants: tuple[Grant, ...]
    seen: datetime | None


class Found(NamedTuple):
    """A page of users: how many there are in all, and the login to go on after."""

    users: list[Listed]
    total: int
    next: str | None


class Colleague(NamedTuple):
    """Another active user of one's unit."""

    login: str
    name: str


class Unmatched(NamedTuple):
    """A name by which centers know a unit that no unit of the accounts has or had."""

    name: str
    role: Role
    centers: int


def found_users(engine: Engine, text: str = "", after: str = "", limit: int = 50) -> Found:
    """Users whose login, name or unit has the text in it, by login. Four statements."""
    condition = _mentions(text)
    with engine.connect() as connection:
        counted = select(func.count()).select_from(USERS).where(condition)
        total = connection.execute(counted).scalar_one()
        query = (
            select(USERS)
            .where(condition, USERS.c.login > kept(after, 65))
            .order_by(USERS.c.login)
            .limit(limit + 1)
        )
        rows = connection.execute(query).all()
        shown = rows[:limit]
        grants = _grants(connection, [row.id for row in shown])
        seen = _seen(connection, [row.login for row in shown])
    listed = [
        Listed(
            row.id,
            row.login,
            row.name,
            row.disabled,
            row.must_change,
            tuple(grants.get(row.id, ())),
            seen.get(row.login),
        )
        for row in shown
    ]
    return Found(listed, total, listed[-1].login if len(rows) > limit else None)


def _mentions(text: str) -> Any:
    wanted = kept(text.strip(), _LONGEST_SEARCH)
    of_unit = (
        select(GRANTS.c.id)
        .join_from(GRANTS, UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .where(
            GRANTS.c.user_id == USERS.c.id,
            GRANTS.c.ended.is_(None),
            UNITS.c.name.contains(wanted, autoescape=True),
        )
        .exists()
    )
    return or_(
        USERS.c.login.contains(wanted.lower(), autoescape=True),
        USERS.c.name.contains(wanted, autoescape=True),
        of_unit,
    )


def _grants(connection: Connection, users: Sequence[int]) -> dict[int, list[Grant]]:
    query = (
        select(GRANTS.c.id, GRANTS.c.user_id, GRANTS.c.role, UNITS.c.name, GRANTS.c.unit_id)
        .join_from(GRANTS, UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .where(GRANTS.c.user_id.in_(users), GRANTS.c.ended.is_(None))
        .order_by(GRANTS.c.id)
    )
    found: dict[int, list[Grant]] = {}
    for row in connection.execute(query):
        grant = Grant(row.id, Role(row.role), row.name, row.unit_id)
        found.setdefault(row.user_id, []).append(grant)
    return found


def _seen(connection: Connection, logins: Sequence[str]) -> dict[str, datetime]:
    query = (
        select(SIGN_INS.c.login, func.max(SIGN_INS.c.at))
        .where(SIGN_INS.c.login.in_(logins), SIGN_INS.c.outcome == "succeeded")
        .group_by(SIGN_INS.c.login)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def last_sign_in(engine: Engine, login: str) -> datetime | None:
    """When somebody of this login was last let in."""
    with engine.connect() as connection:
        return _seen(connection, [login]).get(login)


def colleagues(engine: Engine, person: Person) -> list[Colleague]:
    """The other active users of the unit that the person acts for, by name."""
    query = (
        select(USERS.c.login, USERS.c.name)
        .join_from(USERS, GRANTS, GRANTS.c.user_id == USERS.c.id)
        .where(
            GRANTS.c.unit_id == person.unit_id,
            GRANTS.c.ended.is_(None),
            USERS.c.disabled.is_(False),
            USERS.c.id != person.user_id,
        )
        .distinct()
        .order_by(USERS.c.name, USERS.c.login)
    )
    with engine.connect() as connection:
        return [Colleague(*row) for row in connection.execute(query)]


def unmatched_units(engine: Engine, limit: int = 200) -> list[Unmatched]:
    """Units that centers name and of which nobody here has an account: they see nothing of theirs."""
    named = union_all(
        *(
            select(
                _CENTERS.c[f"{role.value}_unit"].label("name"), literal(role.value).label("role")
            )
            for role in UNIT_ROLES
        )
    ).subquery()
    query = (
        select(named.c.name, named.c.role, func.count())
        .outerjoin(NAMES, NAMES.c.name == named.c.name)
        .where(NAMES.c.name.is_(None))
        .group_by(named.c.name, named.c.role)
        .order_by(named.c.name, named.c.role)
        .limit(limit)
    )
    with engine.connect() as connection:
        return [Unmatched(row[0], Role(row[1]), row[2]) for row in connection.execute(query)]
