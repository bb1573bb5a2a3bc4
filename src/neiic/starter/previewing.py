"""``neiic center act … --preview``: what an act would change, and nothing sent."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from neiic.activities.records import Records
from neiic.door import UnknownCenterError
from neiic.previewing import previewed
from neiic.settings import Settings
from neiic.starter import printing
from neiic.starter.connecting import holiday_calendar
from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.naming import name_of
from neiic.statute.state import Center
from neiic.statute.terms import STAGE_ZH
from neiic.statute.waiting import waiting_for
from neiic.statute.what_if import WhatIf


class Preview(NamedTuple):
    """The center as the records have it, and what would follow."""

    before: Center
    found: WhatIf


def preview(
    settings: Settings, records: Records, code: str, action: str, message: dict[str, Any]
) -> Preview:
    """What the law says would follow, from the records as they are and this machine's clock.

    Raises RefusedActError where the act would be refused; that is recorded nowhere.
    """
    center = records.state(code)
    if center is None:
        raise UnknownCenterError(code)
    calendar = holiday_calendar(settings)
    found = previewed(center, action, message, datetime.now(UTC), calendar.resolve)
    if isinstance(found, Refused):
        raise RefusedActError(found)
    return Preview(center, found)


def show(shown: Preview) -> None:
    """What would change, from what to what, and who would be told."""
    found = shown.found
    printing.out.print("[bold yellow]preview[/] nothing was sent")
    printing.timeline(found.events)
    standing = _standing_changes(shown.before, found.center)
    if standing:
        made = printing.table("what", "事项", "from", "to")
        for row in standing:
            made.add_row(*row)
        printing.out.print()
        printing.out.print(made)
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


def _standing_changes(before: Center, after: Center) -> list[tuple[str, str, str, str]]:
    """Stage, name, whom it waits for, procedure and follow-ups: what differs, as rows."""
    old, new = _standing(before), _standing(after)
    return [
        (what, zh, old[what, zh], new[what, zh])
        for what, zh in old
        if old[what, zh] != new[what, zh]
    ]


def _standing(center: Center) -> dict[tuple[str, str], str]:
    closed = " (closed)" if center.closed else ""
    owed = [str(kind) for kind, done in center.followups.items() if not done]
    return {
        ("stage", "阶段"): f"{center.stage} {STAGE_ZH[center.stage]}{closed}",
        ("name", "名称"): name_of(center) or "—",
        ("waits for", "等待"): ", ".join(waiting_for(center)) or "—",
        ("revocation", "撤销程序"): "open" if center.revocation else "—",
        ("follow-ups", "后续事宜"): ", ".join(owed) or "—",
    }
