"""``neiic center show`` says within a minute that a life is stuck, since when and because of what."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from neiic.activities.records import GAP
from neiic.models.messages import Commit, Committed
from neiic.starter.ports import free_port
from neiic.starter.standing import standing
from neiic.starter.stuck import Stuck
from tests.starter.ward import Ran, Ward
from tests.workflows.house import approval, assessment, eventually, new_code, note, registration
from tests.workflows.troubled import Write, away

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("one hospital"),
]

#: Seconds in which an ill must show.
SHOWS_WITHIN = 60.0
#: Seconds that an answer may take, whatever is away.
ANSWERS_WITHIN = 12.0


async def shown(ward: Ward, code: str, *words: str, **changes: str) -> Ran:
    return await ward.neiic("center", "show", code, *words, **changes)


async def shown_stuck(ward: Ward, code: str, ill_since: datetime) -> Stuck:
    """What is found once the center is found stuck, and the command's words for it."""

    async def look() -> Stuck | None:
        return (await standing(ward.settings(), code, with_timeline=False)).stuck

    stuck: Stuck = await eventually(look, patience=SHOWS_WITHIN)
    assert ill_since - timedelta(seconds=1) <= stuck.since <= datetime.now(UTC)
    ran = await shown(ward, code)
    assert ran.code == 0, ran.err
    line = stuck.line.partition("(attempt")[0]
    assert line in ran.out, "on one line, whatever its length"
    assert f"  mend: {stuck.how_to_mend}\n" in ran.out
    return stuck


