"""Decide and evolve: the whole law as two pure functions over a center's state.

``decide`` answers what an action makes happen at a moment: the events, or the refusal, or the
calendar's dates that must be known first. It first lets everything happen that is due by then,
so its answer does not depend on how promptly timers fire. ``evolve`` folds one event into the
state. ``agenda`` lists what lies ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from neiic.statute.acts import (
    Act,
    CalendarPublished,
    Event,
    Refused,
    RefusedActError,
    TimePasses,
    invalid,
    refuse,
)
from neiic.statute.deadlines import LIVE, Deadline
from neiic.statute.formation import newly_registered
from neiic.statute.forms import Fault, faults_of
from neiic.statute.notices import Notice, notices_of, unit_of
from neiic.statute.periods import Asks, Calendar, CalendarNeededError, beijing, day_of
from neiic.statute.recent import Recent
from neiic.statute.registration import ARTICLE, Registration
from neiic.statute.registry import (
    ACTIONS,
    AGENDAS,
    CLOSED_AGENDAS,
    ENDS_A_CENTER,
    EVOLVERS,
    ON_DUE,
    ON_OPENING,
    Action,
    ActionForm,
    Draft,
    Situation,
)
from neiic.statute.reminders import reminders_due
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.state import Center, digest
from neiic.statute.terms import ROLE_ZH, STAGE_ZH, UNIT_ROLES, Role


def register(registration: Registration, now: datetime, rule_set: str) -> Event:
    """The first event of a center's life (Article 15)."""
    data = registration.model_dump(mode="json", exclude={"rule_set"}) | {"rule_set": rule_set}
    return Event(
        sequence=1,
        kind="center.registered",
        article=ARTICLE,
        at=beijing(now),
        recorded=beijing(now),
        effective=day_of(now),
        document_no=registration.recommendation.letter_no,
        data=data,
    )


def evolve(center: Center | None, event: Event) -> Center:
    """The center after an event. The first event, a registration, makes it."""
    if center is None:
        return newly_registered(event)
    return _EVOLVED.find(center, event) or _EVOLVED.keep(center, event, _evolve(center, event))


_EVOLVED: Recent[Center] = Recent(64)
_AGENDAS: Recent[tuple[Deadline, ...]] = Recent(64)


def _evolve(center: Center, event: Event) -> Center:
    changed = EVOLVERS[event.kind](center, event)
    changes: dict[str, Any] = {
        "sequence": event.sequence,
        "clock": max(center.clock, event.at),
    }
    if event.decision_id is not None:
        changes["decisions"] = changed.decisions | {digest(event.decision_id): event.sequence}
    return changed.but(**changes)


def replay(events: Iterable[Event]) -> Center:
    """The center that these events have made. Raises ValueError when there are none."""
    center: Center | None = None
    for event in events:
        center = evolve(center, event)
    if center is None:
        raise ValueError("no events to replay")
    return center


def unfold(
    center: Center | None, events: Iterable[Event], rules: RuleSet
) -> tuple[Center, list[Notice]]:
    """The center after several events, and every notice that they cause.

    ``rules`` are those that hold before the first event. ``center`` is None before a registration. Raises ValueError without center and events.
    """
    notices: list[Notice] = []
    for event in events:
        center = evolve(center, event)
        rules = rules_after(event, rules)
        notices.extend(notices_of(event, center, _responsible(event, center, rules)))
    if center is None:
        raise ValueError("no center, and no events to make one")
    return center, notices


def rules_after(event: Event, rules: RuleSet) -> RuleSet:
    """The rule set that holds after an event: another one only by a move (L2)."""
    return LIBRARY[event.data["rule_set"]] if event.kind == "ruleset.move" else rules


def _responsible(event: Event, center: Center, rules: RuleSet) -> Role | None:
    """Who answers for the deadline that an event says is overdue."""
    if event.kind != "deadline.overdue":
        return None
    late = event.data["deadline"]
    return next((one.responsible for one in agenda(center, rules) if one.id == late), None)


