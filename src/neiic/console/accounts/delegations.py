"""Delegation (委托): a user's work in one grant goes to a colleague of the same unit for some days.

Days are Beijing days, both inclusive. It holds while both are active and of that unit.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, insert, or_, select, update

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import forbidden, invalid, typed_login, unknown
from neiic.console.accounts.persons import DELEGATIONS
from neiic.console.accounts.units import UNITS
from neiic.console.accounts.users import GRANTS, USERS
from neiic.console.desk.audit import author_of, record
from neiic.statute.periods import day_of
from neiic.statute.terms import Role

LONGEST = timedelta(days=366)


class Delegation(NamedTuple):
    """A delegation as both sides and administrators see it."""

    id: int
    giver: str
    giver_name: str
    receiver: str
    receiver_name: str
    role: Role
    unit: str
    first: date
    last: date
    ended: datetime | None

    def holds_on(self, day: date) -> bool:
        """Whether the receiver may act for the giver on this Beijing day, as far as it goes."""
        return self.ended is None and self.first <= day <= self.last


def delegate(
    engine: Engine, person: Person, to_login: str, first: date, last: date, now: datetime
) -> int:
    """Hand the work of the grant one acts in to a colleague. Raises FaultError."""
    _check_days(first, last, day_of(now))
    if person.for_whom is not None:
        raise forbidden("to", "代办的工作不能再委托", "work done for another cannot be handed on")
    if person.scope.role is Role.OPERATOR:
        raise forbidden("to", "系统管理不能委托", "administration cannot be handed over")
    with writing(engine).begin() as connection:
        colleague = (
            select(USERS.c.id)
            .join_from(USERS, GRANTS, GRANTS.c.user_id == USERS.c.id)
            .where(
                USERS.c.login == typed_login(to_login),
                USERS.c.disabled.is_(False),
                GRANTS.c.unit_id == person.unit_id,
                GRANTS.c.ended.is_(None),
            )
        )
        receiver = connection.execute(colleague).scalar()
        if receiver is None or receiver == person.user_id:
            raise unknown(
                "to",
                "不是本单位另一位在用的用户",
                "is no other active user of the same unit",
            )
        values = {
            "grant_id": person.grant.id,
            "receiver_id": receiver,
            "first": first,
            "last": last,
            "made_at": now,
        }
        query = insert(DELEGATIONS).values(values).returning(DELEGATIONS.c.id)
        made = int(connection.execute(query).scalar_one())
        told = {"to": typed_login(to_login), "first": str(first), "last": str(last)}
        record(connection, author_of(person), "delegation.make", now, delegation_id=made, **told)
    return made


def _check_days(first: date, last: date, today: date) -> None:
    if last < first:
        raise invalid("last", "不能早于开始之日", "must not be before the first day")
    if last < today:
        raise invalid("last", "不能早于今日", "must not be before today")
    if last - first > LONGEST:
        raise invalid("last", "至多一年", "must be within a year of the first day")


def end_delegation(engine: Engine, person: Person, delegation_id: int, now: datetime) -> None:
    """Take it back: the giver may, the receiver, and an administrator. Raises FaultError."""
    giver = select(GRANTS.c.user_id).where(GRANTS.c.id == DELEGATIONS.c.grant_id)
    live = (DELEGATIONS.c.id == delegation_id) & DELEGATIONS.c.ended.is_(None)
    if not person.admin:
        live &= or_(
            giver.scalar_subquery() == person.user_id,
            DELEGATIONS.c.receiver_id == person.user_id,
        )
    with writing(engine).begin() as connection:
        if not connection.execute(update(DELEGATIONS).where(live).values(ended=now)).rowcount:
            raise unknown("delegation", "没有这项委托，或已收回", "no such delegation, or it ended")
        record(connection, author_of(person), "delegation.end", now, delegation_id=delegation_id)


def delegations(engine: Engine, user_id: int | None = None) -> list[Delegation]:
    """Delegations from and to a user, or all, also those past, newest first."""
    giver, receiver = USERS.alias("giver"), USERS.alias("receiver")
    query = (
        select(
            DELEGATIONS.c.id,
            giver.c.login,
            giver.c.name,
            receiver.c.login,
            receiver.c.name,
            GRANTS.c.role,
            UNITS.c.name,
            DELEGATIONS.c.first,
            DELEGATIONS.c.last,
            DELEGATIONS.c.ended,
        )
        .join_from(DELEGATIONS, GRANTS, GRANTS.c.id == DELEGATIONS.c.grant_id)
        .join(giver, giver.c.id == GRANTS.c.user_id)
        .join(receiver, receiver.c.id == DELEGATIONS.c.receiver_id)
        .join(UNITS, UNITS.c.id == GRANTS.c.unit_id)
        .order_by(DELEGATIONS.c.id.desc())
    )
    if user_id is not None:
        mine = (giver.c.id == user_id) | (receiver.c.id == user_id)
        query = query.where(mine)
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    return [Delegation._make(row)._replace(role=Role(row.role)) for row in rows]
