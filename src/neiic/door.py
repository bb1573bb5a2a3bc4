"""The door through which programs of ours send messages to centers: start, act, signal.

It knows what a workflow that has ended can no longer say: a repeated decision is answered
from the records, any other act is refused by the same law. What it refuses, or is told was
refused, it records.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from neiic.activities.records import Records
from neiic.statute.acts import Act, Refused, RefusedActError, decision_id_in, invalid, read_act
from neiic.statute.deciding import decide
from neiic.statute.forms import Fault
from neiic.statute.notices import notice_of_refusal
from neiic.statute.registration import code_taken, read_registration
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.workflows.refusals import refusal_of

TASK_QUEUE = "centers"

#: What a server answers to an update that it dropped, or that it cannot hand on just now.
TAKEN_NO_NOTICE_OF = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.ABORTED,
    RPCStatusCode.FAILED_PRECONDITION,
    # Too many updates under way for one center, or its run is just closing.
    RPCStatusCode.RESOURCE_EXHAUSTED,
)
#: What a client says when its connection broke, or was cut off, in the middle of a call: the
#: update may have been taken or not.
BROKE_OFF = (
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.DEADLINE_EXCEEDED,
)
#: How a client that connects when it is first needed says that it could not: by a plain error.
NOT_CONNECTED = "Failed client connect"
#: Seconds before it is sent again.
AGAIN_AFTER = 0.2


class UnknownCenterError(Exception):
    """No center has this code, neither in the records nor on the server."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no center has the code {code}; list them with: neiic center list")


class UnansweredError(Exception):
    """The server did not answer in time: the act may have been taken or not.

    Without a decision id it was the center's start.
    """

    def __init__(self, code: str, decision_id: str | None = None) -> None:
        super().__init__(
            f"no answer from {code} in time: the act may have been taken or not. "
            f"Send it again with the same decision id, {decision_id}: it acts once."
            if decision_id
            else f"no answer from the server in time: {code} may have been started or not. "
            "Look for it with: neiic center list"
        )


