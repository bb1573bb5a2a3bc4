"""The open matters of a center: each thing that waits, for whom, and which act would answer it.

``waiting_for`` is the union of their roles. A matter's id stays the same while it waits:
``formation``, ``confirmation``, ``supplement``, ``extension``, ``lapse``, ``annual_report:YEAR``,
``evaluation:YEAR`` (``evaluation:YEAR:customs`` and ``:tax`` for a concurrence),
``adjustment:CASE``, ``rectification:CASE``, ``revocation``, ``followup:KIND``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from neiic.statute.deciding import agenda
from neiic.statute.forms import Frozen
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center, Preparation, Round
from neiic.statute.terms import Role, Stage

#: A deadline in one of these statuses bounds the matters that it is about. A held one does not:
#: a timely application keeps it from having any effect until that is decided.
BOUNDING = ("open", "overdue")


class Matter(Frozen):
    """One thing that a center waits for.

    ``action`` is the registered action most likely to answer it, ``article`` that action's.
    ``subject`` is the year or case that the action is about, empty where there is but one.
    ``since`` is the Beijing day from which it waits for these roles. Where the state keeps no such
    day it is the latest one known before it: of an application for confirmation and of submitted
    materials the day from which they could be made, of an assessed application the day of its
    registration, of a case the day on which it was opened. ``deadline`` is the id of the open or
    overdue deadline that bounds it. ``also`` are roles that may answer too, though it does not
    wait for them: they find it among their tasks.
    """

    id: str
    roles: tuple[Role, ...]
    action: str
    subject: dict[str, int]
    article: str
    since: date
    deadline: str | None
    also: tuple[Role, ...] = ()

    @property
    def answered_by(self) -> tuple[Role, ...]:
        """All roles that may answer it."""
        return (*self.roles, *self.also)


class Waiting(NamedTuple):
    """A matter before its article and its deadline are looked up."""

    id: str
    roles: tuple[Role, ...]
    action: str
    since: date
    subject: dict[str, int]
    deadline: str | None
    also: tuple[Role, ...] = ()


def matters(center: Center, rules: RuleSet) -> tuple[Matter, ...]:
    """All open matters, in the order in which a life meets them; none once it is closed."""
    bounding = {one.id for one in agenda(center, rules) if one.status in BOUNDING}
    return tuple(
        Matter(
            id=one.id,
            roles=one.roles,
            action=one.action,
            subject=one.subject,
            article=ACTIONS[one.action].article,
            since=one.since,
            deadline=one.deadline if one.deadline in bounding else None,
            also=one.also,
        )
        for one in waiting(center)
    )


def waiting(center: Center) -> Iterator[Waiting]:
    """What waits by the state alone; whom a center waits for follows from nothing else."""
    if center.stage is Stage.APPLICATION:
        yield _formation(center)
    if center.stage is Stage.PREPARATION and center.preparation is not None:
        yield from _preparation(center.preparation)
    yield from _reports(center)
    for year, part in center.rounds.items():
        yield from _round(year, part)
    yield from _adjustments(center)
    yield from _disciplines(center)
    if center.revocation is not None:
        yield _one("revocation", Role.NDRC, "revocation.decide", center.revocation.since)
    for kind, done in center.followups.items():
        if not done:
            both = (Role.COMPETENT, Role.NDRC)
            yield Waiting(f"followup:{kind}", both, "followup.complete", center.since, {}, None)


def _one(
    name: str,
    role: Role,
    action: str,
    since: date,
    deadline: str | None = None,
    **subject: int,
) -> Waiting:
    return Waiting(name, (role,), action, since, subject, deadline)


def _formation(center: Center) -> Waiting:
    if center.formation.revision_pending:
        revised = _one("formation", Role.COMPETENT, "formation.revise", center.since)
        return revised._replace(also=(Role.LEAD,))
    if center.formation.latest_conclusion is None:
        return _one("formation", Role.ASSESSOR, "formation.assess", center.since)
    return _one("formation", Role.NDRC, "formation.decide", center.since)


def _preparation(preparation: Preparation) -> Iterator[Waiting]:
    live, end = day_of(preparation.live_since), "preparation_end"
    if preparation.confirmation == "applied":
        yield _one("confirmation", Role.COMPETENT, "confirmation.evaluate", live, end)
    elif preparation.confirmation == "evaluated":
        since = preparation.evaluated_on or live
        yield _one("confirmation", Role.NDRC, "confirmation.review", since, end)
    if preparation.extension == "pending":
        since = preparation.extension_applied or live
        yield _one("extension", Role.NDRC, "extension.decide", since, end)
    if preparation.supplement is not None:
        since = day_of(preparation.supplement_since or preparation.live_since)
        yield _one("supplement", Role.IMPLEMENTING, "confirmation.apply", since, "supplement")
    if preparation.passed and not preparation.held:
        since = max(live, preparation.end.due + timedelta(days=1))
        yield _one("lapse", Role.NDRC, "preparation.lapse", since, end)


def _reports(center: Center) -> Iterator[Waiting]:
    for year, report in center.reports.items():
        if report.status in ("open", "returned"):
            name, since = f"annual_report:{year}", day_of(report.live_since)
            yield _one(name, Role.COMPETENT, "report.submit", since, name, year=year)


def _round(year: int, part: Round) -> Iterator[Waiting]:
    name, since = f"evaluation:{year}", day_of(part.live_since)
    materials, close = f"evaluation_materials:{year}", f"evaluation_close:{year}"
    if part.status in ("open", "returned"):
        if part.close_overdue and not part.taken_part:
            passed = part.close.due + timedelta(days=1)
            yield _one(name, Role.NDRC, "evaluation.deem_abandoned", passed, close, year=year)
        else:
            yield _one(name, Role.IMPLEMENTING, "evaluation.submit", since, materials, year=year)
    elif part.status == "submitted":
        yield _one(name, Role.COMPETENT, "evaluation.endorse", since, materials, year=year)
    elif part.status == "endorsed":
        if part.assessed:
            yield _one(name, Role.NDRC, "evaluation.grade", since, close, year=year)
        else:
            yield _one(name, Role.ASSESSOR, "evaluation.assess", since, close, year=year)
    elif part.status == "graded":
        yield from _concurrence(year, part)


def _concurrence(year: int, part: Round) -> Iterator[Waiting]:
    """The authorities whose answer is missing; NDRC once one objects or both concur."""
    name, close = f"evaluation:{year}", f"evaluation_close:{year}"
    since = part.graded_on or day_of(part.live_since)
    answers = {Role.CUSTOMS: part.customs, Role.TAX: part.tax}
    for authority, answer in answers.items():
        if answer is None:
            own = f"{name}:{authority}"
            yield _one(own, authority, "evaluation.concur", since, close, year=year)
    if False in answers.values():
        yield _one(name, Role.NDRC, "evaluation.grade", since, close, year=year)
    elif None not in answers.values():
        yield _one(name, Role.NDRC, "evaluation.confirm", since, close, year=year)


def _adjustments(center: Center) -> Iterator[Waiting]:
    for case, one in enumerate(center.adjustments, start=1):
        name = f"adjustment:{case}"
        if one.status == "reported":
            yield _one(name, Role.COMPETENT, "adjustment.review", one.opened, case=case)
        elif one.status == "proposed":
            yield _one(name, Role.NDRC, "adjustment.decide", one.opened, case=case)


def _disciplines(center: Center) -> Iterator[Waiting]:
    for case, one in enumerate(center.disciplines, start=1):
        name, opened = f"rectification:{case}", day_of(one.opened)
        if one.status == "open":
            yield _one(name, Role.IMPLEMENTING, "discipline.report", opened, name, case=case)
        elif one.status == "reported":
            yield _one(name, Role.NDRC, "discipline.close", opened, name, case=case)
