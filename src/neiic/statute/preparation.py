"""The preparation period: its end, the one extension, the lapse (Articles 16-18)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Literal

from neiic.statute.acts import Event, refuse
from neiic.statute.deadlines import Deadline
from neiic.statute.ending import ended
from neiic.statute.forms import Day, Fault, ShortText, Text, said
from neiic.statute.periods import add_years, date_zh, day_of, end_of, fixed
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
from neiic.statute.state import Center, Preparation
from neiic.statute.terms import FollowUp, Role, Stage

IN_PREPARATION = (Stage.PREPARATION,)


def preparation_of(center: Center) -> Preparation:
    """The preparation of a center whose stage says that it has one."""
    if center.preparation is None:
        raise ValueError(f"{center.code} has no preparation in stage {center.stage}")
    return center.preparation


def extension_limit(preparation: Preparation, rules: RuleSet) -> date:
    """The latest day that an extension may name, from the end before roll-over (P2)."""
    return add_years(preparation.nominal_end, rules.extension_years)


@agenda_of
def preparation_agenda(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """The end of the preparation, and the supplement window where one runs."""
    preparation = center.preparation
    if preparation is None or center.stage is not Stage.PREPARATION:
        return
    yield _end(preparation, rules, _end_status(preparation))
    if preparation.supplement is not None:
        yield Deadline(
            id="supplement",
            kind="supplement",
            article="第十九条",
            due=preparation.supplement,
            status="open",
            responsible=Role.IMPLEMENTING,
            basis=_supplement_basis(preparation.supplement.anchor, rules.supplement_days),
            live_since=preparation.supplement_since,
            fires=True,
        )


def _end_status(preparation: Preparation) -> Literal["open", "held", "overdue"]:
    if preparation.passed is None:
        return "open"
    return "held" if preparation.held else "overdue"


def _end(
    preparation: Preparation,
    rules: RuleSet,
    status: Literal["open", "held", "overdue", "met", "lapsed"],
) -> Deadline:
    released = preparation.passed == "held" and not preparation.held
    return Deadline(
        id="preparation_end",
        kind="preparation_end",
        article="第十八条" if preparation.extension == "granted" else "第十七条",
        due=preparation.end,
        status=status,
        responsible=Role.NDRC if status == "overdue" else Role.IMPLEMENTING,
        basis=lambda: _end_basis(preparation, rules),
        live_since=preparation.live_since,
        fires=preparation.passed is None or released,
    )


def _end_basis(preparation: Preparation, rules: RuleSet) -> tuple[str, str]:
    end = preparation.end
    if preparation.extension == "granted":
        return (
            f"延长筹建期的决定所定日期{date_zh(end.due)}",
            f"the day that the extension names, {end.due}",
        )
    if end.nominal == add_years(preparation.start, rules.preparation_years):
        return (
            f"自批复日期{date_zh(end.anchor)}起满{rules.preparation_years}年",
            f"{rules.preparation_years} years from the approval dated {end.anchor}",
        )
    # Only a count is resolved by the calendar: this one was made under an earlier rule set.
    if end.calendar:
        years = end.nominal.year - end.anchor.year
        return (
            f"自批复日期{date_zh(end.anchor)}起满{years}年，转用规则集{rules.name}时保留",
            f"{years} years from the approval dated {end.anchor}, kept at the move to {rules.name}",
        )
    return (
        f"批复所定日期{date_zh(end.due)}",
        f"the day that the approval names, {end.due}",
    )


def _supplement_basis(anchor: date, days: int) -> Callable[[], tuple[str, str]]:
    return lambda: (
        f"自退回补充文件日期{date_zh(anchor)}起{days}日",
        f"{days} days from the return dated {anchor}",
    )


@closed_agenda_of
def preparation_closed(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """The end of a preparation that is over: met by confirmation, or lapsed."""
    if center.preparation is not None and center.stage is not Stage.PREPARATION:
        met = center.confirmed_on is not None
        yield _end(center.preparation, rules, "met" if met else "lapsed")


@on_due("preparation_end", ends=True)
def preparation_passes(s: Situation, deadline: Deadline) -> Draft:
    """P3, P4: the standing lapses, unless a timely application holds it or NDRC must confirm."""
    if preparation_of(s.center).held:
        return Draft("deadline.held", "第十七条、第十八条", {"deadline": deadline.id})
    if s.rules.preparation_lapse == "confirm":
        return Draft("deadline.overdue", "第十八条", {"deadline": deadline.id})
    return Draft("preparation.lapsed", "第十八条", {"deadline": deadline.id})


@on_due("supplement")
def supplement_passes(s: Situation, deadline: Deadline) -> Draft:
    """P4: nothing was resubmitted within the window."""
    del s
    return Draft("supplement.expired", "第十八条、第十九条", {"deadline": deadline.id})


def passed(center: Center, how: Literal["held", "overdue"]) -> Center:
    """Note that the end of the preparation went by."""
    preparation = preparation_of(center)
    return center.but(preparation=preparation.but(passed=how))


@evolves("deadline.held")
def end_held(center: Center, event: Event) -> Center:
    """The end went by while an application was pending."""
    del event
    return passed(center, "held")


@evolves("supplement.expired")
def supplement_expired(center: Center, event: Event) -> Center:
    """The window no longer holds the lapse."""
    preparation = preparation_of(center)
    return center.but(
        preparation=preparation.but(supplement=None, supplement_since=None, live_since=event.at)
    )


@evolves("preparation.lapsed")
def lapsed(center: Center, event: Event) -> Center:
    """P6: standing and name are gone, the competent unit owes the disposition."""
    return ended(center, Stage.CANCELLED, day_of(event.at), (FollowUp.DISPOSITION,))


@action(
    "extension.apply",
    by=(Role.COMPETENT,),
    at=IN_PREPARATION,
    article="第十八条",
    zh="申请延长筹建期",
    en="Apply to extend the preparation",
    tells=(Role.NDRC, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "延长筹建期只能申请一次，提出即用去这一机会，不论是否获准。",
        "There is one application for an extension; making it uses the chance up, granted or not.",
    ),
)
class ExtensionApply(ActionForm):
    """The one application for more time; making it uses the chance up."""

    reasons: Text = said("原因", "Reasons")
    measures: Text = said("拟采取的措施", "Measures")
    planned_completion: Day = said("计划完成日期", "Planned completion")
    letter_no: ShortText = said("函号", "Letter number")

    def rule(self, s: Situation) -> Outcome | None:
        """P2: once, before the end, within the limit."""
        preparation = preparation_of(s.center)
        if preparation.extension != "none":
            raise refuse(
                "already_used",
                "第十八条",
                "延长筹建期只能申请一次，机会已用。",
                "An extension may be applied for only once (Art. 18), and it has been.",
            )
        if s.now >= end_of(preparation.end.due):
            raise refuse(
                "too_late",
                "第十八条",
                f"筹建期已于 {preparation.end.due} 届满，延期须在届满前申请。",
                f"Preparation ended on {preparation.end.due}; an extension is applied for before (Art. 18).",
            )
        check_new_end(s, preparation, "planned_completion", self.planned_completion)
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible once, until the end."""
        preparation = preparation_of(s.center)
        free = preparation.extension == "none" and s.now < end_of(preparation.end.due)
        return ({},) if free else ()


