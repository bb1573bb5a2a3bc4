"""The move of a center from one rule set to another (Article 36, L2).

A center keeps the rule set that it was given until NDRC moves it. What has passed stays as it
was; open deadlines that a rule set counts are counted anew from the same fact. One that would
be past already under the new count keeps its date: a move takes nobody's standing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from neiic.statute.acts import Event, refuse
from neiic.statute.evaluation import round_dates
from neiic.statute.forms import Fault, ShortText, Text, said
from neiic.statute.passing import with_due
from neiic.statute.periods import Due, add_years, end_of, start_of
from neiic.statute.preparation import preparation_of
from neiic.statute.registry import AGENDAS, ActionForm, Outcome, Situation, action, evolves
from neiic.statute.reminders import rungs_owed
from neiic.statute.reporting import report_due
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.state import Center, Round
from neiic.statute.terms import EVALUATED, LIVING, Role, Stage

ARTICLE = "第三十六条"


class Recount(NamedTuple):
    """One deadline that the new rule set counts otherwise."""

    deadline: str
    before: Due
    after: Due


@action(
    "ruleset.move",
    by=(Role.NDRC,),
    at=LIVING,
    article=ARTICLE,
    zh="转用另一规则集",
    en="Move to another rule set",
    tells=(Role.COMPETENT, Role.IMPLEMENTING, Role.LEAD),
    lasting=(
        "未届满的期限按新规则集重新计算；已经过去的不再回到原规则集。",
        "Open deadlines are counted anew; what has passed meanwhile does not return to the "
        "former rule set.",
    ),
)
class Move(ActionForm):
    """NDRC moves one center to a rule set that is in force, by a document and with a reason."""

    rule_set: ShortText = said("规则集", "Rule set", examples=["cn-2026"])
    document_no: ShortText = said("文号", "Document number", examples=["发改高技〔2031〕20号"])
    reason: Text = said("理由", "Reason")

    def check(self, s: Situation) -> Iterable[Fault]:
        """The rule set is known."""
        if self.rule_set not in LIBRARY:
            known = ", ".join(sorted(name for name in LIBRARY if "~" not in name))
            yield Fault(
                "rule_set", f"没有此规则集（已有：{known}）", f"is unknown (known: {known})"
            )

    def rule(self, s: Situation) -> Outcome | None:
        """Another rule set than the present one, in force by now; the deadlines that it moves."""
        new = LIBRARY[self.rule_set]
        if new.name == s.center.rule_set:
            raise refuse(
                "not_pending",
                ARTICLE,
                f"data.rule_set：本中心已适用 {new.name}。",
                f"data.rule_set: the center is under {new.name} already.",
            )
        if s.today < new.valid_from:
            raise refuse(
                "too_early",
                ARTICLE,
                f"data.rule_set：{new.name} 自 {new.valid_from} 起施行。",
                f"data.rule_set: {new.name} is in force from {new.valid_from}.",
            )
        recounts = list(recounted(s._replace(rules=new), s.rules))
        outcome: dict[str, Any] = {
            "before": s.center.rule_set,
            "deadlines": [
                {
                    "deadline": one.deadline,
                    "before": one.before.model_dump(mode="json"),
                    "after": one.after.model_dump(mode="json"),
                }
                for one in recounts
            ],
            "first_round": _first_round(s, new),
            "opted_in": _still_opted_in(s.center, new),
        }
        return outcome | {"reminders_past": _reminders_past(s, new, outcome)}

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """Possible when there is another rule set that is in force."""
        others = (LIBRARY[name] for name in LIBRARY if "~" not in name)
        possible = any(
            other.name != s.center.rule_set and other.valid_from <= s.today for other in others
        )
        return ({},) if possible else ()


@evolves("ruleset.move")
def moved(center: Center, event: Event) -> Center:
    """The new rule set holds; its reminders that would lie in the past are not owed."""
    data = event.data
    center = _recounted_center(center, data)
    reminded = dict(center.reminded)
    for deadline, rungs in data["reminders_past"].items():
        reminded[deadline] = (*reminded.get(deadline, ()), *rungs)
    return center.but(reminded=reminded)


def _recounted_center(center: Center, data: Outcome) -> Center:
    """The center under the new rule set; a deadline on another day begins a ladder of its own."""
    gone = {
        one["deadline"]
        for one in data["deadlines"]
        if one["before"]["nominal"] != one["after"]["nominal"]
    }
    for one in data["deadlines"]:
        due = Due.model_validate(one["after"])
        center = with_due(center, one["deadline"], due)
        if one["deadline"] == "preparation_end":
            preparation = preparation_of(center)
            center = center.but(preparation=preparation.but(nominal_end=due.nominal))
    return center.but(
        rule_set=data["rule_set"],
        first_round=data["first_round"],
        opted_in=data["opted_in"],
        reminded={key: rungs for key, rungs in center.reminded.items() if key not in gone},
    )


def recounted(s: Situation, before: RuleSet) -> Iterator[Recount]:
    """The open deadlines that ``s.rules`` count otherwise than the rule set before.

    May raise CalendarNeededError. Dates that a decision names are nobody's to count anew.
    """
    for one in (*_preparation(s, before), *_reports(s), *_rounds(s)):
        if one.after != one.before and end_of(one.after.due) > s.now:
            yield one


def _preparation(s: Situation, before: RuleSet) -> Iterator[Recount]:
    preparation = s.center.preparation
    if preparation is None or s.center.stage is not Stage.PREPARATION:
        return
    by_count = preparation.nominal_end == add_years(preparation.start, before.preparation_years)
    if by_count and preparation.extension != "granted" and preparation.passed is None:
        nominal = add_years(preparation.start, s.rules.preparation_years)
        end = s.due("preparation_end", preparation.start, nominal)
        yield Recount("preparation_end", preparation.end, end)
    if preparation.supplement is not None:
        anchor = preparation.supplement.anchor
        nominal = anchor + timedelta(days=s.rules.supplement_days)
        window = s.due("supplement", anchor, nominal)
        yield Recount("supplement", preparation.supplement, window)


def _reports(s: Situation) -> Iterator[Recount]:
    for year, report in s.center.reports.items():
        if report.status in ("open", "returned") and not report.overdue:
            day = report_due(year, s.rules.report_due_month)
            due = s.due("annual_report", day, day)
            yield Recount(f"annual_report:{year}", report.due, due)


def _rounds(s: Situation) -> Iterator[Recount]:
    """A round's two dates move together or not at all, so that they stay in order."""
    for year, part in s.center.rounds.items():
        if year in s.center.round_dates or not _moves(part) or not s.rules.is_round_year(year):
            continue
        dates = round_dates(s.center, year, s.rules)
        materials = s.due("evaluation_materials", dates.opens, dates.materials_due)
        close = s.due("evaluation_close", dates.opens, dates.closes)
        if end_of(materials.due) > s.now and end_of(close.due) > s.now:
            yield Recount(f"evaluation_materials:{year}", part.materials, materials)
            yield Recount(f"evaluation_close:{year}", part.close, close)


