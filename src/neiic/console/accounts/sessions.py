"""Sessions: browsers that are signed in, seen and ended; and in which grant each acts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import forbidden, kept, unknown
from neiic.console.accounts.keys import digest_of, new_cookie
from neiic.console.accounts.users import SESSIONS
from neiic.console.desk.audit import Author, author_of, record


class Opened(NamedTuple):
    """A key that was just made: ``key`` is told once (a cookie, or a token of the API)."""

    key: str
    id: int
    user_id: int
    expires: datetime


class Session(NamedTuple):
    """A live session as its user sees it."""

    id: int
    address: str
    agent: str
    started: datetime
    seen: datetime
    expires: datetime


def open_session(
    connection: Connection,
    user_id: int,
    address: str,
    agent: str,
    now: datetime,
    lifetime: timedelta,
) -> Opened:
    """A session with a key made here: no browser ever brings its own."""
    cookie = new_cookie()
    values = {
        "digest": digest_of(cookie),
        "user_id": user_id,
        "address": kept(address, 64),
        "agent": kept(agent, 200),
        "started": now,
        "seen": now,
        "expires": now + lifetime,
    }
    query = insert(SESSIONS).values(values).returning(SESSIONS.c.id)
    return Opened(cookie, connection.execute(query).scalar_one(), user_id, now + lifetime)


def sessions(engine: Engine, user_id: int, now: datetime, idle: timedelta) -> list[Session]:
    """A user's live sessions, the last seen first."""
    query = (
        select(*(SESSIONS.c[name] for name in Session._fields))
        .where(
            SESSIONS.c.user_id == user_id,
            SESSIONS.c.ended.is_(None),
            SESSIONS.c.expires > now,
            SESSIONS.c.seen > now - idle,
        )
        .order_by(SESSIONS.c.seen.desc(), SESSIONS.c.id.desc())
    )
    with engine.connect() as connection:
        return [Session(*row) for row in connection.execute(query)]


def end_session(
    engine: Engine, author: Author, user_id: int, session_id: int, now: datetime
) -> None:
    """End one session of this user. Raises FaultError where it is not theirs or has ended."""
    theirs = (SESSIONS.c.id == session_id) & (SESSIONS.c.user_id == user_id)
    still = theirs & SESSIONS.c.ended.is_(None)
    with writing(engine).begin() as connection:
        if not connection.execute(update(SESSIONS).where(still).values(ended=now)).rowcount:
            raise unknown("session", "没有这个会话，或已结束", "no such session, or it has ended")
        record(connection, author, "session.end", now, session_id=session_id)


def end_by_cookie(engine: Engine, cookie: str, now: datetime) -> None:
    """Sign out: end the session behind a cookie, if there is one."""
    digest = digest_of(cookie)
    if digest is None:
        return
    still = (SESSIONS.c.digest == digest) & SESSIONS.c.ended.is_(None)
    with writing(engine).begin() as connection:
        connection.execute(update(SESSIONS).where(still).values(ended=now))


def act_as(
    engine: Engine, person: Person, grant_id: int, delegation_id: int | None, now: datetime
) -> None:
    """Let this browser act in another of the person's grants. Raises FaultError."""
    if person.session_id is None:
        raise forbidden("grant", "令牌只用于一项授权", "a token is for one grant only")
    wanted = (grant_id, delegation_id)
    if wanted not in {(grant.id, grant.delegation_id) for grant in person.grants}:
        raise unknown("grant", "没有这项授权，或已收回", "no such grant, or it was taken back")
    values = {"grant_id": grant_id, "delegation_id": delegation_id}
    with writing(engine).begin() as connection:
        connection.execute(
            update(SESSIONS).where(SESSIONS.c.id == person.session_id).values(values)
        )
        record(
            connection,
            author_of(person),
            "session.act_as",
            now,
            grant_id=grant_id,
            delegation_id=delegation_id,
        )
