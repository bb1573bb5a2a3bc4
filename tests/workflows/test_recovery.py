"""Records rebuilt from workflows, workflows rebuilt from records: equal, and nobody told twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError

from neiic.door import UnknownCenterError
from neiic.models.messages import FromRecords
from neiic.models.tables import CenterRecord, EventRecord, Stored
from neiic.starter import StackError
from neiic.starter.repair import rebuild, reconcile
from neiic.statute.acts import Refused
from neiic.workflows import record_keeping
from neiic.workflows.refusals import refusal_of
from tests.histories.record import in_application, lost_over_its_end
from tests.records.dumps import dump
from tests.workflows.house import (
    Center,
    House,
    approval,
    confirmation,
    days_ago,
    eventually,
    message,
    new_code,
    note,
    registration,
)
from tests.workflows.troubled import Troubled

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def lives(house: House) -> list[Center]:
    """Centers in application, preparation and operation, with refusals and repeated acts."""
    applying = await in_application(house, Troubled(house.url))
    approved = await house.approved()
    for number in range(5):
        await approved.update("supervision.note", note(f"第{number}条", f"note-{number}"))
    await approved.signal("formation.decide", approval())
    await approved.refusals_recorded(1)
    confirmed = await house.applied()
    await confirmed.update("confirmation.review", confirmation())
    await confirmed.has_runs(3)
    return [applying, approved, confirmed]


def empty(house: House) -> None:
    with house.records.engine.begin() as connection:
        for table in reversed(Stored.metadata.sorted_tables):
            connection.execute(delete(table))


async def test_an_emptied_database_is_rebuilt_from_the_workflows(house: House) -> None:
    centers = await lives(house)
    before = dump(house.records.engine)
    empty(house)
    assert dump(house.records.engine) != before

    for center in centers:
        found = await reconcile(house.client, house.records, center.code)
        assert (found.missing, found.written) == (0, found.sequence)
        assert (found.put_back["centers"], found.put_back["events"]) == (1, found.sequence)
        assert (found.put_right, found.taken_out, found.was_whole) == ({}, {}, False)

    after = dump(house.records.engine)
    for table, rows in before.items():
        assert _timeless(after[table]) == _timeless(rows), table
    for center in centers:
        await center.check_whole()
    await centers[1].update("supervision.note", note("继续"))


def _timeless(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the moment at which a refusal was written down, which histories do not hold."""
    refused = ("recorded_at",)
    return [
        {
            name: value
            for name, value in row.items()
            if name not in refused and not (name == "created_at" and row["kind"] == "refused")
        }
        for row in rows
    ]


async def test_an_act_that_waits_while_the_records_are_gone_gets_through(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record_keeping, "PATIENTLY", timedelta(seconds=1))
    center = await house.approved()
    empty(house)
    waiting = asyncio.create_task(center.update("supervision.note", note("巡查", "waits")))

    async def tried() -> bool:
        described = await center.handle.describe()
        return bool(described.raw_description.pending_activities)

    await eventually(tried)
    await reconcile(house.client, house.records, center.code)
    assert (await waiting)["sequence"] == 4
    assert center.acts("supervision.note") == ["waits"]
    await center.check_whole()


@pytest.mark.parametrize("altered", ["projection", "event"])
async def test_what_was_altered_by_hand_is_put_right(house: House, altered: str) -> None:
    center = await house.approved()
    before = dump(house.records.engine)
    with house.records.engine.begin() as connection:
        if altered == "projection":
            connection.execute(update(CenterRecord).values(stage="revoked", sequence=99))
        else:
            connection.execute(
                update(EventRecord).where(EventRecord.sequence == 2).values(kind="x", data={})  # type: ignore[arg-type]
            )
    found = await reconcile(house.client, house.records, center.code)
    table = "centers" if altered == "projection" else "events"
    assert (found.put_back, found.put_right, found.taken_out) == ({}, {table: 1}, {})
    assert dump(house.records.engine) == before


async def test_of_whole_records_nothing_is_said_to_have_been_missing(house: House) -> None:
    for center in await lives(house):
        found = await reconcile(house.client, house.records, center.code)
        assert found.was_whole, found


