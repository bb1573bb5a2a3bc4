"""What may be done and what may not yet be done are the whole of a role's actions, always."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neiic.statute.acts import Act, Actor, Refused
from neiic.statute.deciding import decide
from neiic.statute.notices import unit_of
from neiic.statute.prospects import Prospect, not_yet, without_field
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import Role
from tests.statute.begun import CONFIRMING, UNITS, Begun, applied, approved, at, confirmed, extend
from tests.statute.random_lives import RandomLife


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**48))
def test_in_random_lives_every_action_is_either_offered_or_explained(seed: int) -> None:
    one = RandomLife(seed)
    for action, message in one.play(steps=12):
        one.life.act(action, message, one.now)
        for role in Role:
            offered = [v.action for v in actions_for(one.life.center, role, one.now, one.rules)]
            explained = not_yet(one.life.center, role, one.now, one.rules)
            names = [*offered, *(prospect.action for prospect in explained)]
            assert sorted(names) == sorted(n for n, a in ACTIONS.items() if role in a.roles)
            for prospect in explained:
                check(prospect)


def check(prospect: Prospect) -> None:
    assert prospect.article
    assert prospect.code not in ("invalid", "bad_document_date", "exceeds_limit")
    for message in (prospect.message_zh, prospect.message_en):
        assert message.endswith(("。", ".")), message
        assert "data." not in message, message
        assert "None" not in message, message


def why(life: Begun, role: str, action: str, when: str) -> Prospect:
    found = not_yet(life.center, Role(role), at(when), life.rules)
    return next(one for one in found if one.action == action)


def test_another_stage_gets_the_refusal_that_the_act_itself_would_get() -> None:
    life = approved()
    shown = why(life, "ndrc", "formation.decide", "2031-07-01")
    act = Act(
        action="formation.decide",
        decision_id="x",
        actor=Actor(user="u", role=Role.NDRC),
        data={"decision": "approve", "document_no": "1", "document_date": "2031-07-01"},
    )
    refused = decide(life.center, act, at("2031-07-01"), life.rules, {})
    assert isinstance(refused, Refused)
    assert (
        (shown.code, shown.article)
        == (refused.code, refused.article)
        == (
            "wrong_stage",
            ACTIONS["formation.decide"].article,
        )
    )
    assert (shown.message_zh, shown.message_en) == (refused.message_zh, refused.message_en)


def test_within_the_stage_the_rule_itself_says_why() -> None:
    life = approved()
    assert why(life, "ndrc", "extension.decide", "2031-07-01").code == "not_pending"
    extend(life, "2034-01-05", until="2034-12-01")
    assert why(life, "competent", "extension.apply", "2034-02-01").code == "already_used"
    assert "2034-06-16" in why(life, "implementing", "confirmation.apply", "2034-07-01").message_zh
    automatic = why(life, "ndrc", "preparation.lapse", "2034-02-01")
    assert "规则集" in automatic.message_zh
    assert why(approved(CONFIRMING), "ndrc", "preparation.lapse", "2032-02-01").code == "too_early"


def test_a_report_or_round_that_is_still_to_come_says_when_it_opens() -> None:
    life = confirmed()
    for year in (2031, 2032):
        life.must(
            "2033-12-19", "competent", "report.submit", year=year, summary="好", indicators={}
        )
    early = why(life, "competent", "report.submit", "2033-12-20")
    assert early.message_zh == "2033 年度报告自 2034 年 1 月 1 日起报送。"
    materials = why(life, "implementing", "evaluation.submit", "2033-12-20")
    assert materials.code == "too_early"
    assert "2035-03-01" in materials.message_zh


def test_a_grade_waits_for_the_opinion_and_its_confirmation_for_both_authorities() -> None:
    life = confirmed()
    life.must(
        "2035-04-01", "implementing", "evaluation.submit",
        year=2035, materials="材料", indicators={},
    )  # fmt: skip
    life.must(
        "2035-04-02", "competent", "evaluation.endorse",
        year=2035, outcome="endorse", comments="可",
    )  # fmt: skip
    assert why(life, "ndrc", "evaluation.grade", "2035-04-03").code == "assessment_missing"
    life.must("2035-04-03", "assessor", "evaluation.assess", year=2035, agency="丁", opinion="好")
    life.must("2035-04-04", "ndrc", "evaluation.grade", year=2035, grade="qualified", reason="好")
    assert why(life, "ndrc", "evaluation.confirm", "2035-04-05").code == "concurrence_missing"


def test_where_no_case_waits_it_says_so_without_a_number() -> None:
    shown = why(approved(), "competent", "adjustment.review", "2031-07-01")
    assert shown.message_zh == "现无等待“审核方案调整”的事项。"


def test_asking_changes_nothing() -> None:
    life = approved()
    applied(life, "2033-09-01")
    before = life.center
    for role in Role:
        not_yet(life.center, role, at("2033-10-01"), life.rules)
    assert life.center is before
    assert unit_of(before, Role.LEAD) == UNITS["lead"]


@pytest.mark.parametrize(
    ("message", "plain"),
    [
        ("data.year：2034 年", "2034 年"),
        ("data.until: preparation", "preparation"),
        ("没有待决定的延期申请。", "没有待决定的延期申请。"),
        ("An extension: no", "An extension: no"),
    ],
)
def test_the_fields_name_goes(message: str, plain: str) -> None:
    assert without_field(message) == plain


def test_what_cannot_be_undone_says_what_in_both_languages() -> None:
    lasting = {name for name, action in ACTIONS.items() if action.irreversible}
    assert lasting == {
        "formation.decide",
        "formation.withdraw",
        "extension.apply",
        "extension.decide",
        "confirmation.evaluate",
        "confirmation.review",
        "preparation.lapse",
        "evaluation.opt_in",
        "evaluation.confirm",
        "evaluation.deem_abandoned",
        "adjustment.decide",
        "discipline.open",
        "discipline.close",
        "revocation.decide",
        "followup.complete",
        "ruleset.move",
    }
    for name in lasting:
        assert ACTIONS[name].lasting_zh.endswith("。")
        assert ACTIONS[name].lasting_en.endswith(".")
