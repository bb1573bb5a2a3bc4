"""Whom a center waits for: the roles that its open matters need (the contract's ``waiting_for``)."""

from __future__ import annotations

from collections.abc import Iterator

from neiic.statute.state import Center, Preparation, Round
from neiic.statute.terms import Role, Stage


def waiting_for(center: Center) -> tuple[Role, ...]:
    """The roles, each once, in the order in which the statute lists them."""
    found = set(_roles(center))
    return tuple(role for role in Role if role in found)


def _roles(center: Center) -> Iterator[Role]:
    if center.stage is Stage.APPLICATION:
        yield _formation(center)
    if center.stage is Stage.PREPARATION and center.preparation is not None:
        yield from _preparation(center.preparation)
    if any(report.status in ("open", "returned") for report in center.reports.values()):
        yield Role.COMPETENT
    for part in center.rounds.values():
        yield from _round(part)
    for case in center.adjustments:
        if case.status == "reported":
            yield Role.COMPETENT
        elif case.status == "proposed":
            yield Role.NDRC
    for discipline in center.disciplines:
        if discipline.status == "open":
            yield Role.IMPLEMENTING
        elif discipline.status == "reported":
            yield Role.NDRC
    if center.revocation is not None:
        yield Role.NDRC
    if not all(center.followups.values()):
        yield Role.COMPETENT
        yield Role.NDRC


def _formation(center: Center) -> Role:
    if center.formation.revision_pending:
        return Role.COMPETENT
    return Role.NDRC if center.formation.latest_conclusion else Role.ASSESSOR


def _preparation(preparation: Preparation) -> Iterator[Role]:
    if preparation.confirmation == "applied":
        yield Role.COMPETENT
    elif preparation.confirmation == "evaluated":
        yield Role.NDRC
    if preparation.extension == "pending":
        yield Role.NDRC
    if preparation.supplement is not None:
        yield Role.IMPLEMENTING
    if preparation.passed and not preparation.held:
        yield Role.NDRC


def _round(part: Round) -> Iterator[Role]:
    if part.status in ("open", "returned"):
        closed_without = part.close_overdue and not part.taken_part
        yield Role.NDRC if closed_without else Role.IMPLEMENTING
    elif part.status == "submitted":
        yield Role.COMPETENT
    elif part.status == "endorsed":
        yield Role.NDRC if part.assessed else Role.ASSESSOR
    elif part.status == "graded":
        answers = {Role.CUSTOMS: part.customs, Role.TAX: part.tax}
        yield from (authority for authority, answer in answers.items() if answer is None)
        if False in answers.values() or None not in answers.values():
            yield Role.NDRC
