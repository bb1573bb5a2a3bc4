"""Whether the tables that are kept for reading say what a replay of the events says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chaos.recorded import Recorded, as_json, day, document, instant, shown
from neiic.statute import agenda
from neiic.statute.deadlines import LIVE
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center

_PLAIN = (
    "name", "field", "competent_unit", "lead_unit", "stage", "rule_set", "latest_grade", "strikes",
    "sequence",
)  # fmt: skip


def misprojected(recorded: Recorded) -> Iterator[str]:
    """A sentence for each difference."""
    yield from recorded.unreadable
    for row in recorded.tables["centers"]:
        if row["code"] not in recorded.events:
            yield f"{row['code']}: a center without events"
    for code, center in recorded.centers.items():
        rows = recorded.of("centers", code)
        if len(rows) != 1:
            yield f"{code}: {len(rows)} rows in centers"
            continue
        for what in _differences(center, rows[0]):
            yield f"{code}: {what}"
        for what in _deadlines(center, recorded.of("deadlines", code)):
            yield f"{code}: {what}"


def _differences(center: Center, row: dict[str, Any]) -> Iterator[str]:
    expected = shown(center)
    if document(row["state"]) != as_json(center):
        yield "state is not what the events make"
    if document(row["snapshot"]) != expected:
        yield "snapshot is not what the events make"
    for name in _PLAIN:
        if row[name] != expected[name]:
            yield f"{name} is {row[name]}, the events make {expected[name]}"
    kept = {
        "implementing_unit": row["implementing_unit"],
        "since": str(day(row["since"])),
        "closed": bool(row["closed"]),
        "overdue": bool(row["overdue"]),
        "waiting_for": document(row["waiting_for"]),
    }
    made = {
        "implementing_unit": expected["implementing_unit"]["name"],
        "since": expected["since"],
        "closed": expected["closed"],
        "overdue": bool(expected["overdue"]),
        "waiting_for": expected["waiting_for"],
    }
    for name, value in made.items():
        if kept[name] != value:
            yield f"{name} is {kept[name]}, the events make {value}"


def _deadlines(center: Center, rows: list[dict[str, Any]]) -> Iterator[str]:
    ahead = {one.id: one for one in agenda(center, LIBRARY[center.rule_set])}
    kept = {row["deadline"]: row for row in rows}
    for name, row in kept.items():
        if name not in ahead and (row["status"] in LIVE or row["status"] == "upcoming"):
            yield f"deadline {name} is {row['status']}, the events make none"
    for name, deadline in ahead.items():
        if name not in kept:
            yield f"deadline {name} is missing"
            continue
        row = kept[name]
        made = (
            deadline.kind, deadline.status, deadline.due.due, deadline.due.nominal,
            deadline.instant, deadline.responsible.value, deadline.opens,
        )  # fmt: skip
        found = (
            row["kind"], row["status"], day(row["due"]), day(row["nominal"]),
            instant(row["instant"]), row["responsible"], instant(row["opens"]),
        )  # fmt: skip
        if made != found:
            yield f"deadline {name} is {found}, the events make {made}"
