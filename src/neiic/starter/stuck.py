"""Whether a life is stuck: since when, because of what, and how it is mended.

A life never fails for want of records, calendar, search attributes or sound code: it tries again
until they are back, which looks from outside like a life that rests. :func:`finding` tells the two
apart. It is pure: what the server says of the workflow goes in, the finding comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel, ConfigDict
from temporalio.api.enums.v1 import (
    EventType,
    PendingActivityState,
    PendingWorkflowTaskState,
    TimeoutType,
    WorkflowExecutionStatus,
    WorkflowTaskFailedCause,
)
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from neiic.models.messages import CODE_TAKEN, COMMIT, RECALL, RESOLVE_DATES
from neiic.statute.periods import beijing

What = Literal["commit", "recall", "calendar", "search_attributes", "code", "worker", "workflow"]

#: A task that nobody has taken for so long waits for a worker; where workers are listed as
#: polling, they get longer, since a busy one may have a queue before it.
UNTAKEN = timedelta(seconds=10)
UNTAKEN_WITH_WORKERS = timedelta(seconds=20)
#: A commit or an answer of the calendar takes milliseconds; one that runs so long hangs.
HANGING = timedelta(seconds=20)
#: A worker asks again every minute; one that has not done so for this long is gone, although
#: the server lists it for five minutes.
GONE = timedelta(seconds=90)
#: Longest part of an error's text that is shown.
SHOWN = 300

_ACTIVITIES: dict[str, What] = {COMMIT: "commit", RECALL: "recall", RESOLVE_DATES: "calendar"}
_DOING: dict[str, str] = {
    COMMIT: "a commit to the records",
    RECALL: "a look into the records",
    RESOLVE_DATES: "the holiday calendar",
}
#: A failed workflow task that says nothing about the life: a new message overtook it, say.
_HARMLESS = (
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
)


RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING


class Stuck(BaseModel):
    """A life that does not go on by itself until somebody mends something. ``since`` is in UTC."""

    model_config = ConfigDict(frozen=True)

    since: datetime
    because: str
    what: What
    how_to_mend: str

    @property
    def line(self) -> str:
        """``stuck since … because …``, on the Beijing clock."""
        return f"stuck since {beijing(self.since):%Y-%m-%d %H:%M:%S} because {self.because}"


class Polled(NamedTuple):
    """When a worker last asked for tasks of each kind; None where none is known to."""

    workflows: datetime | None
    activities: datetime | None


def finding(
    code: str,
    described: DescribeWorkflowExecutionResponse,
    latest: Sequence[HistoryEvent],
    polled: Polled,
    now: datetime,
) -> Stuck | None:
    """Whether a life that should go on does not, from what the server says of its workflow.

    ``latest`` are the last events of its history, the newest first. The server writes only the
    first of several failed attempts into it, so ``because`` repeats that one.
    """
    info = described.workflow_execution_info
    if info.status != RUNNING:
        return _ended(code, described)
    if described.HasField("pending_workflow_task"):
        found = _of_workflow_task(described, latest, polled.workflows, now)
        if found is not None:
            return found
    for pending in described.pending_activities:
        found = _of_activity(code, pending, latest, polled.activities, now)
        if found is not None:
            return found
    return _given_up(code, latest)


# A workflow that is not there -----------------------------------------------------------------


def _ended(code: str, described: DescribeWorkflowExecutionResponse) -> Stuck | None:
    """A life ends by completing; one whose workflow ended in any other way does not go on."""
    info = described.workflow_execution_info
    if info.status in (
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED,
        WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW,
    ):
        return None
    name = WorkflowExecutionStatus.Name(info.status).rpartition("STATUS_")[2].lower()
    return gone(code, f"its workflow was {name.replace('_', ' ')}", instant(info.close_time))


def gone(code: str, how: str, since: datetime) -> Stuck:
    """The finding for a living center that no workflow keeps."""
    return Stuck(
        since=since,
        because=f"{how}: no timer of the center runs and no act reaches it",
        what="workflow",
        how_to_mend=f"start it again from what is recorded: neiic rebuild {code} --from-records",
    )


def gone_with_all(code: str, namespace: str, since: datetime) -> Stuck:
    """The finding for a living center whose whole namespace the server does not know."""
    return Stuck(
        since=since,
        because=f"the server has no namespace {namespace}: no timer runs and no act arrives",
        what="workflow",
        how_to_mend=(
            "see NEIIC_TEMPORAL_NAMESPACE; if the namespace is lost: neiic setup, then"
            f" neiic rebuild {code} --from-records"
        ),
    )


# A workflow task ------------------------------------------------------------------------------


def _of_workflow_task(
    described: DescribeWorkflowExecutionResponse,
    latest: Sequence[HistoryEvent],
    polled: datetime | None,
    now: datetime,
) -> Stuck | None:
    task = described.pending_workflow_task
    failed = _last_task_failure(latest) if task.attempt > 1 else None
    if failed is not None and failed.HasField("workflow_task_failed_event_attributes"):
        return _of_failed_task(failed, task.attempt)
    if task.state == PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED:
        untaken = _untaken("a workflow task", instant(task.scheduled_time), polled, now)
        if untaken is not None:
            return untaken
    # One lost task is a worker that was killed; the next attempt is another's.
    if failed is not None and task.attempt > 2:
        return Stuck(
            since=instant(failed.event_time),
            because=f"workers take its task and do not answer in time (attempt {task.attempt})",
            what="code",
            how_to_mend="see the worker's log: it hangs, dies, or has too little of a processor",
        )
    return None


def _last_task_failure(latest: Iterable[HistoryEvent]) -> HistoryEvent | None:
    """The failure or lost task after which none has completed; None where there is none."""
    for event in latest:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return None
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT:
            lost = event.workflow_task_timed_out_event_attributes
            return event if lost.timeout_type == TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE else None
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = event.workflow_task_failed_event_attributes
            return None if failed.cause in _HARMLESS else event
    return None


def _of_failed_task(event: HistoryEvent, attempt: int) -> Stuck:
    failed = event.workflow_task_failed_event_attributes
    cause = WorkflowTaskFailedCause.Name(failed.cause).rpartition("FAILED_CAUSE_")[2]
    said = f"{cause}: {_text(failed.failure)} (attempt {attempt})"
    since = instant(event.event_time)
    if cause == "BAD_SEARCH_ATTRIBUTES":
        return Stuck(
            since=since,
            because=f"a search attribute is not registered as it must be: {said}",
            what="search_attributes",
            how_to_mend="register them with: neiic setup; the life goes on at the next attempt",
        )
    if cause == "NON_DETERMINISTIC_ERROR":
        mend = (
            "the workers' code does not fit what the workflow has done: run the release that it"
            " ran on before, and mend the change (every change goes through workflow.patched)"
        )
    else:
        mend = (
            "the workers' code fails on this center: see the worker's log, mend it or go back to"
            " the release before; the life goes on at the next attempt"
        )
    because = f"the workflow's code fails its task: {said}"
    return Stuck(since=since, because=because, what="code", how_to_mend=mend)


def _untaken(what: str, since: datetime, polled: datetime | None, now: datetime) -> Stuck | None:
    """A task that no worker takes, once it has waited long enough to be sure."""
    served = polled is not None and now - polled < GONE
    if now - since < (UNTAKEN_WITH_WORKERS if served else UNTAKEN):
        return None
    if served:
        asked = f"one asked for tasks at {beijing(polled):%H:%M:%S}" if polled else ""
        because = f"{what} is due and no worker takes it, although {asked}"
        mend = "the workers hang or have too much to do: see their logs, start more (neiic worker)"
    else:
        because = f"{what} is due and no worker asks for tasks"
        mend = "start a worker: neiic worker (or the whole stack: neiic dev)"
    return Stuck(since=since, because=because, what="worker", how_to_mend=mend)


# An activity ----------------------------------------------------------------------------------


def _of_activity(
    code: str,
    pending: PendingActivityInfo,
    latest: Iterable[HistoryEvent],
    polled: datetime | None,
    now: datetime,
) -> Stuck | None:
    name = pending.activity_type.name
    since = _scheduled(pending.activity_id, latest) or instant(pending.scheduled_time)
    if pending.HasField("last_failure"):
        # The workflow asked twice by itself before it left this to the server: no hiccup.
        said = f"{_text(pending.last_failure)} (attempt {pending.attempt})"
        return _of_failing_activity(code, name, said, pending.last_failure, since)
    if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED:
        if now - instant(pending.last_started_time) < HANGING:
            return None
        said = f"no answer since {beijing(instant(pending.last_started_time)):%H:%M:%S}"
        return _of_failing_activity(code, name, said, Failure(), since)
    return _untaken(_DOING.get(name, name), instant(pending.scheduled_time), polled, now)


def _scheduled(activity_id: str, latest: Iterable[HistoryEvent]) -> datetime | None:
    """When the server was asked for an activity; its own time moves on with each attempt."""
    for event in latest:
        if event.activity_task_scheduled_event_attributes.activity_id == activity_id:
            return instant(event.event_time)
    return None


def _of_failing_activity(
    code: str, name: str, said: str, failure: Failure, since: datetime
) -> Stuck:
    doing = _DOING.get(name, name)
    return Stuck(
        since=since,
        because=f"{doing} keeps failing: {said}",
        what=_ACTIVITIES.get(name, "code"),
        how_to_mend=_mend_activity(code, name, failure),
    )


def _mend_activity(code: str, name: str, failure: Failure) -> str:
    goes_on = "the life goes on by itself within half a minute after"
    if name == RESOLVE_DATES:
        return (
            "mend the calendar files of the worker (NEIIC_CALENDAR_FOLDER) and start it again;"
            f" {goes_on}"
        )
    if _type(failure) == "RecordsGap":
        return f"the records lack events that the workflow has: neiic reconcile {code}"
    return (
        "see that the worker reaches the records database and may write there (neiic doctor;"
        f" NEIIC_DATABASE_URL of the worker); {goes_on}"
    )


def _given_up(code: str, latest: Sequence[HistoryEvent]) -> Stuck | None:
    """An activity that failed for good: the workflow waits a minute and asks again, for ever.

    Meanwhile nothing is pending, so that only the history knows.
    """
    failures: list[HistoryEvent] = []
    for event in latest:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            break
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED:
            failures.append(event)
    if not failures:
        return None
    failed = failures[0].activity_task_failed_event_attributes
    if _type(failed.failure) == CODE_TAKEN:
        return None  # an answer: the registration is refused by it
    asked = next((one for one in latest if one.event_id == failed.scheduled_event_id), failures[0])
    name = asked.activity_task_scheduled_event_attributes.activity_type.name
    said = f"{_text(failed.failure)} (asked again every minute)"
    since = instant(failures[-1].event_time)
    return _of_failing_activity(code, name, said, failed.failure, since)


# What failures and times say ------------------------------------------------------------------


def _type(failure: Failure) -> str:
    return failure.application_failure_info.type


def _text(failure: Failure) -> str:
    """A failure in one line. The rest of a database's complaint may hold what was to be written."""
    first = (failure.message.strip().splitlines() or ["no reason given"])[0][:SHOWN]
    kind = _type(failure)
    return f"{kind}: {first}" if kind and not first.startswith(kind) else first


def instant(stamp: Timestamp) -> datetime:
    """A moment as the server writes it, aware, in UTC."""
    return stamp.ToDatetime(tzinfo=UTC)
