"""``neiic reconcile`` and ``neiic rebuild``: the records from the workflow, and the way back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError
from temporalio.workflow import NondeterminismError

from neiic.activities.comparing import in_all
from neiic.activities.records import Records
from neiic.activities.writing import CodeTakenError
from neiic.door import UnknownCenterError
from neiic.models.messages import FromRecords
from neiic.settings import Settings, load_settings
from neiic.starter import StackError, printing
from neiic.starter.centers import AsJson
from neiic.starter.connecting import connect_client, open_records
from neiic.starter.histories import committed_life
from neiic.statute import replay
from neiic.statute.forms import Frozen

#: Seconds in which a worker takes up a life that was started again.
TAKEN_UP = 20.0


class Reconciled(Frozen):
    """One center's records, written anew up to an event; ``missing`` events are lost to them.

    Of the rows that this has changed, by table: ``put_back`` were gone, ``put_right`` said
    something else than the workflow, ``taken_out`` should not have been there. ``written``
    counts the events that were read from the workflow, changed or not.
    """

    code: str
    sequence: int
    written: int
    missing: int
    put_back: dict[str, int]
    put_right: dict[str, int]
    taken_out: dict[str, int]

    @property
    def was_whole(self) -> bool:
        """Whether nothing lacked and nothing said something else."""
        return not (self.missing or self.put_back or self.put_right or self.taken_out)


class Rebuilt(Frozen):
    """One center's workflow, started again from its records as they stand at an event."""

    code: str
    sequence: int
    outcome: str


async def reconcile(client: Client, records: Records, code: str) -> Reconciled:
    """Write a center's records anew from its workflow's histories.

    Raises UnknownCenterError where the server has no such workflow, StackError where its
    histories cannot be replayed or the records hold another life.
    """
    try:
        life = await committed_life(client, code)
    except NondeterminismError as error:
        raise StackError(
            f"{code}: this release does not replay its history ({error}).\n"
            "Run the release that its workers run; see docs/changing.md"
        ) from None
    if life is None:
        raise UnknownCenterError(code)
    try:
        found = await asyncio.to_thread(records.rewrite, life.life, life.base, life.commits)
    except CodeTakenError as error:
        raise StackError(
            f"{error}: the records and the workflow are two centers' under one code; nothing was"
            " written"
        ) from None
    return Reconciled(
        code=code,
        sequence=found.sequence,
        written=found.written,
        missing=found.missing,
        **found.mended._asdict(),
    )


async def rebuild(client: Client, records: Records, code: str, task_queue: str) -> Rebuilt:
    """Start a center's workflow again from its records, where the server has it no more.

    Nothing is written and nobody is told anything anew. Raises UnknownCenterError where the
    records have no such center, StackError where they contradict themselves or no worker
    takes the life up.
    """
    carried, events = records.carried(code), records.timeline(code)
    if carried is None:
        raise UnknownCenterError(code)
    sequence = carried.center.sequence
    if len(events) != sequence or replay(events) != carried.center:
        raise StackError(
            f"{code}: the recorded events do not lead to the recorded state; restore the records"
            f" from a backup, or, while its workflow is still there: neiic reconcile {code}"
        )
    if carried.center.closed:
        return Rebuilt(code=code, sequence=sequence, outcome="closed: it needs no workflow")
    try:
        handle = await client.start_workflow(
            "CenterWorkflow",
            args=[events[0].data, FromRecords(from_records=True)],
            id=f"center/{code}",
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=f"{code} {carried.center.field}国家新兴产业创新中心",
        )
    except WorkflowAlreadyStartedError:
        return Rebuilt(code=code, sequence=sequence, outcome="running already: left alone")
    try:
        async with asyncio.timeout(TAKEN_UP):
            shown: dict[str, Any] = await handle.query("snapshot")
            while shown["sequence"] < sequence:
                await asyncio.sleep(0.1)
                shown = await handle.query("snapshot")
    except (TimeoutError, RPCError):
        outcome = "started; no worker has taken it up yet (neiic worker)"
        return Rebuilt(code=code, sequence=sequence, outcome=outcome)
    return Rebuilt(code=code, sequence=shown["sequence"], outcome="goes on")


def _counted(rows: dict[str, int]) -> str:
    """How many rows, and of which tables: 3 (events 2, deadlines 1)."""
    words = ", ".join(f"{table} {count}" for table, count in rows.items())
    return f"{in_all(rows)} ({words})" if rows else "0"


_Code = Annotated[str | None, typer.Argument(help="The center's code; or --all.")]
_All = Annotated[bool, typer.Option("--all", help="Every center that there is.")]


def reconcile_records(code: _Code = None, every: _All = False, json: AsJson = False) -> None:
    """Write records anew from workflows: for records that were lost or altered."""
    settings = load_settings()
    found = asyncio.run(_each(settings, code, every, _codes_of_workflows, _reconcile))
    if json:
        printing.as_json(found)
        return
    made = printing.table(
        "code", "up to event", "rows put back", "rows put right", "rows taken out", "events lost"
    )
    for one in found:
        mended = (one.put_back, one.put_right, one.taken_out)
        made.add_row(one.code, str(one.sequence), *map(_counted, mended), str(one.missing))
    printing.show(made)
    if all(one.was_whole for one in found):
        printing.out.print("nothing was missing, and nothing was altered")
    lost = [one.code for one in found if one.missing]
    if lost:
        printing.err.print(
            f"[yellow]Events of {', '.join(lost)} are older than what the Temporal server keeps;"
            " their state is whole, the events must come from a backup of the records.[/]"
        )


def rebuild_workflows(
    code: _Code = None,
    every: _All = False,
    from_records: Annotated[
        bool, typer.Option("--from-records", help="Say that this is what you want.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Start workflows again from the records: for a Temporal namespace that was lost."""
    if not from_records:
        raise typer.BadParameter("say from what: --from-records")
    settings = load_settings()
    found = asyncio.run(_each(settings, code, every, _codes_of_records, _rebuild))
    if json:
        printing.as_json(found)
        return
    made = printing.table("code", "at event", "workflow")
    for one in found:
        made.add_row(one.code, str(one.sequence), one.outcome)
    printing.show(made)


async def _each(
    settings: Settings,
    code: str | None,
    every: bool,
    codes: Callable[[Client, Records], Awaitable[list[str]]],
    mend: Callable[[Client, Records, str, Settings], Awaitable[Any]],
) -> list[Any]:
    if (code is None) != every:
        raise typer.BadParameter("name one center, or say --all")
    records = open_records(settings)
    client = await connect_client(settings)
    chosen = [code] if code is not None else await codes(client, records)
    return [await mend(client, records, one, settings) for one in chosen]


async def _codes_of_workflows(client: Client, records: Records) -> list[str]:
    del records
    ids = {one.id async for one in client.list_workflows("WorkflowType = 'CenterWorkflow'")}
    return sorted(one.removeprefix("center/") for one in ids)


async def _codes_of_records(client: Client, records: Records) -> list[str]:
    del client
    return [one.code for one in records.centers(closed=False)]


async def _reconcile(client: Client, records: Records, code: str, settings: Settings) -> Reconciled:
    del settings
    return await reconcile(client, records, code)


async def _rebuild(client: Client, records: Records, code: str, settings: Settings) -> Rebuilt:
    return await rebuild(client, records, code, settings.task_queue)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command("reconcile")(reconcile_records)
    app.command("rebuild")(rebuild_workflows)
