"""A life that is led step by step as its scenario says, whichever release serves it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from drill.expected import BY_PACE, shown, stage_of
from drill.outcomes import Told, unlike
from drill.plan import Plan
from drill.sending import query, send_update
from drill.stage import Stage
from neiic.door import TAKEN_NO_NOTICE_OF, TASK_QUEUE
from neiic.starter.scenarios import Step, differences
from neiic.starter.simulate import message_of
from neiic.statute.acts import Refused

#: Time before a life's start that is not skipped.
APPROACH = timedelta(seconds=1.5)

_PAUSE = 0.02
#: How often a life that does not move is told to look at its clock, in looks at it.
_WAKE_EVERY = 25


class Life:
    """One center: ``steps`` taken so far, what was ``told`` of its acts, and its ``faults``.

    ``stuck`` says at which step the life did not get on within the patience.
    """

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self.stage, self.plan, self.code = stage, plan, plan.code
        self.handle = stage.client.get_workflow_handle(f"center/{plan.code}")
        self.steps = 0
        self.told: list[Told] = []
        self.faults: list[str] = []
        self.stuck: str | None = None
        self.ended = False
        self._seen = 0

    @property
    def stage_now(self) -> str:
        """Where the life is by its scenario."""
        return self.plan.stage_after(self.steps)

    @property
    def moment(self) -> datetime:
        """When its last step was."""
        scenario = self.plan.scenario
        return scenario.steps[self.steps - 1].at if self.steps else scenario.start

    @property
    def as_its_scenario_says(self) -> bool:
        """Whether it came to its end and nothing was otherwise than expected."""
        return self.ended and not self.faults and self.stuck is None

    async def begin(self) -> None:
        """Start the workflow and wait until it is registered, at the scenario's start.

        The last bit of time is let pass by itself: where a clock reaches the end of a skip while
        a task is under way, the server skips once more, to the next timer.
        """
        scenario = self.plan.scenario
        registration = scenario.registration.but(rule_set=scenario.rules.name)
        await self.stage.skipper.client.start_workflow(
            "CenterWorkflow",
            registration.model_dump(mode="json", exclude_none=True),
            id=self.handle.id,
            task_queue=TASK_QUEUE,
            start_delay=scenario.start - datetime.now(UTC),
        )
        await self._within_patience("the start", self._register(scenario.start))

    async def _register(self, start: datetime) -> None:
        skipper = self.stage.skipper
        ahead = start - APPROACH - await skipper.get_current_time(self.handle)
        await skipper.fast_forward(self.handle, ahead)
        await self._settled(start)

    async def play(self, until: int | None = None) -> None:
        """Take the steps up to this number, or all, and then compare the end."""
        steps = self.plan.scenario.steps
        for number in range(self.steps, len(steps) if until is None else until):
            if self.stuck is None:
                what = f"step {number + 1} ({steps[number].at:%Y-%m-%d %H:%M})"
                await self._within_patience(what, self._step(number, steps[number]))
                self.steps = number + 1
        if until is None and self.stuck is None:
            await self._within_patience("the end", self._compare_end())

    async def give_up_if_stuck(self) -> None:
        """Count the life as stuck, and lead it no further, if its task fails again and again."""
        if self.stuck is None:
            self.stuck = await self._failing_task()

    async def _failing_task(self) -> str | None:
        described = await self.handle.describe()
        attempt = described.raw_description.pending_workflow_task.attempt
        return f"a workflow task, now in its attempt {attempt}" if attempt > 1 else None

    async def _within_patience(self, what: str, doing: Any) -> None:
        try:
            # Several waits make up one step, each with the same patience.
            async with asyncio.timeout(2 * self.stage.patience):
                await doing
        except TimeoutError:
            self.stuck = what

    async def _step(self, number: int, step: Step) -> None:
        before = await self._arrive(step.at)
        refused = None
        if step.do is not None:
            message = message_of(step, number, before)
            refused = await self._act(step, step.do, message)
        after = await self._settled(step.at)
        sent = self.stage.ledger.notices(self.code, self._seen)
        self._seen = max((number for number, _ in sent), default=self._seen)
        found = differences(step.expect, after, [kind for _, kind in sent]) if step.expect else []
        if refused != step.refuse:
            self.faults.append(f"step {number + 1}: refused {refused}, expected {step.refuse}")
        self.faults += [
            f"step {number + 1}: {one.key} is {one.actual}, expected {one.expected}"
            for one in found
        ]

    async def _act(self, step: Step, action: str, message: Mapping[str, Any]) -> str | None:
        """Send the step's act; the refusal's code, if it was refused."""
        decision_id = str(message["decision_id"])
        if step.via == "signal":
            return await self._signal(action, message, decision_id)
        answer = await send_update(self.stage, self.code, action, message, step.at)
        refused = answer.code if isinstance(answer, Refused) else None
        if refused is None:
            self.told.append(Told(self.code, decision_id, "acknowledged"))
        return refused

    async def _signal(self, action: str, message: Mapping[str, Any], sought: str) -> str | None:
        ledger, before = self.stage.ledger, len(self.stage.ledger.refusals(self.code))
        await self.handle.signal(action, message)
        while not ledger.acted(self.code, sought):
            refusals = ledger.refusals(self.code)
            if len(refusals) > before:
                return refusals[-1][1]
            await asyncio.sleep(_PAUSE)
        self.told.append(Told(self.code, sought, "acknowledged"))
        return None

    async def _arrive(self, moment: datetime) -> dict[str, Any]:
        """Let the life's clock come to this moment; answers what it shows then."""
        skipper = self.stage.skipper
        while True:
            try:
                ahead = moment - await skipper.get_current_time(self.handle)
                if ahead.total_seconds() > 0 and await self._lives():
                    await skipper.fast_forward(self.handle, ahead)
                return await self._settled(moment)
            except RPCError as error:
                # A run that ends is neither here nor there for a moment.
                if error.status not in (*TAKEN_NO_NOTICE_OF, RPCStatusCode.NOT_FOUND):
                    raise
            await asyncio.sleep(_PAUSE)

    async def _lives(self) -> bool:
        described = await self.handle.describe()
        return described.status is WorkflowExecutionStatus.RUNNING

    async def _settled(self, moment: datetime) -> dict[str, Any]:
        """What life and records show alike, once everything due by this moment has happened.

        A run that begins while time is skipped begins at the end of the skip, with its dates
        behind it. As every program that waits for a date does, this wakes it then.
        """
        looks = 0
        while True:
            looks += 1
            recorded = self.stage.ledger.snapshot(self.code)
            if recorded is None:
                pass  # it has not begun, and a signal would begin it too early
            elif _dealt_with(recorded, moment):
                # Also the release that serves it now must be able to tell.
                if await query(self.handle) == recorded:
                    return recorded
            elif looks % _WAKE_EVERY == 0 and await self._lives():
                await self.handle.signal("wake")
            await asyncio.sleep(_PAUSE)

    async def _compare_end(self) -> None:
        """The end is that of the life on the core, event for event but for reminders."""
        snapshot = await self._settled(self.moment)
        expected = self.plan.expected
        self.faults += unlike(dict(expected.shown), shown(snapshot))
        by_step = {told.decision_id for told in self.told}
        lived = [
            (one.kind, one.article, one.effective, one.decision_id)
            for one in self.stage.ledger.events(self.code)
            if one.decision_id in {None, *by_step} and one.kind != BY_PACE
        ]
        if lived != list(expected.events):
            odd = [one for one in lived if one not in expected.events]
            lacking = [one for one in expected.events if one not in lived]
            self.faults.append(f"events: {odd} are not expected, {lacking} are missing")
        self.stuck = await self._failing_task()
        if stage_of(snapshot) != expected.stages[-1]:
            self.faults.append(f"ends in {stage_of(snapshot)}, expected {expected.stages[-1]}")
        self.ended = True


def _dealt_with(recorded: Mapping[str, Any], moment: datetime) -> bool:
    """Nothing that the records show as still to come lies in the past."""
    day = moment.date().isoformat()
    return not any(
        (one["status"] == "upcoming" and one["opens"] <= day)
        or (one["status"] == "open" and one["due"] < day)
        for one in recorded["deadlines"]
    )
