"""The records as both releases must agree on them: plain SQL on the columns that are the contract.

Today's own reader would ask for columns that the previous release's schema does not have yet.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sqlalchemy import text

from neiic.activities.database import connect


class Recorded(NamedTuple):
    """An event as it stands in the records."""

    sequence: int
    kind: str
    article: str
    effective: str
    decision_id: str | None


class Ledger:
    """Reads the records, each time in a transaction of its own."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def events(self, code: str) -> list[Recorded]:
        """A center's events in order."""
        rows = self._rows(
            "SELECT sequence, kind, article, effective, decision_id FROM events"
            " WHERE center = :code ORDER BY sequence",
            code=code,
        )
        return [Recorded(row[0], row[1], row[2], str(row[3]), row[4]) for row in rows]

    def snapshot(self, code: str) -> dict[str, Any] | None:
        """What the center showed at its last commit; None for an unknown code."""
        rows = self._rows("SELECT snapshot FROM centers WHERE code = :code", code=code)
        if not rows:
            return None
        stored = rows[0][0]
        shown: dict[str, Any] = json.loads(stored) if isinstance(stored, str | bytes) else stored
        return shown

    def acted(self, code: str, decision_id: str) -> bool:
        """Whether the act with this id is recorded."""
        return bool(
            self._rows(
                "SELECT 1 FROM events WHERE center = :code AND decision_id = :id",
                code=code,
                id=decision_id,
            )
        )

    def refusals(self, code: str) -> list[tuple[str | None, str]]:
        """Decision id and code of each refused message, in order."""
        rows = self._rows(
            "SELECT decision_id, code FROM refusals WHERE center = :code ORDER BY id", code=code
        )
        return [(row[0], row[1]) for row in rows]

    def notices(self, code: str, after: int = 0) -> list[tuple[int, str]]:
        """Id and kind of each notice that was to be sent, those after an id."""
        rows = self._rows(
            "SELECT id, kind FROM outbox WHERE center = :code AND id > :after"
            " AND status <> 'skipped' ORDER BY id",
            code=code,
            after=after,
        )
        return [(row[0], row[1]) for row in rows]

    def _rows(self, query: str, **bound: Any) -> list[Any]:
        with self._engine.connect() as connection:
            return list(connection.execute(text(query), bound))
