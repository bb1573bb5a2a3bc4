"""Lives that end, each in its way, on the time-skipping server: runs, timers, last answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.history.v1 import HistoryEvent

from tests.workflows.house import decoded, failures, kinds, summaries
from tests.workflows.played import Played, play, scenario_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

APPROVED = """
  - {at: 2031-05-06T10:00, by: assessor, do: formation.assess, with: {agency: 丙机构, conclusion: support, opinion: 可行}}
  - {at: 2031-06-16T10:00, by: ndrc, do: formation.decide, with: {decision: approve, document_no: 发改高技〔2031〕100号, document_date: 2031-06-16}, expect: {stage: preparation}}
"""
CONFIRMED = (
    APPROVED
    + """
  - {at: 2033-09-01T09:00, by: implementing, do: confirmation.apply, with: {summary_report: 总结报告, evidence: [材料一]}}
  - {at: 2033-09-20T09:00, by: competent, do: confirmation.evaluate, with: {outcome: pass, comments: 通过}}
  - {at: 2033-12-05T09:00, by: ndrc, do: confirmation.review, with: {decision: confirm, document_no: 发改高技〔2033〕202号, document_date: 2033-12-05}, expect: {stage: operation}}
"""
)


async def played(folder: Path, steps: str, rules: str = "{}") -> Played:
    text = f"title: T\nrules: {rules}\nstart: 2031-03-03T09:00\nsteps:\n{steps}"
    life = await play(scenario_of(folder, text))
    check_runs(life.histories)
    return life


def check_runs(histories: Sequence[Sequence[HistoryEvent]]) -> None:
    """Each run went on in the next one or is the last, was no longer than three years, and
    none of its tasks failed."""
    for history in histories:
        assert failures(list(history)) == []
        age = moment(history[-1]) - moment(history[0])
        assert age <= timedelta(days=3 * 365 + 1)
    for history in histories[:-1]:
        assert kinds(list(history))[-1] == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"


def moment(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime()


def result(life: Played) -> dict[str, Any]:
    """What the workflow answered when the life was over: its last snapshot."""
    last = life.histories[-1][-1]
    assert kinds([last]) == ["WORKFLOW_EXECUTION_COMPLETED"]
    answer: dict[str, Any] = decoded(
        last.workflow_execution_completed_event_attributes.result.payloads[0]
    )
    assert answer == life.life.snapshot
    assert answer["closed"] is True
    assert answer["waiting_for"] == []
    return answer


def happened(life: Played) -> list[str]:
    return [event.kind for event in life.life.events]


async def test_lapsed_at_the_end_then_closed_by_its_disposition(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        APPROVED
        + """
  - {at: 2034-06-16T23:59:59, expect: {stage: preparation, deadlines: {preparation_end: 2034-06-16}}}
  - {at: 2034-06-17T00:00:01, expect: {stage: cancelled, name: null, closed: false, followups: [disposition], notices: [preparation.lapsed]}}
  - {at: 2034-06-18T09:00, by: ndrc, do: followup.complete, with: {kind: name_withdrawal, note: 无}, refuse: not_pending}
  - {at: 2034-07-03T09:00, by: competent, do: followup.complete, with: {kind: disposition, note: 资产已清理}, expect: {closed: true, followups: []}}
  - {at: 2034-07-04T09:00, by: competent, do: followup.complete, with: {kind: disposition, note: 再来}, refuse: wrong_stage}
""",
    )
    assert result(life)["stage"] == "cancelled"
    lapse = next(event for event in life.life.events if event.kind == "preparation.lapsed")
    assert lapse.article == "第十八条"
    assert lapse.at == datetime.fromisoformat("2034-06-17T00:00+08:00")
    named = [name for run in life.histories for name in summaries(run, "TIMER_STARTED")]
    assert "第十七条 筹建期届满 2034-06-16" in named
    assert "第二十二条 2031年度报告开始 2032-01-01" in named
    assert "第二十二条 2031年度报告 2032-02-29" in named
    assert "提醒 筹建期届满 还有365日 2033-06-16" in named


async def test_lapse_that_ndrc_confirms(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        APPROVED
        + """
  - {at: 2034-06-16T09:00, by: ndrc, do: preparation.lapse, with: {document_no: 发改高技〔2034〕7号, reason: 期满}, refuse: too_early}
  - {at: 2034-06-17T00:00:01, expect: {stage: preparation, overdue: [preparation_end, "annual_report:2031", "annual_report:2032"], waiting_for: [ndrc, competent]}}
  - {at: 2034-08-01T09:00, by: ndrc, do: preparation.lapse, via: signal, with: {document_no: 发改高技〔2034〕7号, reason: 期满}, expect: {stage: cancelled}}
  - {at: 2034-08-02T09:00, by: competent, do: followup.complete, with: {kind: disposition, note: 完}, expect: {closed: true}}
