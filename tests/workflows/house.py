"""A house for the tests: a server, records, workers, and centers to send messages to."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.door import TAKEN_NO_NOTICE_OF
from neiic.settings import Settings
from neiic.statute.acts import Event, Refused
from neiic.statute.periods import day_of
from neiic.statute.terms import NATIONAL_UNITS
from neiic.worker import center_worker
from neiic.workflows.refusals import refusal_of

COMPETENT = "宁夏回族自治区发展和改革委员会"
IMPLEMENTING = "乙公司"
UNITS: dict[str, str] = {
    "competent": COMPETENT,
    "lead": "甲公司",
    "implementing": IMPLEMENTING,
    "assessor": "丙机构",
    **{str(role): unit for role, unit in NATIONAL_UNITS.items()},
}

#: Real seconds that anything waited for may take.
PATIENCE = 30.0

_numbers = itertools.count(1)


def new_code() -> str:
    return f"NEIIC-T-{next(_numbers):04}"


def days_ago(days: int) -> str:
    """A Beijing date. Documents are dated 0 days ago: at midnight that becomes 1, as good."""
    return (day_of(datetime.now(UTC)) - timedelta(days=days)).isoformat()


def registration(code: str, **changes: Any) -> dict[str, Any]:
    met = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    return {
        "code": code,
        "field": "智能铸造",
        "field_en": "Smart Casting",
        "competent_unit": COMPETENT,
        "lead_unit": "甲公司",
        "implementing_unit": {"name": IMPLEMENTING},
        "recommendation": {"letter_no": "宁发改〔2026〕1号", "letter_date": days_ago(30)},
        "requirements": dict.fromkeys(met, True),
        "team_has_other_platform": False,
        **changes,
    }


def message(by: str, data: Mapping[str, Any], decision_id: str | None = None) -> dict[str, Any]:
    return {
        "decision_id": decision_id or uuid.uuid4().hex,
        "actor": {"user": f"{by}-1", "name": "张三", "role": by, "unit": UNITS[by]},
        "data": dict(data),
    }


def assessment(decision_id: str | None = None) -> dict[str, Any]:
    data = {"agency": "丙机构", "conclusion": "support", "opinion": "可行"}
    return message("assessor", data, decision_id)


def _document(no: str) -> dict[str, str]:
    return {"document_no": f"发改高技〔2026〕{no}号", "document_date": days_ago(0)}


def approval(decision_id: str | None = None) -> dict[str, Any]:
    return message("ndrc", {"decision": "approve", **_document("9")}, decision_id)


def application() -> dict[str, Any]:
    return message("implementing", {"summary_report": "总结报告", "evidence": ["材料一"]})


def passing() -> dict[str, Any]:
    return message("competent", {"outcome": "pass", "comments": "通过"})


def confirmation() -> dict[str, Any]:
    return message("ndrc", {"decision": "confirm", **_document("10")})


def note(text: str, decision_id: str | None = None) -> dict[str, Any]:
    return message("ndrc", {"text": text}, decision_id)


async def eventually(holds: Callable[[], Awaitable[Any]], patience: float = PATIENCE) -> Any:
    """The first true answer; fails with the last one when none comes in time."""
    answer: Any = None
    try:
        async with asyncio.timeout(patience):
            while True:
                answer = await holds()
                if answer:
                    return answer
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"did not come to hold within {patience} s: {answer!r}") from None


class House:
    """Records and a task queue of their own on a server that many houses share."""

    def __init__(self, address: str, url: str) -> None:
        self.address = address
        self.url = url
        self.queue = f"centers-{uuid.uuid4().hex[:8]}"
        self.records = Records(connect(url))
        self.client: Client

    async def open(self) -> House:
        self.client = await self.new_client()
        return self

    def close(self) -> None:
        self.records.engine.dispose()

    async def new_client(self) -> Client:
        return await Client.connect(self.address, data_converter=pydantic_data_converter)

    @contextlib.asynccontextmanager
    async def worker(
        self, records: Records | None = None, calendar: HolidayCalendar | None = None
    ) -> AsyncIterator[None]:
        """A worker on a connection of its own, as another process would have."""
        client = await self.new_client()
        settings = Settings(task_queue=self.queue)
        async with center_worker(
            client, records or self.records, calendar or HolidayCalendar(), settings
        ):
            yield

    async def start(self, *arguments: Any, id: str, **options: Any) -> WorkflowHandle[Any, Any]:
        """Start a center's workflow as a plain client does, with any arguments."""
        return await self.client.start_workflow(
            "CenterWorkflow", args=arguments, id=id, task_queue=self.queue, **options
        )

    async def center(self, **options: Any) -> Center:
        """A center that is registered and recorded."""
        code = new_code()
        handle = await self.start(registration(code), id=f"center/{code}", **options)
        center = Center(self, code, handle.first_execution_run_id or "")
        await center.has_runs(1)
        return center

    async def approved(self, **options: Any) -> Center:
        """A center in preparation, in the run that the approval called for."""
        center = await self.center(**options)
        await center.update("formation.assess", assessment())
        await center.update("formation.decide", approval())
        await center.has_runs(2)
        return center

    async def applied(self, **options: Any) -> Center:
        """A center in preparation that NDRC may confirm."""
        center = await self.approved(**options)
        await center.update("confirmation.apply", application())
        await center.update("confirmation.evaluate", passing())
        return center


