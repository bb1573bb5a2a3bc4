"""Of each center on a list, the deadline that matters next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from neiic.console.portfolio.tallies import Tallies
from neiic.models.tables import DeadlineRecord, table_of

_DEADLINES = table_of(DeadlineRecord)
_SHOWN = ("center", "deadline", "title", "status", "due", "opens")
_AHEAD = ("overdue", "held", "open", "upcoming")


@dataclass(frozen=True, slots=True)
class Soonest:
    """A deadline by its Beijing due day; ``opens`` is set where it has not begun."""

    center: str
    deadline: str
    title: str
    status: str
    due: date
    opens: datetime | None


def soonest(tallies: Tallies, codes: Sequence[str]) -> dict[str, Soonest]:
    """By center, what is due first of all that still counts. The caller may see these centers."""
    query = (
        select(*(_DEADLINES.c[name] for name in _SHOWN))
        .where(_DEADLINES.c.center.in_(codes), _DEADLINES.c.status.in_(_AHEAD))
        .order_by(_DEADLINES.c.due.desc(), _DEADLINES.c.deadline.desc())
    )
    if not codes:
        return {}
    with tallies.reading() as reading:
        rows = reading.connection.execute(query).mappings()
        # The last one written into its center's place is the soonest.
        return {row["center"]: Soonest(**row) for row in rows}