""",
        "{preparation_lapse: confirm, report_due_month: 12}",
    )
    assert result(life)["stage"] == "cancelled"
    assert "deadline.overdue" in happened(life)


async def test_extended_then_lapsed_at_the_new_end(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        APPROVED
        + """
  - {at: 2034-05-06T09:00, by: competent, do: extension.apply, with: {reasons: 慢, measures: 加快, planned_completion: 2035-03-01, letter_no: 宁发改〔2034〕9号}, expect: {extension: pending}}
  - {at: 2034-06-17T00:00:01, expect: {stage: preparation}}
  - {at: 2034-07-06T09:00, by: ndrc, do: extension.decide, with: {decision: grant, document_no: 发改高技〔2034〕50号, document_date: 2034-07-06}, expect: {extension: granted, deadlines: {preparation_end: 2035-03-01}}}
  - {at: 2035-03-01T23:59:59, expect: {stage: preparation}}
  - {at: 2035-03-02T00:00:01, expect: {stage: cancelled}}
""",
    )
    named = [name for run in life.histories for name in summaries(run, "TIMER_STARTED")]
    assert "第十八条 筹建期届满 2035-03-01" in named
    # It lives on for its follow-up, with no deadline to wait for but the run's own renewal.
    last = life.histories[-1]
    assert summaries(last, "TIMER_STARTED") == [name for name in named if "例行续接" in name][-1:]


async def test_not_taking_part_is_giving_up(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        CONFIRMED
        + """
  - {at: 2035-12-31T23:59:59, expect: {stage: operation}}
  - {at: 2036-01-01T00:00:01, expect: {stage: abandoned, name: null, closed: false, followups: [name_withdrawal], notices: [evaluation.abandoned]}}
  - {at: 2036-02-01T09:00, by: ndrc, do: followup.complete, via: signal, with: {kind: name_withdrawal, note: 已停用}, expect: {closed: true}}
""",
    )
    assert result(life)["stage"] == "abandoned"


async def test_giving_up_that_ndrc_confirms(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        CONFIRMED
        + """
  - {at: 2036-01-01T00:00:01, expect: {stage: operation, waiting_for: [competent, ndrc]}}
  - {at: 2036-01-05T09:00, by: ndrc, do: evaluation.deem_abandoned, with: {year: 2035, document_no: 发改高技〔2036〕9号, reason: 未参与}, expect: {stage: abandoned}}
  - {at: 2036-02-01T09:00, by: competent, do: followup.complete, with: {kind: name_withdrawal, note: 已停用}, expect: {closed: true}}
""",
        "{non_participation: confirm}",
    )
    assert result(life)["stage"] == "abandoned"


async def test_revoked_with_all_that_follows(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        CONFIRMED
        + """
  - {at: 2034-03-01T09:00, by: ndrc, do: discipline.open, with: {facts: 套取资金, severity: serious, document_no: 发改高技〔2034〕21号}}
  - {at: 2034-04-03T09:00, by: ndrc, do: revocation.decide, with: {decision: revoke, document_no: 发改高技〔2034〕30号, document_date: 2034-04-03, reason: 情节严重, recover_amount: 5000000, legal_referral: true}, expect: {stage: revoked, closed: false, followups: [recover_subsidy, credit_listing, legal_referral, name_withdrawal]}}
  - {at: 2034-05-01T09:00, by: ndrc, do: followup.complete, with: {kind: credit_listing, note: 已归集}, expect: {followups: [recover_subsidy, legal_referral, name_withdrawal]}}
  - {at: 2034-05-02T09:00, by: ndrc, do: followup.complete, with: {kind: credit_listing, note: 再来}, refuse: not_pending}
  - {at: 2034-05-03T09:00, by: competent, do: followup.complete, via: signal, with: {kind: name_withdrawal, note: 已停用}}
  - {at: 2034-06-01T09:00, by: ndrc, do: followup.complete, with: {kind: legal_referral, note: 已移送}}
  - {at: 2039-06-01T09:00, expect: {stage: revoked, closed: false, followups: [recover_subsidy], waiting_for: [competent, ndrc]}}
  - {at: 2039-06-02T09:00, by: competent, do: followup.complete, with: {kind: recover_subsidy, note: 已收回}, expect: {closed: true, followups: []}}
