"""Evaluation rounds: who takes part, when they open and close, what a grade does (23, 24).

The steps that the units take within a round are in ``evaluation_steps``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from neiic.statute.acts import Event
from neiic.statute.deadlines import Deadline, Status
from neiic.statute.ending import ended
from neiic.statute.periods import Due, day_of, end_of, fixed, start_of
from neiic.statute.registry import (
    Draft,
    Situation,
    agenda_of,
    closed_agenda_of,
    evolves,
    on_due,
    on_opening,
)
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center, Revocation, Round, RoundDates
from neiic.statute.terms import EVALUATED, FollowUp, Grade, Role, Stage

ARTICLE = "第二十三条"


def round_dates(center: Center, year: int, rules: RuleSet) -> RoundDates:
    """A round's dates: NDRC's own where it has set them, else the rule set's (E1)."""
    own = center.round_dates.get(year)
    if own is not None:
        return own
    return _dates_in(
        year, rules.evaluation_opens, rules.evaluation_materials_due, rules.evaluation_closes
    )


@lru_cache(maxsize=1024)
def _dates_in(year: int, *month_days: str) -> RoundDates:
    opens, materials_due, closes = (date.fromisoformat(f"{year}-{day}") for day in month_days)
    return RoundDates(opens=opens, materials_due=materials_due, closes=closes)


def next_round_year(center: Center, rules: RuleSet) -> int | None:
    """The round that opens next for this center; none before it is confirmed (E2).

    A center need not take part in the year in which it was confirmed, unless it opted in.
    """
    if center.first_round is None or center.stage not in EVALUATED:
        return None
    year = min(center.first_round, center.opted_in or center.first_round)
    while year in center.rounds or not _takes_part(center, year):
        year += rules.evaluation_every_years
    return year


def _takes_part(center: Center, year: int) -> bool:
    """Whether a center takes part in a round from its first on."""
    voluntary = center.confirmed_on is not None and year == center.confirmed_on.year
    return center.opted_in == year if voluntary else True


def first_round_after(center: Center, confirmed: date, recorded: datetime, rules: RuleSet) -> int:
    """The first round from the year of confirmation on that is not closed when it is recorded."""
    year = rules.round_year_from(confirmed.year)
    while end_of(round_dates(center, year, rules).closes) <= recorded:
        year += rules.evaluation_every_years
    return year


