"""What was tried and not done: acts that the console turned away, and those the law refused."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row, Table, select

from neiic.models.desk import AttemptRecord
from neiic.models.tables import RefusalRecord, table_of

_ATTEMPTS = table_of(AttemptRecord)
_REFUSALS = table_of(RefusalRecord)


class Place(NamedTuple):
    """Where a page ended in each of the two lists: the next one is older than both."""

    attempt: int
    refusal: int


class TurnedAway(NamedTuple):
    """One of either. ``by_law``: the center refused it, with an article; else the console did."""

    id: int
    at: datetime
    by_law: bool
    who: str
    role: str
    unit: str
    center: str
    action: str
    code: str
    article: str
    zh: str
    en: str


#: Before this there is everything: the largest number that a column for numbers takes.
NEWEST = Place(2**31 - 1, 2**31 - 1)


def turned_away(
    engine: Engine, before: Place = NEWEST, limit: int = 50
) -> tuple[list[TurnedAway], Place | None]:
    """Both kinds, newest first; and where to go on, None at the end. Two statements.

    Each list is read by its own numbers: their times alone could not tell where a page ended.
    """
    both = heapq.merge(
        _attempts(engine, before.attempt, limit),
        _refusals(engine, before.refusal, limit),
        key=lambda one: one.at,
        reverse=True,
    )
    found = list(both)
    shown = found[:limit]
    if len(found) == len(shown):
        return shown, None
    return shown, Place(
        min((one.id for one in shown if not one.by_law), default=before.attempt),
        min((one.id for one in shown if one.by_law), default=before.refusal),
    )


def _newest(engine: Engine, table: Table, before: int, limit: int) -> Sequence[Row[Any]]:
    """The newest rows older than this one; one more than asked for tells that there are more."""
    query = select(table).where(table.c.id < before).order_by(table.c.id.desc()).limit(limit + 1)
    with engine.connect() as connection:
        return connection.execute(query).all()


def _attempts(engine: Engine, before: int, limit: int) -> Iterator[TurnedAway]:
    for row in _newest(engine, _ATTEMPTS, before, limit):
        yield TurnedAway(
            id=row.id,
            at=row.at,
            by_law=False,
            who=row.login,
            role=row.role,
            unit=row.unit,
            center=row.center,
            action=row.action,
            code=str(row.status),
            article="",
            zh=row.reason,
            en=row.reason,
        )


def _refusals(engine: Engine, before: int, limit: int) -> Iterator[TurnedAway]:
    for row in _newest(engine, _REFUSALS, before, limit):
        yield TurnedAway(
            id=row.id,
            at=row.recorded_at,
            by_law=True,
            who=row.actor_user or "",
            role=row.actor_role or "",
            unit=row.actor_unit or "",
            center=row.center,
            action=row.action,
            code=row.code,
            article=row.article,
            zh=row.message_zh,
            en=row.message_en,
        )