def _moves(part: Round) -> bool:
    past = part.materials_overdue or part.close_overdue
    return not past and part.status not in ("confirmed", "waived")


def _first_round(s: Situation, new: RuleSet) -> int | None:
    """The first round by the new rule set that has yet to open: nobody is drawn into one midway."""
    confirmed: date | None = s.center.confirmed_on
    if confirmed is None or s.center.stage not in EVALUATED:
        return s.center.first_round
    year = new.round_year_from(confirmed.year)
    while start_of(round_dates(s.center, year, new).opens) <= s.now:
        year += new.evaluation_every_years
    return year


def _still_opted_in(center: Center, new: RuleSet) -> int | None:
    year = center.opted_in
    return year if year is None or year in center.rounds or new.is_round_year(year) else None


def _reminders_past(s: Situation, new: RuleSet, data: Outcome) -> dict[str, list[int]]:
    """By deadline, the rungs of the new ladder whose day has gone by: they are not owed."""
    center = _recounted_center(s.center, {"rule_set": new.name, **data})
    ahead = [deadline for matter in AGENDAS for deadline in matter(center, new)]
    past: dict[str, list[int]] = {}
    for rung in rungs_owed(center, new, ahead):
        if rung.at <= s.now:
            past.setdefault(rung.deadline.id, []).append(rung.days)
    return past
