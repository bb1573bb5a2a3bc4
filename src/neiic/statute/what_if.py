"""What an act would change, without doing it: the preview that a reviewer sees beforehand."""

from __future__ import annotations

from datetime import date, datetime

from neiic.statute.acts import Act, Event, Refused
from neiic.statute.deadlines import Deadline
from neiic.statute.deciding import agenda, decide, unfold
from neiic.statute.forms import Frozen
from neiic.statute.notices import Notice
from neiic.statute.periods import Asks, Calendar
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center


class DeadlineChange(Frozen):
    """One deadline before and after: ``before`` is None where it is new, ``after`` where it goes.

    Dates are Beijing days.
    """

    deadline: str
    title: str
    article: str
    before: date | None
    after: date | None


class WhatIf(Frozen):
    """What would follow: events, the deadlines that change, who would be told."""

    events: tuple[Event, ...]
    deadlines: tuple[DeadlineChange, ...]
    notices: tuple[Notice, ...]
    center: Center


def what_if(center: Center, act: Act, now: datetime, calendar: Calendar) -> WhatIf | Refused | Asks:
    """What an act at ``now`` (any zone) would bring about, or why it would be refused.

    Answers ``Asks`` where the calendar must be asked first, as ``decide`` does.
    """
    rules = LIBRARY[center.rule_set]
    outcome = decide(center, act, now, rules, calendar)
    if isinstance(outcome, Refused | Asks):
        return outcome
    if not outcome:
        return WhatIf(events=(), deadlines=(), notices=(), center=center)
    after, notices = unfold(center, outcome, rules)
    return WhatIf(
        events=outcome,
        deadlines=changes(agenda(center, rules), agenda(after, LIBRARY[after.rule_set])),
        notices=tuple(notices),
        center=after,
    )


def changes(
    before: tuple[Deadline, ...], after: tuple[Deadline, ...]
) -> tuple[DeadlineChange, ...]:
    """The deadlines whose dates differ between two agendas, in the order of their ids."""
    old, new = ({one.id: one for one in some} for some in (before, after))
    return tuple(
        _change(old.get(name), new.get(name))
        for name in sorted(old | new)
        if _day(old.get(name)) != _day(new.get(name))
    )


def _change(before: Deadline | None, after: Deadline | None) -> DeadlineChange:
    shown = after or before
    assert shown is not None, "a change has at least one side"
    return DeadlineChange(
        deadline=shown.id,
        title=shown.title_zh,
        article=shown.article,
        before=_day(before),
        after=_day(after),
    )


def _day(deadline: Deadline | None) -> date | None:
    return deadline.due.due if deadline else None
