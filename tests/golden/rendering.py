"""A scenario's life as text that reads well as a diff: one block for each thing that happened.

It is played on the pure core as timers would have it: everything happens, and everyone is
reminded, at the moment when it is due. The calendar is the tests' own, which knows Saturdays
and Sundays and nothing else. The holiday calendar is no part of the law: were its projections in here, an
upgrade of the package ``holidays`` would rewrite files in which the law did not change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from neiic.starter.scenarios import Scenario, Step, read_scenario
from neiic.starter.simulate import message_of
from neiic.statute import agenda, unfold
from neiic.statute.acts import Act, CalendarPublished, Event, Refused, TimePasses, read_act
from neiic.statute.notices import Notice, notice_of_refusal
from neiic.statute.periods import beijing, day_of
from neiic.statute.reminders import next_rung
from neiic.statute.rules import RuleSet
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center
from tests.statute.lives import PureLife

#: What a snapshot says beside its deadlines; a change of it is a line.
SHOWN = (
    "stage",
    "name",
    "closed",
    "waiting_for",
    "extension",
    "confirmation",
    "latest_grade",
    "strikes",
    "reports",
    "rounds",
    "overdue",
    "cases",
    "revocation_pending",
    "followups",
    "warnings",
)
Shown = Mapping[str, Any]


class Happened(NamedTuple):
    """An event, the notices that it caused, and what the center showed before and after it."""

    event: Event
    notices: list[Notice]
    before: Shown | None
    after: Shown


class WatchedLife(PureLife):
    """A life on the core that keeps each event with what it changed."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario.registration, scenario.rules, scenario.start)
        self._woken = scenario.start
        self.happened = [Happened(self.events[0], [], None, self.snapshot())]

    def wait(self, until: datetime) -> None:
        """Let time pass as timers do: wake whenever something is due."""
        while (moment := self._next_moment()) is not None and moment < until:
            super().wait(moment)
        super().wait(until)

    def _next_moment(self) -> datetime | None:
        ahead = agenda(self.center, self.rules)
        rung = next_rung(self.center, self.rules, ahead)
        moments = [moment for one in ahead for moment in (one.opens, one.instant) if moment]
        moments += [rung.at] if rung else []
        return min((one for one in moments if one > self._woken), default=None)

    def take(self, action: Act | TimePasses | CalendarPublished, now: datetime) -> Refused | None:
        self._woken = now
        before, known = self.center, len(self.events)
        refused = super().take(action, now)
        for event in self.events[known:]:
            after, notices = unfold(before, (event,), self.rules)
            self.happened.append(
                Happened(event, notices, shown(before, self.rules), shown(after, self.rules))
            )
            before = after
        return refused


def shown(center: Center, rules: RuleSet) -> Shown:
    return snapshot(center, rules).model_dump(mode="json")


def render(path: Path) -> str:
    """A scenario's whole outcome as text. Raises ScenarioError where it does not parse."""
    scenario = read_scenario(path)
    life = WatchedLife(scenario)
    lines = list(_head(scenario))
    written = 0
    for number, step in enumerate(scenario.steps):
        life.wait(step.at)
        refused = message = None
        if step.do is not None:
            message = message_of(step, number, life.snapshot())
            refused = life.act(step.do, message, step.at)
        for one in life.happened[written:]:
            lines += _block(one)
        written = len(life.happened)
        if refused is not None:
            lines += _refusal(step, message or {}, refused)
    lines += _end(life.snapshot())
    return "\n".join(lines) + "\n"


def _head(scenario: Scenario) -> Iterator[str]:
    yield f"{scenario.path.stem} · {scenario.title}"
    yield f"rules {scenario.rules.name} · roll-over by weekends only · begins {_when(scenario.start)}"


def _block(one: Happened) -> Iterator[str]:
    event = one.event
    if event.kind == "reminder":
        yield from _reminder(event, one.notices)
        return
    who = f"{event.actor.role} {event.actor.acts_for} · " if event.actor else ""
    document = f" · {event.document_no}" if event.document_no else ""
    yield ""
    yield f"{_when(event.at)} #{event.sequence} {event.kind} · {who}{event.article}{document}"
    if event.effective != day_of(event.at):
        yield f"    effective    {event.effective}"
    if event.recorded != event.at:
        yield f"    recorded     {_when(event.recorded)}"
    if event.remarks:
        yield f"    remarks      {event.remarks}"
    if event.data:
        yield f"    data         {_said(event.data)}"
    yield from _changes(one)
    for notice in one.notices:
        yield f"    notice       {_notice(notice)}"


