"""Engagements: which agency assesses which center, and therefore sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import writing
from neiic.console.accounts.faults import unknown, words
from neiic.console.accounts.units import LONGEST_UNIT
from neiic.console.desk.audit import Author, record
from neiic.models.accounts import EngagementRecord
from neiic.models.tables import table_of

_ENGAGEMENTS = table_of(EngagementRecord)


def engage(engine: Engine, author: Author, center: str, agency: str, now: datetime) -> None:
    """Note that this agency assesses the center. Again: nothing happens."""
    unit = words("agency", agency, LONGEST_UNIT)
    values = {"center": center, "unit": unit, "at": now}
    try:
        with writing(engine).begin() as connection:
            there = (_ENGAGEMENTS.c.center == center) & (_ENGAGEMENTS.c.unit == unit)
            if connection.execute(select(_ENGAGEMENTS).where(there)).first() is None:
                connection.execute(insert(_ENGAGEMENTS).values(values))
                record(connection, author, "agency.engage", now, center=center, agency=unit)
    except IntegrityError:
        return  # somebody noted the same just now


def disengage(engine: Engine, author: Author, center: str, agency: str, now: datetime) -> None:
    """This agency does not assess the center after all, and sees it no more. Raises FaultError."""
    there = (_ENGAGEMENTS.c.center == center) & (_ENGAGEMENTS.c.unit == agency)
    with writing(engine).begin() as connection:
        if not connection.execute(delete(_ENGAGEMENTS).where(there)).rowcount:
            raise unknown("agency", "没有委托这家机构", "this agency is not engaged")
        record(connection, author, "agency.disengage", now, center=center, agency=agency)


def engaged(engine: Engine, centers: Sequence[str]) -> dict[str, list[str]]:
    """The agencies of each of these centers; centers without one are left out."""
    query = (
        select(_ENGAGEMENTS.c.center, _ENGAGEMENTS.c.unit)
        .where(_ENGAGEMENTS.c.center.in_(centers))
        .order_by(_ENGAGEMENTS.c.at)
    )
    found: dict[str, list[str]] = {}
    with engine.connect() as connection:
        for center, unit in connection.execute(query):
            found.setdefault(center, []).append(unit)
    return found
