"""Letters and decisions that the records of the centers name, newest first."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from neiic.console.accounts.access import SEE_ALL, Scope, scope_condition
from neiic.console.portfolio import cursors
from neiic.console.portfolio.lights import PAGE
from neiic.console.portfolio.tallies import Tallies
from neiic.models.tables import CenterRecord, EventRecord, table_of

_CENTERS, _EVENTS = table_of(CenterRecord), table_of(EventRecord)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document and the act that it stands for, a recommendation's its registration.

    ``dated`` is the document's Beijing day, ``actor_unit`` who acted or recommended.
    """

    document_no: str
    center: str
    name: str | None
    field: str
    sequence: int
    kind: str
    dated: date
    recorded: datetime
    actor_unit: str | None
    actor_role: str | None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Documents in order and the cursor of the next page."""

    rows: tuple[DocumentRow, ...]
    next: str | None


_LETTER_DATE = _EVENTS.c.data[("recommendation", "letter_date")].as_string()
_SHOWN = (
    *(_EVENTS.c[name] for name in ("document_no", "center", "sequence", "kind", "effective")),
    *(_EVENTS.c[name] for name in ("recorded", "actor_unit", "actor_role")),
    *(_CENTERS.c[name] for name in ("name", "field", "competent_unit")),
    _LETTER_DATE.label("letter_date"),
)


def documents(
    tallies: Tallies, scope: Scope, text: str | None = None, cursor: str | None = None
) -> DocumentPage:
    """One page of documents; ``text`` is looked for in their numbers. Raises CursorError."""
    order = [_EVENTS.c.recorded, _EVENTS.c.id]
    query = (
        select(*_SHOWN, _EVENTS.c.id)
        .join(_CENTERS, _CENTERS.c.code == _EVENTS.c.center)
        .where(_EVENTS.c.document_no.is_not(None))
        .order_by(*(column.desc() for column in order))
        .limit(PAGE + 1)
    )
    if scope.role not in SEE_ALL:
        query = query.where(scope_condition(scope))
    if text:
        query = query.where(_EVENTS.c.document_no.icontains(text, autoescape=True))
    if cursor:
        place = cursors.read("documents", cursor, (datetime, int))
        if place[0] is None:
            raise cursors.CursorError
        query = query.where(cursors.after(order, place, descending=True))
    with tallies.reading() as reading:
        rows = [dict(row) for row in reading.connection.execute(query).mappings()]
    shown = rows[:PAGE]
    last = (shown[-1]["recorded"], shown[-1]["id"]) if shown else ()
    return DocumentPage(
        rows=tuple(map(_row, shown)),
        next=cursors.written("documents", last) if len(rows) > PAGE else None,
    )


def _row(found: dict[str, Any]) -> DocumentRow:
    """Nobody acts in a registration: its letter is the competent unit's, with a date of its own."""
    names = [one.name for one in fields(DocumentRow) if one.name != "dated"]
    row = {name: found[name] for name in names} | {"dated": found["effective"]}
    if found["letter_date"] is not None:
        row["dated"] = date.fromisoformat(found["letter_date"])
        row["actor_unit"] = found["competent_unit"]
    return DocumentRow(**row)
