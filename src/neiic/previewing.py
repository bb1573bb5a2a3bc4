"""What an act would bring about, by this machine's code and the records it was handed.

The loop that asks the calendar until the law can answer; nothing is sent and nothing recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from neiic.statute.acts import Refused, TimePasses, read_act
from neiic.statute.deciding import decide, unfold
from neiic.statute.periods import Asks, CalendarAnswer
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center
from neiic.statute.what_if import WhatIf, what_if

#: Where a nominal date falls; ``HolidayCalendar.resolve`` is one.
Resolve = Callable[[date], CalendarAnswer]


def previewed(
    center: Center, action: str, message: object, now: datetime, resolve: Resolve
) -> WhatIf | Refused:
    """What would follow if this raw message came in at ``now`` (any zone), or its refusal."""
    act = read_act(action, message)
    if isinstance(act, Refused):
        return act
    answers: dict[date, CalendarAnswer] = {}
    while isinstance(found := what_if(center, act, now, answers), Asks):
        answers |= {day: resolve(day) for day in found.dates}
    return found


def settled(center: Center, now: datetime, resolve: Resolve) -> Center:
    """The center with everything done that is due by ``now``, as its own timers would have it.

    What an act changes is told from here: else it would seem to bring about what time did.
    """
    rules = LIBRARY[center.rule_set]
    answers: dict[date, CalendarAnswer] = {}
    while isinstance(events := decide(center, TimePasses(), now, rules, answers), Asks):
        answers |= {day: resolve(day) for day in events.dates}
    if isinstance(events, Refused) or not events:
        return center
    return unfold(center, events, rules)[0]