@agenda_of
def rounds_agenda(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Materials and close of every round that is open, and of the one that opens next."""
    for year, part in center.rounds.items():
        if part.status not in ("confirmed", "waived"):
            if part.status not in ("endorsed", "graded"):
                yield _materials(year, part)
            yield _close(year, part)
    upcoming = next_round_year(center, rules)
    if upcoming is not None:
        yield from _ahead(upcoming, round_dates(center, upcoming, rules))


@lru_cache(maxsize=1024)
def _ahead(year: int, dates: RoundDates) -> tuple[Deadline, Deadline]:
    """A round's deadlines before it opens; asked for at every step of a life, hence kept."""
    opens = start_of(dates.opens)
    part = Round(
        materials=fixed(dates.opens, dates.materials_due),
        close=fixed(dates.opens, dates.closes),
        live_since=opens,
    )
    return (
        _materials(year, part, "upcoming")._replace(opens=opens),
        _close(year, part, "upcoming")._replace(opens=opens),
    )


def _materials(year: int, part: Round, status: Status | None = None) -> Deadline:
    upcoming = status == "upcoming"
    return Deadline(
        id=f"evaluation_materials:{year}",
        kind="evaluation_materials",
        number=year,
        article=ARTICLE,
        due=part.materials,
        status=status or ("overdue" if part.materials_overdue else "open"),
        responsible=Role.COMPETENT if part.status == "submitted" else Role.IMPLEMENTING,
        basis=lambda: (
            f"{year}年运行评价自{part.materials.anchor}开始，材料经主管单位审核后报送",
            f"materials of the {year} round, which opens on {part.materials.anchor}",
        ),
        live_since=None if upcoming else part.live_since,
        fires=not upcoming and not part.materials_overdue,
    )


def _close(year: int, part: Round, status: Status | None = None) -> Deadline:
    upcoming = status == "upcoming"
    return Deadline(
        id=f"evaluation_close:{year}",
        kind="evaluation_close",
        number=year,
        article=ARTICLE,
        due=part.close,
        status=status or ("overdue" if part.close_overdue else "open"),
        responsible=Role.NDRC if part.taken_part or part.close_overdue else Role.IMPLEMENTING,
        basis=lambda: (f"{year}年运行评价的截止日期", f"the close of the {year} round"),
        live_since=None if upcoming else part.live_since,
        fires=not upcoming and not part.close_overdue,
    )


@closed_agenda_of
def rounds_closed(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Materials endorsed, rounds confirmed, and what a lost standing waived."""
    del rules
    for year, part in center.rounds.items():
        if part.status in ("endorsed", "graded", "confirmed"):
            yield _materials(year, part, "met")
        if part.status in ("confirmed", "waived"):
            waived = part.status == "waived"
            abandoned = waived and center.stage is Stage.ABANDONED
            yield _close(year, part, "lapsed" if abandoned else "waived" if waived else "met")
            if waived:
                yield _materials(year, part, "waived")


@on_opening("evaluation_close")
@on_opening("evaluation_materials")
def round_opens(s: Situation, deadline: Deadline) -> Draft:
    """E1: the round opens for a center that takes part."""
    year = deadline.number
    dates = round_dates(s.center, year, s.rules)
    materials = s.due("evaluation_materials", dates.opens, dates.materials_due)
    close = s.due("evaluation_close", dates.opens, dates.closes)
    data = {
        "year": year,
        "materials": materials.model_dump(mode="json"),
        "close": close.model_dump(mode="json"),
    }
    return Draft("evaluation.opened", ARTICLE, data)


@evolves("evaluation.opened")
def round_opened(center: Center, event: Event) -> Center:
    """The center has a part in the round."""
    part = Round(
        materials=Due.model_validate(event.data["materials"]),
        close=Due.model_validate(event.data["close"]),
        live_since=event.at,
    )
    return with_round(center, event.data["year"], part)


def with_round(center: Center, year: int, part: Round) -> Center:
    """The center with its part in a round replaced."""
    return center.but(rounds=center.rounds | {year: part})


@on_due("evaluation_materials")
def materials_pass(s: Situation, deadline: Deadline) -> Draft:
    """Late materials are overdue, and may still come until the close."""
    del s
    return Draft("deadline.overdue", ARTICLE, {"deadline": deadline.id})


@on_due("evaluation_close", ends=True)
def round_closes(s: Situation, deadline: Deadline) -> Draft:
    """E4: without a submission the standing is abandoned; ungraded is NDRC's delay alone."""
    part = s.center.rounds[deadline.number]
    if part.taken_part or s.rules.non_participation == "confirm":
        return Draft("deadline.overdue", ARTICLE, {"deadline": deadline.id})
    data = {"deadline": deadline.id, "year": deadline.number}
    return Draft("evaluation.abandoned", ARTICLE, data)


def round_overdue(center: Center, year: int, *, close: bool) -> Center:
    """Note that the materials' date or the close went by."""
    part = center.rounds[year]
    return with_round(
        center, year, part.but(**{"close_overdue" if close else "materials_overdue": True})
    )


@evolves("evaluation.abandoned")
@evolves("evaluation.deem_abandoned")
def abandoned(center: Center, event: Event) -> Center:
    """Not taking part gives the standing up; the name goes (D2)."""
    return ended(center, Stage.ABANDONED, day_of(event.at), (FollowUp.NAME_WITHDRAWAL,))


def graded(center: Center, year: int, grade: Grade, confirmed_on: date) -> Center:
    """E5: what a confirmed grade does to the stage, the strikes and a pending revocation."""
    part = center.rounds[year].but(status="confirmed")
    center = with_round(center, year, part).but(latest_grade=grade)
    revocation = center.revocation
    if grade is not Grade.UNQUALIFIED:
        return _stage(center, Stage.OPERATION, confirmed_on).but(
            strikes=0, revocation=_without_evaluation_ground(revocation)
        )
    strikes = center.strikes + 1
    if strikes >= 2:
        pending = revocation or Revocation()
        earliest = min(confirmed_on, pending.failed_evaluation or confirmed_on)
        revocation = pending.but(failed_evaluation=earliest)
    return _stage(center, Stage.IMPROVEMENT, confirmed_on).but(
        strikes=strikes, revocation=revocation
    )


def _stage(center: Center, stage: Stage, since: date) -> Center:
    return center if center.stage is stage else center.but(stage=stage, since=since)


def _without_evaluation_ground(revocation: Revocation | None) -> Revocation | None:
    if revocation is None or not revocation.cases:
        return None
    return revocation.but(failed_evaluation=None)
