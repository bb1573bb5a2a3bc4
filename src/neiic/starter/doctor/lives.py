"""The lives: each living center has its running workflow, each workflow its record; none is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from temporalio.service import RPCError, RPCStatusCode

from neiic.starter.bounded import in_thread
from neiic.starter.doctor.ground import (
    ASKED,
    NAMED,
    Check,
    Ground,
    RunningLife,
    for_each,
    ill,
    ok,
    some,
)
from neiic.starter.looking import describe, look
from neiic.starter.stuck import RUNNING, Stuck, instant

#: Questions to the server at once.
AT_ONCE = 16
#: A workflow that has run so long has committed its registration, unless something is wrong.
SETTLED = timedelta(seconds=30)

T = TypeVar("T")


async def workflows(ground: Ground) -> Check:
    """Whether every center that the records have as living is kept by a running workflow."""
    running = {life.code for life in await running_lives(ground)}
    living = await in_thread(lambda: _living(ground), 30)
    doubtful = [code for code in living if code not in running]
    # The list lags behind; a description does not.
    said = dict(zip(doubtful, await each(doubtful, lambda code: _alive(ground, code)), strict=True))
    lost = [code for code in doubtful if not said[code]]
    if not lost:
        return ok("workflows", f"{len(living)} living centers, each with its running workflow")
    return ill(
        "workflows",
        f"living in the records, and no workflow runs: {some(lost)}",
        f"start it from what is recorded: {for_each('neiic rebuild {code} --from-records', lost)}",
        lost,
    )


async def records_of_workflows(ground: Ground) -> Check:
    """Whether the records know every center whose workflow runs."""
    running = await running_lives(ground)
    known = await in_thread(lambda: {one.code for one in ground.records.centers()}, 30)
    unknown = [
        life.code
        for life in running
        if life.code not in known and ground.now - life.started > SETTLED
    ]
    closed = await in_thread(lambda: {one.code for one in ground.records.centers(closed=True)}, 30)
    ended = [life.code for life in running if life.code in closed]
    if ended:
        # A life that has just ended is listed as running for a moment.
        alive = await each(ended, lambda code: _alive(ground, code))
        unknown += [code for code, lives in zip(ended, alive, strict=True) if lives]
    if not unknown:
        return ok("records", f"the records know the {len(running)} workflows that run")
    return ill(
        "records",
        f"their workflows run, and the records have no such living center: {some(unknown)}",
        "see whether it is stuck (below); else rebuild its records:"
        f" {for_each('neiic reconcile {code}', unknown)}",
        unknown,
    )


async def stuck(ground: Ground) -> Check:
    """Whether a running life waits for something that an operator has to mend."""
    codes = [life.code for life in await running_lives(ground)]
    asked = codes if ground.every else codes[:ASKED]
    found = [
        (code, one)
        for code, one in zip(asked, await each(asked, lambda c: _look(ground, c)), strict=True)
        if one is not None
    ]
    ground.stuck = {code for code, _ in found}
    of_all = "" if len(asked) == len(codes) else f" of {len(codes)} (--all for all)"
    if not found:
        return ok("stuck", f"none of {len(asked)} lives{of_all}")
    lines = [f"{code} {one.line}" for code, one in found]
    more = f"\nand {len(lines) - NAMED} more" if len(lines) > NAMED else ""
    mends = list(dict.fromkeys(one.how_to_mend for _, one in found))
    return ill(
        "stuck",
        f"{len(found)} of {len(asked)} lives{of_all}:\n" + "\n".join(lines[:NAMED]) + more,
        "\n".join(mends[:NAMED]),
        [code for code, _ in found],
    )


async def each(codes: Sequence[str], ask: Callable[[str], Awaitable[T]]) -> list[T]:
    """An answer for each code, :data:`AT_ONCE` asked at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(code: str) -> T:
        async with gate:
            return await ask(code)

    return list(await asyncio.gather(*(one(code) for code in codes)))


async def running_lives(ground: Ground) -> list[RunningLife]:
    """All running workflows of our task queue, by code, as they were when first asked for."""
    if ground.listed is None:
        ground.listed = await _list(ground)
    return ground.listed


async def _list(ground: Ground) -> list[RunningLife]:
    queue = ground.settings.task_queue.replace("'", "''")
    query = (
        f"WorkflowType = 'CenterWorkflow' AND ExecutionStatus = 'Running' AND TaskQueue = '{queue}'"
    )
    found = [
        RunningLife(one.id.removeprefix("center/"), one.start_time)
        async for one in ground.client.list_workflows(query)
    ]
    return sorted(found, key=lambda life: life.code)


def _living(ground: Ground) -> list[str]:
    return [one.code for one in ground.records.centers(closed=False)]


async def _alive(ground: Ground, code: str) -> bool:
    """Whether its workflow runs, or ended just now with the records soon to say so too."""
    try:
        described = await describe(ground.client, code)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    info = described.workflow_execution_info
    return info.status == RUNNING or instant(info.close_time) > ground.now


async def _look(ground: Ground, code: str) -> Stuck | None:
    try:
        return await look(ground.client, code, ground.settings.task_queue)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None  # ended since it was listed


def without(codes: Iterable[str], taken_out: set[str]) -> list[str]:
    """The codes that are not among those taken out."""
    return [code for code in codes if code not in taken_out]