""",
    )
    assert result(life)["stage"] == "revoked"
    # Five years of waiting for a follow-up cost no more than their renewals.
    assert len(life.histories) == 4 + 1
    assert happened(life)[-1] == "followup.complete"


async def test_two_failed_rounds_lead_to_revocation(tmp_path: Path) -> None:
    life = await played(
        tmp_path,
        CONFIRMED
        + _failed_round(2035)
        + _failed_round(2038)
        + """
  - {at: 2038-12-20T09:00, by: ndrc, do: revocation.decide, with: {decision: revoke, document_no: 发改高技〔2038〕400号, document_date: 2038-12-20, reason: 连续两次不合格}, expect: {stage: revoked, strikes: 2, followups: [name_withdrawal]}}
  - {at: 2039-01-20T09:00, by: ndrc, do: followup.complete, with: {kind: name_withdrawal, note: 已停用}, expect: {closed: true}}
""",
    )
    assert result(life)["strikes"] == 2
    stages = [run_stage(history) for history in life.histories]
    assert stages[0] == "application"
    assert stages[-1] == "revoked"
    assert [stage for stage, before in zip(stages[1:], stages, strict=False) if stage != before] == [
        "preparation", "operation", "improvement", "revoked",
    ]  # fmt: skip


@pytest.mark.parametrize("via", ["update", "signal"])
async def test_not_approved(tmp_path: Path, via: str) -> None:
    life = await played(
        tmp_path,
        f"""
  - {{at: 2031-05-06T10:00, by: ndrc, do: formation.decide, via: {via}, with: {{decision: reject, document_no: 发改高技〔2031〕3号, document_date: 2031-05-06, reason: 领域不符}}, expect: {{stage: not_approved, closed: true, name: null}}}}
  - {{at: 2031-05-07T10:00, by: ndrc, do: formation.decide, with: {{decision: approve, document_no: 发改高技〔2031〕4号, document_date: 2031-05-07}}, refuse: wrong_stage}}
""",
    )
    assert result(life)["stage"] == "not_approved"
    assert len(life.histories) == 1
    assert happened(life) == ["center.registered", "formation.decide"]


@pytest.mark.parametrize("via", ["update", "signal"])
async def test_withdrawn(tmp_path: Path, via: str) -> None:
    life = await played(
        tmp_path,
        f"""
  - {{at: 2035-05-06T10:00, by: competent, do: formation.withdraw, via: {via}, with: {{reason: 撤回}}, expect: {{stage: withdrawn, closed: true}}}}
""",
    )
    assert result(life)["stage"] == "withdrawn"
    # The application had waited for more than one run's age.
    assert len(life.histories) == 2


async def test_a_center_that_nobody_writes_to_lives_on(tmp_path: Path) -> None:
    """Fifteen years of overdue reports and rounds nobody took part in, without a message."""
    life = await played(
        tmp_path,
        CONFIRMED + "  - {at: 2048-06-01T09:00, expect: {stage: operation, closed: false}}\n",
        "{non_participation: confirm}",
    )
    assert len(life.histories) >= 3 + 4
    opened = [event.data["year"] for event in life.life.events if event.kind == "report.opened"]
    assert opened == list(range(2031, 2048))
    assert life.life.snapshot["name"] == "智能铸造国家新兴产业创新中心"


def _failed_round(year: int) -> str:
    return f"""
  - {{at: {year}-05-10T09:00, by: implementing, do: evaluation.submit, with: {{year: {year}, materials: 评价材料, indicators: {{}}}}}}
  - {{at: {year}-06-10T09:00, by: competent, do: evaluation.endorse, with: {{year: {year}, outcome: endorse, comments: 同意}}}}
  - {{at: {year}-09-01T09:00, by: assessor, do: evaluation.assess, with: {{year: {year}, agency: 丁机构, score: 41, opinion: 差}}}}
  - {{at: {year}-10-08T09:00, by: ndrc, do: evaluation.grade, with: {{year: {year}, grade: unqualified, reason: 未达标}}}}
  - {{at: {year}-10-20T09:00, by: customs, do: evaluation.concur, with: {{year: {year}, authority: customs, concur: true}}}}
  - {{at: {year}-10-25T09:00, by: tax, do: evaluation.concur, with: {{year: {year}, authority: tax, concur: true}}}}
  - {{at: {year}-11-22T09:00, by: ndrc, do: evaluation.confirm, with: {{year: {year}, document_no: 发改高技〔{year}〕301号, document_date: {year}-11-22}}, expect: {{stage: improvement}}}}
"""


def run_stage(history: Sequence[HistoryEvent]) -> str:
    """The stage in which a run began."""
    given = history[0].workflow_execution_started_event_attributes.input.payloads
    if len(given) < 2:
        return "application"
    stage: str = decoded(given[1])["center"]["stage"]
    return stage