def check_new_end(s: Situation, preparation: Preparation, field: str, day: date) -> None:
    """A new end lies after the present one and within the limit of Article 18."""
    if day <= preparation.end.due:
        raise misfit(
            field,
            f"须晚于现届满日 {preparation.end.due}",
            f"must be after the present end, {preparation.end.due}",
            "第十八条",
        )
    limit = extension_limit(preparation, s.rules)
    if day > limit:
        raise refuse(
            "exceeds_limit",
            "第十八条",
            f"data.{field}：延长不能超过{s.rules.extension_years}年，至多到 {limit}"
            f"（自名义届满日 {preparation.nominal_end} 起算）。",
            f"data.{field}: an extension is {s.rules.extension_years} year at most (Art. 18), until"
            f" {limit}, counted from the nominal end {preparation.nominal_end}.",
        )


@evolves("extension.apply")
def extension_applied(center: Center, event: Event) -> Center:
    """Applying uses the chance, granted or not."""
    return center.but(
        preparation=preparation_of(center).but(
            extension="pending",
            extension_applied=event.effective,
            planned_completion=date.fromisoformat(event.data["planned_completion"]),
        )
    )


@action(
    "extension.decide",
    by=(Role.NDRC,),
    at=IN_PREPARATION,
    article="第十八条",
    zh="决定是否延长筹建期",
    en="Decide on the extension",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "决定所定的届满日即为最终日期，此后不能再次延期；不予延长的，机会同样用去。",
        "The day that the decision names is final: there is no second extension, also after a "
        "refusal.",
    ),
)
class ExtensionDecide(ActionForm):
    """NDRC grants the extension until a day, or refuses it."""

    decision: Literal["grant", "refuse"] = said("决定", "Decision")
    until: Day | None = said("延长至", "Until", default=None)
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2034〕50号"])
    document_date: Day = said("文件日期", "Document date")
    reason: Text | None = said("理由", "Reason", default=None)

    def check(self, s: Situation) -> Iterable[Fault]:
        """A refusal says why."""
        if self.decision == "refuse" and self.reason is None:
            yield Fault("reason", "不予延长须说明理由", "is required to refuse")

    def rule(self, s: Situation) -> Outcome | None:
        """P2: answers a pending application; the new end is fixed and within the limit."""
        preparation = preparation_of(s.center)
        if preparation.extension != "pending":
            raise refuse(
                "not_pending",
                "第十八条",
                "没有待决定的延期申请。",
                "No application for an extension is pending (Art. 18).",
            )
        applied = preparation.extension_applied or preparation.start
        s.check_document_date(self.document_date, applied, "第十八条")
        if self.decision == "refuse":
            return None
        until = self.until or preparation.planned_completion or preparation.end.due
        if until < s.today:
            raise misfit(
                "until",
                f"不能早于今日 {s.today}",
                f"must not be before today, {s.today}",
                "第十八条",
            )
        check_new_end(s, preparation, "until", until)
        return {"until": until.isoformat()}

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible while an application is pending."""
        return ({},) if preparation_of(s.center).extension == "pending" else ()


@evolves("extension.decide")
def extension_decided(center: Center, event: Event) -> Center:
    """A grant sets the new end and ends a supplement; a refusal releases what it held."""
    preparation = preparation_of(center)
    if event.data["decision"] == "refuse":
        return center.but(preparation=preparation.but(extension="refused", live_since=event.at))
    until = date.fromisoformat(event.data["until"])
    reminded = {key: rungs for key, rungs in center.reminded.items() if key != "preparation_end"}
    return center.but(
        reminded=reminded,
        preparation=preparation.but(
            extension="granted",
            end=fixed(event.effective, until),
            passed=None,
            live_since=event.at,
            supplement=None,
            supplement_since=None,
        ),
    )


@action(
    "preparation.lapse",
    by=(Role.NDRC,),
    at=IN_PREPARATION,
    article="第十八条",
    zh="确认筹建期满取消资格",
    en="Confirm the lapse",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "中心资格就此取消，名称不得再用。",
        "The standing is cancelled and the name may not be used any more.",
    ),
)
class Lapse(ActionForm):
    """NDRC's act where the rule set asks for one before the standing lapses."""

    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2034〕70号"])
    reason: Text = said("理由", "Reason")

    def rule(self, s: Situation) -> Outcome | None:
        """P3: only under ``confirm``, after the end, with nothing holding it."""
        preparation = preparation_of(s.center)
        if s.rules.preparation_lapse == "automatic":
            raise refuse(
                "not_pending",
                "第十八条",
                "按本中心的规则集，筹建期满自动取消资格，无需确认。",
                "Under this center's rule set the standing lapses by itself; there is nothing to confirm.",
            )
        if preparation.passed is None or preparation.held:
            raise refuse(
                "too_early",
                "第十八条",
                f"筹建期（至 {preparation.end.due}）尚未届满，或有按期提出的申请在审。",
                f"Preparation (until {preparation.end.due}) is not over, or a timely application holds it.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible when the end is overdue at NDRC."""
        return ({},) if _end_status(preparation_of(s.center)) == "overdue" else ()


@evolves("preparation.lapse")
def lapse_confirmed(center: Center, event: Event) -> Center:
    """The same end as an automatic lapse."""
    return lapsed(center, event)
