"""Composes the workflow, its activities and a client into a worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from neiic.activities.calendar import CalendarActivities, HolidayCalendar
from neiic.activities.records import RecordActivities, Records
from neiic.workflows.center import CenterWorkflow

#: The law and the messages are pure and are shared with the sandbox: loading them anew for
#: each center would cost memory and time, and protect from nothing.
PASSED_THROUGH = ("neiic", "pydantic", "pydantic_core", "annotated_types", "yaml")


def sandboxed() -> SandboxedWorkflowRunner:
    """The sandbox in which centers live and are replayed."""
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )


def center_worker(
    client: Client,
    records: Records,
    calendar: HolidayCalendar,
    *,
    task_queue: str = "centers",
    threads: int = 8,
    max_cached_workflows: int = 1000,
) -> Worker:
    """A worker for centers; run it with ``async with`` or ``run()``."""
    kept, dates = RecordActivities(records), CalendarActivities(calendar)
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[CenterWorkflow],
        activities=[kept.commit, kept.recall, dates.resolve],
        activity_executor=ThreadPoolExecutor(threads, thread_name_prefix="activity"),
        workflow_runner=sandboxed(),
        max_cached_workflows=max_cached_workflows,
    )
