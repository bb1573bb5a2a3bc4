"""What the life asks of the world: commit, recall, resolve dates.

Each is a local activity first, which costs one history event and no round trip, and a regular
activity when that does not get through: then the server keeps it, shows it, and retries it
until the records or the calendar are back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from neiic.models.messages import (
    CODE_TAKEN,
    COMMIT,
    NOT_RECORDED,
    RECALL,
    RESOLVE_DATES,
    RESTORE,
    Carried,
    CenterToRestore,
    Commit,
    Committed,
    DatesToResolve,
    DecisionToRecall,
    RecalledDecision,
    ResolvedDates,
)
from neiic.statute.periods import CalendarAnswer

_Answer = TypeVar("_Answer")

QUICKLY = timedelta(seconds=5)
PATIENTLY = timedelta(seconds=60)


class CodeTakenError(Exception):
    """The records hold another life under this code."""


class NotRecordedError(Exception):
    """The records hold no center under this code."""


#: Errors of the records that waiting does not mend, by their type.
_FINAL: dict[str | None, type[Exception]] = {
    CODE_TAKEN: CodeTakenError,
    NOT_RECORDED: NotRecordedError,
}


async def commit(what: Commit) -> Committed:
    """Write one transaction; waits until it is written. Raises CodeTakenError.

    The answer's ``stored`` has the events that the records hold instead, if they do.
    """
    kinds = ", ".join(event.kind for event in what.events) or "refused"
    summary = f"{what.center.code} #{what.center.sequence} {kinds}"
    return await _ask(COMMIT, what, Committed, summary)


async def restore(code: str) -> Carried:
    """A life as the records hold it. Raises NotRecordedError when they do not."""
    return await _ask(RESTORE, CenterToRestore(code=code), Carried, code)


async def recall(code: str, sequence: int) -> dict[str, Any] | None:
    """The snapshot that an act was first answered with, if the records have it."""
    return await _recall(DecisionToRecall(code=code, sequence=sequence))


async def recall_by_decision(code: str, decision_id: str) -> dict[str, Any] | None:
    """The same by decision id: also for an act that is recorded and not known here yet."""
    return await _recall(DecisionToRecall(code=code, decision_id=decision_id))


async def _recall(asked: DecisionToRecall) -> dict[str, Any] | None:
    summary = f"{asked.code} {asked.decision_id or asked.sequence}"
    return (await _ask(RECALL, asked, RecalledDecision, summary)).snapshot


async def resolve_dates(dates: Sequence[date]) -> tuple[CalendarAnswer, ...]:
    """Where nominal dates fall by the holiday calendar (T3, T4)."""
    asked = DatesToResolve(dates=tuple(dates))
    summary = ", ".join(day.isoformat() for day in dates)
    answer = await _ask(RESOLVE_DATES, asked, ResolvedDates, summary)
    return answer.answers


async def _ask(name: str, asked: object, answer: type[_Answer], summary: str) -> _Answer:
    try:
        quick: _Answer = await workflow.execute_local_activity(
            name,
            asked,
            result_type=answer,
            schedule_to_close_timeout=QUICKLY,
            retry_policy=RetryPolicy(maximum_attempts=2),
            summary=summary[:200],
        )
        return quick
    except FailureError as error:
        _raise_if_final(error)
    while True:
        try:
            patient: _Answer = await workflow.execute_activity(
                name,
                asked,
                result_type=answer,
                start_to_close_timeout=PATIENTLY,
                retry_policy=RetryPolicy(maximum_interval=timedelta(seconds=30)),
                summary=summary[:200],
            )
            return patient
        except FailureError as error:
            # Whatever the records' complaint, a life does not end by it: operators mend, we retry.
            _raise_if_final(error)
            await workflow.sleep(PATIENTLY, summary=f"{name} ↻")


def _raise_if_final(error: FailureError) -> None:
    # A local activity raises its own error, a regular one wraps it.
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError) and cause.type in _FINAL:
        raise _FINAL[cause.type](str(cause)) from error
