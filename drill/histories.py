"""What the server wrote down of a life: who served it, what failed, whether it was patched."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

#: The marker that ``workflow.patched`` leaves: code before the patch cannot replay it.
PATCH_MARKER = "core_patch"

_NONDETERMINISM = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
#: A message came while the task was under way: the task is given again, nothing is wrong.
_HARMLESS = (
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
)


@dataclass(slots=True)
class Findings:
    """Of all runs of a life: tasks done by each worker's process id, and what went wrong."""

    tasks: Counter[int] = field(default_factory=Counter)
    nondeterminism: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    patched: bool = False


async def findings(client: Client, code: str) -> Findings:
    """Read the histories of all runs of a center."""
    found = Findings()
    async for event in _events(client, f"center/{code}"):
        _look_at(event, found)
    return found


def _look_at(event: HistoryEvent, found: Findings) -> None:
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
        identity = event.workflow_task_completed_event_attributes.identity
        found.tasks[int(identity.partition("@")[0])] += 1
    elif event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
        name = event.marker_recorded_event_attributes.marker_name
        found.patched = found.patched or name == PATCH_MARKER
    elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        failed = event.workflow_task_failed_event_attributes
        said = f"{WorkflowTaskFailedCause.Name(failed.cause)}: {failed.failure.message[:300]}"
        if failed.cause == _NONDETERMINISM:
            found.nondeterminism.append(said)
        elif failed.cause not in _HARMLESS:
            found.failed.append(said)


async def _events(client: Client, workflow_id: str) -> AsyncIterator[HistoryEvent]:
    described = await client.get_workflow_handle(workflow_id).describe()
    run_id = described.raw_description.workflow_execution_info.first_run_id
    while run_id:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        run_id = ""
        async for event in handle.fetch_history_events():
            yield event
            renewed = event.workflow_execution_continued_as_new_event_attributes
            run_id = renewed.new_execution_run_id or run_id