def _reminder(event: Event, notices: Sequence[Notice]) -> Iterator[str]:
    """A reminder is one line: to whom, of what, how many days from the date; rungs passed over."""
    for notice in notices:
        if notice.status == "pending":
            told = f"{notice.kind} → {notice.role} due {notice.due} rung {notice.rung}"
            yield f"{_when(event.at)} #{event.sequence} {told} · {event.article}"
    skipped = [str(notice.rung) for notice in notices if notice.status != "pending"]
    if skipped:
        yield f"    skipped      rungs {', '.join(skipped)}"


def _changes(one: Happened) -> Iterator[str]:
    for name in SHOWN:
        was = _parts(name, one.before[name]) if one.before else {}
        now = _parts(name, one.after[name])
        for part in dict.fromkeys((*was, *now)):
            before, after = was.get(part), now.get(part)
            if isinstance(before, dict) and isinstance(after, dict):
                changed = [key for key in after if before[key] != after[key]]
                before, after = ({key: of[key] for key in changed} for of in (before, after))
            if before != after and (one.before or after):
                arrow = f"{_said(before)} → " if part in was else ""
                yield f"    {name:<12} {part}{arrow}{_said(after)}"
    was_due = _deadlines(one.before)
    now_due = _deadlines(one.after)
    for name in sorted({*was_due, *now_due}):
        was, now = was_due.get(name), now_due.get(name)
        if was != now:
            yield f"    deadline     {name}: {' → '.join(filter(None, (was, now or 'listed no more')))}"


def _parts(name: str, value: Any) -> dict[str, Any]:
    """What changes by itself: each year, each case; anything else as a whole."""
    if name == "cases":
        return {f"{one['matter']} {one['case']} ": one for one in value}
    if isinstance(value, dict):
        return {f"{year} ": part for year, part in value.items()}
    return {"": value}


def _deadlines(shown: Shown | None) -> dict[str, str]:
    """Each deadline in a few words. One that grew too old to be shown is not a change of law."""
    return {one["id"]: _deadline(one) for one in (shown["deadlines"] if shown else ())}


def _deadline(one: Mapping[str, Any]) -> str:
    nominal = f" (nominal {one['nominal']})" if one["rolled"] else ""
    return f"{one['due']}{nominal} {one['status']} {one['responsible']}"


def _notice(notice: Notice) -> str:
    # A kind that is about one deadline names it already.
    named = notice.deadline is None or notice.kind.endswith(f":{notice.deadline}")
    about = "" if named else f" deadline {notice.deadline}"
    return f"{notice.kind} → {notice.role} {notice.unit} {notice.status}{about}"


def _refusal(step: Step, message: dict[str, Any], refused: Refused) -> Iterator[str]:
    yield ""
    yield f"{_when(step.at)} refused {step.do} · {step.by} · {refused.code} · {refused.article}"
    yield f"    zh           {refused.message_zh}"
    yield f"    en           {refused.message_en}"
    if step.via == "signal":
        act = read_act(step.do or "", message)
        known = None if isinstance(act, Refused) else act
        yield f"    notice       {_notice(notice_of_refusal(refused, known, '1'))}"


def _end(shown: Shown) -> Iterator[str]:
    yield ""
    yield f"at the end, {shown['as_of']}, after {shown['sequence']} events"
    for name in SHOWN:
        if shown[name] not in (None, "none", False, 0, [], {}):
            yield f"    {name:<12} {_said(shown[name])}"
    for one in shown["deadlines"]:
        yield f"    deadline     {one['id']} · {one['title']} · {one['article']} · {_deadline(one)}"
        yield f"    zh           {one['explanation_zh']}"
        yield f"    en           {one['explanation_en']}"


def _when(moment: datetime) -> str:
    return beijing(moment).strftime("%Y-%m-%d %H:%M:%S")


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
