"""Adjustment of the formation plan: minor ones for the record, major ones for decision (25)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from neiic.statute.acts import Event, refuse
from neiic.statute.forms import CaseNumber, Day, Fault, ShortText, Text, said
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.state import Adjustment, Center
from neiic.statute.terms import STANDING, Role

ARTICLE = "第二十五条"


def _case(s: Situation, number: int, waiting: str) -> Adjustment:
    if number > len(s.center.adjustments):
        raise refuse(
            "unknown_case",
            ARTICLE,
            f"data.case：没有第 {number} 号调整事项（共 {len(s.center.adjustments)} 项）。",
            f"data.case: there is no adjustment case {number} ({len(s.center.adjustments)} in all).",
        )
    case = s.center.adjustments[number - 1]
    if case.status != waiting:
        raise refuse(
            "not_pending",
            ARTICLE,
            f"data.case：第 {number} 号调整事项现为 {case.status}，不待此项办理。",
            f"data.case: adjustment case {number} is {case.status}; it does not wait for this.",
        )
    return case


def _waiting(s: Situation, status: str) -> list[dict[str, int]]:
    return [
        {"case": number}
        for number, case in enumerate(s.center.adjustments, start=1)
        if case.status == status
    ]


def _with_case(center: Center, number: int, **changes: Any) -> Center:
    cases = list(center.adjustments)
    cases[number - 1] = cases[number - 1].but(**changes)
    return center.but(adjustments=tuple(cases))


@action(
    "adjustment.report",
    by=(Role.IMPLEMENTING,),
    at=STANDING,
    article=ARTICLE,
    zh="报告方案调整",
    en="Report an adjustment",
    tells=(Role.COMPETENT,),
)
class AdjustmentReport(ActionForm):
    """The implementing unit reports a change of plan as a new case."""

    kind: Literal["minor", "functional", "rename", "equity", "bankruptcy", "restructuring"] = said(
        "调整类别", "Kind"
    )
    description: Text = said("调整内容", "Description")
    new_name: ShortText | None = said("新名称", "New name", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """A renaming names the new name."""
        if self.kind == "rename" and self.new_name is None:
            yield Fault("new_name", "更名须填写新名称", "is required to rename")

    def rule(self, s: Situation) -> Outcome | None:
        """Any time while the center stands; each report is a case of its own."""
        return {"case": len(s.center.adjustments) + 1}


@evolves("adjustment.report")
def reported(center: Center, event: Event) -> Center:
    """The case waits for the competent unit."""
    case = Adjustment(
        kind=event.data["kind"], opened=event.effective, new_name=event.data.get("new_name")
    )
    return center.but(adjustments=(*center.adjustments, case))


@action(
    "adjustment.review",
    by=(Role.COMPETENT,),
    at=STANDING,
    article=ARTICLE,
    zh="审核方案调整",
    en="Review an adjustment",
    tells=(Role.NDRC, Role.IMPLEMENTING),
)
class AdjustmentReview(ActionForm):
    """The competent unit approves a minor case, or proposes a major one to NDRC."""

    case: CaseNumber = said("事项编号", "Case")
    outcome: Literal["approve", "return", "reject"] = said("审核结果", "Outcome")
    comments: Text = said("审核意见", "Comments")

    def rule(self, s: Situation) -> Outcome | None:
        """A1: a reported case is answered once."""
        _case(s, self.case, "reported")
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Cases that wait for the competent unit."""
        return _waiting(s, "reported")


@evolves("adjustment.review")
def case_reviewed(center: Center, event: Event) -> Center:
    """A minor case is done; a major one goes on; a returned or rejected one is closed."""
    number, outcome = event.data["case"], event.data["outcome"]
    if outcome != "approve":
        return _with_case(center, number, status="returned" if outcome == "return" else "rejected")
    minor = center.adjustments[number - 1].kind == "minor"
    return _with_case(center, number, status="approved" if minor else "proposed")


@action(
    "adjustment.decide",
    by=(Role.NDRC,),
    at=STANDING,
    article=ARTICLE,
    zh="审核决定重大调整",
    en="Decide on a major adjustment",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "事项就此办结；更名获准的，法人主体名称随之变更。",
        "The case is closed; an approved renaming changes the entity's name.",
    ),
)
class AdjustmentDecide(ActionForm):
    """NDRC's decision on a case that the competent unit proposed."""

    case: CaseNumber = said("事项编号", "Case")
    decision: Literal["approve", "reject"] = said("决定", "Decision")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2031〕170号"])
    document_date: Day = said("文件日期", "Document date")
    reason: Text | None = said("理由", "Reason", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """A rejection says why."""
        if self.decision == "reject" and self.reason is None:
            yield Fault("reason", "不予同意须说明理由", "is required to reject")

    def rule(self, s: Situation) -> Outcome | None:
        """A1: only a proposed case, by a document not older than the case."""
        case = _case(s, self.case, "proposed")
        s.check_document_date(self.document_date, case.opened, ARTICLE)
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Cases that wait for NDRC."""
        return _waiting(s, "proposed")


@evolves("adjustment.decide")
def case_decided(center: Center, event: Event) -> Center:
    """An approved renaming changes the entity's name."""
    number = event.data["case"]
    if event.data["decision"] == "reject":
        return _with_case(center, number, status="rejected")
    case = center.adjustments[number - 1]
    center = _with_case(center, number, status="approved")
    if case.kind == "rename" and case.new_name:
        center = center.but(implementing_unit=center.implementing_unit.but(name=case.new_name))
    return center
