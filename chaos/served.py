"""Whether the workflows live on, and know what the records know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from chaos.evidence import Evidence, Life, messages_in
from chaos.recorded import Recorded, digest, shown

_RENEWED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
#: Causes of a failed task that are the program's fault, not the trouble's around it.
_OURS = (
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_WORKFLOW_WORKER_UNHANDLED_FAILURE,
)


def failed_or_stuck(evidence: Evidence) -> Iterator[str]:
    """A sentence for each workflow that failed, hangs, does not answer, or ended wrongly."""
    for code, why in evidence.absent.items():
        yield f"{code}: the server does not have it: {why}"
    for code, life in evidence.lives.items():
        for what in _troubles(life):
            yield f"{code}: {what}"


def _troubles(life: Life) -> Iterator[str]:
    if life.status not in ("RUNNING", "COMPLETED"):
        yield f"its workflow is {life.status}"
    elif life.silence is None and (life.status == "COMPLETED") != life.snapshot["closed"]:
        yield f"its workflow is {life.status}, closed is {life.snapshot['closed']}"
    if life.silence is not None:
        yield f"it does not answer: {life.silence}"
    yield from (f"at rest it still has: {what}" for what in life.unrest)
    for run in life.runs[:-1]:
        last = run.events[-1].event_type
        if last != _RENEWED:
            yield f"run {run.run_id} ended with {EventType.Name(last)}"
    for run in life.runs:
        for event in run.events:
            failed = event.workflow_task_failed_event_attributes
            if event.HasField("workflow_task_failed_event_attributes") and failed.cause in _OURS:
                yield f"run {run.run_id}: a workflow task failed: {failed.failure.message}"


def other_than_recorded(evidence: Evidence, recorded: Recorded) -> Iterator[str]:
    """A sentence for each center whose workflow and records tell different lives."""
    for code in sorted(evidence.lives.keys() - recorded.centers.keys()):
        yield f"{code}: the server has its workflow, the records have no events of it"
    for code, center in recorded.centers.items():
        life = evidence.lives.get(code)
        if life is None or life.silence is not None:
            continue  # counted as stuck
        expected = shown(center)
        if life.snapshot != expected:
            there, here = life.snapshot.get("sequence"), expected["sequence"]
            differing = sorted(key for key in expected if life.snapshot.get(key) != expected[key])
            yield f"{code}: workflow at #{there}, records at #{here}: {', '.join(differing)}"
        known = _ledger(life)
        for event in recorded.events[code]:
            if event.decision_id is not None and digest(event.decision_id) not in known:
                yield f"{code}: the workflow does not know {event.decision_id}"


def _ledger(life: Life) -> set[str]:
    """The digests of the decisions that a workflow knows: from the runs before, and this one."""
    started = life.runs[-1].events[0].workflow_execution_started_event_attributes
    carried: set[str] = set()
    if len(started.input.payloads) > 1:
        carried = set(json.loads(started.input.payloads[1].data)["center"]["decisions"])
    since = (event.get("decision_id") for event in life.timeline)
    return carried | {digest(one) for one in since if one is not None}


def known_to(life: Life) -> set[str]:
    """The digests of all decision ids that a life has heard of.

    Not every act's message need be in a history: a worker may have recorded it and died before
    the server knew. Then the life took the event up from the records.
    """
    heard = _ledger(life)
    for said in messages_in(life):
        message: Any = json.loads(said or b"null")
        if isinstance(message, dict) and isinstance(message.get("decision_id"), str):
            heard.add(digest(message["decision_id"]))
    return heard
