"""The finding of a stuck life as a pure function: what counts, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import (
    EventType,
    PendingActivityState,
    PendingWorkflowTaskState,
    TimeoutType,
    WorkflowExecutionStatus,
    WorkflowTaskFailedCause,
)
from temporalio.api.failure.v1 import ApplicationFailureInfo, Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import PendingActivityInfo, PendingWorkflowTaskInfo
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse

from neiic.starter.stuck import Polled, Stuck, finding

BEGAN = datetime(2031, 5, 6, 1, 2, 3, tzinfo=UTC)
STARTED = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_STARTED
SCHEDULED = PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
AWAY = Failure(
    message="the database is away\n[SQL: INSERT INTO events VALUES ('王敏')]",
    application_failure_info=ApplicationFailureInfo(type="OperationalError"),
)


def described(
    task: PendingWorkflowTaskInfo | None = None,
    *activities: PendingActivityInfo,
    status: WorkflowExecutionStatus.ValueType = RUNNING,
) -> DescribeWorkflowExecutionResponse:
    answer = DescribeWorkflowExecutionResponse(
        pending_workflow_task=task, pending_activities=activities
    )
    answer.workflow_execution_info.status = status
    answer.workflow_execution_info.close_time.FromDatetime(BEGAN)
    return answer


def task(attempt: int, state: PendingWorkflowTaskState.ValueType) -> PendingWorkflowTaskInfo:
    pending = PendingWorkflowTaskInfo(attempt=attempt, state=state)
    pending.scheduled_time.FromDatetime(BEGAN)
    return pending


def activity(name: str = "commit", *, attempt: int = 1, **fields: Any) -> PendingActivityInfo:
    pending = PendingActivityInfo(activity_id="4", attempt=attempt, **fields)
    pending.activity_type.name = name
    pending.scheduled_time.FromDatetime(BEGAN + timedelta(minutes=9))
    return pending


def event(kind: str, after: float = 0, **attributes: Any) -> HistoryEvent:
    made = HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_{kind}"), event_id=int(after) + 1)
    made.event_time.FromDatetime(BEGAN + timedelta(seconds=after))
    if attributes:
        name = f"{kind.lower()}_event_attributes"
        getattr(made, name).MergeFrom(type(getattr(made, name))(**attributes))
    return made


def failed(cause: str, after: float = 0) -> HistoryEvent:
    value = WorkflowTaskFailedCause.Value(f"WORKFLOW_TASK_FAILED_CAUSE_{cause}")
    return event("WORKFLOW_TASK_FAILED", after, cause=value, failure=Failure(message="why"))


def found(
    said: DescribeWorkflowExecutionResponse,
    *latest: HistoryEvent,
    after: float = 0,
    polled: float | None = None,
) -> Stuck | None:
    """The finding so many seconds after :data:`BEGAN`; ``polled`` seconds ago a worker asked."""
    now = BEGAN + timedelta(seconds=after)
    asked = None if polled is None else now - timedelta(seconds=polled)
    return finding("X", said, latest, Polled(asked, asked), now)


def test_a_life_at_rest() -> None:
    assert found(described(), event("WORKFLOW_TASK_COMPLETED")) is None


@pytest.mark.parametrize(
    ("cause", "what"),
    [
        ("WORKFLOW_WORKER_UNHANDLED_FAILURE", "code"),
        ("NON_DETERMINISTIC_ERROR", "code"),
        ("BAD_SEARCH_ATTRIBUTES", "search_attributes"),
        ("UNHANDLED_COMMAND", None),
    ],
)
def test_a_failed_task(cause: str, what: str | None) -> None:
    for state in (STARTED, SCHEDULED):
        one = found(described(task(2, state)), failed(cause), after=1, polled=1)
        assert (one and one.what) == what
        if one is not None:
            assert one.since == BEGAN
            assert f"{cause}: why (attempt 2)" in one.because
            assert one.line.startswith("stuck since 2031-05-06 09:02:03 because ")


def test_a_task_that_failed_and_then_completed() -> None:
    history = (event("WORKFLOW_TASK_COMPLETED", 2), failed("NON_DETERMINISTIC_ERROR"))
    assert found(described(task(1, STARTED)), *history) is None
    assert found(described(task(2, STARTED)), *history) is None


def test_signals_after_the_failure_do_not_hide_it() -> None:
    later = [event("WORKFLOW_EXECUTION_SIGNALED", n) for n in range(50, 1, -1)]
    one = found(described(task(9, STARTED)), *later, failed("NON_DETERMINISTIC_ERROR"))
    assert one is not None


@pytest.mark.parametrize(
    ("after", "polled", "stuck"),
    [(9, None, False), (11, None, True), (19, 5, False), (21, 5, True), (11, 91, True)],
)
def test_a_task_that_nobody_takes(after: float, polled: float | None, stuck: bool) -> None:
    one = found(described(task(1, SCHEDULED)), after=after, polled=polled)
    assert (one is not None) == stuck
    if one is not None:
        assert one.what == "worker"
        assert ("one asked for tasks at" in one.because) == (polled == 5)


@pytest.mark.parametrize(("attempt", "stuck"), [(2, False), (3, True)])
def test_a_worker_that_dies_over_a_task(attempt: int, stuck: bool) -> None:
    lost = event("WORKFLOW_TASK_TIMED_OUT", timeout_type=TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE)
    one = found(described(task(attempt, STARTED)), lost, after=30, polled=1)
    assert (one is not None) == stuck


def test_a_failing_activity_is_stuck_since_it_was_asked_for() -> None:
    asked = event("ACTIVITY_TASK_SCHEDULED", 3, activity_id="4")
    pending = activity(attempt=5, last_failure=AWAY)
    one = found(described(None, pending), asked, after=600)
    assert one is not None
    assert one.since == BEGAN + timedelta(seconds=3)
    assert one.because.endswith("OperationalError: the database is away (attempt 5)")
    assert "王敏" not in one.because, "what was to be written stays out of sight"


def test_an_activity_at_its_first_try() -> None:
    running = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    pending = activity(state=running)
    pending.last_started_time.FromDatetime(BEGAN)
    assert found(described(None, pending), after=15) is None
    one = found(described(None, pending), after=25)
    assert one is not None
    assert "no answer since 09:02:03" in one.because


def test_an_activity_that_was_given_up_for_a_minute() -> None:
    asked = event("ACTIVITY_TASK_SCHEDULED", 3)
    asked.activity_task_scheduled_event_attributes.activity_type.name = "commit"
    gap = Failure(message="gap", application_failure_info=ApplicationFailureInfo(type="RecordsGap"))
    first = event("ACTIVITY_TASK_FAILED", 4, failure=gap, scheduled_event_id=asked.event_id)
    again = event("ACTIVITY_TASK_FAILED", 70, failure=gap, scheduled_event_id=asked.event_id)
    one = found(described(), event("TIMER_STARTED", 71), again, first, asked, after=80)
    assert one is not None
    assert one.since == BEGAN + timedelta(seconds=4)
    assert one.how_to_mend.endswith("neiic reconcile X")
    mended = event("ACTIVITY_TASK_COMPLETED", 131)
    assert found(described(), mended, again, first, asked, after=140) is None


def test_a_code_that_is_taken_is_an_answer() -> None:
    taken = Failure(application_failure_info=ApplicationFailureInfo(type="CodeTaken"))
    assert found(described(), event("ACTIVITY_TASK_FAILED", failure=taken)) is None


@pytest.mark.parametrize(
    ("status", "stuck"),
    [
        ("COMPLETED", False),
        ("CONTINUED_AS_NEW", False),
        ("TERMINATED", True),
        ("FAILED", True),
        ("CANCELED", True),
        ("TIMED_OUT", True),
    ],
)
def test_an_ended_workflow(status: str, stuck: bool) -> None:
    value = WorkflowExecutionStatus.Value(f"WORKFLOW_EXECUTION_STATUS_{status}")
    assert (found(described(status=value)) is not None) == stuck
