"""The trail of what was done in the console, written in the transaction that does it.

Also the acts that the console turned away itself: no center has heard of those.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, select

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import kept
from neiic.models.desk import AttemptRecord, AuditRecord
from neiic.models.tables import table_of

_TRAIL = table_of(AuditRecord)
_ATTEMPTS = table_of(AttemptRecord)


class Author(NamedTuple):
    """By whom something was done; at the command line there is no user."""

    user_id: int | None
    login: str
    unit: str


COMMAND_LINE = Author(None, "neiic", "")


def author_of(person: Person) -> Author:
    """The author behind a request."""
    return Author(person.user_id, person.login, person.scope.unit)


def record(
    connection: Connection,
    author: Author,
    what: str,
    now: datetime,
    *,
    center: str | None = None,
    **detail: Any,
) -> None:
    """Write one line of the trail, with what it tells of, in the same transaction."""
    connection.execute(
        insert(_TRAIL).values(
            at=now,
            user_id=author.user_id,
            login=author.login,
            unit=author.unit,
            what=what,
            center=center,
            detail=detail,
        )
    )


def trail(
    engine: Engine,
    *,
    before_id: int | None = None,
    unit: str | None = None,
    login: str | None = None,
    center: str | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Lines of the trail, newest first; ``before_id`` goes on from where a page ended."""
    query = select(_TRAIL).order_by(_TRAIL.c.id.desc()).limit(limit)
    exact = {"unit": unit, "login": login, "center": center}
    for name, wanted in exact.items():
        if wanted is not None:
            query = query.where(_TRAIL.c[name] == wanted)
    if before_id is not None:
        query = query.where(_TRAIL.c.id < before_id)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def record_attempt(
    engine: Engine,
    person: Person | None,
    *,
    center: str,
    action: str,
    status: int,
    reason: str,
    now: datetime,
    address: str = "",
) -> None:
    """Write down an act that the console turned away (401, 403, 404, 409) before any center."""
    values = {
        "at": now,
        "login": person.login if person else "",
        "role": person.scope.role.value if person else "",
        "unit": person.scope.unit if person else "",
        "address": kept(address, 64),
        "center": kept(center, 100),
        "action": kept(action, 100),
        "status": status,
        "reason": kept(reason, 500),
    }
    with writing(engine).begin() as connection:
        connection.execute(insert(_ATTEMPTS).values(values))
