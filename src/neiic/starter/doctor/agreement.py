"""Whether projection, events and workflow say the same of a center.

Sentences are left out of the comparison: a release may word an explanation anew, and a stored
one speaks as its release did.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from sqlalchemy import select
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError

from neiic.activities.projection import (
    Projection,
    Row,
    center_row,
    deadline_changes,
    matter_rows,
    project,
)
from neiic.activities.records import Records
from neiic.activities.stale import count_stale, stale_codes
from neiic.models.tables import CenterRecord, DeadlineRecord, MatterRecord, table_of
from neiic.starter.bounded import in_thread
from neiic.starter.doctor.ground import Check, Ground, for_each, ill, ok, some, warning
from neiic.starter.doctor.lives import each, running_lives, without
from neiic.statute.acts import Event
from neiic.statute.deciding import replay
from neiic.statute.state import Center

_CENTERS, _DEADLINES, _MATTERS = (
    table_of(record) for record in (CenterRecord, DeadlineRecord, MatterRecord)
)
_SENTENCES = ("explanation_zh", "explanation_en")
#: Not made by the events: who keeps the life, when and by which release the row was written.
_APART = ("life", "updated_at", "state", "snapshot", "projected")
#: What only lists of the console show, and an earlier release does not write.
_LIGHT = "yellow_from"

#: An act may come between two looks: so often they are repeated, after so many seconds.
LOOKS = 4
PAUSE = 0.25
QUERY_ANSWERS = timedelta(seconds=5)


def projection(ground: Ground) -> Check:
    """Whether what the records show of a center is what its events make of it."""
    living = None if ground.every else False
    codes = [one.code for one in ground.records.centers(closed=living)]
    looked_at = ground.sample(codes)
    found = {code: differences(ground.records, code) for code in looked_at}
    wrong = {code: said for code, said in found.items() if said}
    of_all = f"{len(looked_at)} of {len(codes)}" + ("" if ground.every else " living")
    if not wrong:
        return ok("projection", f"{of_all} centers are what their events make of them")
    codes = list(wrong)
    said = [f"{code} ({', '.join(what)})" for code, what in wrong.items()]
    return ill(
        "projection",
        f"differ from what their events make of them: {some(said)}",
        f"rebuild it from the workflow: {for_each('neiic reconcile {code}', codes)}",
        codes,
    )


def matters(ground: Ground) -> Check:
    """Whether the matters of all centers are written: what lists and boards of the console show."""
    with ground.records.engine.connect() as connection:
        count = count_stale(connection)
        codes = stale_codes(connection, "", count) if count else []
    if not count:
        return ok("matters", "the open matters of all centers are those of their states")
    return ill(
        "matters",
        f"{count} centers were last written by an earlier release, so that lists do not show what"
        f" waits in them: {some(codes)}",
        "neiic migrate (a worker of this release does it by itself within a minute)",
        codes,
    )


def differences(records: Records, code: str) -> list[str]:
    """What of a center's projection is not as its events make it, by name; none if all is."""
    for _ in range(LOOKS):
        events, row, deadlines, waiting = _stored(records, code)
        if row is None or (events and events[-1].sequence == row["sequence"]):
            break
    if row is None:
        return []
    try:
        if [event.sequence for event in events] != list(range(1, len(events) + 1)):
            return ["events are missing"]
        if not events:
            return ["it has no events"]
        center = replay(events)
        return _differing(center, row, deadlines, waiting)
    except (ValidationError, LookupError, ValueError, TypeError, AttributeError) as error:
        return [f"its events cannot be replayed: {type(error).__name__} {error}"[:200]]


def _stored(records: Records, code: str) -> tuple[list[Any], Row | None, dict[str, Row], list[Row]]:
    events = records.timeline(code)
    with records.engine.connect() as connection:
        row = connection.execute(select(_CENTERS).where(_CENTERS.c.code == code)).mappings().first()
        kept = connection.execute(select(_DEADLINES).where(_DEADLINES.c.center == code)).mappings()
        deadlines = {one["deadline"]: dict(one) for one in kept}
        open_ones = connection.execute(select(_MATTERS).where(_MATTERS.c.center == code)).mappings()
        waiting = [dict(one) for one in open_ones]
    return events, None if row is None else dict(row), deadlines, waiting


