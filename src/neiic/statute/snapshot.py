"""The snapshot: what a center shows of itself to people and programs (the contract's list)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from pydantic import Field

from neiic.statute.deadlines import Deadline, Status
from neiic.statute.deciding import agenda, closed_agenda
from neiic.statute.forms import Frozen
from neiic.statute.naming import name_en_of, name_of
from neiic.statute.periods import beijing, day_of
from neiic.statute.registration import ImplementingUnit
from neiic.statute.registry import ACTIONS, Action, Situation
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center
from neiic.statute.terms import (
    FollowUp,
    Grade,
    Role,
    Stage,
)
from neiic.statute.waiting import waiting_for

ReportStatus = Literal["open", "submitted", "overdue", "returned", "waived"]
#: Closed deadlines are shown for this many years past their date; the records keep all.
SHOWN_YEARS = 3


class DeadlineView(Frozen):
    """One deadline as shown: dates are Beijing days, explanations full sentences (T5)."""

    id: str
    kind: str
    title: str
    article: str
    due: date
    nominal: date
    rolled: bool
    provisional: bool
    status: Status
    responsible: Role
    opens: date | None
    explanation_zh: str
    explanation_en: str


class CaseView(Frozen):
    """A case of adjustment or discipline."""

    matter: Literal["adjustment", "discipline"]
    case: int
    kind: str
    status: str
    opened: date


class RoundView(Frozen):
    """A center's part in one evaluation round."""

    status: str
    taken_part: bool
    grade: Grade | None
    customs: bool | None
    tax: bool | None


class FollowUpView(Frozen):
    """A follow-up after the standing was lost."""

    kind: FollowUp
    done: bool


class Snapshot(Frozen):
    """A center as of ``as_of`` (Beijing), complete for deciding what comes next."""

    schema_version: int = 1
    code: str
    name: str | None
    name_en: str | None
    field: str
    field_en: str
    competent_unit: str
    lead_unit: str
    implementing_unit: ImplementingUnit
    stage: Stage
    since: date
    closed: bool
    rule_set: str
    as_of: datetime
    sequence: int
    waiting_for: tuple[Role, ...]
    extension: Literal["none", "pending", "granted", "refused", "moot"]
    confirmation: Literal["none", "applied", "evaluated"]
    latest_grade: Grade | None
    strikes: int
    reports: dict[int, ReportStatus]
    rounds: dict[int, RoundView]
    deadlines: tuple[DeadlineView, ...]
    overdue: tuple[str, ...]
    cases: tuple[CaseView, ...]
    revocation_pending: bool
    followups: tuple[FollowUpView, ...]
    warnings: tuple[str, ...]


def snapshot(center: Center, rules: RuleSet, now: datetime | None = None) -> Snapshot:
    """The center as its last event left it; days left are counted from ``now`` where given."""
    today = day_of(now or center.clock)
    ahead = agenda(center, rules)
    closed = [
        deadline
        for deadline in closed_agenda(center, rules)
        if deadline.due.due.year >= today.year - SHOWN_YEARS
    ]
    preparation = center.preparation
    return Snapshot(
        **{name: getattr(center, name) for name in _TAKEN_OVER},
        name=name_of(center),
        name_en=name_en_of(center),
        as_of=center.clock,
        waiting_for=waiting_for(center),
        extension=preparation.extension if preparation else "none",
        confirmation=preparation.confirmation if preparation else "none",
        reports={
            year: "overdue" if report.status == "open" and report.overdue else report.status
            for year, report in center.reports.items()
        },
        rounds={
            year: RoundView(
                status=part.status,
                taken_part=part.taken_part,
                grade=part.grade,
                customs=part.customs,
                tax=part.tax,
            )
            for year, part in center.rounds.items()
        },
        deadlines=tuple(view(deadline, today) for deadline in (*ahead, *closed)),
        overdue=tuple(deadline.id for deadline in ahead if deadline.status == "overdue"),
        cases=_cases(center),
        revocation_pending=center.revocation is not None,
        followups=tuple(
            FollowUpView(kind=kind, done=done) for kind, done in center.followups.items()
        ),
        warnings=_warnings(center, rules, today),
    )


_TAKEN_OVER = (
    "code",
    "field",
    "field_en",
    "competent_unit",
    "lead_unit",
    "implementing_unit",
    "stage",
    "since",
    "closed",
    "rule_set",
    "sequence",
    "latest_grade",
    "strikes",
)


def view(deadline: Deadline, today: date) -> DeadlineView:
    """A deadline as shown on a day."""
    due = deadline.due
    return DeadlineView(
        id=deadline.id,
        kind=deadline.kind,
        title=deadline.title_zh,
        article=deadline.article,
        due=due.due,
        nominal=due.nominal,
        rolled=due.rolled,
        provisional=due.provisional,
        status=deadline.status,
        responsible=deadline.responsible,
        opens=day_of(deadline.opens) if deadline.opens else None,
        explanation_zh=deadline.explained_zh(today),
        explanation_en=deadline.explained_en(today),
    )


def _cases(center: Center) -> tuple[CaseView, ...]:
    adjustments = [
        CaseView(
            matter="adjustment", case=number, kind=case.kind, status=case.status, opened=case.opened
        )
        for number, case in enumerate(center.adjustments, start=1)
    ]
    disciplines = [
        CaseView(
            matter="discipline",
            case=number,
            kind=case.severity,
            status=case.status,
            opened=day_of(case.opened),
        )
        for number, case in enumerate(center.disciplines, start=1)
    ]
    return (*adjustments, *disciplines)


def _warnings(center: Center, rules: RuleSet, today: date) -> tuple[str, ...]:
    """L2: past its validity a rule set goes on, and says so."""
    if center.closed or rules.in_force_on(today):
        return ()
    return (
        f"规则集 {rules.name} 的有效期为 {rules.valid_from} 至 {rules.valid_until}"
        f"（{rules.articles['valid_until']}），现按其继续办理。",
    )


class ActionView(Frozen):
    """An action that a role may take now; written out by alias, ``schema`` is that of ``data``."""

    action: str
    article: str
    title_zh: str
    title_en: str
    choices: tuple[dict[str, int], ...]
    schema_of_data: dict[str, Any] = Field(serialization_alias="schema")


def actions_for(center: Center, role: Role, now: datetime, rules: RuleSet) -> list[ActionView]:
    """What a role may do now, with the JSON schema of each action's ``data``.

    ``choices`` lists the years or cases that the action can be about.
    """
    s = Situation(center, beijing(now), rules, {}, None)
    return [
        ActionView(
            action=action.name,
            article=action.article,
            title_zh=action.zh,
            title_en=action.en,
            choices=choices,
            schema_of_data=schema_of(action.name),
        )
        for action in ACTIONS.values()
        if role in action.roles and (choices := _choices(action, s))
    ]


@cache
def schema_of(action: str) -> dict[str, Any]:
    """The JSON schema of an action's ``data``."""
    return ACTIONS[action].form.model_json_schema()


def _choices(action: Action, s: Situation) -> tuple[dict[str, int], ...]:
    if s.center.closed or s.center.stage not in action.stages:
        return ()
    return tuple(action.form.choices(s))
