"""``neiic simulate``: scenarios played on the real workflow, worker and records.

Each scenario gets a time-skipping server, a worker and a database of its own, so that decades
pass in a second and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.door import Door
from neiic.migrations.migrating import migrate
from neiic.starter import StackError, namespace
from neiic.starter.scenarios import Difference, Scenario, Step, differences
from neiic.statute.acts import Event, Refused
from neiic.statute.forms import Frozen
from neiic.statute.terms import NATIONAL_UNITS
from neiic.worker import center_worker

#: The last event of a history whose workflow has a task to do.
_AT_WORK = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
    EventType.EVENT_TYPE_TIMER_FIRED,
)

#: How often a scenario is begun when the test server stands still.
ATTEMPTS = 3

#: Real seconds that a workflow may take to catch up with the skipped time.
PATIENCE = 30.0


class StepResult(Frozen):
    """What a step did: the refusal's code if there was one, and what was not as expected."""

    number: int
    at: datetime
    by: str | None
    do: str | None
    refused: Refused | None
    stage: str
    waiting_for: tuple[str, ...]
    next_deadline: str | None
    notices: tuple[str, ...]
    differences: tuple[Difference, ...]


class LifeResult(Frozen):
    """A scenario played to its end. ``events`` are the records', in order."""

    title: str
    file: str
    held: bool
    steps: tuple[StepResult, ...]
    events: tuple[Event, ...]
    snapshot: dict[str, Any]


#: What is awaited when a life has been played and its stage still stands.
After = Callable[[WorkflowEnvironment, WorkflowHandle[Any, Any]], Awaitable[None]]


