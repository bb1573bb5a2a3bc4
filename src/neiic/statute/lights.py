"""From when a deadline is close: the moment at which its light turns from green to amber.

It is red from its instant on. It is amber from the last rung but one of the ladder of reminders
before it, which is when its unit is reminded and time still remains: 30 days before the end of a
preparation, materials or a rectification, 7 before a report. Where the ladder has a single rung
that one counts; a kind without a ladder is amber for its last :data:`LAST_DAYS` days. Every change
of light falls on a Beijing midnight.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from neiic.statute.deadlines import Deadline
from neiic.statute.periods import start_of
from neiic.statute.rules import RuleSet
from neiic.statute.terms import DeadlineKind

#: For a supplement or the close of a round, of which nobody is reminded.
LAST_DAYS = 7


def close_days(kind: DeadlineKind, rules: RuleSet) -> int:
    """So many days before its due date a deadline of this kind is close."""
    rungs = sorted(rules.remind_before.get(kind, ()))
    return rungs[min(1, len(rungs) - 1)] if rungs else LAST_DAYS


def close_from(deadline: Deadline, rules: RuleSet) -> datetime | None:
    """The moment from which a live deadline is close; None for one that is not open yet."""
    if deadline.opens is not None:
        return None
    return start_of(deadline.due.due - timedelta(days=close_days(deadline.kind, rules)))
