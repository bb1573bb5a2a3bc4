"""``neiic center act … --preview``: what an act would change, and nothing sent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from neiic.activities.records import Records
from neiic.door import UnknownCenterError
from neiic.settings import Settings
from neiic.starter import printing
from neiic.starter.connecting import holiday_calendar
from neiic.statute.acts import Refused, RefusedActError, read_act
from neiic.statute.periods import Asks, CalendarAnswer
from neiic.statute.what_if import WhatIf, what_if


def preview(
    settings: Settings, records: Records, code: str, action: str, message: dict[str, Any]
) -> WhatIf:
    """What the law says would follow, from the records as they are and this machine's clock.

    Raises RefusedActError where the act would be refused; that is recorded nowhere.
    """
    center = records.state(code)
    if center is None:
        raise UnknownCenterError(code)
    act = read_act(action, message)
    if isinstance(act, Refused):
        raise RefusedActError(act)
    calendar = holiday_calendar(settings)
    answers: dict[date, CalendarAnswer] = {}
    while True:
        found = what_if(center, act, datetime.now(UTC), answers)
        if not isinstance(found, Asks):
            break
        answers |= {day: calendar.resolve(day) for day in found.dates}
    if isinstance(found, Refused):
        raise RefusedActError(found)
    return found


def show(found: WhatIf) -> None:
    """The deadlines that would change, from what to what, and who would be told."""
    printing.out.print("[bold yellow]preview[/] nothing was sent")
    printing.timeline(found.events)
    if found.deadlines:
        printing.out.print()
        made = printing.table("deadline", "期限", "from", "to", "article")
        for one in found.deadlines:
            made.add_row(
                one.deadline,
                one.title,
                str(one.before or "—"),
                str(one.after or "—"),
                one.article,
            )
        printing.show(made)
    else:
        printing.out.print("no deadline would change")
    told = ", ".join(dict.fromkeys(notice.unit for notice in found.notices))
    if told:
        printing.out.print(f"[dim]would be told:[/] {told}")
