"""What operators see of the activities: their context on every line, failures, commit latency.

A local attempt that fails is tried again within seconds and is worth a warning. Once the
regular activity fails, the life stands still until the records or the calendar are mended: that
is an error, ``stuck since … because …``, at every attempt; the worker remembers the activities
that are in this state, for its watch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from neiic.models.messages import CODE_TAKEN, COMMIT, Commit, Committed, DecisionToRecall

#: Metrics, with the labels of each.
COMMIT_LATENCY = "neiic_commit_latency_seconds"  # outcome
FAILED_ATTEMPTS = "neiic_failed_attempts"  # activity_type, kind

#: A regular attempt that is under way for this long hangs.
HANGS_AFTER = timedelta(seconds=10)
#: One that is not heard of again for this long was mended elsewhere, or is with another worker:
#: attempts come every 30 s and take 60 s at most.
FORGOTTEN_AFTER = timedelta(seconds=100)

#: Longest part of an error that is logged: the rest is in the Web UI.
KEPT_OF_REASON = 300

_log = structlog.stdlib.get_logger("neiic.activities")


class Stuck(NamedTuple):
    """A life that stands still, since when (UTC) and why. ``reason`` is one of a few words."""

    workflow_id: str
    reason: str
    since: datetime
    because: str


class _Attempt(NamedTuple):
    begun: float
    failed: bool
    stuck: Stuck


class StuckActivities:
    """The regular activities of this worker that failed, or hang, and have not succeeded since.

    ``clock`` counts seconds, from anywhere.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._attempts: dict[tuple[str, str], _Attempt] = {}

    def note(self, info: activity.Info, because: str | None = None) -> None:
        """An attempt has begun, or has failed ``because``."""
        failed = because is not None
        stuck = Stuck(
            workflow_id=info.workflow_id or "",
            reason=f"{info.activity_type}_fails" if failed else f"{info.activity_type}_hangs",
            since=info.scheduled_time,
            because=because or f"{info.activity_type} has no answer yet (attempt {info.attempt})",
        )
        self._attempts[_key(info)] = _Attempt(self._clock(), failed, stuck)

    def succeeded(self, info: activity.Info) -> None:
        """An attempt got through."""
        self._attempts.pop(_key(info), None)

    def now(self) -> list[Stuck]:
        """Those that are stuck, one for each workflow, by id."""
        now, found = self._clock(), {}
        for key, attempt in list(self._attempts.items()):
            age = timedelta(seconds=now - attempt.begun)
            if age > FORGOTTEN_AFTER:
                del self._attempts[key]
            elif attempt.failed or age > HANGS_AFTER:
                found[attempt.stuck.workflow_id] = attempt.stuck
        return [found[workflow_id] for workflow_id in sorted(found)]


def _key(info: activity.Info) -> tuple[str, str]:
    return info.workflow_run_id or "", info.activity_id


class Observing(Interceptor):
    """Adds to every activity of a worker what operators need; changes no answer."""

    def __init__(self, stuck: StuckActivities) -> None:
        self._stuck = stuck

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Stand between the worker and the activity."""
        return _Observed(next, self._stuck)


class _Observed(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, stuck: StuckActivities) -> None:
        super().__init__(next)
        self._stuck = stuck

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        """Run it in its context; note how long it took and how it ended."""
        info, begun = activity.info(), time.perf_counter()
        if not info.is_local:
            self._stuck.note(info)
        with structlog.contextvars.bound_contextvars(**context_of(info, input.args)):
            try:
                answer = await super().execute_activity(input)
            except Exception as error:
                self._failed(info, error)
                _measure(info, begun, "failed")
                raise
        _measure(info, begun, _outcome(answer))
        if not info.is_local:
            self._stuck.succeeded(info)
        return answer

    def _failed(self, info: activity.Info, error: Exception) -> None:
        if isinstance(error, ApplicationError) and error.type == CODE_TAKEN:
            _log.info("code taken")
            self._stuck.succeeded(info)
            return
        because = reason_of(error)
        kind = "local" if info.is_local else "regular"
        activity.metric_meter().create_counter(
            FAILED_ATTEMPTS, "Attempts of activities that failed"
        ).add(1, {"kind": kind})
        if info.is_local:
            _log.warning(f"{info.activity_type} failed, is tried again", because=because)
            return
        self._stuck.note(info, because)
        since = info.scheduled_time.isoformat(timespec="seconds")
        _log.error(f"stuck since {since} because {because}", since=since, because=because)


def context_of(info: activity.Info, args: Sequence[Any]) -> dict[str, Any]:
    """What every line of an activity carries; no user and none of the act's data."""
    bound = {
        "center": (info.workflow_id or "").removeprefix("center/"),
        "workflow_id": info.workflow_id,
        "run_id": info.workflow_run_id,
        "activity": info.activity_type,
        "attempt": info.attempt,
    }
    asked = args[0] if args else None
    if isinstance(asked, DecisionToRecall):
        return bound | {"decision_id": asked.decision_id}
    if not isinstance(asked, Commit) or not (asked.events or asked.refusals):
        return bound
    if not asked.events:
        last = asked.refusals[-1]
        who = {"role": last.actor_role, "unit": last.actor_unit}
        return bound | {"act": last.action, "decision_id": last.decision_id} | who
    event = next((one for one in asked.events if one.decision_id), asked.events[-1])
    bound |= {"act": event.kind, "decision_id": event.decision_id, "sequence": event.sequence}
    if event.actor is not None:
        bound |= {"role": str(event.actor.role), "unit": event.actor.acts_for or None}
    return bound


def reason_of(error: BaseException) -> str:
    """An error in one line; statements and their details come on later lines and are left out."""
    said = str(error).strip().partition("\n")[0] or "no message"
    return f"{type(error).__name__}: {said}"[:KEPT_OF_REASON]


def _outcome(answer: object) -> str:
    if isinstance(answer, Committed) and answer.stored:
        return "others_stored"
    return "already" if isinstance(answer, Committed) and answer.already else "written"


def _measure(info: activity.Info, begun: float, outcome: str) -> None:
    if info.activity_type == COMMIT:
        activity.metric_meter().create_histogram_float(
            COMMIT_LATENCY, "Seconds that commits took, without their way to the worker"
        ).record(time.perf_counter() - begun, {"outcome": outcome})
