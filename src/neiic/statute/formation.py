"""Formation: assessment, revision and NDRC's decision on an application (Articles 12-16, 35)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

from neiic.statute.acts import Event, refuse
from neiic.statute.forms import Day, Fault, ShortText, Text, said
from neiic.statute.periods import Due, add_years, fixed
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves, misfit
from neiic.statute.state import Center, Formation, Preparation
from neiic.statute.terms import Role, Stage

APPLICATION = (Stage.APPLICATION,)


def newly_registered(event: Event) -> Center:
    """The center that a registration makes, in ``application`` (Article 15)."""
    return Center(**event.data, since=event.effective, clock=event.at, sequence=event.sequence)


@action(
    "formation.assess",
    by=(Role.ASSESSOR, Role.NDRC),
    at=APPLICATION,
    article="第十五条",
    zh="登记评估论证意见",
    en="Record the assessment",
    tells=(Role.NDRC, Role.COMPETENT),
)
class Assess(ActionForm):
    """A third party's assessment of the formation plan."""

    agency: ShortText = said("第三方机构", "Agency")
    conclusion: Literal["support", "revise", "oppose"] = said("结论", "Conclusion")
    opinion: Text = said("论证意见", "Opinion")
    date: Day | None = said("论证日期", "Date of assessment", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """An assessment is not dated in the future."""
        if self.date and self.date > s.today:
            yield Fault("date", f"不能晚于今日 {s.today}", f"must not be after today, {s.today}")

    def rule(self, s: Situation) -> Outcome | None:
        """Any number of assessments may be made; the latest one counts."""
        return None


@evolves("formation.assess")
def assessed(center: Center, event: Event) -> Center:
    """The latest conclusion is what NDRC has before it."""
    return center.but(formation=center.formation.but(latest_conclusion=event.data["conclusion"]))


@action(
    "formation.request_revision",
    by=(Role.NDRC,),
    at=APPLICATION,
    article="第十五条",
    zh="要求完善组建方案",
    en="Ask for a revised plan",
    tells=(Role.COMPETENT, Role.LEAD),
)
class RequestRevision(ActionForm):
    """NDRC asks the competent and lead units to improve the plan."""

    comments: Text = said("完善意见", "Comments")

    def rule(self, s: Situation) -> Outcome | None:
        """One request at a time."""
        if s.center.formation.revision_pending:
            raise refuse(
                "not_pending",
                "第十五条",
                "已要求完善组建方案，尚待主管单位报送，无需重复要求。",
                "A revision is asked for already; wait for the competent unit's answer.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while none is pending."""
        return () if s.center.formation.revision_pending else ({},)


@action(
    "formation.revise",
    by=(Role.COMPETENT, Role.LEAD),
    at=APPLICATION,
    article="第十五条",
    zh="报送完善后的组建方案",
    en="Send the revised plan",
    tells=(Role.NDRC, Role.COMPETENT),
)
class Revise(ActionForm):
    """The revised plan."""

    summary: Text = said("完善情况", "What was revised")

    def rule(self, s: Situation) -> Outcome | None:
        """Only what was asked for can be answered."""
        if not s.center.formation.revision_pending:
            raise refuse(
                "not_pending",
                "第十五条",
                "国家发展改革委未要求完善组建方案，无需报送。",
                "NDRC has not asked for a revision, so there is none to send.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while a revision is pending."""
        return ({},) if s.center.formation.revision_pending else ()


@evolves("formation.request_revision")
def revision_requested(center: Center, event: Event) -> Center:
    """A pending revision blocks approval."""
    del event
    return center.but(formation=center.formation.but(revision_pending=True))


@evolves("formation.revise")
def revised(center: Center, event: Event) -> Center:
    """The revision is answered."""
    del event
    return center.but(formation=center.formation.but(revision_pending=False))


@action(
    "formation.decide",
    by=(Role.NDRC,),
    at=APPLICATION,
    article="第十五条、第十六条、第十七条",
    zh="决定是否同意组建",
    en="Decide on the formation",
    tells=(Role.COMPETENT, Role.LEAD, Role.IMPLEMENTING),
    lasting=(
        "同意即自批复日期起进入筹建期，不予同意即终结申报；二者均不能撤回。",
        "Approval starts the preparation on the document's date, rejection ends the "
        "application; neither can be taken back.",
    ),
)
class Decide(ActionForm):
    """NDRC agrees to the preparation, or rejects the application."""

    decision: Literal["approve", "reject"] = said("决定", "Decision")
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2034〕123号"])
    document_date: Day = said("批复日期", "Document date")
    until: Day | None = said(
        "筹建期至（短于三年时）", "Preparation until, if shorter", default=None
    )
    reason: Text | None = said("理由", "Reason", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """A rejection says why."""
        if self.decision == "reject" and self.reason is None:
            yield Fault("reason", "不予同意须说明理由", "is required to reject")

    def rule(self, s: Situation) -> Outcome | None:
        """F1, F2, P1: assessment and revision first, then dates, then overridden warnings."""
        if self.decision == "approve":
            self._check_assessed(s)
        s.check_document_date(self.document_date, s.center.recommendation.letter_date, "第十五条")
        if self.decision == "reject":
            return None
        nominal = add_years(self.document_date, s.rules.preparation_years)
        self._check_until(s, nominal)
        if self.reason is None:
            _check_no_warning(s.center)
        if self.until:
            end = fixed(self.document_date, self.until)
        else:
            end = s.due("preparation_end", self.document_date, nominal)
        return {
            "preparation_end": end.model_dump(mode="json"),
            "nominal_end": (self.until or nominal).isoformat(),
        }

    def _check_assessed(self, s: Situation) -> None:
        if s.center.formation.latest_conclusion is None:
            raise refuse(
                "assessment_missing",
                "第十五条",
                "尚无第三方评估论证意见，不能同意组建；请先登记论证意见。",
                "No third-party assessment is recorded (Art. 15): record one before approving.",
            )
        if s.center.formation.revision_pending:
            raise refuse(
                "revision_pending",
                "第十五条",
                "组建方案正在完善，请待主管单位报送后再作决定。",
                "A revision of the plan is pending (Art. 15): wait for it before approving.",
            )

    def _check_until(self, s: Situation, nominal: date) -> None:
        if self.until is None:
            return
        if self.until < s.today:
            raise misfit(
                "until",
                f"不能早于今日 {s.today}",
                f"must not be before today, {s.today}",
                "第十七条",
            )
        if self.until > nominal:
            raise refuse(
                "exceeds_limit",
                "第十七条",
                f"data.until：筹建期一般不超过{s.rules.preparation_years}年，至多到 {nominal}。",
                f"data.until: preparation lasts {s.rules.preparation_years} years at most"
                f" (Art. 17), until {nominal}.",
            )


def _check_no_warning(center: Center) -> None:
    found = warnings(center)
    if found:
        raise refuse(
            "override_reason_missing",
            "第十四条、第十五条、第三十五条",
            f"data.reason：{'；'.join(zh for zh, _ in found)}。仍同意组建的，请说明理由。",
            f"data.reason: {'; '.join(en for _, en in found)}. To approve all the same, give a reason.",
        )


def warnings(center: Center) -> list[tuple[str, str]]:
    """What NDRC must override with a reason, in both languages (F1, F2)."""
    found = []
    if center.requirements.unmet:
        unmet = ", ".join(center.requirements.unmet)
        found.append((f"未达到基本要求（{unmet}）", f"requirements not met: {unmet} (Art. 14)"))
    if center.formation.latest_conclusion not in (None, "support"):
        conclusion = center.formation.latest_conclusion
        found.append(
            (
                f"最近一次论证结论为 {conclusion}",
                f"the latest assessment says {conclusion} (Art. 15)",
            )
        )
    if center.team_has_other_platform:
        found.append(
            ("团队已承担其他国家级平台建设", "the team builds another national platform (Art. 35)")
        )
    return found


@evolves("formation.decide")
def decided(center: Center, event: Event) -> Center:
    """Approval starts the preparation on the document's date (T6, P1)."""
    if event.data["decision"] == "reject":
        return center.but(stage=Stage.NOT_APPROVED, since=event.effective)
    end = Due.model_validate(event.data["preparation_end"])
    return center.but(
        stage=Stage.PREPARATION,
        since=event.effective,
        formation=Formation(latest_conclusion=center.formation.latest_conclusion),
        preparation=Preparation(
            start=event.effective,
            nominal_end=date.fromisoformat(event.data["nominal_end"]),
            end=end,
            live_since=event.at,
        ),
    )


@action(
    "formation.withdraw",
    by=(Role.COMPETENT,),
    at=APPLICATION,
    article="第十五条",
    zh="撤回申报",
    en="Withdraw the application",
    tells=(Role.NDRC, Role.LEAD, Role.IMPLEMENTING),
    lasting=(
        "撤回后本次申报终结；再行申报须另行登记。",
        "The application ends; to apply again is a new registration.",
    ),
)
class Withdraw(ActionForm):
    """The competent unit takes its recommendation back."""

    reason: Text = said("撤回理由", "Reason")

    def rule(self, s: Situation) -> Outcome | None:
        """Possible until NDRC has decided."""
        return None


@evolves("formation.withdraw")
def withdrawn(center: Center, event: Event) -> Center:
    """The application ends."""
    return center.but(stage=Stage.WITHDRAWN, since=event.effective)
