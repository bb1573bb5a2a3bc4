"""Signing in: by password or by another house's word; pauses, limits, and the log of it all.

A refusal never tells whether the login exists: it says the same and takes as long. Each attempt
is written down as failed before the password is looked at, so that a thousand tries at once, in
however many processes, are counted like a thousand one after another.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Engine, func, insert, select, update

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import (
    LONGEST_LOGIN,
    FaultError,
    forbidden,
    invalid,
    kept,
    typed_login,
)
from neiic.console.accounts.passwords import (
    check_password,
    fits,
    hash_password,
    is_outdated,
)
from neiic.console.accounts.sessions import Opened, open_session
from neiic.console.accounts.tokens import open_sign_in_token
from neiic.console.accounts.units import NAMES
from neiic.console.accounts.users import GRANTS, SESSIONS, SIGN_INS, USERS, end_sessions
from neiic.console.desk.audit import author_of, record
from neiic.statute.terms import Role

#: So many failures of one login within this time bring a pause as long, counted from the last.
FAILURES, WITHIN = 5, timedelta(minutes=15)
#: So many failures from one address within this time are all that it gets.
FROM_ADDRESS, ADDRESS_WITHIN = 30, timedelta(minutes=5)

_FAILED = ("failed", "unknown", "disabled", "no_grant")
_RESET = ("succeeded", "unlocked")
#: Any number that nobody else locks: attempts are counted one after another.
_LOCK = 17_481_230


class SignInRefused(NamedTuple):
    """Why somebody is not let in, in both languages; ``wait`` is in seconds.

    ``wrong`` is all that is said of a wrong password, an unknown and a disabled user.
    ``no_grant`` is told only to who has proved to be the user.
    """

    kind: Literal["wrong", "paused", "limited", "no_grant"]
    zh: str
    en: str
    wait: int | None = None


WRONG = SignInRefused(
    "wrong",
    "登录名或密码不正确。",
    "The login or the password is not right.",
)
NO_GRANT = SignInRefused(
    "no_grant",
    "该用户没有任何授权，请联系系统管理员。",
    "This user has no grant; ask the administrator for one.",
)


NO_SUCH_GRANT = SignInRefused(
    "no_grant",
    "该用户没有所选角色与单位的授权；省略 role 与 unit 则按其首项授权登录。",
    "This user has no grant for that role and unit; leave both out to sign in with the first.",
)


class _Attempt(NamedTuple):
    """An attempt that may go on. ``stored`` is the password's hash, if there is one."""

    row: int
    user_id: int | None
    login: str
    stored: str | None
    disabled: bool


def sign_in(
    engine: Engine,
    login: str,
    password: str,
    *,
    address: str,
    agent: str,
    now: datetime,
    lifetime: timedelta,
    as_token: bool = False,
    role: Role | None = None,
    unit: str | None = None,
) -> Opened | SignInRefused:
    """A new session (or a token of the API for 12 hours), or why not.

    ``role`` and ``unit`` choose the grant of a token; left out, it is the first one that fits.
    """
    attempt = _begin(engine, login, address, agent, now)
    if isinstance(attempt, SignInRefused):
        return attempt
    right = fits(attempt.stored, password)
    if not right or attempt.user_id is None or attempt.disabled:
        return WRONG
    anew = hash_password(password) if is_outdated(attempt.stored or "") else None
    with writing(engine).begin() as connection:
        grant_id = _still(connection, attempt, role, unit)
        if not isinstance(grant_id, int):
            return grant_id
        if anew is not None:
            mine = USERS.c.id == attempt.user_id
            connection.execute(update(USERS).where(mine).values(password=anew))
        _outcome(connection, attempt.row, "succeeded")
        if as_token:
            return open_sign_in_token(connection, attempt.user_id, grant_id, now)
        return open_session(connection, attempt.user_id, address, agent, now, lifetime)


