"""Durable timers for what lies ahead, each with a summary that people read in the Web UI.

One timer for each open deadline, for each opening, for the soonest reminder and for the run's
own renewal. ``set`` compares what should run with what runs, so that a timer is touched only
when its date or name has changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from temporalio import workflow

from neiic.statute.deadlines import Deadline
from neiic.statute.periods import day_of
from neiic.statute.reminders import Rung

RENEWAL = "renewal"
#: A timer this close may have fired already while this task was under way. It is let fire, as
#: one wake too many does no harm; cancelling what has fired is refused by the test server.
ABOUT_TO_FIRE = timedelta(seconds=5)


class _Timer(NamedTuple):
    at: datetime
    summary: str


class LifeTimers:
    """The timers of one run.

    ``fired`` is set when one fired and cleared by who reads it; ``past`` says whether, when they
    were last set, a moment had gone by for which no timer was there to fire.
    """

    def __init__(self) -> None:
        self.fired = False
        self.past = False
        self.renewal_is_due = False
        self._running: dict[str, tuple[_Timer, asyncio.Task[None]]] = {}

    def set(
        self,
        deadlines: Iterable[Deadline],
        rung: Rung | None,
        renewal: datetime,
        now: datetime,
    ) -> None:
        """Run exactly the timers that are wanted now.

        One whose moment is past needs no timer: ``past`` then says that the clock was missed.
        """
        wanted = dict(_wanted(deadlines, rung, renewal, now))
        self.past = any(timer.at <= now and key != RENEWAL for key, timer in wanted.items())
        wanted = {key: one for key, one in wanted.items() if one.at > now or key == RENEWAL}
        for key, (timer, task) in list(self._running.items()):
            if wanted.get(key) == timer and not task.done():
                continue
            if timer.at > now + ABOUT_TO_FIRE:
                task.cancel()
            del self._running[key]
        for key, timer in wanted.items():
            if key not in self._running:
                task = asyncio.create_task(self._run(key, timer, timer.at - now))
                self._running[key] = (timer, task)

    async def _run(self, key: str, timer: _Timer, duration: timedelta) -> None:
        await workflow.sleep(duration, summary=timer.summary)
        if key == RENEWAL:
            self.renewal_is_due = True
        else:
            self.fired = True


def _wanted(
    deadlines: Iterable[Deadline], rung: Rung | None, renewal: datetime, now: datetime
) -> Iterator[tuple[str, _Timer]]:
    for deadline in deadlines:
        if deadline.opens is not None:
            # A round opens once, for its materials and its close alike.
            if deadline.kind != "evaluation_close":
                yield f"opens:{deadline.id}", _opening(deadline, deadline.opens)
        elif deadline.fires:
            summary = f"{deadline.article} {deadline.title_zh} {deadline.due.due}"
            yield deadline.id, _Timer(deadline.instant, summary)
    if rung is not None:
        yield "reminder", _Timer(rung.at, _reminding(rung))
    # A run that is past its age renews as soon as its handlers are done.
    yield RENEWAL, _Timer(max(renewal, now), f"例行续接 {day_of(renewal)}")


def _opening(deadline: Deadline, opens: datetime) -> _Timer:
    what = deadline.title_zh.removesuffix("材料")
    return _Timer(opens, f"{deadline.article} {what}开始 {day_of(opens)}")


def _reminding(rung: Rung) -> str:
    when = f"还有{-rung.days}日" if rung.days < 0 else f"已过{rung.days}日"
    return f"提醒 {rung.deadline.title_zh} {when} {day_of(rung.at)}"
