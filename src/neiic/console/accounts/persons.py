"""From a cookie or a token to the person behind it: one statement, asked at every request.

What was taken back is gone at once: nothing is remembered between two requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Date,
    Engine,
    Integer,
    RowMapping,
    Select,
    Table,
    bindparam,
    cast,
    exists,
    null,
    select,
    true,
    update,
)
from sqlalchemy.exc import OperationalError

from neiic.activities.database import writing
from neiic.console.accounts.access import Delegated, Grant, Person, Scope
from neiic.console.accounts.keys import PREFIX, digest_of
from neiic.console.accounts.units import NAMES, UNITS, names_of, signing_of
from neiic.console.accounts.users import GRANTS, SESSIONS, TOKENS, USERS
from neiic.models.accounts import DelegationRecord
from neiic.models.tables import Instant, table_of
from neiic.statute.periods import day_of
from neiic.statute.terms import Role

DELEGATIONS = table_of(DelegationRecord)

#: When somebody was last seen is written down no more often than this: reading stays reading.
TOUCHED_EVERY = timedelta(minutes=1)

_NOW = bindparam("now", type_=Instant())
_GIVER = USERS.alias("giver")
_LENDER = USERS.alias("lender")
_WHO = (
    USERS.c.id.label("user_id"),
    USERS.c.login,
    USERS.c.name,
    USERS.c.language,
    USERS.c.must_change,
    UNITS.c.id.label("unit_id"),
    UNITS.c.name.label("unit"),
    UNITS.c.signing,
    UNITS.c.signing_actions,
    NAMES.c.name.label("known_as"),
)


def _reach() -> Any:
    """The user's own grants, and those handed to them today by a colleague of the same unit."""
    holder = (
        select(SESSIONS.c.user_id).where(SESSIONS.c.digest == bindparam("digest")).scalar_subquery()
    )
    today = bindparam("today", type_=Date())
    nothing = cast(null(), Integer)
    own = select(
        GRANTS.c.id.label("grant_id"),
        GRANTS.c.role,
        GRANTS.c.unit_id,
        nothing.label("delegation_id"),
        nothing.label("giver_id"),
    ).where(GRANTS.c.user_id == holder, GRANTS.c.ended.is_(None))
    theirs = GRANTS.alias("theirs")
    colleague = exists().where(
        theirs.c.user_id == holder,
        theirs.c.unit_id == GRANTS.c.unit_id,
        theirs.c.ended.is_(None),
    )
    lent = (
        select(GRANTS.c.id, GRANTS.c.role, GRANTS.c.unit_id, DELEGATIONS.c.id, _LENDER.c.id)
        .join_from(DELEGATIONS, GRANTS, GRANTS.c.id == DELEGATIONS.c.grant_id)
        .join(_LENDER, _LENDER.c.id == GRANTS.c.user_id)
        .where(
            DELEGATIONS.c.receiver_id == holder,
            DELEGATIONS.c.ended.is_(None),
            DELEGATIONS.c.first <= today,
            DELEGATIONS.c.last >= today,
            GRANTS.c.ended.is_(None),
            _LENDER.c.disabled.is_(False),
            colleague,
        )
    )
    return own.union_all(lent).subquery("reach")


def _of_session() -> Select[Any]:
    reach = _reach()
    return (
        select(
            *_WHO,
            SESSIONS.c.id.label("key_id"),
            SESSIONS.c.seen,
            SESSIONS.c.grant_id.label("acting_grant"),
            SESSIONS.c.delegation_id.label("acting_delegation"),
            reach.c.grant_id,
            reach.c.role,
            reach.c.delegation_id,
            _GIVER.c.id.label("giver_id"),
            _GIVER.c.login.label("giver_login"),
            _GIVER.c.name.label("giver_name"),
        )
        .join_from(SESSIONS, USERS, USERS.c.id == SESSIONS.c.user_id)
        .join(reach, true())
        .join(UNITS, UNITS.c.id == reach.c.unit_id)
        .join(NAMES, NAMES.c.unit_id == UNITS.c.id)
        .outerjoin(_GIVER, _GIVER.c.id == reach.c.giver_id)
        .where(
            SESSIONS.c.digest == bindparam("digest"),
            SESSIONS.c.ended.is_(None),
            SESSIONS.c.expires > _NOW,
            SESSIONS.c.seen > bindparam("idle_since", type_=Instant()),
            USERS.c.disabled.is_(False),
        )
        .order_by(reach.c.delegation_id.is_not(None), reach.c.grant_id, NAMES.c.since)
    )