async def test_runs_that_the_server_has_no_more_leave_their_events_to_a_backup(
    house: House,
) -> None:
    center = await house.approved()
    await center.update("supervision.note", note("巡查"))
    before = dump(house.records.engine)
    await house.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace="default",
            workflow_execution=WorkflowExecution(
                workflow_id=center.handle.id, run_id=center.first_run
            ),
        )
    )

    async def gone() -> bool:
        first = house.client.get_workflow_handle(center.handle.id, run_id=center.first_run)
        try:
            await first.fetch_history()
        except RPCError:
            return True
        return False

    await eventually(gone)
    # Where the records still have those events, all is whole again.
    found = await reconcile(house.client, house.records, center.code)
    assert (found.sequence, found.written, found.missing) == (4, 1, 0)
    assert dump(house.records.engine)["centers"] == before["centers"]
    assert dump(house.records.engine)["events"] == before["events"]
    empty(house)
    found = await reconcile(house.client, house.records, center.code)
    assert (found.sequence, found.written, found.missing) == (4, 1, 3)
    assert dump(house.records.engine)["centers"] == before["centers"]
    await center.update("supervision.note", note("继续"))


async def test_workflows_that_were_terminated_are_rebuilt_from_the_records(house: House) -> None:
    centers = await lives(house)
    before = dump(house.records.engine)
    shown = [await center.snapshot() for center in centers]
    for center in centers:
        await center.handle.terminate("the namespace was lost")

    for center in centers:
        found = await rebuild(house.client, house.records, center.code, house.queue)
        assert found.outcome == "goes on"

    assert [await center.snapshot() for center in centers] == shown
    assert dump(house.records.engine) == before
    approved, confirmed = centers[1:]
    first = await approved.update("supervision.note", note("第0条", "note-0"))
    assert first["sequence"] == 4, "an id that was used up is answered as it was"
    await approved.update("supervision.note", note("继续", "after"))
    await approved.signal("no.such.action", {})
    await approved.refusals_recorded(2)
    assert dump(house.records.engine)["outbox"] != before["outbox"]
    assert [await rebuild(house.client, house.records, approved.code, house.queue)] == [
        found.but(code=approved.code, sequence=9, outcome="running already: left alone")
    ]
    await confirmed.update("achievement.report", _achievement())
    await confirmed.check_whole_records()


def _achievement() -> dict[str, Any]:
    data = {"title": "成果", "description": "首台套", "date": days_ago(1)}
    return message("competent", data)


async def test_a_restored_life_goes_on_through_continue_as_new(house: House) -> None:
    center = await house.applied()
    await center.handle.terminate("lost")
    await rebuild(house.client, house.records, center.code, house.queue)
    await center.update("confirmation.review", confirmation())
    await center.update("supervision.note", note("之后"))
    snapshot = await center.snapshot()
    assert snapshot["stage"] == "operation"
    recorded = house.records.center(center.code)
    assert recorded is not None
    assert recorded.life == center.first_run, "it is still the life that the first workflow began"
    assert (await rebuild_twice(house, center)) == snapshot


async def rebuild_twice(house: House, center: Center) -> dict[str, Any]:
    """The snapshot after the life was lost and restored once more."""
    await center.handle.terminate("lost again")
    await rebuild(house.client, house.records, center.code, house.queue)
    return await center.snapshot()


async def test_dates_that_went_by_meanwhile_take_effect_at_once(house: House) -> None:
    center = await lost_over_its_end(house, Troubled(house.url))
    await center.check_whole()
    assert [event.kind for event in center.events()][3:] == [
        "deadline.resolved",
        "preparation.lapsed",
    ]


async def test_what_contradicts_itself_is_not_rebuilt(house: House) -> None:
    center = await house.approved()
    await center.handle.terminate("lost")
    with house.records.engine.begin() as connection:
        connection.execute(delete(EventRecord).where(EventRecord.sequence == 2))  # type: ignore[arg-type]
    with pytest.raises(StackError, match="do not lead to the recorded state"):
        await rebuild(house.client, house.records, center.code, house.queue)


async def test_what_is_in_no_records_is_not_rebuilt(house: House) -> None:
    code = new_code()
    with pytest.raises(UnknownCenterError):
        await rebuild(house.client, house.records, code, house.queue)
    with pytest.raises(UnknownCenterError):
        await reconcile(house.client, house.records, code)
    handle = await house.start(
        registration(code), FromRecords(from_records=True), id=f"center/{code}"
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    refusal = refusal_of(failed.value.cause)
    assert isinstance(refusal, Refused)
    assert (refusal.code, code in refusal.message_zh) == ("invalid", True)