def _differing(
    center: Center, row: Row, deadlines: Mapping[str, Row], waiting: list[Row]
) -> list[str]:
    made = project(center)
    wanted = center_row(made, row["life"], row["updated_at"])
    found = [
        name
        for name, value in wanted.items()
        if name not in _APART and _plain(value) != _plain(row[name])
    ]
    if Center.model_validate(row["state"]) != center:
        found.append("state")
    if wordless(row["snapshot"]) != wordless(_plain(made.shown)):
        found.append("snapshot")
    # What is stale is another check's matter, and mends itself.
    current = row["projected"] == row["sequence"]
    beside = _SENTENCES if current else (*_SENTENCES, _LIGHT)
    changes = deadline_changes(made, deadlines)
    found += [
        f"deadline {one['deadline']}"
        for one in changes.put
        if without_keys(one, beside) != without_keys(deadlines.get(one["deadline"], {}), beside)
    ]
    found += [f"deadline {gone}" for gone in changes.out]
    return found + (_matters_differing(made, waiting) if current else [])


def _matters_differing(made: Projection, waiting: list[Row]) -> list[str]:
    wanted, kept = (
        {f"matter {one['matter']} for {one['role']}": one for one in rows}
        for rows in (matter_rows(made), waiting)
    )
    return sorted(name for name in wanted | kept if wanted.get(name) != kept.get(name))


def _plain(value: Any) -> Any:
    """A value as JSON has it: the same for a list and a tuple, and for a moment in any zone."""
    if isinstance(value, datetime):
        return value.timestamp()
    return from_json(to_json(value))


def without_keys(row: Mapping[str, Any], left_out: Collection[str]) -> Row:
    """A row without some of its columns."""
    return {name: value for name, value in row.items() if name not in left_out}


def wordless(shown: Any) -> Any:
    """A snapshot without its explanations."""
    if not isinstance(shown, dict) or not isinstance(shown.get("deadlines"), list):
        return shown
    bare = [
        without_keys(one, _SENTENCES) if isinstance(one, dict) else one
        for one in shown["deadlines"]
    ]
    return shown | {"deadlines": bare}


async def agreement(ground: Ground) -> Check:
    """Whether workflows show of their centers what the records show."""
    codes = without((life.code for life in await running_lives(ground)), ground.stuck)
    looked_at = ground.sample(codes)
    answers = await each(looked_at, lambda code: _agrees(ground, code))
    wrong = [code for code, answer in zip(looked_at, answers, strict=True) if answer is False]
    mute = [code for code, answer in zip(looked_at, answers, strict=True) if answer is None]
    if wrong:
        return ill(
            "agreement",
            f"the workflow shows another state, or other events, than the records: {some(wrong)}",
            f"rebuild the records from it: {for_each('neiic reconcile {code}', wrong)}",
            wrong,
        )
    if mute:
        return warning(
            "agreement",
            f"no answer within {QUERY_ANSWERS.total_seconds():.0f} s from {some(mute)}",
            f"see whether it is stuck: {for_each('neiic center show {code}', mute)}",
            mute,
        )
    of_all = f"{len(looked_at)} of {len(codes)}"
    left_out = f"; not asked, as stuck: {len(ground.stuck)}" if ground.stuck else ""
    return ok("agreement", f"{of_all} workflows show what the records show{left_out}")


async def _agrees(ground: Ground, code: str) -> bool | None:
    """Whether both show the same; None where the workflow does not answer.

    The workflow tells its state, and the events since its present run began.
    """
    handle = ground.client.get_workflow_handle(f"center/{code}")
    for look in range(LOOKS):
        if look:
            await asyncio.sleep(PAUSE)
        try:
            shown = await handle.query("snapshot", rpc_timeout=QUERY_ANSWERS)
            told = await handle.query("timeline", rpc_timeout=QUERY_ANSWERS)
        except (RPCError, WorkflowQueryFailedError):  # the latter: it is being refused
            return None
        happened = {event.sequence: event for event in map(Event.model_validate, told)}
        if await in_thread(lambda: _same(ground.records, code, shown, happened), 30):  # noqa: B023
            return True
    return False


def _same(records: Records, code: str, shown: Any, happened: Mapping[int, Event]) -> bool:
    kept = _snapshot(records, code)
    if kept is None:
        return True  # one that is not recorded is another check's matter
    first = min(happened, default=0)
    events = {one.sequence: one for one in records.timeline(code, first - 1)} if first else {}
    return wordless(kept) == wordless(shown) and all(
        events.get(sequence) == event for sequence, event in happened.items()
    )


def _snapshot(records: Records, code: str) -> Any:
    query = select(_CENTERS.c.snapshot).where(_CENTERS.c.code == code)
    with records.engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()
