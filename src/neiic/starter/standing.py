"""How a center stands right now: what is recorded of it, and whether its workflow is stuck.

The records answer, as they are complete and need no worker. Where they are away, the workflow is
asked. Neither is waited for longer than a few seconds, since this is what an operator looks at
while something is broken.
"""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from neiic.activities.records import Records
from neiic.door import UnknownCenterError
from neiic.settings import Settings
from neiic.starter import StackError
from neiic.starter.bounded import in_thread
from neiic.starter.connecting import connect_client, open_records
from neiic.starter.looking import describe, look, namespace_is_missing
from neiic.starter.stuck import RUNNING, Stuck, gone, gone_with_all
from neiic.statute.acts import Event
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import Snapshot, snapshot
from neiic.statute.state import Center

#: Seconds for the records, and for all that is asked of the server.
RECORDS_ANSWER = 5.0
SERVER_ANSWERS = 6.0
#: For a query: a workflow whose tasks fail never answers one.
QUERY_ANSWERS = timedelta(seconds=3)


@dataclass(frozen=True)
class Standing:
    """A center as it stands. ``shown`` is None before it was recorded.

    ``remarks`` say what could not be looked at, and why.
    """

    shown: Snapshot | None
    timeline: tuple[Event, ...]
    stuck: Stuck | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Recorded:
    center: Center
    updated_at: datetime
    timeline: tuple[Event, ...]


async def standing(settings: Settings, code: str, *, with_timeline: bool) -> Standing:
    """How a center stands.

    Raises UnknownCenterError where neither the records nor the server know the code, and StackError
    where the records are away and the workflow does not answer in their place.
    """
    try:
        recorded = await _recorded(settings, code, with_timeline)
    except StackError as away:
        return await _from_the_workflow(settings, code, with_timeline, away)
    if recorded is None:
        return await _not_recorded(settings, code)
    shown = snapshot(recorded.center, LIBRARY[recorded.center.rule_set], datetime.now(UTC))
    if recorded.center.closed:
        return Standing(shown, recorded.timeline, None)
    try:
        async with asyncio.timeout(SERVER_ANSWERS):
            client = await connect_client(settings)
            stuck = await _stuck(client, settings, code, recorded.updated_at)
    except (StackError, RPCError, TimeoutError) as error:
        return Standing(shown, recorded.timeline, None, (_not_looked(error),))
    return Standing(shown, recorded.timeline, stuck)


async def _recorded(settings: Settings, code: str, with_timeline: bool) -> _Recorded | None:
    """What the records know; None for an unknown code. Raises StackError when they are away."""

    def read() -> _Recorded | None:
        records = open_records(settings)
        try:
            return _read(records, code, with_timeline)
        finally:
            records.engine.dispose()

    try:
        return await in_thread(read, RECORDS_ANSWER)
    except (TimeoutError, SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        reason = reason or f"no answer within {RECORDS_ANSWER:.0f} s"
        raise StackError(
            f"the records database does not answer ({reason}); see NEIIC_DATABASE_URL"
        ) from None


def _read(records: Records, code: str, with_timeline: bool) -> _Recorded | None:
    row, center = records.center(code), records.state(code)
    if row is None or center is None:
        return None
    events = records.timeline(code) if with_timeline else []
    return _Recorded(center, row.updated_at, tuple(events))


async def _stuck(client: Client, settings: Settings, code: str, recorded: datetime) -> Stuck | None:
    """Whether a living center is stuck. ``recorded`` is when the records last heard of it."""
    try:
        return await look(client, code, settings.task_queue)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        if namespace_is_missing(error):
            return gone_with_all(code, settings.temporal_namespace, recorded)
        return gone(code, "the server knows no workflow of it", recorded)


async def _not_recorded(settings: Settings, code: str) -> Standing:
    """A center whose very registration is not committed yet."""
    try:
        async with asyncio.timeout(SERVER_ANSWERS):
            client = await connect_client(settings)
            described = await describe(client, code)
            if described.workflow_execution_info.status != RUNNING:
                raise UnknownCenterError(code)
            stuck = await look(client, code, settings.task_queue)
    except (StackError, RPCError, TimeoutError):
        raise UnknownCenterError(code) from None
    remark = f"{code} is not recorded yet: its workflow center/{code} runs and has not committed"
    return Standing(None, (), stuck, (remark,))


async def _from_the_workflow(
    settings: Settings, code: str, with_timeline: bool, away: StackError
) -> Standing:
    """What the workflow knows while the records are away."""
    stuck: Stuck | None = None
    try:
        async with asyncio.timeout(SERVER_ANSWERS):
            client = await connect_client(settings)
            stuck = await look(client, code, settings.task_queue)
            handle = client.get_workflow_handle(f"center/{code}")
            shown = Snapshot.model_validate(
                await handle.query("snapshot", rpc_timeout=QUERY_ANSWERS)
            )
            events: list[object] = (
                await handle.query("timeline", rpc_timeout=QUERY_ANSWERS) if with_timeline else []
            )
    except (StackError, RPCError, TimeoutError, WorkflowQueryFailedError):
        if stuck is None:
            raise away from None
        return Standing(None, (), stuck, (str(away),))
    remark = f"{away}\nWhat follows is what the workflow knows"
    if with_timeline:
        remark += "; its timeline goes back to the beginning of its present run"
    timeline = tuple(Event.model_validate(event) for event in events)
    return Standing(shown, timeline, stuck, (f"{remark}.",))


def _not_looked(error: Exception) -> str:
    reason = str(error).partition("\n")[0] or "the Temporal server does not answer in time"
    return f"whether it is stuck could not be seen: {reason}"
