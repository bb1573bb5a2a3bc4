"""Taking part in an evaluation round: dates, opting in, materials and their endorsement (23)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from neiic.statute.acts import Event, RefusedActError, refuse
from neiic.statute.evaluation import ARTICLE, next_round_year, round_dates, with_round
from neiic.statute.forms import Day, Fault, Indicators, Text, Year, said
from neiic.statute.periods import Due, end_of, start_of
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center, Round, RoundDates
from neiic.statute.terms import EVALUATED, LIVING, Role, Stage

GRADES = "第二十三条、第二十四条"


def part_of(s: Situation, year: int) -> Round:
    """The center's part in a round that has opened; else the refusal that says why not."""
    part = s.center.rounds.get(year)
    if part is None:
        raise _no_part(s, year)
    return part


def _no_part(s: Situation, year: int) -> RefusedActError:
    upcoming = next_round_year(s.center, s.rules)
    if s.rules.is_round_year(year) and upcoming is not None and year >= upcoming:
        opens = round_dates(s.center, year, s.rules).opens
        return refuse(
            "too_early",
            ARTICLE,
            f"data.year：{year} 年运行评价自 {opens} 开始。",
            f"data.year: the {year} round opens on {opens}.",
        )
    return not_pending(
        f"data.year：本中心不参加 {year} 年运行评价。",
        f"data.year: this center has no part in a {year} round.",
    )


def not_pending(zh: str, en: str) -> RefusedActError:
    """A matter of the round that is not awaited now."""
    return refuse("not_pending", ARTICLE, zh, en)


def years_in(center: Center, *statuses: str) -> list[dict[str, int]]:
    """The rounds that stand at one of these statuses, as choices of an action."""
    return [{"year": year} for year, part in center.rounds.items() if part.status in statuses]


def in_round(center: Center, event: Event, **changes: Any) -> Center:
    """The center with its part in the event's round changed."""
    year = event.data["year"]
    return with_round(center, year, center.rounds[year].but(**changes))


@action(
    "evaluation.set_round",
    by=(Role.NDRC,),
    at=LIVING,
    article=ARTICLE,
    zh="设定评价日程",
    en="Set a round's dates",
    tells=(Role.IMPLEMENTING, Role.COMPETENT),
)
class SetRound(ActionForm):
    """NDRC sets other dates for one round (E1)."""

    year: Year = said("评价年度", "Round")
    opens: Day = said("开始日期", "Opens")
    materials_due: Day = said("材料截止日期", "Materials due")
    closes: Day = said("评价截止日期", "Closes")

    def check(self, s: Situation) -> Iterable[Fault]:
        """The dates are in order, not past, and of a year that has a round."""
        if not s.rules.is_round_year(self.year):
            first = s.rules.evaluation_first_year
            every = s.rules.evaluation_every_years
            yield Fault(
                "year",
                f"不是评价年度（{first} 年起每 {every} 年一次）",
                f"is no round: they are every {every} years from {first}",
            )
        if not self.opens < self.materials_due:
            yield Fault("materials_due", "须晚于开始日期", "must be after opens")
        if not self.materials_due <= self.closes:
            yield Fault("closes", "不能早于材料截止日期", "must not be before materials_due")
        if self.closes < s.today:
            yield Fault("closes", f"不能早于今日 {s.today}", f"must not be before today, {s.today}")

    def rule(self, s: Situation) -> Outcome | None:
        """A round whose grade is confirmed for this center keeps its dates."""
        part = s.center.rounds.get(self.year)
        if part is not None and part.status == "confirmed":
            raise not_pending(
                f"data.year：{self.year} 年运行评价结果已确认，日程不再变动。",
                f"data.year: the grade of {self.year} is confirmed; its dates stay.",
            )
        if part is None:
            return None
        materials = s.due("evaluation_materials", self.opens, self.materials_due)
        close = s.due("evaluation_close", self.opens, self.closes)
        return {
            "materials": materials.model_dump(mode="json"),
            "close": close.model_dump(mode="json"),
        }


@evolves("evaluation.set_round")
def round_set(center: Center, event: Event) -> Center:
    """New dates for a round ahead, or for the one that is open: what is no longer past is open."""
    year = event.data["year"]
    dates = RoundDates.model_validate(
        {key: event.data[key] for key in ("opens", "materials_due", "closes")}
    )
    center = center.but(round_dates=center.round_dates | {year: dates})
    part = center.rounds.get(year)
    if part is None:
        return center
    moved = {f"evaluation_materials:{year}", f"evaluation_close:{year}"}
    center = center.but(
        reminded={key: rungs for key, rungs in center.reminded.items() if key not in moved}
    )
    if part.status == "open" and start_of(dates.opens) > event.at:
        # Postponed before anything was submitted: it has yet to open.
        others = {other: kept for other, kept in center.rounds.items() if other != year}
        return center.but(rounds=others)
    return with_round(center, year, _on_new_dates(part, event))


def _on_new_dates(part: Round, event: Event) -> Round:
    materials = Due.model_validate(event.data["materials"])
    close = Due.model_validate(event.data["close"])
    return part.but(
        materials=materials,
        close=close,
        live_since=event.at,
        materials_overdue=part.materials_overdue and end_of(materials.due) <= event.at,
        close_overdue=part.close_overdue and end_of(close.due) <= event.at,
    )