def sign_in_elsewhere(
    engine: Engine, login: str, *, address: str, agent: str, now: datetime, lifetime: timedelta
) -> Opened | SignInRefused:
    """A new session for whom another house has signed in (OpenID Connect), or why not."""
    typed = typed_login(login)
    with writing(engine).begin() as connection:
        found = _user(connection, typed)
        outcome = "unknown" if found is None else "disabled" if found.disabled else "succeeded"
        grant_id = None if found is None else _first_grant(connection, found.id)
        if outcome == "succeeded" and grant_id is None:
            outcome = "no_grant"
        _log(connection, typed, address, agent, outcome, now)
        if outcome == "no_grant":
            return NO_GRANT
        if found is None or found.disabled:
            return SignInRefused(
                "wrong",
                "您已通过统一认证，但本系统没有可用的同名用户，请联系系统管理员。",
                "You were signed in elsewhere, but there is no active user of that name here;"
                " ask the administrator.",
            )
        return open_session(connection, found.id, address, agent, now, lifetime)


def change_password(
    engine: Engine,
    person: Person,
    old: str,
    new: str,
    *,
    address: str,
    agent: str,
    now: datetime,
    lifetime: timedelta,
) -> Opened:
    """Change one's own password: ends all one's sessions and opens another for this browser.

    Guessing the old one counts like guessing at sign-in. Raises FaultError.
    """
    if person.session_id is None:
        raise forbidden("session", "请在网页上修改密码", "change the password in the console")
    check_password(new, person.login, "new")
    attempt = _begin(engine, person.login, address, agent, now)
    if isinstance(attempt, SignInRefused):
        raise invalid("old", attempt.zh, attempt.en)
    if not fits(attempt.stored, old):
        raise _wrong_old()
    if fits(attempt.stored, new):
        raise invalid("new", "与现用密码相同", "is the present password")
    values = {"password": hash_password(new), "password_at": now, "must_change": False}
    with writing(engine).begin() as connection:
        if not isinstance(_still(connection, attempt), int):
            raise _wrong_old()
        connection.execute(update(USERS).where(USERS.c.id == person.user_id).values(values))
        _outcome(connection, attempt.row, "succeeded")
        end_sessions(connection, person.user_id, now)
        opened = open_session(connection, person.user_id, address, agent, now, lifetime)
        acting = {"grant_id": person.grant.id, "delegation_id": person.grant.delegation_id}
        connection.execute(update(SESSIONS).where(SESSIONS.c.id == opened.id).values(acting))
        record(connection, author_of(person), "password.change", now)
    return opened


def _wrong_old() -> FaultError:
    return invalid("old", "现用密码不正确", "the present password is not right")


def _begin(
    engine: Engine, login: str, address: str, agent: str, now: datetime
) -> _Attempt | SignInRefused:
    """Count this attempt as failed, and say whether it may go on."""
    typed = typed_login(login)
    with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        limited = _limited(connection, address, now)
        if limited is not None:
            refused, note = limited
            if note:
                _log(connection, typed, address, agent, "limited", now)
            return refused
        paused = _paused(connection, typed, now)
        if paused is not None:
            _log(connection, typed, address, agent, "paused", now)
            return paused
        found = _user(connection, typed)
        outcome = "unknown" if found is None else "disabled" if found.disabled else "failed"
        row = _log(connection, typed, address, agent, outcome, now)
    if found is None:
        return _Attempt(row, None, typed, None, disabled=False)
    return _Attempt(row, found.id, typed, found.password, disabled=found.disabled)


def _user(connection: Connection, login: str) -> Any:
    columns = (USERS.c.id, USERS.c.password, USERS.c.disabled)
    return connection.execute(select(*columns).where(USERS.c.login == login)).first()


def _first_grant(
    connection: Connection, user_id: int, role: Role | None = None, unit: str | None = None
) -> int | None:
    mine = (GRANTS.c.user_id == user_id) & GRANTS.c.ended.is_(None)
    if role is not None:
        mine &= GRANTS.c.role == role.value
    if unit is not None:
        named = select(NAMES.c.unit_id).where(NAMES.c.name == unit.strip())
        mine &= GRANTS.c.unit_id.in_(named)
    found: int | None = connection.execute(
        select(GRANTS.c.id).where(mine).order_by(GRANTS.c.id).limit(1)
    ).scalar()
    return found


