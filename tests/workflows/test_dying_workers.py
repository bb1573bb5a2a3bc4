"""Workers that are killed or replaced: what they recorded stands, is taken up, and acts once."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.house import (
    PATIENCE,
    Center,
    House,
    assessment,
    confirmation,
    decoded,
    eventually,
    kinds,
    message,
    note,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: A worker that was killed is missed after this long.
TASK_TIMEOUT = timedelta(seconds=1)


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
        await center.check_acted_once("unlucky", answer)
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
