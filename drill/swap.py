"""The swap: another release's worker comes in beside the one that serves, which then goes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from drill.callers import Callers
from drill.environment import Release
from drill.lives import Life
from drill.outcomes import Tally, tally
from drill.stage import Stage
from drill.workers import WorkerProcess, run_once


class Traffic(NamedTuple):
    """Acts that are answered before the new worker comes, while both serve, and afterwards."""

    before: int = 60
    together: int = 150
    after: int = 90


USUAL = Traffic()
CALLERS = 8
#: A life that moves takes so many steps during the swap.
STEPS_MEANWHILE = 3


@dataclass(frozen=True, slots=True)
class Swapped:
    """A swap as it went: which lives rested where, what became of the acts, how long it took."""

    leaving: WorkerProcess
    coming: WorkerProcess
    stages: Counter[str]
    moved: int
    told: Tally
    seconds: float


async def swap(
    stage: Stage,
    leaving: WorkerProcess,
    release: Release,
    lives: Sequence[Life],
    chance: Random,
    traffic: Traffic,
    *,
    rolling: bool = True,
) -> Swapped:
    """Bring a release's worker in and let the other go, with acts under way all the time.

    The database is migrated by the release that comes, as a deployment does it: before its
    workers, while the others still serve. Unless ``rolling``, the other is gone before the first
    act is sent. Raises DrillError if the new worker does not come up.
    """
    if not rolling:
        await leaving.stop()
    began = time.monotonic()
    at_rest = Counter(life.stage_now for life in lives)
    moving = movers(lives, chance)
    resting = [life for life in lives if life not in moving]
    name = f"swap{len(stage.workers)}"
    callers = Callers(stage, resting, chance, name=name, count=CALLERS)
    steps = asyncio.gather(*(life.play(_a_little_further(life)) for life in moving))
    try:
        if rolling:
            await callers.until(traffic.before)
        await run_once(release, "migrate", stage.settings())
        coming = await stage.worker(release)
        await callers.until(traffic.together)
        await leaving.stop()
        await callers.until(traffic.after)
    finally:
        await callers.stop()
        await steps
    if callers.unanswered:
        await asyncio.gather(*(life.give_up_if_stuck() for life in lives))
    else:
        await _signals_arrived(stage, callers)
    codes = [life.code for life in resting]
    acts = {
        code: [one.decision_id for one in stage.ledger.events(code) if one.decision_id]
        for code in codes
    }
    refusals = {code: [sent for sent, _ in stage.ledger.refusals(code) if sent] for code in codes}
    told = tally(callers.told, acts, refusals)
    return Swapped(leaving, coming, at_rest, len(moving), told, time.monotonic() - began)


def movers(lives: Sequence[Life], chance: Random) -> list[Life]:
    """A quarter of the lives, with steps ahead, so that another one rests in each stage."""
    left = Counter(life.stage_now for life in lives)
    chosen: list[Life] = []
    for life in chance.sample(list(lives), len(lives)):
        ahead = life.steps < len(life.plan.scenario.steps) and life.stuck is None
        if ahead and left[life.stage_now] > 1 and len(chosen) < len(lives) // 4:
            left[life.stage_now] -= 1
            chosen.append(life)
    return chosen


def _a_little_further(life: Life) -> int:
    ends = [len(life.plan.scenario.steps), life.steps + STEPS_MEANWHILE]
    if life.plan.second is not None and life.plan.second > life.steps:
        ends.append(life.plan.second)
    return min(ends)


async def _signals_arrived(stage: Stage, callers: Callers) -> None:
    """Wait until every signal is recorded or refused, or for the stage's patience."""
    sent = {(one.code, one.decision_id) for one in callers.told if one.word == "signalled"}
    try:
        async with asyncio.timeout(stage.patience):
            while sent:
                for code in {code for code, _ in sent}:
                    known = {one.decision_id for one in stage.ledger.events(code)}
                    known |= {each for each, _ in stage.ledger.refusals(code)}
                    sent = {one for one in sent if one[0] != code or one[1] not in known}
                await asyncio.sleep(0.05)
    except TimeoutError:
        return