class Center:
    """One center as clients see it: messages to it, what it says, what the records say."""

    def __init__(self, house: House, code: str, first_run: str) -> None:
        self.house = house
        self.code = code
        self.first_run = first_run
        self.handle = house.client.get_workflow_handle(f"center/{code}")

    async def update(self, action: str, what: Any, **options: Any) -> Any:
        """Send an update; answers its result or raises as the client does.

        One that the server dropped where a run ends, or took no more of for now (ten at a time
        are its limit), is sent again with the same decision id, as every client must.
        """
        last: RPCError | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    try:
                        return await self.handle.execute_update(action, what, **options)
                    except RPCError as error:
                        if error.status not in TAKEN_NO_NOTICE_OF:
                            raise
                        last = error
        except TimeoutError:
            said = f"{action} at {self.code} was not answered within {PATIENCE:.0f} s: {last}"
            raise AssertionError(said) from None

    async def refused(self, action: str, what: Any) -> Refused:
        """Send an update that must be refused; answers the refusal."""
        answer = await self.answered(action, what)
        assert isinstance(answer, Refused), f"{action} was accepted: {answer}"
        return answer

    async def answered(self, action: str, what: Any) -> dict[str, Any] | Refused:
        """What an update was answered with: the snapshot or the refusal."""
        try:
            answer: dict[str, Any] = await self.update(action, what)
        except WorkflowUpdateFailedError as error:
            refusal = refusal_of(error.cause)
            if refusal is None:
                raise
            return refusal
        return answer

    async def signal(self, action: str, what: Any) -> None:
        await self.handle.signal(action, what)

    async def snapshot(self) -> dict[str, Any]:
        answer: dict[str, Any] = await self.handle.query(
            "snapshot", rpc_timeout=timedelta(seconds=PATIENCE)
        )
        return answer

    def events(self) -> list[Event]:
        return self.house.records.timeline(self.code)

    def acts(self, action: str) -> list[str]:
        """The decision ids of all recorded acts of one kind, in order."""
        return [event.decision_id or "" for event in self.events() if event.kind == action]

    async def recorded(self, holds: Callable[[list[Event]], bool]) -> list[Event]:
        """Wait until the records' events hold this, and answer them."""

        async def look() -> list[Event]:
            events = self.events()
            return events if holds(events) else []

        found: list[Event] = await eventually(look)
        return found

    async def refusals_recorded(self, count: int) -> list[Any]:
        """Wait until the records hold so many refusals, and answer them."""

        async def look() -> list[Any]:
            refusals = self.house.records.refusals(self.code)
            return refusals if len(refusals) >= count else []

        found: list[Any] = await eventually(look)
        assert len(found) == count
        return found

    async def histories(self) -> list[list[HistoryEvent]]:
        """The histories of all runs so far, in order."""
        found: list[list[HistoryEvent]] = []
        run_id = self.first_run
        while run_id:
            run = self.house.client.get_workflow_handle(self.handle.id, run_id=run_id)
            found.append([event async for event in run.fetch_history_events()])
            last = found[-1][-1]
            run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        return found

    async def has_runs(self, count: int, *, resting: bool = True) -> list[list[HistoryEvent]]:
        """Wait until the life goes on in its run of this number, and rests on its timers."""

        async def look() -> list[list[HistoryEvent]]:
            found = await self.histories()
            begun = "TIMER_STARTED" if resting else "WORKFLOW_TASK_COMPLETED"
            return found if len(found) >= count and begun in kinds(found[-1]) else []

        histories: list[list[HistoryEvent]] = await eventually(look)
        assert len(histories) == count
        return histories

    async def check_acted_once(self, decision_id: str, answer: dict[str, Any]) -> None:
        """The act is recorded once, its answer is the recorded one, and the life goes on."""
        assert self.acts("supervision.note").count(decision_id) == 1
        first = self.house.records.recall_by_decision(self.code, decision_id)
        assert answer == first
        assert await self.update("supervision.note", note("再来", decision_id)) == first
        after = await self.update("supervision.note", note("之后"))
        assert after["sequence"] > answer["sequence"]
        await self.check_whole()

    async def check_whole(self) -> dict[str, Any]:
        """The workflow shows what the records hold, which has no gap, and no task ever failed."""
        shown = await self.check_whole_records()
        for history in await self.histories():
            assert failures(history) == []
        return shown

    async def check_whole_records(self) -> dict[str, Any]:
        """The workflow shows what the records hold, which has no gap."""
        shown = await self.snapshot()
        recorded, state = (
            self.house.records.snapshot(self.code),
            self.house.records.state(self.code),
        )
        assert recorded is not None
        assert state is not None
        assert recorded.model_dump(mode="json") == shown
        assert [event.sequence for event in self.events()] == list(range(1, state.sequence + 1))
        return shown


def failures(history: list[HistoryEvent]) -> list[str]:
    """Why workflow tasks of this run failed, but for those that a new message overtook."""
    failed = [
        event.workflow_task_failed_event_attributes
        for event in history
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
    return [
        f"{WorkflowTaskFailedCause.Name(one.cause)}: {one.failure.message}"
        for one in failed
        if one.cause != WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    ]


def kinds(history: list[HistoryEvent]) -> list[str]:
    """Event types without their prefix: TIMER_STARTED, …"""
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history]


def decoded(payload: Payload) -> Any:
    return pydantic_data_converter.payload_converter.from_payload(payload)


def summaries(history: list[HistoryEvent], kind: str) -> list[str]:
    """The summaries of this run's events of one type, as the Web UI shows them."""
    return [
        decoded(event.user_metadata.summary)
        for event, name in zip(history, kinds(history), strict=True)
        if name == kind and event.user_metadata.HasField("summary")
    ]