def _of_token() -> Select[Any]:
    return (
        select(
            *_WHO,
            TOKENS.c.id.label("key_id"),
            TOKENS.c.seen,
            TOKENS.c.scopes,
            GRANTS.c.id.label("grant_id"),
            GRANTS.c.role,
        )
        .join_from(TOKENS, USERS, USERS.c.id == TOKENS.c.user_id)
        .join(GRANTS, (GRANTS.c.id == TOKENS.c.grant_id) & (GRANTS.c.user_id == USERS.c.id))
        .join(UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .join(NAMES, NAMES.c.unit_id == UNITS.c.id)
        .where(
            TOKENS.c.digest == bindparam("digest"),
            TOKENS.c.ended.is_(None),
            TOKENS.c.expires > _NOW,
            GRANTS.c.ended.is_(None),
            USERS.c.disabled.is_(False),
        )
        .order_by(NAMES.c.since)
    )


_SESSION = _of_session()
_TOKEN = _of_token()


def person_of_session(engine: Engine, cookie: str, now: datetime, idle: timedelta) -> Person | None:
    """Who is signed in with this cookie; None where nobody is, or is any more.

    One statement, and at most once a minute another that notes the visit.
    """
    digest = digest_of(cookie)
    if digest is None or cookie.startswith(PREFIX):
        return None
    asked = {"digest": digest, "now": now, "idle_since": now - idle, "today": day_of(now)}
    with engine.connect() as connection:
        rows = connection.execute(_SESSION, asked).mappings().all()
    if not rows:
        return None
    _touch(engine, SESSIONS, rows[0], now)
    wanted = (rows[0]["acting_grant"], rows[0]["acting_delegation"])
    found = [row for row in rows if (row["grant_id"], row["delegation_id"]) == wanted]
    acting = found or _alike(rows, rows[0])
    return _person(
        acting,
        grants=tuple(dict.fromkeys(map(_grant, rows))),
        session_id=rows[0]["key_id"],
        displaced=not found and wanted[0] is not None,
    )


def person_of_token(engine: Engine, token: str, now: datetime) -> Person | None:
    """Who holds this token of the API; None where nobody does, or does any more.

    One statement, and at most once a minute another that notes the use.
    """
    digest = digest_of(token)
    if digest is None or not token.startswith(PREFIX):
        return None
    with engine.connect() as connection:
        rows = connection.execute(_TOKEN, {"digest": digest, "now": now}).mappings().all()
    if not rows:
        return None
    _touch(engine, TOKENS, rows[0], now)
    return _person(
        rows,
        grants=(_grant(rows[0]),),
        token_id=rows[0]["key_id"],
        permits=frozenset(rows[0]["scopes"]),
    )


def _alike(rows: Iterable[RowMapping], first: RowMapping) -> list[RowMapping]:
    wanted = (first["grant_id"], first["delegation_id"])
    return [row for row in rows if (row["grant_id"], row["delegation_id"]) == wanted]


def _grant(row: RowMapping) -> Grant:
    giver = row.get("giver_id")
    return Grant(
        id=row["grant_id"],
        role=Role(row["role"]),
        unit=row["unit"],
        unit_id=row["unit_id"],
        delegation_id=row.get("delegation_id"),
        for_whom=None if giver is None else Delegated(giver, row["giver_login"], row["giver_name"]),
    )


def _person(acting: Sequence[RowMapping], **more: Any) -> Person:
    row, grant = acting[0], _grant(acting[0])
    permits: frozenset[str] = more.get("permits", frozenset({"admin"}))
    return Person(
        user_id=row["user_id"],
        login=row["login"],
        name=row["name"],
        language=row["language"],
        scope=Scope(
            grant.role, grant.unit, names_of(grant.unit, [one["known_as"] for one in acting])
        ),
        admin=grant.role is Role.OPERATOR and "admin" in permits,
        for_whom=grant.for_whom,
        grant=grant,
        must_change=row["must_change"],
        signing=signing_of(row["signing"], row["signing_actions"]),
        **more,
    )


def _touch(engine: Engine, keys: Table, row: RowMapping, now: datetime) -> None:
    before = now - TOUCHED_EVERY
    if row["seen"] is not None and row["seen"] > before:
        return
    still = (keys.c.id == row["key_id"]) & (keys.c.seen.is_(None) | (keys.c.seen <= before))
    try:
        with writing(engine).begin() as connection:
            connection.execute(update(keys).where(still).values(seen=now))
    except OperationalError:
        return  # locked for long: who only reads must not be turned away for it
