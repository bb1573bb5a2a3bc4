"""Confirmation as a national center after the preparation (Articles 17, 19)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from neiic.statute.acts import Event, refuse
from neiic.statute.evaluation import first_round_after
from neiic.statute.forms import Day, Fault, ShortText, Text, said
from neiic.statute.periods import Due, end_of
from neiic.statute.preparation import IN_PREPARATION, preparation_of
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.state import Center
from neiic.statute.terms import Role, Stage


@action(
    "confirmation.apply",
    by=(Role.IMPLEMENTING,),
    at=IN_PREPARATION,
    article="第十七条",
    zh="申请正式确认",
    en="Apply for confirmation",
    tells=(Role.COMPETENT, Role.LEAD),
)
class ConfirmationApply(ActionForm):
    """The implementing unit's application with its summary report."""

    summary_report: Text = said("筹建期总结报告", "Summary report")
    evidence: Annotated[tuple[Text, ...], Field(min_length=1, max_length=200)] = said(
        "证明材料", "Evidence"
    )
    uscc: ShortText | None = said("统一社会信用代码", "Unified social credit code", default=None)

    def rule(self, s: Situation) -> Outcome | None:
        """P4, P5: before the end, or within a supplement window."""
        preparation = preparation_of(s.center)
        if preparation.confirmation != "none":
            raise refuse(
                "not_pending",
                "第十七条",
                "确认申请已在审，无需重复提出。",
                "An application for confirmation is being decided already.",
            )
        if s.now >= end_of(preparation.end.due) and preparation.supplement is None:
            raise refuse(
                "too_late",
                "第十七条、第十八条",
                f"筹建期已于 {preparation.end.due} 届满，且不在补充材料期限内。",
                f"Preparation ended on {preparation.end.due} and no supplement window is open.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while none is pending, until the end or within the window."""
        preparation = preparation_of(s.center)
        in_time = s.now < end_of(preparation.end.due) or preparation.supplement is not None
        return ({},) if preparation.confirmation == "none" and in_time else ()


@evolves("confirmation.apply")
def applied(center: Center, event: Event) -> Center:
    """The application is lodged; a resubmission uses its window up."""
    unit = center.implementing_unit
    if event.data.get("uscc"):
        unit = unit.but(uscc=event.data["uscc"])
    return center.but(
        implementing_unit=unit,
        preparation=preparation_of(center).but(
            confirmation="applied", supplement=None, supplement_since=None
        ),
    )


@action(
    "confirmation.evaluate",
    by=(Role.COMPETENT,),
    at=IN_PREPARATION,
    article="第十七条",
    zh="评估确认申请",
    en="Evaluate the application",
    tells=(Role.NDRC, Role.IMPLEMENTING),
    lasting=(
        "评估不通过即终结本次申请；筹建期已满且无其他在审事项的，资格随即取消。",
        "A fail ends this application; past the end of preparation, with nothing else "
        "pending, the standing lapses with it.",
    ),
)
class ConfirmationEvaluate(ActionForm):
    """The competent unit's evaluation; a pass goes on to NDRC."""

    outcome: Literal["pass", "fail"] = said("评估结果", "Outcome")
    comments: Text = said("评估意见", "Comments")
    letter_no: ShortText | None = said("函号", "Letter number", default=None)

    def rule(self, s: Situation) -> Outcome | None:
        """Answers an application that is lodged and not yet evaluated."""
        if preparation_of(s.center).confirmation != "applied":
            raise refuse(
                "not_pending",
                "第十七条",
                "没有待评估的确认申请。",
                "No application for confirmation waits for evaluation (Art. 17).",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while an application waits for it."""
        return ({},) if preparation_of(s.center).confirmation == "applied" else ()


@evolves("confirmation.evaluate")
def evaluated(center: Center, event: Event) -> Center:
    """A pass stands before NDRC; a fail ends the application."""
    preparation = preparation_of(center)
    if event.data["outcome"] == "fail":
        changed = preparation.but(confirmation="none", live_since=event.at)
    else:
        changed = preparation.but(confirmation="evaluated", evaluated_on=event.effective)
    return center.but(preparation=changed)


@action(
    "confirmation.review",
    by=(Role.NDRC,),
    at=IN_PREPARATION,
    article="第十九条",
    zh="复核确认申请",
    en="Review the application",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "确认自文件日期起生效并函告海关总署、税务总局；不予确认即终结本次申请，筹建期已满的，资格随即取消。",
        "Confirmation takes effect on the document's date and customs and tax are told; a "
        "refusal ends this application and, past the end of preparation, the standing.",
    ),
)
class ConfirmationReview(ActionForm):
    """NDRC confirms the center, returns the application, or refuses it."""

    decision: Literal["confirm", "return", "refuse"] = said("决定", "Decision")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2034〕200号"])
    document_date: Day = said("文件日期", "Document date")
    reason: Text | None = said("理由", "Reason", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """A return or refusal says why."""
        if self.decision != "confirm" and self.reason is None:
            yield Fault("reason", "退回或不予确认须说明理由", f"is required to {self.decision}")

    def rule(self, s: Situation) -> Outcome | None:
        """P4, P5: a return that is recorded after the end opens a supplement window."""
        preparation = preparation_of(s.center)
        if preparation.confirmation != "evaluated":
            raise refuse(
                "not_pending",
                "第十九条",
                "没有主管单位评估通过、待复核的确认申请。",
                "No application that the competent unit passed waits for review (Art. 19).",
            )
        answers = preparation.evaluated_on or preparation.start
        s.check_document_date(self.document_date, answers, "第十九条")
        if self.decision == "confirm":
            first = first_round_after(s.center, self.document_date, s.now, s.rules)
            return {"first_round": first}
        if self.decision != "return" or s.now < end_of(preparation.end.due):
            return None
        nominal = self.document_date + timedelta(days=s.rules.supplement_days)
        window = s.due("supplement", self.document_date, nominal)
        return {"supplement": window.model_dump(mode="json")}

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible once the competent unit has passed the application."""
        return ({},) if preparation_of(s.center).confirmation == "evaluated" else ()


@evolves("confirmation.review")
def reviewed(center: Center, event: Event) -> Center:
    """Confirmed: the center operates from the document's date. Else the application ends."""
    preparation = preparation_of(center)
    if event.data["decision"] == "confirm":
        moot = "moot" if preparation.extension == "pending" else preparation.extension
        return center.but(
            stage=Stage.OPERATION,
            since=event.effective,
            confirmed_on=event.effective,
            first_round=event.data["first_round"],
            preparation=preparation.but(
                extension=moot, confirmation="none", supplement=None, supplement_since=None
            ),
        )
    window = event.data.get("supplement")
    return center.but(
        preparation=preparation.but(
            confirmation="none",
            live_since=event.at,
            supplement=Due.model_validate(window) if window else None,
            supplement_since=event.at if window else None,
        )
    )
