"""Claims (签收、转办): who of a unit has a matter in hand. A claim binds nobody; it tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, conflict, typed_login, unknown, words
from neiic.console.accounts.users import GRANTS, USERS
from neiic.console.desk.audit import author_of, record
from neiic.console.desk.seeing import check_may_work, check_sees
from neiic.models.desk import ClaimRecord
from neiic.models.tables import table_of

_CLAIMS = table_of(ClaimRecord)
LONGEST_NOTE = 500


class Matter(NamedTuple):
    """What waits for somebody: an action at a center; ``subject`` is its year or case, or empty."""

    center: str
    action: str
    subject: str = ""


class Claim(NamedTuple):
    """Who has a matter in hand, since when, and what they were told when it was handed on."""

    matter: Matter
    user_id: int
    login: str
    name: str
    note: str
    at: datetime


def claim(
    engine: Engine, person: Person, matter: Matter, now: datetime, *, take_over: bool = False
) -> None:
    """Take a matter in hand; with ``take_over`` also from a colleague. Raises FaultError."""
    _check(matter)
    try:
        with writing(engine).begin() as connection:
            _check_person(connection, person, matter)
            held = _held(connection, person, matter)
            if held is not None and held.user_id == person.user_id:
                return
            if held is not None and not take_over:
                raise _somebody_has_it(held.name)
            _put(connection, person, matter, person.user_id, "", now, anew=held is None)
            had = {"from": held.login} if held is not None else {}
            _tell(connection, person, "claim.take", matter, now, **had)
    except IntegrityError:
        raise _somebody_has_it("") from None


def hand_over(
    engine: Engine, person: Person, matter: Matter, to_login: str, note: str, now: datetime
) -> None:
    """Hand a matter to a colleague of the same unit, with a note. Raises FaultError."""
    _check(matter)
    said = words("note", note, LONGEST_NOTE, empty=True)
    try:
        with writing(engine).begin() as connection:
            _check_person(connection, person, matter)
            receiver = _colleague(connection, person, to_login)
            held = _held(connection, person, matter)
            if held is not None and held.user_id != person.user_id and held.there:
                raise _somebody_has_it(held.name)
            _put(connection, person, matter, receiver, said, now, anew=held is None)
            to = typed_login(to_login)
            _tell(connection, person, "claim.hand_over", matter, now, to=to, note=said)
    except IntegrityError:
        raise _somebody_has_it("") from None


def release(engine: Engine, person: Person, matter: Matter, now: datetime) -> None:
    """Put one's matter back for any colleague. Raises FaultError where one has not got it."""
    _check(matter)
    with writing(engine).begin() as connection:
        mine = _where(person, matter) & (_CLAIMS.c.user_id == person.user_id)
        if not connection.execute(delete(_CLAIMS).where(mine)).rowcount:
            raise unknown("matter", "您没有签收这一事项", "you have not claimed this matter")
        _tell(connection, person, "claim.release", matter, now)


def done(engine: Engine, matter: Matter) -> None:
    """The matter is settled: nobody has it in hand any more, in whatever unit."""
    with writing(engine).begin() as connection:
        connection.execute(
            delete(_CLAIMS).where(
                _CLAIMS.c.center == matter.center,
                _CLAIMS.c.action == matter.action,
                _CLAIMS.c.subject == matter.subject,
            )
        )


def claims(
    engine: Engine,
    person: Person,
    *,
    centers: Sequence[str] | None = None,
    mine: bool = False,
    limit: int = 500,
) -> dict[Matter, Claim]:
    """The claims of the person's unit, of these centers or all; with ``mine`` one's own only."""
    query = (
        select(_CLAIMS, USERS.c.login, USERS.c.name)
        .join_from(_CLAIMS, USERS, USERS.c.id == _CLAIMS.c.user_id)
        .where(_CLAIMS.c.unit_id == person.unit_id)
        .order_by(_CLAIMS.c.at.desc())
        .limit(limit)
    )
    if centers is not None:
        query = query.where(_CLAIMS.c.center.in_(centers))
    if mine:
        query = query.where(_CLAIMS.c.user_id == person.user_id)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    found = (
        Claim(
            Matter(row.center, row.action, row.subject),
            row.user_id,
            row.login,
            row.name,
            row.note,
            row.at,
        )
        for row in rows
    )
    return {one.matter: one for one in found}


def _check(matter: Matter) -> None:
    words("center", matter.center, 200)
    words("action", matter.action, 100)
    words("subject", matter.subject, 100, empty=True)


def _check_person(connection: Connection, person: Person, matter: Matter) -> None:
    check_may_work(person)
    check_sees(connection, person, matter.center)


def _where(person: Person, matter: Matter) -> Any:
    return (
        (_CLAIMS.c.unit_id == person.unit_id)
        & (_CLAIMS.c.center == matter.center)
        & (_CLAIMS.c.action == matter.action)
        & (_CLAIMS.c.subject == matter.subject)
    )


def _held(connection: Connection, person: Person, matter: Matter) -> Any:
    """Who has it, and whether they are still ``there`` to be asked for it."""
    of_unit = (
        select(GRANTS.c.id)
        .where(
            GRANTS.c.user_id == USERS.c.id,
            GRANTS.c.unit_id == person.unit_id,
            GRANTS.c.ended.is_(None),
            USERS.c.disabled.is_(False),
        )
        .exists()
    )
    query = (
        select(_CLAIMS.c.user_id, USERS.c.login, USERS.c.name, of_unit.label("there"))
        .join_from(_CLAIMS, USERS, USERS.c.id == _CLAIMS.c.user_id)
        .where(_where(person, matter))
    )
    return connection.execute(query).first()


def _put(
    connection: Connection,
    person: Person,
    matter: Matter,
    user_id: int,
    note: str,
    now: datetime,
    *,
    anew: bool,
) -> None:
    values = {"user_id": user_id, "note": note, "at": now}
    if anew:
        key = {"unit_id": person.unit_id, **matter._asdict()}
        connection.execute(insert(_CLAIMS).values(key | values))
    else:
        connection.execute(update(_CLAIMS).where(_where(person, matter)).values(values))


def _colleague(connection: Connection, person: Person, login: str) -> int:
    query = (
        select(USERS.c.id)
        .join_from(USERS, GRANTS, GRANTS.c.user_id == USERS.c.id)
        .where(
            USERS.c.login == typed_login(login),
            USERS.c.disabled.is_(False),
            GRANTS.c.unit_id == person.unit_id,
            GRANTS.c.ended.is_(None),
        )
    )
    found: int | None = connection.execute(query).scalar()
    if found is None:
        raise unknown("to", "不是本单位在用的用户", "is no active user of your unit")
    return found


def _tell(
    connection: Connection,
    person: Person,
    what: str,
    matter: Matter,
    now: datetime,
    **more: str,
) -> None:
    told = {"action": matter.action, "subject": matter.subject, **more}
    if person.for_whom is not None:
        told["for"] = person.for_whom.login
    record(connection, author_of(person), what, now, center=matter.center, **told)


def _somebody_has_it(name: str) -> FaultError:
    zh, en = (f"已由{name}签收", f"{name} has claimed it") if name else ("刚被同事签收", "taken")
    return conflict("matter", zh, f"{en} already")
