"""The numbers on the rail: how many each room's list holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from neiic.console.accounts.access import Scope
from neiic.console.portfolio.centers import CenterFilter, stages
from neiic.console.portfolio.tallies import Tallies
from neiic.console.portfolio.tasks import TaskFilter, lights


@dataclass(frozen=True, slots=True)
class Totals:
    """Of one scope: what waits for it, and how many centers it sees."""

    tasks: int
    centers: int


def totals(tallies: Tallies, scope: Scope, now: datetime) -> Totals:
    """The totals at ``now`` (aware). One statement while nothing has changed."""
    with tallies.reading() as reading:
        waiting = lights(reading, scope, TaskFilter(), now)
        seen = stages(reading, scope, CenterFilter())
    return Totals(tasks=sum(waiting.values()), centers=sum(seen.values()))