class Door:
    """Sends registrations and acts; ``patience`` bounds the wait for one answer.

    ``now`` is the clock by which an act on a center that has ended is judged.
    """

    def __init__(
        self,
        client: Client,
        records: Records,
        *,
        task_queue: str = TASK_QUEUE,
        patience: timedelta = timedelta(seconds=30),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._records = records
        self._task_queue = task_queue
        self._patience = patience
        self._now = now

    async def start(self, message: object) -> WorkflowHandle[Any, Any]:
        """Start a center's workflow from its registration.

        Raises RefusedActError, and starts nothing, when it does not fit or its code is taken;
        UnansweredError when the server is away or the connection broke.
        """
        registration = read_registration(message)
        if isinstance(registration, Refused):
            raise RefusedActError(registration)
        code = registration.code
        if await asyncio.to_thread(self._records.center, code) is not None:
            raise RefusedActError(code_taken(code))
        try:
            await self._client.start_workflow(
                "CenterWorkflow",
                registration.model_dump(mode="json", exclude_none=True),
                id=f"center/{code}",
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=f"{code} {registration.field}国家新兴产业创新中心",
            )
        except WorkflowAlreadyStartedError:
            raise RefusedActError(code_taken(code)) from None
        except (RPCError, RuntimeError) as error:
            if _is_silence(error):
                raise UnansweredError(code) from error
            raise
        return self._client.get_workflow_handle(f"center/{code}")

    async def act(self, code: str, action: str, message: object) -> dict[str, Any] | Refused:
        """Send an act as an update: the snapshot after it, or the refusal, which is recorded.

        Raises UnknownCenterError, or UnansweredError when the server is away or too busy.
        """
        outcome = await self._act(code, action, message)
        if isinstance(outcome, Refused):
            # A worker that died may have recorded the act before another one judged it anew.
            # A locked database makes one wait: in a thread, so that nobody else does.
            recorded = await asyncio.to_thread(
                self._records.recall_by_decision, code, decision_id_in(message) or ""
            )
            if recorded is not None:
                return recorded
            await asyncio.to_thread(self._record, code, action, message, outcome, "update")
        return outcome

    async def signal(self, code: str, action: str, message: object) -> Refused | None:
        """Send an act as a signal. A refusal is answered only by a center that has ended.

        Raises UnknownCenterError, or UnansweredError when the server is away or too busy.
        """
        try:
            await self._handle(code).signal(action, message)
        except (RPCError, RuntimeError) as error:
            if _is_silence(error):
                raise UnansweredError(code, decision_id_in(message) or "—") from error
            if not isinstance(error, RPCError) or error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            return None
        ended = await asyncio.to_thread(self._of_an_ended_center, code, action, message)
        if not isinstance(ended, Refused):
            return None
        await asyncio.to_thread(self._record, code, action, message, ended, "signal")
        return ended

    async def _act(self, code: str, action: str, message: object) -> dict[str, Any] | Refused:
        if action not in ACTIONS:
            return _no_such_action(action)
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._answered(code, action, message)
        except WorkflowUpdateFailedError as error:
            refusal = refusal_of(error)
            if refusal is not None:
                return refusal
            return await asyncio.to_thread(self._of_an_ended_center, code, action, message)
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            raise UnansweredError(code, decision_id_in(message) or "—") from None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return await asyncio.to_thread(self._of_an_ended_center, code, action, message)

    async def _answered(self, code: str, action: str, message: object) -> dict[str, Any]:
        """The answer of an update, sent again while the server says that it took no notice.

        It says so when a run ends around the update, or a workflow task just failed; or the
        connection breaks, and nobody says anything. The message carries its decision id, so
        that sending it again acts once.
        """
        while True:
            try:
                answer: dict[str, Any] = await self._handle(code).execute_update(action, message)
            except (RPCError, RuntimeError) as error:
                if not _is_silence(error):
                    raise
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return answer

    def _of_an_ended_center(
        self, code: str, action: str, message: object
    ) -> dict[str, Any] | Refused:
        """What the law says to an act when no workflow is there to say it."""
        center = self._records.state(code)
        if center is None:
            raise UnknownCenterError(code)
        used = center.act_of(decision_id_in(message))
        if used is not None:
            return self._records.recall(code, used) or {}
        if action not in ACTIONS:
            return _no_such_action(action)
        act = read_act(action, message)
        if isinstance(act, Refused):
            return act
        outcome = decide(center, act, self._now(), LIBRARY[center.rule_set], {})
        if isinstance(outcome, Refused):
            return outcome
        raise UnknownCenterError(code)

    def _handle(self, code: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(f"center/{code}")

    def _record(self, code: str, action: str, message: object, refusal: Refused, via: str) -> None:
        read = read_act(action, message)
        act = read if isinstance(read, Act) else None
        actor = act.actor if act else None
        told = via == "signal"
        self._records.record_refusal(
            code,
            action,
            refusal,
            via=via,
            message=json.dumps(message, ensure_ascii=False, default=str),
            decision_id=decision_id_in(message),
            notice=notice_of_refusal(refusal, act, str(uuid.uuid4())) if told else None,
            actor_user=actor.user if actor else None,
            actor_role=actor.role if actor else None,
            actor_unit=actor.acts_for if actor else None,
        )


def _is_silence(error: RPCError | RuntimeError) -> bool:
    """Whether this tells only that nobody answered: what was sent may be taken or not."""
    if isinstance(error, RPCError):
        return error.status in (*TAKEN_NO_NOTICE_OF, *BROKE_OFF)
    return str(error).startswith(NOT_CONNECTED)


def _no_such_action(action: str) -> Refused:
    known = ", ".join(ACTIONS)
    return invalid(
        (
            Fault(
                "action",
                f"没有 {action} 这一事项（有：{known}）",
                f"{action} is no action ({known})",
            ),
        )
    )