@action(
    "evaluation.opt_in",
    by=(Role.IMPLEMENTING, Role.COMPETENT),
    at=(Stage.OPERATION,),
    article=ARTICLE,
    zh="自愿参加当年评价",
    en="Opt in to this year's round",
    tells=(Role.NDRC, Role.COMPETENT, Role.IMPLEMENTING),
    lasting=(
        "自愿参加一经提出即受约束：届时未报送材料的，视为放弃资格。",
        "Opting in binds: without a submission by the close the standing counts as given up.",
    ),
)
class OptIn(ActionForm):
    """A center confirmed in the round's year takes part all the same; it binds (E2)."""

    year: Year = said("评价年度", "Round")

    def rule(self, s: Situation) -> Outcome | None:
        """Only the year of confirmation, once, until the close."""
        if not self._open_to(s.center, s.rules):
            raise not_pending(
                f"data.year：{self.year} 年没有可自愿参加的评价（仅限确认当年的评价，且只选一次）。",
                f"data.year: {self.year} cannot be opted in to; only a round in the year of"
                " confirmation can, once.",
            )
        closes = round_dates(s.center, self.year, s.rules).closes
        if s.now >= end_of(closes):
            raise refuse(
                "too_late",
                ARTICLE,
                f"data.year：{self.year} 年运行评价已于 {closes} 截止。",
                f"data.year: the {self.year} round closed on {closes}.",
            )
        return None

    def _open_to(self, center: Center, rules: RuleSet) -> bool:
        return (
            center.confirmed_on is not None
            and center.confirmed_on.year == self.year
            and rules.is_round_year(self.year)
            and center.opted_in is None
        )

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """The year of confirmation, if it has a round that is not closed."""
        if s.center.confirmed_on is None or s.center.opted_in is not None:
            return ()
        year = s.center.confirmed_on.year
        if not s.rules.is_round_year(year):
            return ()
        closes = round_dates(s.center, year, s.rules).closes
        return ({"year": year},) if s.now < end_of(closes) else ()


@evolves("evaluation.opt_in")
def opted_in(center: Center, event: Event) -> Center:
    """The round of the year of confirmation is owed."""
    return center.but(opted_in=event.data["year"])


@action(
    "evaluation.submit",
    by=(Role.IMPLEMENTING,),
    at=EVALUATED,
    article=ARTICLE,
    zh="报送评价材料",
    en="Submit evaluation materials",
    tells=(Role.COMPETENT,),
)
class EvaluationSubmit(ActionForm):
    """The implementing unit's materials for a round."""

    year: Year = said("评价年度", "Round")
    materials: Text = said("评价材料", "Materials")
    indicators: Indicators = said("数据指标", "Indicators")

    def rule(self, s: Situation) -> Outcome | None:
        """E3, E4: before the close; returned materials may come again until graded."""
        part = part_of(s, self.year)
        if part.status not in ("open", "returned"):
            raise not_pending(
                f"data.year：{self.year} 年评价材料已报送；须经退回方可再报。",
                f"data.year: the materials of {self.year} are in; they can come again if returned.",
            )
        if not part.taken_part and s.now >= end_of(part.close.due):
            raise refuse(
                "too_late",
                ARTICLE,
                f"data.year：{self.year} 年运行评价已于 {part.close.due} 截止。",
                f"data.year: the {self.year} round closed on {part.close.due}.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds without materials, or whose materials were returned."""
        return [
            {"year": year}
            for year, part in s.center.rounds.items()
            if part.status == "returned"
            or (part.status == "open" and s.now < end_of(part.close.due))
        ]


@evolves("evaluation.submit")
def submitted(center: Center, event: Event) -> Center:
    """Submitted in time, the center has taken part."""
    return in_round(center, event, status="submitted", taken_part=True)


@action(
    "evaluation.endorse",
    by=(Role.COMPETENT,),
    at=EVALUATED,
    article=ARTICLE,
    zh="审核评价材料",
    en="Endorse or return the materials",
    tells=(Role.NDRC, Role.IMPLEMENTING),
)
class EvaluationEndorse(ActionForm):
    """The competent unit endorses the materials or returns them."""

    year: Year = said("评价年度", "Round")
    outcome: Literal["endorse", "return"] = said("审核结果", "Outcome")
    comments: Text = said("审核意见", "Comments")

    def rule(self, s: Situation) -> Outcome | None:
        """Only submitted materials can be endorsed."""
        if part_of(s, self.year).status != "submitted":
            raise not_pending(
                f"data.year：没有待审核的 {self.year} 年评价材料。",
                f"data.year: no materials of {self.year} wait for endorsement.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Rounds whose materials wait for it."""
        return years_in(s.center, "submitted")


@evolves("evaluation.endorse")
def endorsed(center: Center, event: Event) -> Center:
    """Endorsed, the materials are met; returned, they are owed again."""
    if event.data["outcome"] == "endorse":
        return in_round(center, event, status="endorsed")
    return in_round(center, event, status="returned", live_since=event.at)
