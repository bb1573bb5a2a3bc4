"""Discipline on verified facts, and the revocation procedure (Articles 24, 26)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal

from neiic.statute.acts import Event, refuse
from neiic.statute.deadlines import Deadline
from neiic.statute.ending import ended
from neiic.statute.forms import Amount, CaseNumber, Day, Fault, ShortText, Text, Yes, said
from neiic.statute.periods import Due, day_of, fixed
from neiic.statute.registry import (
    ActionForm,
    Draft,
    Outcome,
    Situation,
    action,
    agenda_of,
    closed_agenda_of,
    evolves,
    misfit,
    on_due,
)
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center, Discipline, Revocation
from neiic.statute.terms import STANDING, FollowUp, Role, Stage

ARTICLE = "第二十六条"
BOTH = "第二十四条、第二十六条"


@agenda_of
def rectifications(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Cases to be rectified by a date, until NDRC closes them."""
    del rules
    for number, case in enumerate(center.disciplines, start=1):
        if case.rectify is not None and case.status in ("open", "reported"):
            yield _rectification(number, case, case.rectify, "overdue" if case.overdue else "open")


@closed_agenda_of
def rectifications_closed(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Cases that were rectified, or were not."""
    del rules
    for number, case in enumerate(center.disciplines, start=1):
        if case.rectify is not None and case.status not in ("open", "reported"):
            met, ended_with_center = case.status == "rectified", case.status == "ended"
            status: Literal["met", "waived", "lapsed"] = (
                "met" if met else "waived" if ended_with_center else "lapsed"
            )
            yield _rectification(number, case, case.rectify, status)


def _rectification(
    number: int,
    case: Discipline,
    due: Due,
    status: Literal["open", "overdue", "met", "waived", "lapsed"],
) -> Deadline:
    return Deadline(
        id=f"rectification:{number}",
        kind="rectification",
        number=number,
        article=ARTICLE,
        due=due,
        status=status,
        responsible=Role.NDRC if case.status == "reported" else Role.IMPLEMENTING,
        basis=lambda: (
            f"{due.anchor}立案的整改要求所定日期",
            f"the day that the order of {due.anchor} names",
        ),
        live_since=case.opened,
        fires=not case.overdue,
    )


@on_due("rectification")
def rectification_passes(s: Situation, deadline: Deadline) -> Draft:
    """D1: past its date a case is overdue; only NDRC closes it."""
    del s
    return Draft("deadline.overdue", ARTICLE, {"deadline": deadline.id})


def rectification_overdue(center: Center, number: int) -> Center:
    """Note that the date went by."""
    return _with_case(center, number, overdue=True)


def _with_case(center: Center, number: int, **changes: Any) -> Center:
    cases = list(center.disciplines)
    cases[number - 1] = cases[number - 1].but(**changes)
    return center.but(disciplines=tuple(cases))


def _case(s: Situation, number: int, *waiting: str) -> Discipline:
    if number > len(s.center.disciplines):
        raise refuse(
            "unknown_case",
            ARTICLE,
            f"data.case：没有第 {number} 号整改事项（共 {len(s.center.disciplines)} 项）。",
            f"data.case: there is no discipline case {number} ({len(s.center.disciplines)} in all).",
        )
    case = s.center.disciplines[number - 1]
    if case.status not in waiting:
        raise refuse(
            "not_pending",
            ARTICLE,
            f"data.case：第 {number} 号整改事项现为 {case.status}，不待此项办理。",
            f"data.case: discipline case {number} is {case.status}; it does not wait for this.",
        )
    return case


def _waiting(s: Situation, *statuses: str) -> list[dict[str, int]]:
    return [
        {"case": number}
        for number, case in enumerate(s.center.disciplines, start=1)
        if case.status in statuses
    ]


@action(
    "discipline.open",
    by=(Role.NDRC,),
    at=STANDING,
    article=ARTICLE,
    zh="立案督促整改",
    en="Open a discipline case",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "立案后只能由国家发展改革委办结；情节严重的，即时启动撤销程序。",
        "A case once opened is closed by NDRC only; a serious one opens a revocation "
        "procedure at once.",
    ),
)
class DisciplineOpen(ActionForm):
    """NDRC opens a case on verified facts."""

    facts: Text = said("核实的事实", "Facts")
    severity: Literal["ordinary", "serious"] = said("情节", "Severity")
    rectify_by: Day | None = said("整改期限", "Rectify by", default=None)
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2032〕20号"])

    def check(self, s: Situation) -> Iterable[Fault]:
        """An ordinary case is rectified by a day that is still to come."""
        if self.severity == "ordinary" and self.rectify_by is None:
            yield Fault("rectify_by", "一般情节须定整改期限", "is required for an ordinary case")
        if self.rectify_by is not None and self.rectify_by <= s.today:
            yield Fault("rectify_by", f"须晚于今日 {s.today}", f"must be after today, {s.today}")

    def rule(self, s: Situation) -> Outcome | None:
        """Any time while the center stands."""
        return {"case": len(s.center.disciplines) + 1}


@evolves("discipline.open")
def case_opened(center: Center, event: Event) -> Center:
    """D1: ordinary, it is to be rectified; serious, a revocation procedure opens at once."""
    number = len(center.disciplines) + 1
    serious = event.data["severity"] == "serious"
    case = Discipline(
        severity=event.data["severity"],
        opened=event.at,
        rectify=None
        if serious
        else fixed(event.effective, date.fromisoformat(event.data["rectify_by"])),
        status="procedure" if serious else "open",
    )
    center = center.but(disciplines=(*center.disciplines, case))
    return _with_ground(center, number) if serious else center


def _with_ground(center: Center, number: int) -> Center:
    """The case is a ground from the day on which it was opened (T6)."""
    pending = center.revocation or Revocation()
    opened = day_of(center.disciplines[number - 1].opened)
    return center.but(revocation=pending.but(cases=pending.cases | {number: opened}))


@action(
    "discipline.report",
    by=(Role.IMPLEMENTING,),
    at=STANDING,
    article=ARTICLE,
    zh="报告整改情况",
    en="Report rectification",
    tells=(Role.NDRC, Role.COMPETENT),
)
class DisciplineReport(ActionForm):
    """The implementing unit reports what it has put right."""

    case: CaseNumber = said("事项编号", "Case")
    measures: Text = said("整改措施", "Measures")

    def rule(self, s: Situation) -> Outcome | None:
        """Answers an open case, also past its date."""
        _case(s, self.case, "open")
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Cases to be rectified."""
        return _waiting(s, "open")


@evolves("discipline.report")
def case_reported(center: Center, event: Event) -> Center:
    """The case waits for NDRC."""
    return _with_case(center, event.data["case"], status="reported")


@action(
    "discipline.close",
    by=(Role.NDRC,),
    at=STANDING,
    article=ARTICLE,
    zh="办结整改事项",
    en="Close a discipline case",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "事项就此办结；整改不到位的，即时启动撤销程序。",
        "The case is closed; if not rectified, a revocation procedure opens at once.",
    ),
)
class DisciplineClose(ActionForm):
    """NDRC finds the case rectified, or opens a revocation procedure."""

    case: CaseNumber = said("事项编号", "Case")
    outcome: Literal["rectified", "not_rectified"] = said("整改结果", "Outcome")
    comments: Text = said("意见", "Comments")

    def rule(self, s: Situation) -> Outcome | None:
        """A case in a revocation procedure ends with its decision instead."""
        _case(s, self.case, "open", "reported")
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Cases that are not closed."""
        return _waiting(s, "open", "reported")


@evolves("discipline.close")
def case_closed(center: Center, event: Event) -> Center:
    """Not rectified, the case becomes a ground for revocation."""
    number = event.data["case"]
    if event.data["outcome"] == "rectified":
        return _with_case(center, number, status="rectified")
    return _with_ground(_with_case(center, number, status="procedure"), number)


@action(
    "revocation.decide",
    by=(Role.NDRC,),
    at=STANDING,
    article=BOTH,
    zh="决定是否撤销资格",
    en="Decide on revocation",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "撤销即终止中心资格并产生后续事宜；不予撤销的，现有事由就此了结。",
        "Revocation ends the standing and follow-ups begin; a dismissal does away with the "
        "present grounds.",
    ),
)
class RevocationDecide(ActionForm):
    """NDRC's one decision on all pending grounds: revoke, or dismiss."""

    decision: Literal["revoke", "dismiss"] = said("决定", "Decision")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2038〕400号"])
    document_date: Day = said("文件日期", "Document date")
    reason: Text = said("理由", "Reason")
    recover_amount: Amount | None = said("收回补助（元）", "Subsidy to recover, CNY", default=None)
    legal_referral: Yes | None = said("移送追究责任", "Refer for legal action", default=None)

    def rule(self, s: Situation) -> Outcome | None:
        """D2: a procedure must be open; recovery and referral rest on Article 26."""
        pending = s.center.revocation
        if pending is None:
            raise refuse(
                "not_pending",
                BOTH,
                "没有待决定的撤销程序。",
                "No revocation procedure is open (Art. 24, 26).",
            )
        s.check_document_date(self.document_date, pending.since, BOTH)
        for field in ("recover_amount", "legal_referral"):
            if getattr(self, field) and not pending.cases:
                raise misfit(
                    field,
                    "仅适用于第二十六条的撤销事由",
                    "rests on a ground under Art. 26, and there is none",
                    ARTICLE,
                )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while a procedure is open."""
        return ({},) if s.center.revocation else ()


@evolves("revocation.decide")
def revocation_decided(center: Center, event: Event) -> Center:
    """Revoked, the standing ends with its follow-ups; dismissed, the grounds are gone."""
    pending = center.revocation
    cases = pending.cases if pending else {}
    for number in cases:
        center = _with_case(center, number, status="decided")
    if event.data["decision"] == "dismiss":
        return center.but(revocation=None)
    owed = [FollowUp.NAME_WITHDRAWAL]
    if event.data.get("recover_amount"):
        owed.append(FollowUp.RECOVER_SUBSIDY)
    if cases:
        owed.append(FollowUp.CREDIT_LISTING)
    if event.data.get("legal_referral"):
        owed.append(FollowUp.LEGAL_REFERRAL)
    return ended(center, Stage.REVOKED, event.effective, owed)
