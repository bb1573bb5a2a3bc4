"""The one registry: every action, event, deadline and what happens when a deadline fires.

The matters (``formation``, ``preparation``, …) fill it by decorators; the workflow's handlers,
the JSON Schemas, the command line's help and the docs are derived from it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from neiic.statute.acts import Actor, Event, RefusedActError, invalid, refuse
from neiic.statute.deadlines import Deadline
from neiic.statute.forms import Fault, Frozen
from neiic.statute.periods import Calendar, Due, day_of, resolve
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center
from neiic.statute.terms import Role, Stage

#: What an action adds to its event beside the form's own fields. ``effective`` is taken out.
Outcome = Mapping[str, Any]


class Situation(NamedTuple):
    """All that a rule may look at: the center, now, the rule set, the calendar, who acts."""

    center: Center
    now: datetime
    rules: RuleSet
    calendar: Calendar
    actor: Actor | None = None

    @property
    def today(self) -> date:
        """The Beijing date of now."""
        return day_of(self.now)

    def due(self, kind: str, anchor: date, nominal: date) -> Due:
        """A period of this kind resolved by the calendar (T3); may raise CalendarNeededError."""
        return resolve(kind, anchor, nominal, self.rules, self.calendar)

    def check_document_date(self, dated: date, answers: date, article: str) -> None:
        """T6: a document is dated neither in the future nor before the act it answers."""
        if answers <= dated <= self.today:
            return
        raise refuse(
            "bad_document_date",
            article,
            f"data.document_date：文件日期 {dated} 须在所答复事项之日 {answers} 与今日 {self.today} 之间。",
            f"data.document_date: {dated} must lie between {answers}, the day of what it answers,"
            f" and today, {self.today}.",
        )


class ActionForm(Frozen, ABC):
    """The ``data`` of one action, which carries the action's rule."""

    def check(self, s: Situation) -> Iterable[Fault]:
        """What the types cannot say and needs no center: today, the actor, the rule set."""
        del s
        return ()

    @classmethod
    def may_be_sent_by(cls, role: Role, data: Mapping[str, Any]) -> bool:
        """Whether one of the action's roles may send just this."""
        del role, data
        return True

    @abstractmethod
    def rule(self, s: Situation) -> Outcome | None:
        """Check what the law asks, in the contract's order, and answer the outcome.

        Raises RefusedActError, or CalendarNeededError when the calendar must be asked first.
        """

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """The matters (by year or case) that this action could be about right now."""
        del s
        return ({},)


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the contract's table.

    ``irreversible`` marks what nothing in the law takes back: an end of a standing, a legal
    effect fixed by a document, a chance used up. ``lasting_zh`` and ``lasting_en`` say what.
    """

    name: str
    roles: frozenset[Role]
    stages: frozenset[Stage]
    article: str
    zh: str
    en: str
    tells: tuple[Role, ...]
    form: type[ActionForm]
    lasting_zh: str = ""
    lasting_en: str = ""

    @property
    def irreversible(self) -> bool:
        """Whether it cannot be undone by any later act."""
        return bool(self.lasting_zh)


class Draft(NamedTuple):
    """A system event before it is numbered."""

    kind: str
    article: str
    data: Mapping[str, Any]


Evolver = Callable[[Center, Event], Center]
Firing = Callable[[Situation, Deadline], Draft]
Agenda = Callable[[Center, RuleSet], Iterator[Deadline]]

ACTIONS: dict[str, Action] = {}
EVOLVERS: dict[str, Evolver] = {}
AGENDAS: list[Agenda] = []
CLOSED_AGENDAS: list[Agenda] = []
ON_DUE: dict[str, Firing] = {}
ON_OPENING: dict[str, Firing] = {}
#: At one instant, ends of a center come before other dues, and those before openings (T3a).
ENDS_A_CENTER: set[str] = set()


def action(
    name: str,
    *,
    by: Iterable[Role],
    at: Iterable[Stage],
    article: str,
    zh: str,
    en: str,
    tells: Iterable[Role],
    lasting: tuple[str, str] = ("", ""),
) -> Callable[[type[ActionForm]], type[ActionForm]]:
    """Register a form as the action of this name.

    ``lasting`` says, in Chinese and English, what cannot be undone about it.
    """

    def register(form: type[ActionForm]) -> type[ActionForm]:
        if name in ACTIONS:
            raise ValueError(f"action {name} is registered twice")
        ACTIONS[name] = Action(
            name, frozenset(by), frozenset(at), article, zh, en, tuple(tells), form, *lasting
        )
        return form

    return register


def evolves(kind: str) -> Callable[[Evolver], Evolver]:
    """Register what an event of this kind makes of a center."""

    def register(evolver: Evolver) -> Evolver:
        EVOLVERS[kind] = evolver
        return evolver

    return register


def agenda_of(matter: Agenda) -> Agenda:
    """Register a matter's live and upcoming deadlines."""
    AGENDAS.append(matter)
    return matter


def closed_agenda_of(matter: Agenda) -> Agenda:
    """Register a matter's closed deadlines, for the snapshot."""
    CLOSED_AGENDAS.append(matter)
    return matter


def on_due(kind: str, *, ends: bool = False) -> Callable[[Firing], Firing]:
    """Register what happens when a deadline of this kind passes."""

    def register(firing: Firing) -> Firing:
        ON_DUE[kind] = firing
        if ends:
            ENDS_A_CENTER.add(kind)
        return firing

    return register


def on_opening(kind: str) -> Callable[[Firing], Firing]:
    """Register what happens when an upcoming deadline of this kind opens."""

    def register(firing: Firing) -> Firing:
        ON_OPENING[kind] = firing
        return firing

    return register


def misfit(field: str, zh: str, en: str, article: str) -> RefusedActError:
    """A field that only the center's state shows to be invalid."""
    return RefusedActError(invalid((Fault(f"data.{field}", zh, en),), article))
