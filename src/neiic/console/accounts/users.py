"""Users and their grants: added, renamed, disabled, enabled; never deleted."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import writing
from neiic.console.accounts.access import Grant
from neiic.console.accounts.faults import conflict, invalid, typed_login, unknown, words
from neiic.console.accounts.passwords import check_password, generate_password, hash_password
from neiic.console.accounts.units import UNITS, take_up, unit_name
from neiic.console.desk.audit import Author, record
from neiic.models.accounts import (
    GrantRecord,
    SessionRecord,
    SignInRecord,
    TokenRecord,
    UserRecord,
)
from neiic.models.tables import table_of
from neiic.statute.terms import Role

USERS = table_of(UserRecord)
GRANTS = table_of(GrantRecord)
SESSIONS = table_of(SessionRecord)
TOKENS = table_of(TokenRecord)
SIGN_INS = table_of(SignInRecord)

LANGUAGES = ("zh", "en")
#: Three names and the words between them fit the contract's 200.
LONGEST_USER_NAME = 60
_LOGIN = re.compile(r"[a-z0-9._@-]{2,64}")


class User(NamedTuple):
    """A user as administrators see one. ``may_sign_in``: has a password of their own."""

    id: int
    login: str
    name: str
    disabled: bool
    must_change: bool
    language: str
    has_password: bool
    grants: tuple[Grant, ...]


class Added(NamedTuple):
    """What ``add_user`` did. ``password`` is a generated one, to be told once."""

    user_id: int
    grant_id: int
    new_user: bool
    new_grant: bool
    new_unit: bool
    password: str | None


def read_login(login: str) -> str:
    """The login in lower case. Raises FaultError where it cannot be one."""
    read = login.strip().lower()
    if not _LOGIN.fullmatch(read):
        raise invalid(
            "login",
            "须为 2 至 64 位小写字母、数字或 . _ @ -",
            "must be 2 to 64 of a-z, 0-9 and . _ @ -",
        )
    return read


def read_name(name: str) -> str:
    """A person's name. Brackets are kept for whom they act for. Raises FaultError."""
    read = words("name", name, LONGEST_USER_NAME)
    if re.search(r"[()（）\r\n\t]", read):
        raise invalid(
            "name",
            "不能含括号或换行：括号内由系统注明代办与拟办",
            "must not have brackets or line breaks: what stands in brackets is written by the"
            " system (for whom, drafted by whom)",
        )
    return read


def read_language(language: str) -> str:
    """``zh`` or ``en``. Raises FaultError."""
    if language not in LANGUAGES:
        raise invalid("language", "须为 zh 或 en", "must be zh or en")
    return language


def known_user(connection: Connection, login: str, field: str = "login") -> int:
    """The user's id. Raises FaultError."""
    found = connection.execute(
        select(USERS.c.id).where(USERS.c.login == typed_login(login))
    ).scalar()
    if found is None:
        raise unknown(field, "没有这个用户", f"there is no user {login[:64]}")
    return int(found)


def add_user(
    engine: Engine,
    author: Author,
    *,
    login: str,
    name: str | None,
    role: Role,
    unit: str | None,
    now: datetime,
    password: str | None = None,
    must_change: bool = True,
    language: str = "zh",
    with_password: bool = True,
) -> Added:
    """Add a user with a grant; to one who is there already, another grant and nothing else.

    Without ``password`` one is made and answered; ``with_password=False``: signs in elsewhere.
    Raises FaultError.
    """
    read, where = read_login(login), unit_name(role, unit)
    made = generate_password() if password is None and with_password else None
    if password is not None:
        check_password(password, read)
    chosen = password if made is None else made
    given = None if chosen is None else hash_password(chosen)
    try:
        with writing(engine).begin() as connection:
            found = connection.execute(select(USERS.c.id).where(USERS.c.login == read)).scalar()
            if found is None:
                values = {
                    "login": read,
                    "name": read_name(name if name is not None else ""),
                    "password": given,
                    "password_at": now if given else None,
                    "must_change": must_change and given is not None,
                    "disabled": False,
                    "language": read_language(language),
                    "made_at": now,
                }
                query = insert(USERS).values(values).returning(USERS.c.id)
                [user_id] = connection.execute(query).one()
                record(connection, author, "user.add", now, login=read, name=values["name"])
            else:
                user_id = found
            grant_id, new_grant, new_unit = _grant(connection, author, user_id, role, where, now)
    except IntegrityError:
        raise conflict("login", "刚被别人建立", "was added by somebody just now") from None
    return Added(
        user_id, grant_id, found is None, new_grant, new_unit, made if found is None else None
    )


def _grant(
    connection: Connection, author: Author, user_id: int, role: Role, unit: str, now: datetime
) -> tuple[int, bool, bool]:
    unit_id, new_unit = take_up(connection, author, role, unit, now)
    which = (
        (GRANTS.c.user_id == user_id)
        & (GRANTS.c.role == role.value)
        & (GRANTS.c.unit_id == unit_id)
    )
    row = connection.execute(select(GRANTS.c.id, GRANTS.c.ended).where(which)).first()
    if row is not None and row.ended is None:
        return row.id, False, new_unit
    if row is not None:
        connection.execute(update(GRANTS).where(which).values(ended=None))
        grant_id = row.id
    else:
        values = {"user_id": user_id, "role": role.value, "unit_id": unit_id, "made_at": now}
        query = insert(GRANTS).values(values).returning(GRANTS.c.id)
        grant_id = connection.execute(query).scalar_one()
    record(connection, author, "grant.add", now, user_id=user_id, role=role.value, unit=unit)
    return grant_id, True, new_unit


