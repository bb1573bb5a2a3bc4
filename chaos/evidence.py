"""What is there after a drill: every run of every center from the server, every row by plain SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError

from chaos.databases import TABLES, Database, Rows

#: Seconds for a center to answer a question.
ANSWERING = 15.0
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a center's workflow with its whole history."""

    run_id: str
    events: tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Life:
    """A center as the Temporal server has it: its runs, oldest first, and what it answers.

    ``unrest`` names what goes on or hangs: pending activities, a task that is tried again.
    ``silence`` is why it did not answer; ``snapshot`` and ``timeline`` are its answers.
    """

    code: str
    status: str
    runs: tuple[Run, ...]
    unrest: tuple[str, ...] = ()
    silence: str | None = None
    snapshot: dict[str, Any] = field(default_factory=dict)
    timeline: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the checker looks at, beside what callers noted."""

    lives: dict[str, Life]
    tables: dict[str, Rows]
    #: Why a center's life could not be had at all.
    absent: dict[str, str] = field(default_factory=dict)


def tables_of(database: Database) -> dict[str, Rows]:
    """Every row of the records."""
    return {table: database.rows(table) for table in TABLES}


async def at_rest(client: Client, codes: Iterable[str], within: float) -> None:
    """Wait until nothing goes on in any center, but no longer than so many seconds."""
    restless = list(codes)
    loop = asyncio.get_running_loop()
    give_up = loop.time() + within
    while restless and loop.time() < give_up:
        restless = [code for code in restless if await _unrest_of(client, code)]
        if restless:
            await asyncio.sleep(0.3)


async def _unrest_of(client: Client, code: str) -> tuple[str, ...]:
    try:
        return _unrest(await client.get_workflow_handle(f"center/{code}").describe())
    except RPCError as error:
        return (f"{error.status.name}: {error.message}",)


def _unrest(described: WorkflowExecutionDescription) -> tuple[str, ...]:
    raw = described.raw_description
    found = [
        f"activity {one.activity_type.name} attempt {one.attempt} ({one.last_failure.message})"
        for one in raw.pending_activities
    ]
    if raw.HasField("pending_workflow_task"):
        found.append(f"workflow task attempt {raw.pending_workflow_task.attempt}")
    return tuple(found)


async def lives_of(
    client: Client, codes: Iterable[str], answering: float = ANSWERING
) -> tuple[dict[str, Life], dict[str, str]]:
    """The lives of these centers, and why one could not be had.

    Whoever does not answer within ``answering`` seconds counts as silent.
    """
    lives: dict[str, Life] = {}
    absent: dict[str, str] = {}
    queue = iter(codes)

    async def work() -> None:
        for code in queue:
            try:
                lives[code] = await _life(client, code, answering)
            except RPCError as error:
                absent[code] = f"{error.status.name}: {error.message}"

    await asyncio.gather(*(work() for _ in range(_AT_ONCE)))
    return lives, absent


async def _life(client: Client, code: str, answering: float) -> Life:
    handle = client.get_workflow_handle(f"center/{code}")
    described = await handle.describe()
    runs: list[Run] = []
    run_id = described.run_id
    while run_id:
        run = client.get_workflow_handle(f"center/{code}", run_id=run_id)
        events = tuple([event async for event in run.fetch_history_events()])
        runs.insert(0, Run(run_id, events))
        run_id = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    snapshot: dict[str, Any] = {}
    timeline: tuple[dict[str, Any], ...] = ()
    silence = None
    try:
        async with asyncio.timeout(answering):
            snapshot = await handle.query("snapshot")
            timeline = tuple(await handle.query("timeline"))
    except Exception as error:  # whatever keeps it from answering is the finding
        silence = f"{type(error).__name__}: {error}"
    status = described.status or WorkflowExecutionStatus.RUNNING
    return Life(code, status.name, tuple(runs), _unrest(described), silence, snapshot, timeline)


def messages_in(life: Life) -> list[bytes]:
    """The arguments of all signals and accepted updates in a life's histories."""
    found = []
    for run in life.runs:
        for event in run.events:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                said = event.workflow_execution_signaled_event_attributes.input.payloads
            elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                request = event.workflow_execution_update_accepted_event_attributes.accepted_request
                said = request.input.args.payloads
            else:
                continue
            found.append(said[0].data if said else b"")
    return found
