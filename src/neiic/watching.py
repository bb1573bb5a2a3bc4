"""The watch that a worker keeps: which centers are stuck, and how the records stand.

Every few seconds it asks the server for centers whose workflow tasks keep failing, the worker
for activities that fail or hang, and the records for a few counts. What it finds goes into
gauges; a center that got stuck goes to the log as an error, and again when it is free.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import Engine
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecution
from temporalio.common import MetricGauge, MetricMeter, SearchAttributeKey
from temporalio.runtime import Runtime

from neiic.activities.measuring import Standing, standing
from neiic.activities.observing import KEPT_OF_REASON, Stuck, StuckActivities, reason_of

#: Time between two rounds, and the longest that either side may take to answer in one.
EVERY = timedelta(seconds=15)
PATIENCE = timedelta(seconds=10)
#: A server names this many failing workflows in one round: where there are more, it is one fault.
MOST = 100

#: Metrics, with the labels of each.
STUCK = "neiic_stuck_centers"  # reason
STAGES = "neiic_centers"  # stage
OVERDUE = "neiic_deadlines_overdue"  # kind
OUTBOX = "neiic_outbox_pending"
FAILURES = "neiic_watch_failures"  # asked

#: The server sets it, and takes it away, on workflows whose tasks fail in a row; see
#: ``system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute`` in its configuration.
REPORTED_PROBLEMS = SearchAttributeKey.for_keyword_list("TemporalReportedProblems")
_CAUSE = re.compile(r"cause=(?:WorkflowTask(?:Failed|TimedOut)Cause)?(\w+)")

_log = structlog.stdlib.get_logger("neiic.watching")

_Answer = TypeVar("_Answer")


async def failing_workflows(
    client: Client, task_queue: str, known: Mapping[str, Stuck]
) -> list[Stuck]:
    """The centers whose workflow tasks keep failing, by id; one listing, however many live.

    ``known`` are those of the last round: only for others the history is asked since when and
    why. Raises RPCError when the server is away.
    """
    query = (
        "WorkflowType = 'CenterWorkflow' AND ExecutionStatus = 'Running'"
        f" AND TaskQueue = '{task_queue}' AND {REPORTED_PROBLEMS.name} IS NOT NULL"
    )
    found = []
    async for execution in client.list_workflows(query, limit=MOST, rpc_timeout=PATIENCE):
        reason = _cause(execution)
        before = known.get(execution.id)
        same = before is not None and before.reason == reason
        found.append(before if before and same else await _first_failure(client, execution, reason))
    return sorted(found)


def _cause(execution: WorkflowExecution) -> str:
    """Why its task failed, in the server's word: ``BadSearchAttributes``, …"""
    problems = execution.typed_search_attributes.get(REPORTED_PROBLEMS) or ()
    causes = [match[1] for match in map(_CAUSE.fullmatch, problems) if match]
    return causes[0] if causes else "WorkflowTaskProblem"


async def _first_failure(client: Client, execution: WorkflowExecution, reason: str) -> Stuck:
    """The failure that began it: the server keeps only the first of a row in the history."""
    newest = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=Execution(workflow_id=execution.id, run_id=execution.run_id),
            maximum_page_size=10,
        ),
        timeout=PATIENCE,
    )
    for event in newest.history.events:
        if event.HasField("workflow_task_failed_event_attributes"):
            said = event.workflow_task_failed_event_attributes.failure.message
        elif event.HasField("workflow_task_timed_out_event_attributes"):
            said = "the workflow task timed out"
        else:
            continue
        since = event.event_time.ToDatetime(tzinfo=UTC)
        because = said.strip().partition("\n")[0][:KEPT_OF_REASON] or reason
        return Stuck(execution.id, reason, since, because)
    return Stuck(execution.id, reason, datetime.now(UTC), reason)


