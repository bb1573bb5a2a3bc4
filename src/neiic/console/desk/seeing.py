"""What has to hold for anybody's work on a center, checked in the transaction that writes it."""

from __future__ import annotations

from sqlalchemy import Connection

from neiic.console.accounts.access import Person, visible
from neiic.console.accounts.faults import forbidden, unknown
from neiic.statute.terms import Role


def check_sees(connection: Connection, person: Person, center: str) -> None:
    """Raises FaultError, as for an unknown code, where the center is not in the scope."""
    if connection.execute(visible(person.scope, [center])).first() is None:
        raise unknown("center", "没有这个中心", "there is no such center")


def check_may_work(person: Person) -> None:
    """Raises FaultError for administrators: they decide nothing, so they claim and draft nothing."""
    if person.scope.role is Role.OPERATOR:
        raise forbidden("role", "系统管理员不办理业务", "administrators do not work on centers")
