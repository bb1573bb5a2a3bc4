"""Callers that send acts without pause while the workers are swapped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from random import Random
from typing import Any

from temporalio.service import RPCError, RPCStatusCode

from drill.lives import Life
from drill.outcomes import Told
from drill.sending import send_update
from drill.stage import Stage
from neiic.statute.acts import Refused


class Callers:
    """So many callers, each with one act under way at a time, until they are stopped.

    ``told`` is what they were answered. They send notes as updates and as signals, notes that
    come too early or too late, and acts with a decision id that was used before.
    """

    def __init__(
        self, stage: Stage, lives: Sequence[Life], chance: Random, *, name: str, count: int
    ) -> None:
        self.told: list[Told] = []
        self._stage, self._lives, self._name = stage, lives, name
        self._stopped = False
        seeds = [chance.random() for _ in range(count)]
        self._tasks = [
            asyncio.create_task(self._call(number, Random(seed)))
            for number, seed in enumerate(seeds)
        ]

    async def until(self, more: int) -> None:
        """Wait until so many more acts were answered, one was not, or the patience is at its end."""
        goal = len(self.told) + more
        try:
            async with asyncio.timeout(self._stage.patience):
                while len(self.told) < goal and not self.unanswered:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return

    @property
    def unanswered(self) -> bool:
        """Whether an act was not answered at all."""
        return any(one.word == "unanswered" for one in self.told)

    async def stop(self) -> None:
        """Let each end the act that it has under way."""
        self._stopped = True
        await asyncio.gather(*self._tasks)

    async def _call(self, caller: int, chance: Random) -> None:
        number = 0
        while not self._stopped:
            number += 1
            life = chance.choice(self._lives)
            decision_id = f"{self._name}-{caller}-{number}"
            kind = chance.random()
            if kind < 0.15:
                used = [one.decision_id for one in life.told] or [decision_id]
                await self._update(life, chance.choice(used))
            elif kind < 0.3:
                await self._signal(life, decision_id)
            elif kind < 0.4:
                await self._update(life, decision_id, "formation.withdraw", {"reason": "试"})
            else:
                await self._update(life, decision_id)

    async def _update(
        self,
        life: Life,
        decision_id: str,
        action: str = "supervision.note",
        data: dict[str, Any] | None = None,
    ) -> None:
        role = "ndrc" if action.startswith("supervision") else "competent"
        if role == "competent" and life.stage_now == "application":
            return  # it would be taken, and end the life
        began = time.monotonic()
        try:
            message = _message(life, role, data or {"text": "检查"}, decision_id)
            answer = await send_update(self._stage, life.code, action, message, life.moment)
        except TimeoutError:
            word = "unanswered"
        else:
            word = "refused" if isinstance(answer, Refused) else "acknowledged"
        self._note(life, decision_id, word, began)

    async def _signal(self, life: Life, decision_id: str) -> None:
        began = time.monotonic()
        message = _message(life, "ndrc", {"text": "信号"}, decision_id)
        try:
            await life.handle.signal("supervision.note", message)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return
        self._note(life, decision_id, "signalled", began)

    def _note(self, life: Life, decision_id: str, word: Any, began: float) -> None:
        self.told.append(Told(life.code, decision_id, word, time.monotonic() - began))


def _message(life: Life, role: str, data: dict[str, Any], decision_id: str) -> dict[str, Any]:
    units = {"competent": life.plan.scenario.registration.competent_unit}
    actor = {"user": f"drill-{role}", "name": "演练", "role": role}
    unit = units.get(role)
    return {
        "decision_id": decision_id,
        "actor": actor | ({"unit": unit} if unit else {}),
        "data": data,
    }
