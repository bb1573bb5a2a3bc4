"""What a life has committed, found again in the histories that the Temporal server keeps.

A history holds no arguments of local activities. Replaying it on today's code makes the
workflow ask for the same commits again; here they are noted instead of written.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import Sequence
from typing import Any, NamedTuple

from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from neiic.models.messages import COMMIT, Carried, Commit, Committed
from neiic.sandbox import sandboxed
from neiic.statute.deciding import unfold
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center
from neiic.workflows.center import CenterWorkflow


class CommittedLife(NamedTuple):
    """What the server still knows of a life: its commits in order, from ``base`` on.

    ``base`` is the center before the first of them, None where they begin with the
    registration: runs that ended longer ago than the namespace's retention are gone.
    """

    life: str
    base: Center | None
    commits: tuple[Commit, ...]

    @property
    def center(self) -> Center:
        """The center after the last commit."""
        last = self.commits[-1].center if self.commits else self.base
        if last is None:
            raise ValueError("nothing was committed yet")
        return last


async def committed_life(client: Client, code: str) -> CommittedLife | None:
    """A life by the histories on the server; None where it has no such workflow.

    Raises what makes a replay fail, such as temporalio's NondeterminismError.
    """
    runs = await runs_of(client, f"center/{code}")
    if not runs:
        return None
    started = runs[0].events[0].workflow_execution_started_event_attributes
    base, life = None, started.first_execution_run_id
    if len(started.input.payloads) > 1:
        base, life = _before(started.input.payloads, life)
    commits: list[Commit] = []
    for run in runs:
        commits += await commits_in(run, commits[-1].center if commits else base)
    return CommittedLife(commits[0].life if commits else life, base, tuple(commits))


def _before(payloads: Sequence[Any], life: str) -> tuple[Center | None, str]:
    converter = pydantic_data_converter.payload_converter
    carried: Carried = converter.from_payloads([payloads[1]], [Carried])[0]
    return carried.center, carried.life or life


async def runs_of(client: Client, workflow_id: str) -> list[WorkflowHistory]:
    """The runs of a workflow that the server still keeps, oldest first; none if it has none."""
    runs: list[WorkflowHistory] = []
    run_id: str | None = None
    while True:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        try:
            history = await handle.fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return runs
            raise
        runs.insert(0, history)
        started = history.events[0].workflow_execution_started_event_attributes
        run_id = started.continued_execution_run_id
        if not run_id:
            return runs


async def commits_in(run: WorkflowHistory, before: Center | None) -> list[Commit]:
    """What one run has committed; ``before`` is the center as it began, None before its first."""
    noted = _Noted()
    replayer = Replayer(
        workflows=[CenterWorkflow],
        workflow_runner=sandboxed(),
        data_converter=pydantic_data_converter,
        interceptors=[noted],
    )
    await replayer.replay_workflow(run)
    commits: list[Commit] = []
    for commit, committed in noted.commits:
        written = _written(commit, committed, before)
        commits.append(written)
        before = written.center
    return commits


def _written(commit: Commit, committed: Committed, before: Center | None) -> Commit:
    """The commit as the records have it: where they held other events, those."""
    if not committed.stored or committed.stored == commit.events:
        return commit
    rules = LIBRARY[(before or commit.center).rule_set]
    center, notices = unfold(before, committed.stored, rules)
    return commit.but(center=center, events=committed.stored, notices=tuple(notices))


class _Noted(Interceptor):
    """Notes each commit that was answered in a replay, with its answer."""

    def __init__(self) -> None:
        self.commits: list[tuple[Commit, Committed]] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        del input
        commits = self.commits

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> Any:
                return note(input, super().start_activity(input))

            def start_local_activity(self, input: StartLocalActivityInput) -> Any:
                return note(input, super().start_local_activity(input))

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        def note(asked: StartActivityInput | StartLocalActivityInput, answer: Future[Any]) -> Any:
            if asked.activity == COMMIT:
                answer.add_done_callback(lambda done: noted(asked.args[0], done))
            return answer

        def noted(commit: Commit, done: Future[Any]) -> None:
            if not done.cancelled() and done.exception() is None:
                commits.append((commit, done.result()))

        return Inbound
