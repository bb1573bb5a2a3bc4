"""Tokens of the API: named, for some permits, in one grant, for a time. Told once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update

from neiic.activities.database import writing
from neiic.console.accounts.faults import invalid, unknown, words
from neiic.console.accounts.keys import digest_of, new_token
from neiic.console.accounts.sessions import Opened
from neiic.console.accounts.units import UNITS
from neiic.console.accounts.users import GRANTS, TOKENS, USERS
from neiic.console.desk.audit import Author, record
from neiic.statute.terms import Role

PERMITS = ("read", "act", "admin")
DAYS, MOST_DAYS = 90, 366
#: Hours for which a token of ``POST /session`` holds.
SIGN_IN_HOURS = 12


class Token(NamedTuple):
    """A token as its user sees it; the key itself nobody sees again."""

    id: int
    name: str
    kind: str
    role: Role
    unit: str
    scopes: tuple[str, ...]
    made_at: datetime
    seen: datetime | None
    expires: datetime
    ended: datetime | None


def make_token(
    engine: Engine,
    author: Author,
    user_id: int,
    grant_id: int,
    *,
    name: str,
    scopes: Collection[str],
    now: datetime,
    days: int = DAYS,
) -> Opened:
    """A token for one of the user's own grants. Raises FaultError."""
    called = words("name", name, 100)
    strange = set(scopes) - set(PERMITS)
    if strange or not scopes:
        allowed = ", ".join(PERMITS)
        raise invalid("scopes", f"须为 {allowed} 中的一项或几项", f"must be some of {allowed}")
    if not 1 <= days <= MOST_DAYS:
        raise invalid("days", f"须在 1 至 {MOST_DAYS} 之间", f"must lie between 1 and {MOST_DAYS}")
    with writing(engine).begin() as connection:
        mine = (GRANTS.c.id == grant_id) & (GRANTS.c.user_id == user_id)
        live = mine & GRANTS.c.ended.is_(None) & USERS.c.disabled.is_(False)
        found = connection.execute(
            select(GRANTS.c.role)
            .join_from(GRANTS, USERS, USERS.c.id == GRANTS.c.user_id)
            .where(live)
        ).scalar()
        if found is None:
            raise unknown("grant", "没有这项授权，或已收回", "no such grant, or it was taken back")
        if "admin" in scopes and found != Role.OPERATOR:
            raise invalid(
                "scopes", "admin 只授予系统管理员", "admin is for the role operator alone"
            )
        ordered = [permit for permit in PERMITS if permit in scopes]
        expires = now + timedelta(days=days)
        opened = _open(connection, user_id, grant_id, "api", called, ordered, now, expires)
        told: dict[str, Any] = {"name": called, "scopes": ordered, "days": days}
        record(connection, author, "token.make", now, token_id=opened.id, user_id=user_id, **told)
    return opened


def open_sign_in_token(
    connection: Connection, user_id: int, grant_id: int, now: datetime
) -> Opened:
    """The short-lived token that ``POST /session`` answers; ends with the next password."""
    query = select(GRANTS.c.role).where(GRANTS.c.id == grant_id)
    operator = connection.execute(query).scalar() == Role.OPERATOR
    permits = list(PERMITS if operator else PERMITS[:2])
    expires = now + timedelta(hours=SIGN_IN_HOURS)
    return _open(connection, user_id, grant_id, "session", "POST /session", permits, now, expires)


def _open(
    connection: Connection,
    user_id: int,
    grant_id: int,
    kind: str,
    name: str,
    scopes: list[str],
    now: datetime,
    expires: datetime,
) -> Opened:
    token = new_token()
    values = {
        "digest": digest_of(token),
        "kind": kind,
        "user_id": user_id,
        "grant_id": grant_id,
        "name": name,
        "scopes": scopes,
        "made_at": now,
        "expires": expires,
    }
    query = insert(TOKENS).values(values).returning(TOKENS.c.id)
    return Opened(token, connection.execute(query).scalar_one(), user_id, expires)


def tokens(engine: Engine, user_id: int, kind: str = "api") -> list[Token]:
    """A user's tokens, also those that hold no more, newest first."""
    query = (
        select(TOKENS, GRANTS.c.role, UNITS.c.name.label("unit"))
        .join_from(TOKENS, GRANTS, GRANTS.c.id == TOKENS.c.grant_id)
        .join(UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .where(TOKENS.c.user_id == user_id, TOKENS.c.kind == kind)
        .order_by(TOKENS.c.id.desc())
    )
    with engine.connect() as connection:
        return [
            Token(
                **{name: row[name] for name in Token._fields if name not in ("role", "scopes")},
                role=Role(row["role"]),
                scopes=tuple(row["scopes"]),
            )
            for row in connection.execute(query).mappings()
        ]


def end_token(
    engine: Engine, author: Author, token_id: int, now: datetime, user_id: int | None = None
) -> None:
    """Take a token back; with ``user_id`` only if it is this user's. Raises FaultError."""
    live = (TOKENS.c.id == token_id) & TOKENS.c.ended.is_(None)
    if user_id is not None:
        live &= TOKENS.c.user_id == user_id
    with writing(engine).begin() as connection:
        if not connection.execute(update(TOKENS).where(live).values(ended=now)).rowcount:
            raise unknown("token", "没有这个令牌，或已收回", "no such token, or it was taken back")
        record(connection, author, "token.end", now, token_id=token_id)
