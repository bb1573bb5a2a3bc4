"""The records or the calendar in trouble: what was acknowledged is recorded, and once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.exceptions import ApplicationError

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.records import GAP
from neiic.models.messages import COMMIT, RECALL, Commit, Committed
from neiic.statute.periods import CalendarAnswer
from neiic.workflows import record_keeping
from tests.workflows.house import (
    PATIENCE,
    House,
    approval,
    assessment,
    message,
    note,
)
from tests.workflows.troubled import Troubled, Write, away

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def troubled(empty_house: House) -> AsyncIterator[tuple[House, Troubled]]:
    records = Troubled(empty_house.url)
    async with empty_house.worker(records):
        yield empty_house, records
        records.fault = None
    records.engine.dispose()


def scheduled(history: list[Any], activity: str) -> int:
    """How often a regular activity, the fallback, was scheduled in this run."""
    return sum(
        event.activity_task_scheduled_event_attributes.activity_type.name == activity
        for event in history
    )


@pytest.mark.parametrize("failures", [1, 2, 4])
async def test_a_commit_that_fails_is_made_in_the_end(
    troubled: tuple[House, Troubled], failures: int
) -> None:
    house, records = troubled
    center = await house.approved()
    records.fault = lambda commit, write: away() if records.calls <= failures else write(commit)
    answer = await center.update("supervision.note", note("巡查", "in-trouble"))
    assert records.calls == failures + 1
    run = (await center.histories())[-1]
    # The first try and one more are local; then the server keeps the activity and retries it.
    assert scheduled(run, COMMIT) == (1 if failures >= 2 else 0)
    await center.check_acted_once("in-trouble", answer)


async def test_a_database_that_is_away_for_eight_seconds(
    troubled: tuple[House, Troubled],
) -> None:
    house, records = troubled
    center = await house.approved()
    back = time.monotonic() + 8
    records.fault = lambda commit, write: away() if time.monotonic() < back else write(commit)
    updates = [note(f"第{n}条", f"update-{n}") for n in range(5)]
    signals = [note(f"信号{n}", f"signal-{n}") for n in range(3)]
    refused = message("tax", {"text": "不可"}, "refused")
    answers, *_ = await asyncio.gather(
        asyncio.gather(*(center.update("supervision.note", one) for one in updates)),
        *(center.signal("supervision.note", one) for one in [*signals, refused]),
    )
    assert time.monotonic() >= back
    await center.recorded(lambda events: len(events) == 3 + 8)
    assert sorted(center.acts("supervision.note")) == sorted(
        one["decision_id"] for one in updates + signals
    )
    for one, answer in zip(updates, answers, strict=True):
        assert answer == house.records.recall_by_decision(center.code, one["decision_id"])
    [refusal] = await center.refusals_recorded(1)
    assert refusal.decision_id == "refused"
    assert scheduled((await center.histories())[-1], COMMIT) >= 1
    await center.check_acted_once("update-0", answers[0])


async def test_a_database_that_hangs(troubled: tuple[House, Troubled]) -> None:
    """The local try is given up while it hangs, and its transaction comes through late."""
    house, records = troubled
    center = await house.approved()
    late = threading.Event()

    def hang(commit: Commit, write: Write) -> Committed:
        if records.calls == 1:
            late.wait(PATIENCE)
        return write(commit)

    records.fault = hang
    try:
        answer = await center.update("supervision.note", note("巡查", "in-trouble"))
    finally:
        late.set()
    assert records.calls >= 2
    await center.check_acted_once("in-trouble", answer)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_commit_whose_answer_is_lost(troubled: tuple[House, Troubled], times: int) -> None:
    house, records = troubled
    center = await house.approved()
    records.loses_its_answer(times)
    answer = await center.update("supervision.note", note("巡查", "in-trouble"))
    await center.check_acted_once("in-trouble", answer)


async def test_the_records_complain_for_good_and_are_mended(
    troubled: tuple[House, Troubled], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is not retried does not end a life: it asks again and again."""
    house, records = troubled
    center = await house.approved()
    monkeypatch.setattr(record_keeping, "PATIENTLY", timedelta(seconds=1))

    def complain(commit: Commit, write: Write) -> Committed:
        if records.calls <= 3:
            raise ApplicationError("a gap", type=GAP, non_retryable=True)
        return write(commit)

    records.fault = complain
    answer = await center.update("supervision.note", note("巡查", "in-trouble"))
    assert records.calls == 4
    await center.check_acted_once("in-trouble", answer)


async def test_a_registration_whose_commit_fails_is_recorded_in_the_end(
    troubled: tuple[House, Troubled],
) -> None:
    house, records = troubled
    records.fails(3)
    center = await house.center()
    assert [event.kind for event in center.events()] == ["center.registered"]
    await center.update("formation.assess", assessment())
    await center.check_whole()


async def test_what_time_brings_is_recorded_in_the_end(
    troubled: tuple[House, Troubled],
) -> None:
    """A commit in the run itself, not in a handler: its failure must not fail the workflow."""
    house, records = troubled
    center = await house.approved()
    # The calendar asks for a look at dates on a projected year at every wake; a reminder or a
    # deadline would do as well, but those are years away.
    records.fails(3)
    await center.signal("supervision.note", note("巡查", "by-signal"))
    await center.recorded(lambda events: len(events) == 4)
    assert center.acts("supervision.note") == ["by-signal"]
    await center.check_whole()


class LateCalendar(HolidayCalendar):
    """A calendar that does not answer the first calls."""

    failures = 0

    def resolve(self, nominal: date) -> CalendarAnswer:
        if self.failures > 0:
            self.failures -= 1
            raise ConnectionError("the calendar is away")
        return super().resolve(nominal)


async def test_a_calendar_that_fails_is_asked_again(empty_house: House) -> None:
    calendar = LateCalendar()
    async with empty_house.worker(calendar=calendar):
        center = await empty_house.center()
        await center.update("formation.assess", assessment())
        calendar.failures = 3
        answer = await center.update("formation.decide", approval("approval"))
        assert answer["stage"] == "preparation"
        assert calendar.failures == 0
        assert center.acts("formation.decide") == ["approval"]
        await center.has_runs(2)
        await center.check_whole()


async def test_an_answer_that_cannot_be_recalled_at_once_is_recalled_later(
    troubled: tuple[House, Troubled], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, records = troubled
    center = await house.approved()
    first = await center.update("supervision.note", note("巡查", "one"))
    recalled, left = records.recall, iter(range(3))

    def recall(code: str, sequence: int) -> dict[str, Any] | None:
        if next(left, None) is not None:
            raise ConnectionError("the database is away")
        return recalled(code, sequence)

    monkeypatch.setattr(records, "recall", recall)
    await center.update("supervision.note", note("又巡查"))
    assert await center.update("supervision.note", note("巡查", "one")) == first
    assert scheduled((await center.histories())[-1], RECALL) == 1
