"""The ladder of reminders before and after a deadline: one notice for each rung, ever.

A rung is a number of days from the due date, negative before it. It falls on the Beijing day
so many days away, at its beginning. Where several rungs have gone by at once (a worker was
down), only the latest is sent and the others are recorded as skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from neiic.statute.acts import Event
from neiic.statute.deadlines import Deadline
from neiic.statute.periods import start_of
from neiic.statute.registry import Draft, evolves
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center
from neiic.statute.terms import Role

SUPERIOR = {Role.IMPLEMENTING: Role.COMPETENT, Role.COMPETENT: Role.NDRC, Role.LEAD: Role.COMPETENT}


class Rung(NamedTuple):
    """One reminder that is still owed: when, of what, how many days from the due date."""

    at: datetime
    deadline: Deadline
    days: int


def rungs_owed(center: Center, rules: RuleSet, deadlines: Iterable[Deadline]) -> Iterator[Rung]:
    """Every rung not dealt with of the deadlines that are open or overdue, soonest first."""
    after = rules.ladder_after
    for deadline in deadlines:
        if deadline.status not in ("open", "overdue") or deadline.live_since is None:
            continue
        done = center.reminded.get(deadline.id, ())
        before = sorted(rules.remind_before.get(deadline.kind, ()), reverse=True)
        for days in [-day for day in before] + list(after):
            at = start_of(deadline.due.due + timedelta(days=days))
            if at > deadline.live_since and days not in done:
                yield Rung(at, deadline, days)


def next_rung(center: Center, rules: RuleSet, deadlines: Iterable[Deadline]) -> Rung | None:
    """The soonest reminder that is owed."""
    return min(rungs_owed(center, rules, deadlines), key=lambda rung: rung.at, default=None)


def reminders_due(
    center: Center, rules: RuleSet, deadlines: Iterable[Deadline], now: datetime
) -> Iterator[Draft]:
    """For each deadline with rungs gone by, the latest to send and the others to skip."""
    if not any(rules.remind_before.values()) and not rules.ladder_after:
        return
    by_deadline: dict[str, list[Rung]] = {}
    for rung in rungs_owed(center, rules, deadlines):
        if rung.at <= now:
            by_deadline.setdefault(rung.deadline.id, []).append(rung)
    for passed in by_deadline.values():
        latest = passed[-1]
        yield Draft(
            "reminder",
            latest.deadline.article,
            {
                "deadline": latest.deadline.id,
                "due": latest.deadline.due.due.isoformat(),
                "nominal": latest.deadline.due.nominal.isoformat(),
                "rung": latest.days,
                "skipped": [rung.days for rung in passed[:-1]],
                "to": addressee(latest.deadline, latest.days, rules),
            },
        )


def addressee(deadline: Deadline, days: int, rules: RuleSet) -> Role:
    """Who is reminded: the responsible unit, and from a rung on its superior."""
    if days >= rules.escalate_after:
        return SUPERIOR.get(deadline.responsible, deadline.responsible)
    return deadline.responsible


@evolves("reminder")
def reminded(center: Center, event: Event) -> Center:
    """These rungs are dealt with for ever."""
    key = event.data["deadline"]
    rungs = (*center.reminded.get(key, ()), *event.data["skipped"], event.data["rung"])
    return center.but(reminded=center.reminded | {key: rungs})
