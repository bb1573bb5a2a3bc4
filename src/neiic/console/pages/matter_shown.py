"""What a decision rests on: which of a center's events an act answers, shown before it is made.

An act answers what happened in its own matter since that began: the application, the round, the
case. Whoever decides, drafts or signs reads it on the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from neiic.console.house import House
from neiic.console.pages.standing import Entry, entries
from neiic.console.pages.telling import REGISTERED
from neiic.statute.acts import Event
from neiic.statute.state import Center
from neiic.statute.terms import Grade

#: Which year or case of a center an act is about; empty where it is about the center.
Subject = Mapping[str, int]
_Rule = Callable[[Sequence[Event], Center, Subject], Iterable[Event]]

#: What may end a standing and leave follow-ups (Articles 18, 23, 26).
_ENDINGS = frozenset(
    {
        "evaluation.abandoned",
        "evaluation.deem_abandoned",
        "preparation.lapse",
        "preparation.lapsed",
        "revocation.decide",
    }
)

#: Acts of a family with cases that open a case of their own.
_BEGINNINGS = frozenset({"adjustment.report", "discipline.open"})


def subject_in(data: Mapping[str, Any]) -> dict[str, int]:
    """The year or case that an act's data names."""
    return {name: data[name] for name in ("year", "case") if isinstance(data.get(name), int)}


def answers_something(action: str) -> bool:
    """Whether this act can answer anything; one that begins a matter of its own cannot."""
    return _rule_of(action) is not None


def answered(action: str, subject: Subject, center: Center, events: Sequence[Event]) -> list[Event]:
    """Those of the center's events that the act answers, in order: acts, and what ended a standing.

    Of a matter of a year or case there are none while nobody has said which.
    """
    rule = _rule_of(action)
    return [] if rule is None else list(rule(events, center, subject))


def matter_of(
    house: House, center: Center, action: str, subject: Subject, language: str
) -> list[Entry]:
    """What the act answers, as the timeline tells it, newest first; reads the center's events."""
    if not answers_something(action):
        return []
    events = house.records.timeline(center.code)
    return list(entries(answered(action, subject, center, events), language))


def _rule_of(action: str) -> _Rule | None:
    return None if action in _BEGINNINGS else _RULES.get(action.partition(".")[0])


def _acts(events: Iterable[Event], *families: str) -> Iterator[Event]:
    """What somebody did in these families."""
    for event in events:
        if event.actor is not None and event.kind.partition(".")[0] in families:
            yield event


def _since(events: Sequence[Event], kinds: Iterable[str]) -> Sequence[Event]:
    """The events from the last one of these kinds on; none where there is no such event."""
    starts = [place for place, event in enumerate(events) if event.kind in kinds]
    return events[starts[-1] :] if starts else ()


def _formation(events: Sequence[Event], center: Center, subject: Subject) -> Iterator[Event]:
    """The recommendation and all that came of it."""
    del center, subject
    yield from (event for event in events if event.kind == REGISTERED)
    yield from _acts(events, "formation")


def _applied_for(family: str) -> _Rule:
    """The last application and what was said to it."""

    def rule(events: Sequence[Event], center: Center, subject: Subject) -> Iterator[Event]:
        del center, subject
        return _acts(_since(events, (f"{family}.apply",)), family)

    return rule


def _preparation(events: Sequence[Event], center: Center, subject: Subject) -> Iterator[Event]:
    """A lapse rests on what was applied for while the center was prepared."""
    del center, subject
    return _acts(events, "extension", "confirmation")


def _numbered(family: str, name: str) -> _Rule:
    """The round, report or case of the same number."""

    def rule(events: Sequence[Event], center: Center, subject: Subject) -> Iterable[Event]:
        del center
        number = subject.get(name)
        if number is None:
            return ()
        return (event for event in _acts(events, family) if event.data.get(name) == number)

    return rule


def _revocation(events: Sequence[Event], center: Center, subject: Subject) -> Iterator[Event]:
    """The grounds that are pending: failed evaluations (Article 24), cases (Article 26)."""
    del subject
    pending = center.revocation
    if pending is None:
        return
    years = _failed_in_a_row(events) if pending.failed_evaluation is not None else set()
    for event in _acts(events, "evaluation", "discipline"):
        graded = event.kind in ("evaluation.grade", "evaluation.confirm")
        if (graded and event.data["year"] in years) or (
            event.kind.startswith("discipline.") and event.data["case"] in pending.cases
        ):
            yield event


def _failed_in_a_row(events: Iterable[Event]) -> set[int]:
    """The years of the unqualified grades that no better one has followed."""
    years: set[int] = set()
    for event in events:
        if event.kind == "evaluation.confirm":
            failed = event.data["grade"] == Grade.UNQUALIFIED
            years = years | {event.data["year"]} if failed else set()
    return years


def _followup(events: Sequence[Event], center: Center, subject: Subject) -> Iterator[Event]:
    """What ended the standing, and the follow-ups that are done."""
    del center, subject
    since = _since(events, _ENDINGS)
    yield from since[:1]
    yield from _acts(since[1:], "followup")


_RULES: dict[str, _Rule] = {
    "formation": _formation,
    "extension": _applied_for("extension"),
    "confirmation": _applied_for("confirmation"),
    "preparation": _preparation,
    "report": _numbered("report", "year"),
    "evaluation": _numbered("evaluation", "year"),
    "adjustment": _numbered("adjustment", "case"),
    "discipline": _numbered("discipline", "case"),
    "revocation": _revocation,
    "followup": _followup,
}