def agenda(center: Center, rules: RuleSet) -> tuple[Deadline, ...]:
    """What lies ahead: live deadlines, and the one report and one round that open next."""
    found = _AGENDAS.find(center, rules)
    if found is None:
        ahead = tuple([deadline for matter in AGENDAS for deadline in matter(center, rules)])
        found = _AGENDAS.keep(center, rules, ahead)
    return found


def closed_agenda(center: Center, rules: RuleSet) -> tuple[Deadline, ...]:
    """Deadlines that are met, waived or lapsed."""
    return tuple(deadline for matter in CLOSED_AGENDAS for deadline in matter(center, rules))


def decide(
    center: Center,
    action: Act | TimePasses | CalendarPublished,
    now: datetime,
    rules: RuleSet,
    calendar: Calendar,
) -> tuple[Event, ...] | Refused | Asks:
    """What an action makes happen at ``now`` (any zone).

    Answers the events in order, none for a decision id that was used up before; or the
    refusal; or the nominal dates that the calendar must resolve before this can be decided.
    """
    unfolding = _Unfolding(center, max(beijing(now), center.clock), rules, calendar)
    try:
        if isinstance(action, Act):
            if center.act_of(action.decision_id) is not None:
                return ()
            unfolding.settle()
            unfolding.hear(action)
        elif isinstance(action, CalendarPublished):
            unfolding.resolve_again()
        unfolding.settle()
        unfolding.remind()
    except RefusedActError as refused:
        return refused.refusal
    except CalendarNeededError as needed:
        return Asks(dates=(needed.nominal,))
    return tuple(unfolding.events)


class _Unfolding:
    """Events as they follow from one another, with the center that they make so far."""

    def __init__(self, center: Center, now: datetime, rules: RuleSet, calendar: Calendar) -> None:
        self.center = center
        self.now = now
        self.rules = rules
        self.calendar = calendar
        self.events: list[Event] = []
        self._agenda: tuple[Deadline, ...] | None = None

    def ahead(self) -> tuple[Deadline, ...]:
        if self._agenda is None:
            self._agenda = agenda(self.center, self.rules)
        return self._agenda

    def situation(self, at: datetime, act: Act | None = None) -> Situation:
        actor = act.actor if act else None
        return Situation(self.center, at, self.rules, self.calendar, actor)

    def happen(self, draft: Draft, at: datetime, act: Act | None = None) -> None:
        data = draft.data
        dated = data.get("document_date")
        event = Event(
            sequence=self.center.sequence + 1,
            kind=draft.kind,
            article=draft.article,
            at=at,
            recorded=self.now,
            effective=date.fromisoformat(dated) if dated else day_of(at),
            actor=act.actor if act else None,
            document_no=data.get("document_no") or data.get("letter_no"),
            decision_id=act.decision_id if act else None,
            remarks=act.remarks if act else None,
            data=dict(data),
        )
        self.center = evolve(self.center, event)
        self.rules = rules_after(event, self.rules)
        self.events.append(event)
        self._agenda = None

    def settle(self) -> None:
        """Let everything due by now happen, each at its own instant, ends first (T3a)."""
        while True:
            soonest: tuple[datetime, int, Deadline] | None = None
            for deadline in self.ahead():
                found = self._due(deadline)
                if found is not None and (soonest is None or found[:2] < soonest[:2]):
                    soonest = found
            if soonest is None:
                return
            at, rank, deadline = soonest
            firing = (ON_OPENING if rank == 2 else ON_DUE)[deadline.kind]
            self.happen(firing(self.situation(at), deadline), at)

    def _due(self, deadline: Deadline) -> tuple[datetime, int, Deadline] | None:
        """When and in which rank a deadline opens or passes, if that is by now."""
        if deadline.opens is not None:
            moment, rank = deadline.opens, 2
        elif deadline.fires:
            moment, rank = deadline.instant, 0 if deadline.kind in ENDS_A_CENTER else 1
        else:
            return None
        if moment > self.now:
            return None
        return max(moment, self.center.clock), rank, deadline

    def hear(self, act: Act) -> None:
        """Check an act in the contract's order and let it happen. Raises RefusedActError."""
        action = ACTIONS.get(act.action)
        if action is None:
            fault = Fault("action", f"没有 {act.action} 这一事项", f"{act.action} is no action")
            raise RefusedActError(invalid((fault,)))
        s = self.situation(self.now, act)
        form = _read_form(action, act, s)
        _check_sender(action, act, self.center)
        if self.center.closed or self.center.stage not in action.stages:
            raise wrong_stage(action, self.center)
        outcome = form.rule(s) or {}
        data = form.model_dump(mode="json", exclude_none=True) | dict(outcome)
        self.happen(Draft(action.name, action.article, data), self.now, act)

    def resolve_again(self) -> None:
        """T4: live deadlines that rest on a projected year, by the calendar's present answer."""
        for deadline in self.ahead():
            due = deadline.due
            if not (due.provisional and deadline.fires and deadline.status in LIVE):
                continue
            fresh = self.situation(self.now).due(deadline.kind, due.anchor, due.nominal)
            if (fresh.due, fresh.provisional) == (due.due, due.provisional):
                continue
            data: Mapping[str, Any] = {
                "deadline": deadline.id,
                "before": due.model_dump(mode="json"),
                "after": fresh.model_dump(mode="json"),
            }
            self.happen(Draft("deadline.resolved", "民法典第二百零三条", data), self.now)

    def remind(self) -> None:
        """Send the reminders whose day has come."""
        for draft in list(reminders_due(self.center, self.rules, self.ahead(), self.now)):
            self.happen(draft, self.now)


