"""What operators see of a center in the Web UI: search attributes and current details."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from neiic.statute.deadlines import LIVE, Deadline
from neiic.statute.naming import name_of
from neiic.statute.periods import day_of
from neiic.statute.state import Center
from neiic.statute.terms import ROLE_ZH, STAGE_ZH, Role
from neiic.statute.waiting import waiting_for

CENTER_CODE = SearchAttributeKey.for_keyword("CenterCode")
CENTER_STAGE = SearchAttributeKey.for_keyword("CenterStage")
CENTER_FIELD = SearchAttributeKey.for_keyword("CenterField")
COMPETENT_UNIT = SearchAttributeKey.for_keyword("CompetentUnit")
LATEST_GRADE = SearchAttributeKey.for_keyword("LatestGrade")
NEXT_DEADLINE_KIND = SearchAttributeKey.for_keyword("NextDeadlineKind")
RULE_SET = SearchAttributeKey.for_keyword("RuleSet")
WAITING_FOR = SearchAttributeKey.for_keyword_list("WaitingFor")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("NextDeadline")
OVERDUE = SearchAttributeKey.for_bool("Overdue")

SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    CENTER_CODE,
    CENTER_STAGE,
    CENTER_FIELD,
    COMPETENT_UNIT,
    LATEST_GRADE,
    NEXT_DEADLINE_KIND,
    RULE_SET,
    WAITING_FOR,
    NEXT_DEADLINE,
    OVERDUE,
)


def show(center: Center, deadlines: Sequence[Deadline], now: datetime) -> None:
    """Bring search attributes and details up to date; only what changed costs a history event."""
    present = workflow.info().typed_search_attributes
    changes = [
        _update(key, value)
        for key, value in _values(center, deadlines, now).items()
        if present.get(key) != value
    ]
    if changes:
        workflow.upsert_search_attributes(changes)
    workflow.set_current_details(_details(center, deadlines, now))


def _update(key: SearchAttributeKey[Any], value: Any) -> SearchAttributeUpdate[Any]:
    return key.value_unset() if value is None else key.value_set(value)


def _values(
    center: Center, deadlines: Sequence[Deadline], now: datetime
) -> dict[SearchAttributeKey[Any], Any]:
    following = next_deadline(deadlines, now)
    return {
        CENTER_CODE: center.code,
        CENTER_STAGE: str(center.stage),
        CENTER_FIELD: center.field,
        COMPETENT_UNIT: center.competent_unit,
        LATEST_GRADE: str(center.latest_grade) if center.latest_grade else None,
        NEXT_DEADLINE_KIND: following[1].kind if following else None,
        RULE_SET: center.rule_set,
        WAITING_FOR: [str(role) for role in waiting_for(center)],
        NEXT_DEADLINE: following[0] if following else None,
        OVERDUE: any(deadline.status == "overdue" for deadline in deadlines),
    }


def next_deadline(deadlines: Iterable[Deadline], now: datetime) -> tuple[datetime, Deadline] | None:
    """The soonest deadline still to come, else the soonest opening; with its instant."""
    live = [
        (deadline.instant, deadline)
        for deadline in deadlines
        if deadline.status in LIVE and deadline.instant > now
    ]
    ahead = [(deadline.opens, deadline) for deadline in deadlines if deadline.opens is not None]
    return min(live or ahead, key=lambda found: found[0], default=None)


def _details(center: Center, deadlines: Sequence[Deadline], now: datetime) -> str:
    waits = "、".join(ROLE_ZH[Role(role)] for role in waiting_for(center)) or "无"
    lines = [
        f"**{name_of(center) or center.field}** `{center.code}`",
        "",
        f"- 阶段：{STAGE_ZH[center.stage]}（自 {center.since}）{'，已办结' if center.closed else ''}",
        f"- 等待：{waits}",
    ]
    today = day_of(now)
    for deadline in sorted(deadlines, key=lambda one: one.due.due):
        if deadline.status in LIVE:
            lines.append(
                f"- {deadline.title_zh}（{deadline.status}）：{deadline.explained_zh(today)}"
            )
    return "\n".join(lines)
