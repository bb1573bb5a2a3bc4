"""The records or the worker in trouble: what was acknowledged is recorded, and once."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
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
    Center,
    House,
    approval,
    assessment,
    confirmation,
    decoded,
    eventually,
    kinds,
    message,
    note,
)
from tests.workflows.troubled import Troubled, Write, away

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: A worker that was killed is missed after this long.
TASK_TIMEOUT = timedelta(seconds=1)


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


async def check_acted_once(center: Center, decision_id: str, answer: dict[str, Any]) -> None:
    """The act is recorded once, its answer is the recorded one, and the life goes on."""
    assert center.acts("supervision.note").count(decision_id) == 1
    first = center.house.records.recall_by_decision(center.code, decision_id)
    assert answer == first
    assert await center.update("supervision.note", note("再来", decision_id)) == first
    after = await center.update("supervision.note", note("之后"))
    assert after["sequence"] > answer["sequence"]
    await center.check_whole()


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
    await check_acted_once(center, "in-trouble", answer)


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
    await check_acted_once(center, "update-0", answers[0])


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
    await check_acted_once(center, "in-trouble", answer)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_commit_whose_answer_is_lost(troubled: tuple[House, Troubled], times: int) -> None:
    house, records = troubled
    center = await house.approved()
    records.loses_its_answer(times)
    answer = await center.update("supervision.note", note("巡查", "in-trouble"))
    await check_acted_once(center, "in-trouble", answer)


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
    await check_acted_once(center, "in-trouble", answer)


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


# A worker killed between its commit and the server's knowledge of it ---------------------------


@contextlib.asynccontextmanager
async def doomed_worker(house: House, action: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that serves the house until it has committed an act of this kind."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.workflows.doomed", house.address, house.queue, house.url, action),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def killed(process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == -9


def taken_up(history: list[Any]) -> list[str]:
    """The commits of this run, by summary, that were answered with other events than theirs."""
    return [
        decoded(event.user_metadata.summary)
        for event in history
        if event.HasField("marker_recorded_event_attributes")
        for payload in event.marker_recorded_event_attributes.details["result"].payloads
        if decoded(payload).get("stored")
    ]


async def test_an_act_that_a_dying_worker_recorded_is_taken_up(empty_house: House) -> None:
    house = empty_house
    async with doomed_worker(house, "supervision.note") as process:
        center = await house.approved(task_timeout=TASK_TIMEOUT)
        asked = asyncio.create_task(center.update("supervision.note", note("巡查", "unlucky")))
        await killed(process)
    assert center.acts("supervision.note") == ["unlucky"]
    recorded = center.events()

    async with house.worker():
        answer = await asked
        assert center.events() == recorded, "what was written stands, and is not written again"
        await check_acted_once(center, "unlucky", answer)
        run = (await center.histories())[-1]
        assert taken_up(run) == [f"{center.code} #4 supervision.note"]


async def test_another_act_comes_first_after_a_dying_worker(empty_house: House) -> None:
    house = empty_house
    async with doomed_worker(house, "supervision.note") as process:
        center = await house.approved(task_timeout=TASK_TIMEOUT)
        asked = asyncio.create_task(center.update("supervision.note", note("巡查", "unlucky")))
        await killed(process)
    # Its client has given up as well; another act is there before it asks again.
    asked.cancel()
    await center.signal("adjustment.report", _adjustment("first-afterwards"))

    async with house.worker():
        await center.recorded(lambda events: len(events) == 5)
        assert [event.decision_id for event in center.events()[3:]] == [
            "unlucky",
            "first-afterwards",
        ]
        answer = await center.update("supervision.note", note("巡查", "unlucky"))
        assert (await center.snapshot())["cases"][0]["kind"] == "minor"
        first = house.records.recall_by_decision(center.code, "unlucky")
        assert answer == first
        assert len(center.events()) == 5
        await center.check_whole()
        run = (await center.histories())[-1]
        assert taken_up(run) == [f"{center.code} #4 adjustment.report"]


async def test_a_change_of_stage_that_a_dying_worker_recorded(empty_house: House) -> None:
    """The stored act ends the run, although another act brought it to light."""
    house = empty_house
    async with doomed_worker(house, "confirmation.review") as process:
        center = await house.applied(task_timeout=TASK_TIMEOUT)
        asked = asyncio.create_task(center.update("confirmation.review", confirmation()))
        await killed(process)
    asked.cancel()
    assert center.events()[-1].kind == "confirmation.review"
    await center.signal("supervision.note", note("巡查", "first-afterwards"))

    async with house.worker():
        await center.has_runs(3)
        await center.recorded(lambda events: events[-1].kind == "supervision.note")
        assert (await center.check_whole())["stage"] == "operation"
        found = [event.kind for event in center.events()[-2:]]
        assert found == ["confirmation.review", "supervision.note"]


async def test_a_registration_that_a_dying_worker_recorded(empty_house: House) -> None:
    house = empty_house
    async with doomed_worker(house, "center.registered") as process:
        asked = asyncio.create_task(house.center(task_timeout=TASK_TIMEOUT))
        await killed(process)
    async with house.worker():
        center = await asked
        assert [event.kind for event in center.events()] == ["center.registered"]
        await center.update("formation.assess", assessment())
        assert (await center.check_whole())["sequence"] == 2


def _adjustment(decision_id: str) -> dict[str, Any]:
    return message("implementing", {"kind": "minor", "description": "调整进度"}, decision_id)


# Rolling restart ------------------------------------------------------------------------------


async def test_workers_are_replaced_while_acts_go_on(empty_house: House) -> None:
    house = empty_house
    workers: list[contextlib.AsyncExitStack] = []

    async def start() -> None:
        stack = contextlib.AsyncExitStack()
        await stack.enter_async_context(house.worker())
        workers.append(stack)

    async def replace() -> None:
        await start()
        await workers.pop(0).aclose()

    await start()
    await start()
    centers = await asyncio.gather(*(house.approved(task_timeout=TASK_TIMEOUT) for _ in range(3)))
    done = asyncio.Event()
    acknowledged: dict[str, list[str]] = {center.code: [] for center in centers}
    signalled: dict[str, list[str]] = {center.code: [] for center in centers}

    async def act_on(center: Center) -> None:
        number = 0
        while not done.is_set():
            number += 1
            update, signal = f"update-{number}", f"signal-{number}"
            await center.signal("supervision.note", note("信号", signal))
            signalled[center.code].append(signal)
            await center.update("supervision.note", note("更新", update))
            acknowledged[center.code].append(update)

    async def roll() -> None:
        for _ in range(4):
            seen = {code: len(acts) for code, acts in acknowledged.items()}
            await replace()

            async def further(seen: dict[str, int] = seen) -> bool:
                return all(len(acts) > seen[code] + 1 for code, acts in acknowledged.items())

            await eventually(further)
        done.set()

    try:
        async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as group:
            for center in centers:
                group.create_task(act_on(center))
            group.create_task(roll())
        for center in centers:
            wanted = sorted(acknowledged[center.code] + signalled[center.code])
            await center.recorded(lambda events, w=wanted: len(events) == 3 + len(w))  # type: ignore[misc]
            assert sorted(center.acts("supervision.note")) == wanted
            await center.check_whole()
            assert kinds((await center.histories())[-1]).count("WORKFLOW_TASK_STARTED") > 5
    finally:
        for worker in workers:
            await worker.aclose()