def _still(
    connection: Connection,
    attempt: _Attempt,
    role: Role | None = None,
    unit: str | None = None,
) -> int | SignInRefused:
    """The user's first grant that fits, if the user is still what was looked at before the password was."""
    columns = (USERS.c.password, USERS.c.disabled)
    query = select(*columns).where(USERS.c.id == attempt.user_id).with_for_update()
    now_is = connection.execute(query).one()
    if now_is.disabled or now_is.password != attempt.stored:
        return WRONG
    grant_id = _first_grant(connection, attempt.user_id or 0, role, unit)
    if grant_id is None:
        _outcome(connection, attempt.row, "no_grant")
        return NO_GRANT if role is None and unit is None else NO_SUCH_GRANT
    return grant_id


def _log(
    connection: Connection, login: str, address: str, agent: str, outcome: str, now: datetime
) -> int:
    values = {
        "login": login[:LONGEST_LOGIN],
        "address": kept(address, 64),
        "agent": kept(agent, 200),
        "outcome": outcome,
        "at": now,
    }
    query = insert(SIGN_INS).values(values).returning(SIGN_INS.c.id)
    return int(connection.execute(query).scalar_one())


def _outcome(connection: Connection, row: int, outcome: str) -> None:
    connection.execute(update(SIGN_INS).where(SIGN_INS.c.id == row).values(outcome=outcome))


def _paused(connection: Connection, login: str, now: datetime) -> SignInRefused | None:
    mine = SIGN_INS.c.login == login[:LONGEST_LOGIN]
    reset = select(func.max(SIGN_INS.c.id)).where(mine, SIGN_INS.c.outcome.in_(_RESET))
    query = (
        select(SIGN_INS.c.at)
        .where(
            mine,
            SIGN_INS.c.outcome.in_(_FAILED),
            SIGN_INS.c.at > now - 2 * WITHIN,
            SIGN_INS.c.id > func.coalesce(reset.scalar_subquery(), 0),
        )
        .order_by(SIGN_INS.c.at.desc())
        .limit(FAILURES)
    )
    last = list(connection.execute(query).scalars())
    if len(last) < FAILURES or last[0] - last[-1] >= WITHIN or now >= last[0] + WITHIN:
        return None
    wait = int((last[0] + WITHIN - now).total_seconds()) + 1
    minutes = -(-wait // 60)
    return SignInRefused(
        "paused",
        f"该登录名连续失败次数过多，请 {minutes} 分钟后再试，或请系统管理员解锁。",
        f"Too many failures for this login; try again in {minutes} minutes, or ask the"
        " administrator.",
        wait,
    )


def _limited(
    connection: Connection, address: str, now: datetime
) -> tuple[SignInRefused, bool] | None:
    """The refusal for an address with too many failures, and whether to write it down too."""
    if not address:
        return None
    query = (
        select(SIGN_INS.c.outcome, func.count())
        .where(SIGN_INS.c.address == kept(address, 64), SIGN_INS.c.at > now - ADDRESS_WITHIN)
        .group_by(SIGN_INS.c.outcome)
    )
    counted: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    if sum(counted.get(outcome, 0) for outcome in (*_FAILED, "paused")) < FROM_ADDRESS:
        return None
    wait = int(ADDRESS_WITHIN.total_seconds())
    refused = SignInRefused(
        "limited",
        f"来自该地址的失败次数过多，请 {wait // 60} 分钟后再试。",
        f"Too many failures from this address; try again in {wait // 60} minutes.",
        wait,
    )
    # Who goes on all the same must not fill the disk with it.
    return refused, counted.get("limited", 0) < FROM_ADDRESS


def sign_ins(
    engine: Engine, *, before_id: int | None = None, login: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """The log, newest first; ``before_id`` goes on from where a page ended."""
    query = select(SIGN_INS).order_by(SIGN_INS.c.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(SIGN_INS.c.id < before_id)
    if login is not None:
        query = query.where(SIGN_INS.c.login == typed_login(login)[:LONGEST_LOGIN])
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
