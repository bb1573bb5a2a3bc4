"""What the server says of a center's workflow and of the task queue, for the finding of its ills.

Everything here raises RPCError: NOT_FOUND where the server knows no such workflow, others when it
is away or does not answer within :data:`PATIENCE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeTaskQueueResponse,
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from neiic.starter.stuck import RUNNING, Polled, Stuck, finding, instant

#: Events at a history's end in which the reason stands, if there is one.
LATEST = 100
#: For one answer of the server.
PATIENCE = timedelta(seconds=3)


async def look(client: Client, code: str, task_queue: str) -> Stuck | None:
    """Whether the center's present run is stuck; None also for one that lives on in peace.

    Raises RPCError: NOT_FOUND where the server knows no such workflow, others when it is away.
    """
    described = await describe(client, code)
    if described.workflow_execution_info.status != RUNNING:
        return finding(code, described, (), Polled(None, None), now())
    latest = await _latest_events(client, described.workflow_execution_info.execution)
    waits = described.HasField("pending_workflow_task") or described.pending_activities
    polled = await polled_last(client, task_queue) if waits else Polled(None, None)
    return finding(code, described, latest, polled, now())


def now() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)


async def describe(client: Client, code: str) -> DescribeWorkflowExecutionResponse:
    """What the server says of a center's present run. Raises RPCError."""
    return await client.workflow_service.describe_workflow_execution(
        DescribeWorkflowExecutionRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=f"center/{code}"),
        ),
        timeout=PATIENCE,
    )


async def _latest_events(client: Client, execution: WorkflowExecution) -> Sequence[HistoryEvent]:
    """The last events of a run, the newest first; none where the run has just gone."""
    try:
        answer = await client.workflow_service.get_workflow_execution_history_reverse(
            GetWorkflowExecutionHistoryReverseRequest(
                namespace=client.namespace, execution=execution, maximum_page_size=LATEST
            ),
            timeout=PATIENCE,
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return ()
    return answer.history.events


async def polled_last(client: Client, task_queue: str) -> Polled:
    """When workers last asked for tasks of this queue. Raises RPCError."""
    answers = [
        await queue(client, task_queue, kind)
        for kind in (
            TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    ]
    return Polled(*(last_access(answer) for answer in answers))


async def queue(
    client: Client, task_queue: str, kind: TaskQueueType.ValueType
) -> DescribeTaskQueueResponse:
    """What the server says of one kind of tasks of a queue. Raises RPCError."""
    return await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=kind,
            report_stats=True,
        ),
        timeout=PATIENCE,
    )


def last_access(answer: DescribeTaskQueueResponse) -> datetime | None:
    """The latest moment at which a worker asked for tasks; None where none is listed."""
    return max((instant(poller.last_access_time) for poller in answer.pollers), default=None)


def namespace_is_missing(error: RPCError) -> bool:
    """Whether a NOT_FOUND is about the whole namespace, and not about one workflow in it."""
    return any(
        detail.type_url.endswith("NamespaceNotFoundFailure") for detail in error.grpc_status.details
    )
