"""Where a center stands, in one sentence; and what its past says, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple, cast

from neiic.console import dates
from neiic.console.drawing.words import deadline_title
from neiic.console.forms.words import listed
from neiic.console.pages.telling import REGISTERED, details
from neiic.console.translating import catalogue, translator
from neiic.statute.acts import Event
from neiic.statute.deadlines import titled_zh
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import DeadlineView, Snapshot
from neiic.statute.terms import (
    EVENT_EN,
    EVENT_ZH,
    ROLE_EN,
    ROLE_ZH,
    STAGE_EN,
    STAGE_ZH,
    DeadlineKind,
)

#: Statuses of deadlines that still matter.
AHEAD = ("overdue", "held", "open")


def sentence(shown: Snapshot, today: date, language: str) -> str:
    """E.g. “筹建期，至2034年6月19日，还剩391天；等待主管单位”."""
    _ = translator(language)
    zh = language == "zh"
    stage = (STAGE_ZH if zh else STAGE_EN)[shown.stage]
    comma, semicolon, stop = ("，", "；", "。") if zh else (", ", "; ", ".")
    said = _("%(stage)s since %(day)s") % {
        "stage": stage,
        "day": dates.day(shown.since, language),
    }
    first = next_due(shown)
    if first is not None:
        said += semicolon + _("%(what)s by %(day)s") % {
            "what": title_of_deadline(first, language),
            "day": dates.day(first.due, language),
        }
        said += comma + dates.days_left(first.due, today, catalogue(language))
    if shown.waiting_for:
        roles = ROLE_ZH if zh else ROLE_EN
        names = listed(language, (roles[role] for role in shown.waiting_for))
        said += semicolon + _("waiting for %(who)s") % {"who": names}
    elif shown.closed:
        said += semicolon + _("nothing is left to do: the life of this center is complete")
    return said + stop


def next_due(shown: Snapshot) -> DeadlineView | None:
    """The deadline that matters most: overdue before open, then the soonest, then what comes."""
    for wanted in (("overdue",), ("open", "held"), ("upcoming",)):
        found = [one for one in shown.deadlines if one.status in wanted]
        if found:
            return min(found, key=lambda one: one.due)
    return None


def title_of_deadline(one: DeadlineView, language: str) -> str:
    """A deadline's name with its year or case."""
    return deadline_title(one.id, one.title, language)


def _titled(event: Event, language: str) -> str:
    """What happened, and to which deadline, where it is no act."""
    title = title_of(event.kind, language)
    named = event.data.get("deadline") if event.kind not in ACTIONS else None
    if not isinstance(named, str):
        return title
    kind, _, number = named.partition(":")
    told = titled_zh(cast(DeadlineKind, kind), int(number or 0))
    if language == "zh":
        return f"{title}（{told}）"
    return f"{title} ({deadline_title(named, told, language)})"


class Entry(NamedTuple):
    """One event as the timeline shows it: dates are Beijing days."""

    event: Event
    title: str
    who: str
    details: list[tuple[str, str]]
    recorded_later: bool

    @property
    def year(self) -> int:
        """The year of its legal date."""
        return self.event.effective.year


def title_of(kind: str, language: str) -> str:
    """What happened, in the law's words."""
    action = ACTIONS.get(kind)
    if action is not None:
        return action.zh if language == "zh" else action.en
    return (EVENT_ZH if language == "zh" else EVENT_EN).get(kind, kind)


def entries(events: Sequence[Event], language: str) -> Iterator[Entry]:
    """The timeline's entries, newest first."""
    for event in reversed(events):
        who = _who(event, language)
        yield Entry(
            event=event,
            title=_titled(event, language),
            who=who,
            details=[
                (label, value)
                for label, value in details(event.kind, event.data, language)
                if value not in (event.document_no, who)
            ],
            recorded_later=day_of(event.recorded) != event.effective,
        )


def _who(event: Event, language: str) -> str:
    """Who acted; of a registration, the unit that recommends. Nobody makes time pass."""
    actor = event.actor
    if actor is None:
        return str(event.data["competent_unit"]) if event.kind == REGISTERED else ""
    roles = ROLE_ZH if language == "zh" else ROLE_EN
    return " · ".join(filter(None, (actor.unit or roles[actor.role], actor.name or actor.user)))
