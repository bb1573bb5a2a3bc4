"""Composes the workflow, its activities and a client into a worker."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from neiic.activities.calendar import CalendarActivities, HolidayCalendar
from neiic.activities.observing import Observing, StuckActivities
from neiic.activities.records import RecordActivities, Records
from neiic.sandbox import sandboxed
from neiic.settings import Settings
from neiic.workflows.center import CenterWorkflow


def center_worker(
    client: Client,
    records: Records,
    calendar: HolidayCalendar,
    settings: Settings | None = None,
    stuck: StuckActivities | None = None,
) -> Worker:
    """A worker for centers; run it with ``async with`` or ``run()``.

    ``stuck`` is told of activities that fail or hang, for whoever watches over the worker.
    """
    tuned = settings or Settings()
    kept, dates = RecordActivities(records), CalendarActivities(calendar)
    return Worker(
        client,
        task_queue=tuned.task_queue,
        workflows=[CenterWorkflow],
        activities=[kept.commit, kept.recall, kept.restore, dates.resolve],
        activity_executor=_threads(tuned),
        workflow_runner=sandboxed(),
        interceptors=[Observing(stuck or StuckActivities())],
        max_cached_workflows=tuned.max_cached_workflows,
        max_concurrent_workflow_tasks=tuned.max_concurrent_workflow_tasks,
        max_concurrent_activities=tuned.max_concurrent_activities,
        max_concurrent_local_activities=tuned.max_concurrent_local_activities,
        graceful_shutdown_timeout=timedelta(seconds=tuned.graceful_shutdown),
    )


def _threads(tuned: Settings) -> ThreadPoolExecutor:
    """One thread for each activity at once: they wait for a disk or a network, not a processor."""
    most = max(tuned.max_concurrent_activities, tuned.max_concurrent_local_activities)
    return ThreadPoolExecutor(most, thread_name_prefix="activity")