async def test_a_life_that_rests_is_not_stuck(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        ran = await shown(ward, center.code)
        assert ran.code == 0
        assert "stuck" not in ran.out + ran.err
        answer = (await shown(ward, center.code, "--json")).json()
        assert answer["stuck"] is None
        assert answer["remarks"] == []


async def test_a_commit_that_keeps_failing(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        began = datetime.now(UTC)
        ward.troubled.fault = lambda commit, write: away()
        await center.signal("supervision.note", note("巡查"))
        stuck = await shown_stuck(ward, center.code, began)
        assert stuck.what == "commit"
        because = "a commit to the records keeps failing: ConnectionError: the database is away"
        assert because in stuck.because
        answer = (await shown(ward, center.code, "--timeline", "--json")).json()
        assert answer["stage"] == "preparation", "what the records know is shown as well"
        assert answer["timeline"][-1]["kind"] == "formation.decide"
        assert answer["stuck"].keys() == {"since", "because", "what", "how_to_mend"}
        assert because in answer["stuck"]["because"]

        ward.troubled.fault = None

        async def mended() -> Any:
            stands = await standing(ward.settings(), center.code, with_timeline=False)
            return stands.stuck is None

        await eventually(mended, patience=SHOWS_WITHIN)
        await center.check_whole()


async def test_records_that_lack_events(ward: Ward) -> None:
    """A complaint that is not retried: between two tries nothing is pending at all."""
    async with ward.working():
        center = await ward.approved()
        began = datetime.now(UTC)

        def complain(commit: Commit, write: Write) -> Committed:
            raise ApplicationError("is recorded up to event 2", type=GAP, non_retryable=True)

        ward.troubled.fault = complain
        await center.signal("supervision.note", note("巡查"))
        stuck = await shown_stuck(ward, center.code, began)
        assert "RecordsGap: is recorded up to event 2" in stuck.because
        assert stuck.how_to_mend.endswith(f"neiic reconcile {center.code}")


async def test_a_calendar_that_is_missing(ward: Ward) -> None:
    async with ward.working():
        center = await ward.center()
        await center.update("formation.assess", assessment())
        began = datetime.now(UTC)
        ward.calendar.lost = True
        await center.signal("formation.decide", approval())
        stuck = await shown_stuck(ward, center.code, began)
        assert stuck.what == "calendar"
        assert "/srv/calendars: there is no such folder" in stuck.because


async def test_a_search_attribute_that_is_not_registered(apart: Ward) -> None:
    async with apart.working():
        await apart.unregister("WaitingFor")
        code, began = new_code(), datetime.now(UTC)
        handle = await apart.start(registration(code), id=f"center/{code}")
        stuck = await shown_stuck(apart, code, began)
        assert stuck.what == "search_attributes"
        assert "WaitingFor" in stuck.because
        assert "neiic setup" in stuck.how_to_mend
        assert "申报论证" in (await shown(apart, code)).out
        await handle.terminate()


@workflow.defn(name="CenterWorkflow")
class Broken:
    """What a careless edit makes of the workflow."""

    @workflow.run
    async def run(self, message: Any) -> None:
        raise TypeError("careless")


async def test_code_that_fails_its_task(ward: Ward) -> None:
    code, began = new_code(), datetime.now(UTC)
    await ward.start(registration(code), id=f"center/{code}")
    async with Worker(
        ward.client,
        task_queue=ward.queue,
        workflows=[Broken],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        stuck = await shown_stuck(ward, code, began)
        assert stuck.what == "code"
        assert "the workflow's code fails its task" in stuck.because
        assert "TypeError: careless" in stuck.because
        assert "not recorded yet" in (await shown(ward, code, "--timeline")).err


async def test_no_worker(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
    began = datetime.now(UTC)
    await center.signal("supervision.note", note("巡查"))
    stuck = await shown_stuck(ward, center.code, began)
    assert stuck.what == "worker"
    assert "a workflow task is due and no worker takes it" in stuck.because
    assert "neiic worker" in stuck.how_to_mend


async def test_no_worker_ever(ward: Ward) -> None:
    code, began = new_code(), datetime.now(UTC)
    await ward.start(registration(code), id=f"center/{code}")
    stuck = await shown_stuck(ward, code, began)
    assert "a workflow task is due and no worker asks for tasks" in stuck.because


async def test_a_workflow_that_was_terminated(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        began = datetime.now(UTC)
        await center.handle.terminate("a mistake")
        stuck = await shown_stuck(ward, center.code, began)
        assert stuck.because.startswith("its workflow was terminated")
        assert f"neiic rebuild {center.code} --from-records" in stuck.how_to_mend


async def test_a_server_that_lost_the_workflow(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        recorded = datetime.now(UTC)
    await ward.client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=ward.namespace,
            workflow_execution=WorkflowExecution(workflow_id=center.handle.id),
        )
    )
    stuck = await shown_stuck(ward, center.code, recorded - timedelta(seconds=30))
    assert stuck.because.startswith(("the server knows no workflow", "its workflow was terminated"))
    assert f"neiic rebuild {center.code} --from-records" in stuck.how_to_mend
    elsewhere = ward.settings(temporal_namespace="lost")
    lost = (await standing(elsewhere, center.code, with_timeline=False)).stuck
    assert lost is not None
    assert lost.because.startswith("the server has no namespace lost")
    assert "neiic setup, then" in lost.how_to_mend


async def test_the_server_is_away(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
    ran = await shown(ward, center.code, NEIIC_TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert ran.code == 0
    assert "筹建期" in ran.out
    assert "whether it is stuck could not be seen" in ran.err


async def test_the_records_are_away(ward: Ward) -> None:
    """The workflow knows its state and that a commit fails, which is just when one looks."""
    async with ward.working():
        center = await ward.approved()
        ward.troubled.fault = lambda commit, write: away()
        await center.signal("supervision.note", note("巡查"))
        away_url = {"NEIIC_DATABASE_URL": f"postgresql://x@127.0.0.1:{free_port()}/x"}

        async def look() -> Any:
            ran = await shown(ward, center.code, **away_url)
            return ran if "stuck since" in ran.out else None

        ran: Ran = await eventually(look, patience=SHOWS_WITHIN)
        assert ran.code == 0
        assert "筹建期" in ran.out
        assert "does not answer" in ran.err
        assert "what the workflow knows" in ran.err
        ran = await shown(ward, center.code, "--timeline", "--json", **away_url)
        assert ran.json()["timeline"] == [], "its run began with the stage"
    both_away = {**away_url, "NEIIC_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}"}
    ran = await shown(ward, center.code, **both_away)
    assert ran.code == 1
    assert "does not answer" in ran.err


@contextlib.asynccontextmanager
async def silent() -> AsyncIterator[str]:
    """HOST:PORT of something that takes connections and never says a word."""
    done = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    listener = await asyncio.start_server(say_nothing, "127.0.0.1", free_port())
    try:
        host, port = listener.sockets[0].getsockname()
        yield f"{host}:{port}"
    finally:
        done.set()
        listener.close()


async def test_a_server_that_hangs(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
    async with silent() as address:
        began = time.monotonic()
        hanging = ward.settings(temporal_address=address)
        stands = await standing(hanging, center.code, with_timeline=True)
        assert time.monotonic() - began < ANSWERS_WITHIN
    assert stands.shown is not None
    assert "could not be seen" in stands.remarks[0]
    assert len(stands.timeline) == 3


async def test_records_that_hang(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        async with silent() as address:
            began = time.monotonic()
            hanging = ward.settings(database_url=f"postgresql://x@{address}/x")
            stands = await standing(hanging, center.code, with_timeline=False)
            assert time.monotonic() - began < ANSWERS_WITHIN
    assert stands.shown is not None
    assert stands.shown.stage == "preparation"
    assert "does not answer" in stands.remarks[0]


async def test_records_that_are_locked_by_a_writer(ward: Ward) -> None:
    """One may read beside a writer; ``show`` did wait for half a minute."""
    async with ward.working():
        center = await ward.approved()
    with contextlib.closing(sqlite3.connect(ward.folder / "records.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        stands = await standing(ward.settings(), center.code, with_timeline=False)
        assert time.monotonic() - began < ANSWERS_WITHIN
    assert stands.remarks == ()
    assert stands.shown is not None


async def test_an_unknown_center(ward: Ward) -> None:
    ran = await shown(ward, "NOWHERE")
    assert ran.code == 1
    assert "no center has the code NOWHERE" in ran.err
