"""The course of the drill: begin, rest, upgrade, go on, rest again, roll back, end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from drill.environment import Release
from drill.histories import Findings, findings
from drill.lives import Life
from drill.plan import Plan, newborn
from drill.stage import Stage, stage
from drill.swap import USUAL, Swapped, Traffic, swap
from drill.workers import WorkerProcess, run_once

#: Lives that are led at once: more would only wait for the processor.
AT_ONCE = 6
#: Centers that today's release begins, and that the previous one must be able to take over.
NEWBORN = 2

PATIENCE = 45.0


@dataclass(slots=True)
class Held:
    """A drill that was held: both swaps, every life and what its histories show.

    ``stay`` are lives with a patch of today's release in their history; they were not rolled
    back. ``forward`` were led to their end by today's release, ``back`` by the previous one.
    """

    up: Swapped
    down: Swapped | None
    forward: list[Life]
    back: list[Life]
    stay: list[Life]
    found: dict[str, Findings] = field(default_factory=dict)

    @property
    def lives(self) -> list[Life]:
        """All of them."""
        return [*self.forward, *self.stay, *self.back]


async def hold(
    previous: Release,
    today: Release,
    plans: Sequence[Plan],
    chance: Random,
    folder: Path,
    patience: float = PATIENCE,
    traffic: Traffic = USUAL,
) -> Held:
    """Hold the drill in a folder, which keeps the workers' logs."""
    async with stage(folder, patience) as theatre:
        old = await _first_worker(theatre, previous)
        lives = [Life(theatre, plan) for plan in plans]
        await _led(_begun(life, life.plan.first) for life in lives)
        up = await swap(theatre, old, today, lives, chance, traffic)
        if any(life.stuck for life in lives):
            # Nobody would roll back from here: what fails after this tells nothing new.
            return await _with_findings(theatre, Held(up, None, lives, [], []))

        returning = [life for life in lives if life.plan.second is not None]
        forward = [life for life in lives if life.plan.second is None]
        young = [newborn(plan, len(plans) + n) for n, plan in enumerate(plans[:NEWBORN], start=1)]
        born = [Life(theatre, plan) for plan in young]
        await _led(
            [
                *(life.play() for life in forward),
                *(life.play(max(life.steps, life.plan.second or 0)) for life in returning),
                *(_begun(life, life.plan.second or 0) for life in born),
            ]
        )
        held = Held(up, None, forward, [], [])
        for life in [*returning, *born]:
            if life.stuck:
                held.forward.append(life)
                continue
            patched = (await findings(theatre.client, life.code)).patched
            (held.stay if patched else held.back).append(life)
        # From here on the previous release could not serve them.
        await _led(life.play() for life in held.stay)
        if held.back:
            # A release with a patch must go first: as long as it serves, lives may take it.
            rolling = not held.stay
            held.down = await swap(
                theatre, up.coming, previous, held.back, chance, traffic, rolling=rolling
            )
            await _led(life.play() for life in held.back)
        return await _with_findings(theatre, held)


async def _with_findings(theatre: Stage, held: Held) -> Held:
    for life in held.lives:
        held.found[life.code] = await findings(theatre.client, life.code)
    return held


async def _first_worker(theatre: Stage, previous: Release) -> WorkerProcess:
    await run_once(previous, "migrate", theatre.settings())
    return await theatre.worker(previous)


async def _begun(life: Life, steps: int) -> None:
    await life.begin()
    await life.play(steps)


async def _led(doings: Iterable[Awaitable[None]]) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def in_turn(doing: Awaitable[None]) -> None:
        async with turn:
            await doing

    await asyncio.gather(*(in_turn(doing) for doing in doings))