async def simulate(scenario: Scenario, after: After | None = None) -> LifeResult:
    """Play one scenario; answers what happened and whether every expectation held.

    The test server now and then loses the key to its clock and stands still; then the scenario
    is played again from its start, on a new one.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            async with stage() as (environment, records):
                return await _Play(scenario, environment, records).run(after)
        except (TimeoutError, RPCError) as error:
            if attempt == ATTEMPTS:
                raise StackError(
                    f"{scenario.path}: the time-skipping server stood still"
                    f" {ATTEMPTS} times ({error or type(error).__name__})"
                ) from None
    raise AssertionError("unreachable")


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[tuple[WorkflowEnvironment, Records]]:
    """A time-skipping server with search attributes, worker and records, all of them fresh."""
    with TemporaryDirectory(prefix="neiic-simulate-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'records.db'}"
        migrate(url)
        engine = connect(url)
        records = Records(engine)
        environment = await WorkflowEnvironment.start_time_skipping(
            data_converter=pydantic_data_converter,
            test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
        )
        try:
            await namespace.set_up(environment.client)
            async with center_worker(environment.client, records, HolidayCalendar()):
                yield environment, records
        finally:
            await environment.shutdown()
            engine.dispose()


class _Play:
    def __init__(
        self, scenario: Scenario, environment: WorkflowEnvironment, records: Records
    ) -> None:
        self.scenario = scenario
        self.environment = environment
        self.client: Client = environment.client
        self.records = records
        self.moment = scenario.start
        self.door = Door(environment.client, records, now=lambda: self.moment)
        self.code = scenario.registration.code
        self.seen = 0

    async def run(self, after: After | None) -> LifeResult:
        await self._until(self.scenario.start)
        registration = self.scenario.registration.but(rule_set=self.scenario.rules.name)
        handle = await self.door.start(registration.model_dump(mode="json", exclude_none=True))
        await self._settled(handle, self.scenario.start)
        steps = [
            await self._step(number, step, handle)
            for number, step in enumerate(self.scenario.steps)
        ]
        life = LifeResult(
            title=self.scenario.title,
            file=str(self.scenario.path),
            held=not any(step.differences for step in steps),
            steps=tuple(steps),
            events=tuple(self.records.timeline(self.code)),
            snapshot=await self._snapshot(handle),
        )
        if after is not None:
            await after(self.environment, handle)
        return life

    async def _step(self, number: int, step: Step, handle: WorkflowHandle[Any, Any]) -> StepResult:
        self.moment = step.at
        await self._until(step.at)
        await self._settled(handle, step.at)
        refused = None
        if step.do is not None:
            message = message_of(step, number, await self._snapshot(handle))
            refused = await self._send(step, step.do, message)
        snapshot = await self._snapshot(handle)
        sent = self._notices()
        found = list(differences(step.expect, snapshot, sent)) if step.expect else []
        code = refused.code if refused else None
        if code != step.refuse:
            found.insert(0, Difference(key="refuse", expected=step.refuse, actual=code))
        found += await self._records_disagree(snapshot)
        return StepResult(
            number=number + 1,
            at=step.at,
            by=step.by,
            do=step.do,
            refused=refused,
            stage=snapshot["stage"],
            waiting_for=tuple(snapshot["waiting_for"]),
            next_deadline=next_line(snapshot),
            notices=tuple(sent),
            differences=tuple(found),
        )

    async def _send(self, step: Step, action: str, message: dict[str, Any]) -> Refused | None:
        if step.via == "update":
            outcome = await self.door.act(self.code, action, message)
            return outcome if isinstance(outcome, Refused) else None
        return await self._signal(action, message)

    async def _signal(self, action: str, message: dict[str, Any]) -> Refused | None:
        """Send a signal and wait for what the records say became of it."""
        decision_id = message["decision_id"]
        if self.records.recall_by_decision(self.code, decision_id) is not None:
            await self.door.signal(self.code, action, message)
            return None
        before = len(self.records.refusals(self.code))
        refused = await self.door.signal(self.code, action, message)
        if refused is not None:
            return refused
        async with asyncio.timeout(PATIENCE):
            while True:
                refusals = self.records.refusals(self.code)
                if len(refusals) > before:
                    return Refused.model_validate(
                        {name: getattr(refusals[-1], name) for name in Refused.model_fields}
                    )
                if self.records.recall_by_decision(self.code, decision_id) is not None:
                    return None
                await asyncio.sleep(0.01)

    async def _until(self, moment: datetime) -> None:
        """Let time pass until ``moment``; a moment that is past already is left alone."""
        ahead = moment - await self.environment.get_current_time()
        if ahead > timedelta(0):
            await self.environment.sleep(ahead)

    async def _settled(self, handle: WorkflowHandle[Any, Any], moment: datetime) -> None:
        """Wait until the life has dealt with everything due by ``moment`` and rests."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self._at_rest(handle)
                if self._dealt_with(moment):
                    return
                await handle.signal("wake")

    async def _at_rest(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until no workflow task is under way.

        A query or signal that meets the end of a run makes the test server lose a task, and
        with it the key to its clock: so nothing is sent while the life is at work.
        """
        while True:
            last = None
            async for event in self.client.get_workflow_handle(handle.id).fetch_history_events():
                last = event.event_type
            if last not in _AT_WORK:
                return
            await asyncio.sleep(0.002)

    def _dealt_with(self, moment: datetime) -> bool:
        """Nothing that the records show as still to come lies in the past."""
        recorded = self.records.snapshot(self.code)
        if recorded is None:
            return False
        for deadline in recorded.model_dump(mode="json")["deadlines"]:
            if deadline["status"] == "upcoming" and deadline["opens"] <= moment.date().isoformat():
                return False
            due = deadline["due"] < moment.date().isoformat()
            if deadline["status"] == "open" and due:
                return False
        return True

    async def _snapshot(self, handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
        await self._at_rest(handle)
        answer: dict[str, Any] = await handle.query("snapshot")
        return answer

    def _notices(self) -> list[str]:
        """Kinds of the notices sent since this was last asked."""
        fresh = self.records.notices(self.code, after_id=self.seen)
        self.seen = max((one.id or 0 for one in fresh), default=self.seen)
        return [one.kind for one in fresh if one.status != "skipped"]

    async def _records_disagree(self, snapshot: Mapping[str, Any]) -> list[Difference]:
        """The projection must show what the workflow shows."""
        recorded = self.records.snapshot(self.code)
        shown = recorded.model_dump(mode="json") if recorded else None
        if shown == snapshot:
            return []
        return [Difference(key="records", expected=dict(snapshot), actual=shown)]


def next_line(snapshot: Mapping[str, Any]) -> str | None:
    """The soonest deadline of a snapshot as ``id date``: live ones first, else the next opening."""
    live = [one for one in snapshot["deadlines"] if one["status"] in ("open", "held", "overdue")]
    ahead = live or [one for one in snapshot["deadlines"] if one["status"] == "upcoming"]
    soonest = min(ahead, key=lambda one: str(one["due"]), default=None)
    return f"{soonest['id']} {soonest['due']}" if soonest else None


def message_of(step: Step, number: int, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The message that a step sends: the unit is the center's own unless it names another."""
    units: dict[str, str] = {
        "competent": snapshot["competent_unit"],
        "lead": snapshot["lead_unit"],
        "implementing": snapshot["implementing_unit"]["name"],
        "assessor": "第三方机构",
        **{str(role): unit for role, unit in NATIONAL_UNITS.items()},
    }
    actor = {"user": f"{step.by}-1", "name": step.by, "role": step.by}
    unit = step.unit or units.get(step.by or "")
    message: dict[str, Any] = {
        "decision_id": step.decision_id or f"step-{number + 1}",
        "actor": actor | ({"unit": unit} if unit else {}),
        "data": step.data,
    }
    return message | ({"remarks": step.remarks} if step.remarks else {})