def _read_form(action: Action, act: Act, s: Situation) -> ActionForm:
    try:
        form = action.form.model_validate(act.data)
    except ValidationError as error:
        raise RefusedActError(invalid(faults_of(error, "data"), action.article)) from None
    faults = tuple(Fault(f"data.{fault.field}", fault.zh, fault.en) for fault in form.check(s))
    if faults:
        raise RefusedActError(invalid(faults, action.article))
    return form


def _check_sender(action: Action, act: Act, center: Center) -> None:
    role = act.actor.role
    if role not in action.roles or not action.form.may_be_sent_by(role, act.data):
        allowed = "、".join(ROLE_ZH[allowed] for allowed in ROLE_ZH if allowed in action.roles)
        raise refuse(
            "role_not_allowed",
            action.article,
            f"actor.role：{ROLE_ZH[role]}不能办理“{action.zh}”，应由{allowed}办理。",
            f"actor.role: {role} may not do {action.name}"
            f" (allowed: {', '.join(sorted(action.roles))}).",
        )
    if role in UNIT_ROLES and act.actor.acts_for != unit_of(center, role):
        raise refuse(
            "unit_not_allowed",
            "第五条、第六条、第七条",
            f"actor.unit：{act.actor.acts_for}不是本中心的{ROLE_ZH[role]}，应为{unit_of(center, role)}。",
            f"actor.unit: {act.actor.acts_for} is not this center's {role} unit,"
            f" {unit_of(center, role)}.",
        )


def wrong_stage(action: Action, center: Center) -> RefusedActError:
    """The refusal of an action that belongs to other stages, or comes after all is done."""
    allowed = [stage for stage in STAGE_ZH if stage in action.stages]
    ended_zh, ended_en = ("，且已办结", " and closed") if center.closed else ("", "")
    return refuse(
        "wrong_stage",
        action.article,
        f"本中心现为{STAGE_ZH[center.stage]}{ended_zh}；“{action.zh}”限于"
        f"{'、'.join(STAGE_ZH[stage] for stage in allowed)}阶段。",
        f"the center is in {center.stage}{ended_en}; {action.name} belongs to {', '.join(allowed)}.",
    )
