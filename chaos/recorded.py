"""The records as plain rows, read again without the product's own reading and projecting code."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from chaos.databases import Rows
from neiic.statute import replay, snapshot
from neiic.statute.acts import Event
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center

_BEIJING = timezone(timedelta(hours=8))
_ACTOR = ("user", "name", "role", "unit")


class Recorded:
    """The events of all centers, and the centers that they make by a replay.

    ``unreadable`` has a sentence for each center whose events make none.
    """

    def __init__(self, tables: dict[str, Rows]) -> None:
        self.tables = tables
        self.events: dict[str, list[Event]] = defaultdict(list)
        for row in sorted(tables["events"], key=lambda row: (row["center"], row["sequence"])):
            self.events[str(row["center"])].append(_event(row))
        self.centers: dict[str, Center] = {}
        self.unreadable: list[str] = []
        for code, events in self.events.items():
            self._replay(code, events)

    def _replay(self, code: str, events: list[Event]) -> None:
        sequences = [event.sequence for event in events]
        if sequences != list(range(1, len(events) + 1)):
            self.unreadable.append(f"{code}: its events are numbered {sequences}")
        try:
            self.centers[code] = replay(events)
        except Exception as error:  # a damaged record may raise anything
            self.unreadable.append(f"{code}: its events do not replay: {error!r}")

    def of(self, table: str, code: str) -> list[dict[str, Any]]:
        """A table's rows of one center."""
        key = "code" if table == "centers" else "center"
        return [row for row in self.tables[table] if row[key] == code]


def shown(center: Center) -> dict[str, Any]:
    """What a center shows, as JSON values."""
    return as_json(snapshot(center, LIBRARY[center.rule_set]))


def as_json(model: Any) -> dict[str, Any]:
    """A model as JSON values, keys and all."""
    found: dict[str, Any] = json.loads(model.model_dump_json())
    return found


def document(value: Any) -> Any:
    """A JSON column: text on SQLite, values on PostgreSQL."""
    return json.loads(value) if isinstance(value, str) else value


def instant(value: Any) -> datetime | None:
    """A moment's column on the Beijing clock: UTC without a zone on SQLite."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(_BEIJING)


def day(value: Any) -> date:
    """A date's column."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def digest(decision_id: str) -> str:
    """A decision id as a workflow's ledger keeps it."""
    return hashlib.blake2b(decision_id.encode(), digest_size=8).hexdigest()


def _event(row: dict[str, Any]) -> Event:
    fields = {name: row[name] for name in Event.model_fields if name in row}
    if row["actor_user"] is not None:
        fields["actor"] = {name: row[f"actor_{name}"] for name in _ACTOR}
    fields["data"] = document(row["data"])
    fields |= {"at": instant(row["at"]), "recorded": instant(row["recorded"])}
    fields["effective"] = day(row["effective"])
    return Event.model_validate(fields)
