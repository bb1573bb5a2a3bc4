"""Grading within a round: opinion, grade, concurrence, confirmation, abandonment (23, 24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictFloat, StrictInt

from neiic.statute.acts import Event, refuse
from neiic.statute.evaluation import ARTICLE, graded
from neiic.statute.evaluation_materials import in_round, not_pending, part_of, years_in
from neiic.statute.forms import Day, Fault, ShortText, Text, Year, Yes, said
from neiic.statute.periods import end_of
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.state import Center
from neiic.statute.terms import EVALUATED, Grade, Role

GRADES = "第二十三条、第二十四条"


@action(
    "evaluation.assess",
    by=(Role.ASSESSOR, Role.NDRC),
    at=EVALUATED,
    article=ARTICLE,
    zh="登记第三方评价意见",
    en="Record the third party's opinion",
    tells=(Role.NDRC, Role.COMPETENT),
)
class EvaluationAssess(ActionForm):
    """The third party's opinion on endorsed materials."""

    year: Year = said("评价年度", "Round")
    agency: ShortText = said("第三方机构", "Agency")
    score: Annotated[StrictInt | StrictFloat, Field(ge=0, le=100, allow_inf_nan=False)] | None = (
        said("得分", "Score", default=None)
    )
    opinion: Text = said("评价意见", "Opinion")

    def rule(self, s: Situation) -> Outcome | None:
        """E3: after endorsement and before grading, as often as needed."""
        if part_of(s, self.year).status != "endorsed":
            raise not_pending(
                f"data.year：{self.year} 年评价材料尚未审核通过，或已提出等次。",
                f"data.year: the materials of {self.year} are not endorsed, or are graded already.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds endorsed and not graded."""
        return years_in(s.center, "endorsed")


@evolves("evaluation.assess")
def round_assessed(center: Center, event: Event) -> Center:
    """An opinion is there."""
    return in_round(center, event, assessed=True)


@action(
    "evaluation.grade",
    by=(Role.NDRC,),
    at=EVALUATED,
    article="第二十四条",
    zh="提出评价等次",
    en="Propose a grade",
    tells=(Role.CUSTOMS, Role.TAX, Role.COMPETENT),
)
class EvaluationGrade(ActionForm):
    """NDRC proposes a grade; a new one voids the concurrences."""

    year: Year = said("评价年度", "Round")
    grade: Grade = said("等次", "Grade")
    reason: Text = said("理由", "Reason")

    def rule(self, s: Situation) -> Outcome | None:
        """E3: endorsed and assessed first."""
        part = part_of(s, self.year)
        if part.status not in ("endorsed", "graded"):
            raise not_pending(
                f"data.year：{self.year} 年评价材料尚未审核通过，或结果已确认。",
                f"data.year: the materials of {self.year} are not endorsed, or the grade is confirmed.",
            )
        if not part.assessed:
            raise refuse(
                "assessment_missing",
                ARTICLE,
                f"data.year：{self.year} 年评价尚无第三方意见，请先登记。",
                f"data.year: no third-party opinion is recorded for {self.year}; record one first.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds assessed and not confirmed."""
        return [
            choice
            for choice in years_in(s.center, "endorsed", "graded")
            if s.center.rounds[choice["year"]].assessed
        ]


@evolves("evaluation.grade")
def grade_proposed(center: Center, event: Event) -> Center:
    """The grade waits for customs, tax and NDRC's confirmation."""
    grade = Grade(event.data["grade"])
    return in_round(
        center,
        event,
        status="graded",
        grade=grade,
        graded_on=event.effective,
        customs=None,
        tax=None,
    )


@action(
    "evaluation.concur",
    by=(Role.CUSTOMS, Role.TAX, Role.NDRC),
    at=EVALUATED,
    article=ARTICLE,
    zh="对评价结果提出意见",
    en="Concur with the grade or object",
    tells=(Role.NDRC, Role.CUSTOMS, Role.TAX),
)
class EvaluationConcur(ActionForm):
    """The customs or tax authority's answer, by itself or recorded by NDRC from its letter."""

    year: Year = said("评价年度", "Round")
    authority: Literal["customs", "tax"] = said("机关", "Authority")
    concur: Yes = said("同意", "Concurs")
    comment: Text | None = said("意见", "Comment", default=None)
    letter_no: ShortText | None = said("函号", "Letter number", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """NDRC records an authority's answer from its letter."""
        if s.actor is not None and s.actor.role is Role.NDRC and self.letter_no is None:
            yield Fault(
                "letter_no", "由国家发展改革委登记的须填写函号", "is required when ndrc records it"
            )

    @classmethod
    def may_be_sent_by(cls, role: Role, data: Mapping[str, Any]) -> bool:
        """Customs does not answer for tax, nor tax for customs."""
        return role is Role.NDRC or data.get("authority") == role

    def rule(self, s: Situation) -> Outcome | None:
        """An answer may be changed until the grade is confirmed."""
        if part_of(s, self.year).status != "graded":
            raise not_pending(
                f"data.year：{self.year} 年没有待商的评价等次。",
                f"data.year: no proposed grade of {self.year} waits for concurrence.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds with a proposed grade."""
        return years_in(s.center, "graded")


@evolves("evaluation.concur")
def concurred(center: Center, event: Event) -> Center:
    """The authority's latest answer counts."""
    return in_round(center, event, **{event.data["authority"]: event.data["concur"]})


@action(
    "evaluation.confirm",
    by=(Role.NDRC,),
    at=EVALUATED,
    article=GRADES,
    zh="确认评价结果",
    en="Confirm the grade",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "等次自确认起计入，不再更改；再次不合格的，启动撤销程序。",
        "The grade counts from now and is not changed any more; a second failure opens a "
        "revocation procedure.",
    ),
)
class EvaluationConfirm(ActionForm):
    """NDRC confirms the proposed grade; from then it counts."""

    year: Year = said("评价年度", "Round")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2035〕300号"])
    document_date: Day = said("文件日期", "Document date")

    def rule(self, s: Situation) -> Outcome | None:
        """E3: both authorities concur, and the document answers the proposed grade."""
        part = part_of(s, self.year)
        if part.status != "graded":
            raise not_pending(
                f"data.year：{self.year} 年没有待确认的评价等次。",
                f"data.year: no proposed grade of {self.year} waits for confirmation.",
            )
        if not (part.customs and part.tax):
            raise refuse(
                "concurrence_missing",
                ARTICLE,
                f"data.year：海关总署、税务总局尚未均同意 {self.year} 年评价等次。",
                f"data.year: customs and tax have not both concurred with the grade of {self.year}.",
            )
        s.check_document_date(self.document_date, part.graded_on or s.today, GRADES)
        return {"grade": part.grade}

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds with a grade that both authorities concur with."""
        return [
            choice
            for choice in years_in(s.center, "graded")
            if s.center.rounds[choice["year"]].customs and s.center.rounds[choice["year"]].tax
        ]


@evolves("evaluation.confirm")
def grade_confirmed(center: Center, event: Event) -> Center:
    """E5."""
    return graded(center, event.data["year"], Grade(event.data["grade"]), event.effective)


@action(
    "evaluation.deem_abandoned",
    by=(Role.NDRC,),
    at=EVALUATED,
    article=ARTICLE,
    zh="确认视为放弃资格",
    en="Deem the standing abandoned",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "中心资格就此视为放弃，名称不得再用。",
        "The standing counts as given up and the name may not be used any more.",
    ),
)
class DeemAbandoned(ActionForm):
    """NDRC's act where the rule set asks for one before the standing is given up."""

    year: Year = said("评价年度", "Round")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2036〕5号"])
    reason: Text = said("理由", "Reason")

    def rule(self, s: Situation) -> Outcome | None:
        """E4: only under ``confirm``, after a close without submission."""
        if s.rules.non_participation == "automatic":
            raise not_pending(
                "按本中心的规则集，未参加评价自动视为放弃，无需确认。",
                "Under this center's rule set not taking part counts by itself; nothing to confirm.",
            )
        part = part_of(s, self.year)
        if part.taken_part or part.status in ("confirmed", "waived"):
            raise not_pending(
                f"data.year：本中心已参加 {self.year} 年运行评价。",
                f"data.year: the center has taken part in the {self.year} round.",
            )
        if s.now < end_of(part.close.due):
            raise refuse(
                "too_early",
                ARTICLE,
                f"data.year：{self.year} 年运行评价至 {part.close.due} 才截止。",
                f"data.year: the {self.year} round closes only on {part.close.due}.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds that closed without a submission."""
        return [
            {"year": year}
            for year, part in s.center.rounds.items()
            if part.close_overdue and not part.taken_part
        ]