class Watch:
    """One worker's watch; :meth:`round` looks once."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        task_queue: str,
        activities: StuckActivities,
        meter: MetricMeter | None = None,
    ) -> None:
        self._client = client
        self._engine = engine
        self._task_queue = task_queue
        self._activities = activities
        self._stuck: dict[str, Stuck] = {}
        self._gauges = _Gauges(meter or Runtime.default().metric_meter)
        self._unanswered: set[str] = set()
        # A thread of its own: a database that hangs must hold up nobody else, nor our end.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self._reading: Future[Standing] | None = None

    async def round(self) -> None:
        """Look once, and tell; never raises because the server or the records are away."""
        failing = await self._answer(
            "server",
            lambda: failing_workflows(self._client, self._task_queue, self._stuck),
        )
        if failing is None:  # nobody says that they are free
            failing = [one for one in self._stuck.values() if not _is_of_an_activity(one)]
        # Where both are told of, the workflow task is what stands in the way now.
        stuck = {one.workflow_id: one for one in (*self._activities.now(), *failing)}
        self._tell(stuck)
        self._gauges.show_stuck(stuck.values())
        counted = await self._answer("records", self._read)
        if counted is not None:
            self._gauges.show_standing(counted)

    def close(self) -> None:
        """Stop watching; waits for nobody."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _read(self) -> Standing:
        # One reading at a time, also where the last one still waits for the database.
        if self._reading is None or self._reading.done():
            self._reading = self._thread.submit(standing, self._engine)
        return await asyncio.shield(asyncio.wrap_future(self._reading))

    async def _answer(self, asked: str, ask: Callable[[], Awaitable[_Answer]]) -> _Answer | None:
        """The answer; None, and one warning for the whole time, where there is none."""
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                answer = await ask()
        except Exception as error:
            self._gauges.failures.add(1, {"asked": asked})
            if asked not in self._unanswered:
                _log.warning(f"the watch has no answer from the {asked}", because=reason_of(error))
            self._unanswered.add(asked)
            return None
        self._unanswered.discard(asked)
        return answer

    def _tell(self, stuck: dict[str, Stuck]) -> None:
        for workflow_id, one in stuck.items():
            before = self._stuck.get(workflow_id)
            if before is None or before.reason != one.reason:
                since = one.since.isoformat(timespec="seconds")
                _log.error(
                    f"stuck since {since} because {one.because}",
                    center=workflow_id.removeprefix("center/"),
                    workflow_id=workflow_id,
                    reason=one.reason,
                    since=since,
                    because=one.because,
                )
        for workflow_id in self._stuck.keys() - stuck.keys():
            center = workflow_id.removeprefix("center/")
            _log.info("no longer stuck", center=center, workflow_id=workflow_id)
        self._stuck = stuck


class _Gauges:
    """What the watch shows; a reason that no center has any more is shown with 0."""

    def __init__(self, meter: MetricMeter) -> None:
        self._stuck = meter.create_gauge(STUCK, "Centers that stand still, by reason")
        self._stages = meter.create_gauge(STAGES, "Centers by stage")
        self._overdue = meter.create_gauge(OVERDUE, "Overdue deadlines by kind")
        self._outbox = meter.create_gauge(OUTBOX, "Notices that wait to be sent")
        self.failures = meter.create_counter(FAILURES, "Rounds in which one did not answer")
        self._reasons: set[str] = set()

    def show_stuck(self, stuck: Iterable[Stuck]) -> None:
        counts = Counter(one.reason for one in stuck)
        self._reasons |= counts.keys()
        for reason in self._reasons or {"none"}:
            self._stuck.set(counts[reason], {"reason": reason})

    def show_standing(self, counted: Standing) -> None:
        _set_all(self._stages, "stage", counted.by_stage)
        _set_all(self._overdue, "kind", counted.overdue_by_kind)
        self._outbox.set(counted.outbox_pending)


def _set_all(gauge: MetricGauge, label: str, counts: Mapping[str, int]) -> None:
    for value, count in counts.items():
        gauge.set(count, {label: value})


def _is_of_an_activity(stuck: Stuck) -> bool:
    return stuck.reason.endswith(("_fails", "_hangs"))


@contextlib.asynccontextmanager
async def watching(watch: Watch, every: timedelta = EVERY) -> AsyncIterator[None]:
    """Keep the watch while the context lasts."""

    async def keep() -> None:
        while True:
            await watch.round()
            await asyncio.sleep(every.total_seconds())

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
        watch.close()
