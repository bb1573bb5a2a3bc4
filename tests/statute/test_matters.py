"""The open matters of a center: what waits, for whom, and which act would answer it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neiic.statute import agenda
from neiic.statute.lights import close_days, close_from
from neiic.statute.matters import Matter, matters
from neiic.statute.periods import day_of, start_of
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import ActionView, actions_for
from neiic.statute.state import Center, Preparation, Round
from neiic.statute.terms import Role, Stage
from neiic.statute.waiting import waiting_for
from tests.statute.begun import CONFIRMING, DOCUMENT, Begun, applied, approved, confirmed, extend
from tests.statute.random_lives import RandomLife

LIVES = 250


def by_the_contract(center: Center) -> set[Role]:
    """Whom the contract's sentence on ``waiting_for`` names, written apart from the law's code."""
    found: set[Role] = set()
    if center.stage is Stage.APPLICATION:
        assessed = Role.NDRC if center.formation.latest_conclusion else Role.ASSESSOR
        found.add(Role.COMPETENT if center.formation.revision_pending else assessed)
    if center.stage is Stage.PREPARATION and center.preparation:
        found |= set(_of_preparation(center.preparation))
    found |= {
        Role.COMPETENT for one in center.reports.values() if one.status in ("open", "returned")
    }
    for part in center.rounds.values():
        found |= set(_of_round(part))
    cases = {"reported": Role.COMPETENT, "proposed": Role.NDRC}
    found |= {cases[one.status] for one in center.adjustments if one.status in cases}
    orders = {"open": Role.IMPLEMENTING, "reported": Role.NDRC}
    found |= {orders[one.status] for one in center.disciplines if one.status in orders}
    if center.revocation:
        found.add(Role.NDRC)
    if False in center.followups.values():
        found |= {Role.COMPETENT, Role.NDRC}
    return found


def _of_preparation(preparation: Preparation) -> Iterator[Role]:
    if preparation.confirmation == "applied":
        yield Role.COMPETENT
    if preparation.confirmation == "evaluated" or preparation.extension == "pending":
        yield Role.NDRC
    if preparation.supplement:
        yield Role.IMPLEMENTING
    if preparation.passed and not preparation.held:
        yield Role.NDRC


def _of_round(part: Round) -> Iterator[Role]:
    if part.status in ("open", "returned"):
        late = part.close_overdue and not part.taken_part
        yield Role.NDRC if late else Role.IMPLEMENTING
    if part.status == "submitted":
        yield Role.COMPETENT
    if part.status == "endorsed":
        yield Role.NDRC if part.assessed else Role.ASSESSOR
    if part.status == "graded":
        answers = (part.customs, part.tax)
        if part.customs is None:
            yield Role.CUSTOMS
        if part.tax is None:
            yield Role.TAX
        if False in answers or None not in answers:
            yield Role.NDRC


def check(one: RandomLife) -> None:
    center, rules = one.life.center, one.rules
    open_matters = matters(center, rules)
    roles = {role for matter in open_matters for role in matter.roles}
    assert roles == set(waiting_for(center)) == by_the_contract(center)
    names = [matter.id for matter in open_matters]
    assert len(names) == len(set(names)), "an id names one matter"
    live = {d.id: d.status for d in agenda(center, rules)}
    for matter in open_matters:
        assert matter.article
        assert matter.since <= day_of(center.clock)
        assert matter.deadline is None or live[matter.deadline] in ("open", "overdue")
        for role in matter.roles:
            assert matter.subject in offered(one, matter, role).choices


def offered(one: RandomLife, matter: Matter, role: Role) -> ActionView:
    center = one.life.center
    views = {view.action: view for view in actions_for(center, role, center.clock, one.rules)}
    assert matter.action in views, f"{role} may not do {matter.action} for {matter.id}"
    return views[matter.action]


@settings(
    max_examples=LIVES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**48))
def test_matters_are_what_a_center_waits_for_and_can_be_answered(seed: int) -> None:
    one = RandomLife(seed)
    check(one)
    for action, message in one.play(steps=one.dice.randrange(5, 40)):
        one.life.act(action, message, one.now)
        check(one)


# One life after another -----------------------------------------------------------------------


def only(life: Begun, name: str) -> Matter:
    [found] = [matter for matter in matters(life.center, life.rules) if matter.id == name]
    return found


def waits(life: Begun) -> dict[str, tuple[str, str | None]]:
    return {one.id: (one.action, one.deadline) for one in matters(life.center, life.rules)}


def test_an_application_waits_for_its_assessment_then_for_ndrc() -> None:
    life = Begun()
    assert only(life, "formation") == Matter(
        id="formation",
        roles=(Role.ASSESSOR,),
        action="formation.assess",
        subject={},
        article="第十五条",
        since=date(2031, 3, 3),
        deadline=None,
    )
    life.must(
        "2031-05-06", "assessor", "formation.assess",
        agency="丙", conclusion="support", opinion="可行",
    )  # fmt: skip
    assert only(life, "formation").action == "formation.decide"
    life.must("2031-05-07", "ndrc", "formation.request_revision", comments="完善")
    assert only(life, "formation").roles == (Role.COMPETENT,)


def test_a_confirmation_is_bound_by_the_end_until_it_holds_it() -> None:
    life = approved()
    applied(life, "2034-06-01")
    assert waits(life)["confirmation"] == ("confirmation.evaluate", "preparation_end")
    life.must("2034-06-05", "competent", "confirmation.evaluate", outcome="pass", comments="好")
    found = only(life, "confirmation")
    assert (found.roles, found.since) == ((Role.NDRC,), date(2034, 6, 5))
    life.wait(start_of(date(2034, 7, 1)))
    assert life.status("preparation_end") == "held"
    assert waits(life)["confirmation"] == ("confirmation.review", None)


def test_an_extension_and_its_day() -> None:
    life = approved()
    assert extend(life, "2034-05-02") is None
    found = only(life, "extension")
    assert (found.since, found.deadline) == (date(2034, 5, 2), "preparation_end")


def test_what_is_past_under_confirming_rules_waits_for_ndrc() -> None:
    life = approved(CONFIRMING)
    life.wait(start_of(date(2034, 7, 1)))
    end = next(d for d in agenda(life.center, life.rules) if d.id == "preparation_end")
    found = only(life, "lapse")
    assert (found.action, found.deadline) == ("preparation.lapse", "preparation_end")
    assert found.since == end.due.due + timedelta(days=1)


def test_reports_and_rounds_carry_their_year() -> None:
    life = confirmed()
    life.wait(start_of(date(2035, 4, 2)))
    found = only(life, "annual_report:2034")
    assert (found.subject, found.action) == ({"year": 2034}, "report.submit")
    assert only(life, "evaluation:2035").deadline == "evaluation_materials:2035"


def test_customs_and_tax_wait_apart() -> None:
    life = confirmed()
    year = {"year": 2035}
    for role, action, data in (
        ("implementing", "evaluation.submit", {"materials": "材料", "indicators": {}}),
        ("competent", "evaluation.endorse", {"outcome": "endorse", "comments": "同意"}),
        ("assessor", "evaluation.assess", {"agency": "丁", "opinion": "好"}),
        ("ndrc", "evaluation.grade", {"grade": "qualified", "reason": "达标"}),
    ):
        life.must("2035-05-10", role, action, **year, **data)
    both = {"evaluation:2035:customs", "evaluation:2035:tax"}
    assert both <= set(waits(life))
    for role in ("customs", "tax"):
        agrees = role == "tax"
        life.must("2035-05-12", role, "evaluation.concur", authority=role, concur=agrees, **year)
    assert waits(life)["evaluation:2035"] == ("evaluation.grade", "evaluation_close:2035")
    life.must(
        "2035-05-13", "customs", "evaluation.concur", authority="customs", concur=True, **year
    )
    assert waits(life)["evaluation:2035"] == ("evaluation.confirm", "evaluation_close:2035")


def test_cases_and_the_procedure() -> None:
    life = confirmed()
    life.must("2034-02-01", "implementing", "adjustment.report", kind="equity", description="增资")
    life.must(
        "2034-02-02", "ndrc", "discipline.open",
        facts="不实", severity="ordinary", rectify_by="2034-05-01", **DOCUMENT,
    )  # fmt: skip
    life.must("2034-02-03", "ndrc", "discipline.open", facts="造假", severity="serious", **DOCUMENT)
    assert only(life, "adjustment:1").subject == {"case": 1}
    assert waits(life)["rectification:1"] == ("discipline.report", "rectification:1")
    assert only(life, "revocation").since == date(2034, 2, 3)
    life.must(
        "2034-03-01", "ndrc", "revocation.decide",
        decision="revoke", document_date="2034-03-01", reason="造假", **DOCUMENT,
    )  # fmt: skip
    owed = [one for one in matters(life.center, life.rules) if one.id.startswith("followup:")]
    assert [one.id for one in owed] == ["followup:name_withdrawal", "followup:credit_listing"]
    assert all(one.roles == (Role.COMPETENT, Role.NDRC) for one in owed)
    assert set(waits(life)) == {one.id for one in owed}


# Lights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        ("preparation_end", 30),
        ("annual_report", 7),
        ("evaluation_materials", 30),
        ("rectification", 30),
        ("supplement", 7),
        ("evaluation_close", 7),
    ],
)
def test_a_deadline_is_close_from_the_last_rung_but_one(kind: str, days: int) -> None:
    assert close_days(kind, LIBRARY["cn-2026"]) == days  # type: ignore[arg-type]


def test_a_single_rung_counts_and_what_is_upcoming_is_not_close() -> None:
    rules = LIBRARY.derive(LIBRARY["cn-2026"], {"remind_before": {"annual_report": [20]}}, "one")
    assert close_days("annual_report", rules) == 20
    life = approved()
    found = {d.id: close_from(d, life.rules) for d in agenda(life.center, life.rules)}
    end = next(d for d in agenda(life.center, life.rules) if d.id == "preparation_end")
    assert found == {
        "preparation_end": start_of(end.due.due - timedelta(days=30)),
        "annual_report:2031": None,
    }
