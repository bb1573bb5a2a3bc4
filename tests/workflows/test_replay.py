"""Lives recorded under every release so far go on under this code: replayed, in the sandbox.

The replayer itself compares the kinds of commands only. Beyond that, what a run hands to the
next one and what a life answers at its end must come out as they were recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import NondeterminismError

from neiic.models.messages import Carried
from neiic.sandbox import sandboxed
from neiic.workflows import record_keeping
from neiic.workflows.center import CenterWorkflow
from neiic.workflows.life import Life
from tests.rule_sets import OTHER
from tests.workflows.house import decoded, kinds, summaries

HISTORIES = Path(__file__).parents[1] / "histories"
RECORDED = sorted(HISTORIES.glob("*/*.json"))
RELEASES = sorted(path for path in HISTORIES.iterdir() if any(path.glob("*.json")))

LARGEST_RELEASE = 3_000_000


def read(path: Path) -> WorkflowHistory:
    """A recorded run."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(kept["workflow_id"], kept["history"])


def recorded_outcome(history: WorkflowHistory) -> Any:
    """What the run ended with: its result, or what it handed to the next one. None while open."""
    last = history.events[-1]
    if last.HasField("workflow_execution_continued_as_new_event_attributes"):
        given = last.workflow_execution_continued_as_new_event_attributes.input
        registration, carried = (decoded(payload) for payload in given.payloads)
        # As this release reads it: a value of an older version is lifted first.
        return [registration, Carried.model_validate(carried).model_dump(mode="json")]
    if last.HasField("workflow_execution_completed_event_attributes"):
        result = last.workflow_execution_completed_event_attributes.result
        return decoded(result.payloads[0])
    return None


class Watch(Interceptor):
    """Notes what a replayed run ends with."""

    def __init__(self) -> None:
        self.outcomes: list[Any] = []

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        outcomes = self.outcomes

        class Outbound(WorkflowOutboundInterceptor):
            def continue_as_new(self, input: ContinueAsNewInput) -> Any:
                outcomes.append([_plain(one) for one in input.args])
                return super().continue_as_new(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                result = await super().execute_workflow(input)
                outcomes.append(_plain(result))
                return result

        return Inbound


def _plain(value: Any) -> Any:
    """A value as it would come back from a payload."""
    [payload] = pydantic_data_converter.payload_converter.to_payloads([value])
    return decoded(payload)


def lost(recorded: Any, now: Any, at: str = "") -> list[str]:
    """Where a recorded value is not kept. New fields may come; nothing may go or change."""
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        return [
            fault
            for key, value in recorded.items()
            for fault in (
                lost(value, now[key], f"{at}.{key}") if key in now else [f"{at}.{key} is gone"]
            )
        ]
    if isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        return [
            fault
            for index, (one, other) in enumerate(zip(recorded, now, strict=True))
            for fault in lost(one, other, f"{at}[{index}]")
        ]
    return [] if recorded == now else [f"{at}: {recorded!r} has become {now!r}"]


async def replay(history: WorkflowHistory, *interceptors: Interceptor) -> None:
    """Raises what made the replay fail."""
    replayer = Replayer(
        workflows=[CenterWorkflow],
        workflow_runner=sandboxed(),
        data_converter=pydantic_data_converter,
        interceptors=interceptors,
    )
    await replayer.replay_workflow(history)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_recorded_run_goes_on(path: Path) -> None:
    history, watch = read(path), Watch()
    await replay(history, watch)
    recorded = recorded_outcome(history)
    assert lost([] if recorded is None else [recorded], watch.outcomes) == []


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_release_covers_what_a_life_can_hold(release: Path) -> None:
    paths = sorted(release.glob("*.json"))
    assert sum(path.stat().st_size for path in paths) < LARGEST_RELEASE
    assert len({path.name.partition("-")[0] for path in paths}) >= 8
    runs = [read(path) for path in paths]
    made_up = {_rule_set(run) for run in runs if "~" in _rule_set(run)}
    assert made_up <= {OTHER.name}, "no other process knows the rules that a scenario makes up"

    seen = {kind for run in runs for kind in kinds(list(run.events))}
    assert {
        "TIMER_FIRED",
        "TIMER_CANCELED",
        "MARKER_RECORDED",
        "ACTIVITY_TASK_SCHEDULED",
        "ACTIVITY_TASK_COMPLETED",
        "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
        "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        "WORKFLOW_EXECUTION_SIGNALED",
        "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
        "WORKFLOW_EXECUTION_COMPLETED",
        "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    } <= seen
    commits = {
        name.split()[-1] for run in runs for name in summaries(list(run.events), "MARKER_RECORDED")
    }
    assert {"refused", "preparation.lapsed", "evaluation.abandoned", "reminder"} <= commits
    markers = [
        decoded(payload)
        for run in runs
        for event in run.events
        if event.HasField("marker_recorded_event_attributes")
        for payload in event.marker_recorded_event_attributes.details["result"].payloads
    ]
    assert any(one.get("stored") for one in markers), "no stored events were taken up"
    assert any("snapshot" in one for one in markers), "no answer was recalled"

    begun, open_at_the_end, ended = _stages(runs)
    living = {"application", "preparation", "operation", "improvement"}
    assert living | {"cancelled", "abandoned", "revoked"} <= begun
    assert {"application", "preparation", "operation"} <= open_at_the_end
    assert {"not_approved", "withdrawn", "cancelled"} <= ended


def _stages(runs: Sequence[WorkflowHistory]) -> tuple[set[str], set[str], set[str]]:
    """The stages in which runs began, in which a last run was left open, and closed."""
    begun, left, ended = {"application"}, set(), set()
    for run in runs:
        given = run.events[0].workflow_execution_started_event_attributes.input.payloads
        handed = decoded(given[1]) if len(given) == 2 else {}
        stage = handed["center"]["stage"] if "center" in handed else "application"
        begun.add(stage)
        outcome = recorded_outcome(run)
        if outcome is None:
            left.add(stage)
        elif isinstance(outcome, dict):
            ended.add(outcome["stage"])
    return begun, left, ended


def _rule_set(run: WorkflowHistory) -> str:
    given = run.events[0].workflow_execution_started_event_attributes.input.payloads[0]
    return str(decoded(given).get("rule_set") or "")


def _one(what: str) -> WorkflowHistory:
    return read(next(path for path in RECORDED if what in path.name))


async def test_the_gate_closes_on_another_order_of_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(record_keeping, "COMMIT", "write")
    with pytest.raises(NondeterminismError):
        await replay(_one("two-strikes-run2"))


async def test_the_gate_closes_on_another_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    history, watch = _one("two-strikes-run2"), Watch()
    carried = Life.carried
    monkeypatch.setattr(
        Life,
        "carried",
        lambda life: carried(life).but(center=life.center.but(strikes=7)),
    )
    await replay(history, watch)
    faults = lost([recorded_outcome(history)], watch.outcomes)
    assert faults == ["[0][1].center.strikes: 0 has become 7"]


def test_what_is_lost() -> None:
    assert lost({"a": 1}, {"a": 1, "b": 2}) == []
    assert lost({"a": {"b": 1}}, {"a": {}}) == [".a.b is gone"]
    assert lost([1, 2], [1]) == [": [1, 2] has become [1]"]