def end_grant(engine: Engine, author: Author, grant_id: int, now: datetime) -> None:
    """Take a grant back: whoever acts in it is out of it with the next request."""
    live = (GRANTS.c.id == grant_id) & GRANTS.c.ended.is_(None)
    with writing(engine).begin() as connection:
        if not connection.execute(update(GRANTS).where(live).values(ended=now)).rowcount:
            raise unknown("grant", "没有这项授权", "there is no such grant")
        # A grant that is given back later must not wake the keys that were made for it.
        keys = (TOKENS.c.grant_id == grant_id) & TOKENS.c.ended.is_(None)
        connection.execute(update(TOKENS).where(keys).values(ended=now))
        record(connection, author, "grant.end", now, grant_id=grant_id)


def set_disabled(
    engine: Engine, author: Author, user_id: int, now: datetime, *, disabled: bool
) -> None:
    """Shut a user out at once, everywhere; or let them in again (which also ends a pause)."""
    with writing(engine).begin() as connection:
        login = _login_of(connection, user_id)
        change = update(USERS).where(USERS.c.id == user_id).values(disabled=disabled)
        connection.execute(change)
        if disabled:
            end_sessions(connection, user_id, now)
        else:
            unlock(connection, login, now)
        what = "user.disable" if disabled else "user.enable"
        record(connection, author, what, now, login=login)


def set_password(
    engine: Engine, author: Author, user_id: int, now: datetime, password: str | None = None
) -> str | None:
    """Give a user another password, to be changed at the next sign-in; ends their sessions.

    Answers a generated one where none is given. Raises FaultError.
    """
    made = generate_password() if password is None else None
    with engine.connect() as connection:
        login = _login_of(connection, user_id)
    if password is not None:
        check_password(password, login)
    values = {
        "password": hash_password(password if password is not None else made or ""),
        "password_at": now,
        "must_change": True,
    }
    with writing(engine).begin() as connection:
        connection.execute(update(USERS).where(USERS.c.id == user_id).values(values))
        end_sessions(connection, user_id, now)
        unlock(connection, login, now)
        record(connection, author, "user.password", now, login=login)
    return made


def set_profile(
    engine: Engine,
    author: Author,
    user_id: int,
    now: datetime,
    *,
    name: str | None = None,
    language: str | None = None,
) -> None:
    """Change a user's name or language. Raises FaultError."""
    values: dict[str, str] = {}
    if name is not None:
        values["name"] = read_name(name)
    if language is not None:
        values["language"] = read_language(language)
    if not values:
        return
    with writing(engine).begin() as connection:
        login = _login_of(connection, user_id)
        connection.execute(update(USERS).where(USERS.c.id == user_id).values(values))
        record(connection, author, "user.profile", now, login=login, **values)


def end_sessions(connection: Connection, user_id: int, now: datetime) -> None:
    """End all that a password has opened: sessions, and tokens of a sign-in."""
    sessions = (SESSIONS.c.user_id == user_id) & SESSIONS.c.ended.is_(None)
    connection.execute(update(SESSIONS).where(sessions).values(ended=now))
    of_sign_in = (TOKENS.c.user_id == user_id) & (TOKENS.c.kind == "session")
    still = of_sign_in & TOKENS.c.ended.is_(None)
    connection.execute(update(TOKENS).where(still).values(ended=now))


def unlock(connection: Connection, login: str, now: datetime) -> None:
    """What went wrong before counts no more towards a pause."""
    values = {"login": login, "address": "", "agent": "", "outcome": "unlocked", "at": now}
    connection.execute(insert(SIGN_INS).values(values))


def _login_of(connection: Connection, user_id: int) -> str:
    login: str | None = connection.execute(
        select(USERS.c.login).where(USERS.c.id == user_id)
    ).scalar()
    if login is None:
        raise unknown("user", "没有这个用户", "there is no such user")
    return login


def users(engine: Engine) -> list[User]:
    """All users with their grants, by login. Two statements."""
    granted = (
        select(GRANTS.c.id, GRANTS.c.user_id, GRANTS.c.role, UNITS.c.id.label("unit_id"))
        .add_columns(UNITS.c.name.label("unit"))
        .join_from(GRANTS, UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .where(GRANTS.c.ended.is_(None))
        .order_by(GRANTS.c.id)
    )
    grants: dict[int, list[Grant]] = {}
    with engine.connect() as connection:
        for row in connection.execute(granted):
            grant = Grant(row.id, Role(row.role), row.unit, row.unit_id)
            grants.setdefault(row.user_id, []).append(grant)
        rows = connection.execute(select(USERS).order_by(USERS.c.login)).mappings().all()
    return [
        User(
            id=row["id"],
            login=row["login"],
            name=row["name"],
            disabled=row["disabled"],
            must_change=row["must_change"],
            language=row["language"],
            has_password=row["password"] is not None,
            grants=tuple(grants.get(row["id"], ())),
        )
        for row in rows
    ]


def user_by_login(engine: Engine, login: str) -> User:
    """One user. Raises FaultError where there is none."""
    wanted = typed_login(login)
    for user in users(engine):
        if user.login == wanted:
            return user
    raise unknown("login", "没有这个用户", f"there is no user {login[:64]}")
