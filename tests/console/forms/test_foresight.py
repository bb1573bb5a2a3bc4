"""What is foretold is what happens, said so that a person can decide by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neiic.activities.calendar import HolidayCalendar
from neiic.console.forms.changes import Line, changed
from neiic.console.forms.foresight import Foresight, foresee, outlooks
from neiic.previewing import previewed
from neiic.statute.acts import Refused
from neiic.statute.deciding import unfold
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import actions_for, snapshot
from neiic.statute.terms import Role
from tests.statute.begun import UNITS, Begun, applied, approved, at, confirmed, extend
from tests.statute.lives import weekends_only
from tests.statute.random_lives import RandomLife


def said(foresight: Foresight, kind: str | None = None) -> list[str]:
    return [line.text for line in foresight.lines if kind in (None, line.kind)]


def message(role: str, **data: Any) -> dict[str, Any]:
    return {
        "decision_id": "d",
        "actor": {"user": "u", "role": role, "unit": UNITS.get(role, "某单位")},
        "data": data,
    }


def assessed(conclusion: str = "support") -> Begun:
    life = Begun()
    life.must(
        "2031-05-06", "assessor", "formation.assess",
        agency="丙", conclusion=conclusion, opinion="意见",
    )  # fmt: skip
    return life


APPROVE = {"decision": "approve", "document_no": "1", "document_date": "2031-06-17"}


def test_an_approval_says_until_when_and_why_not_the_day_before() -> None:
    center = assessed().center
    when, calendar = at("2031-06-17T10:00"), HolidayCalendar()
    found = foresee(
        center, "formation.decide", message("ndrc", **APPROVE), when, calendar.resolve, "zh"
    )
    assert found.refusal is None
    assert said(found, "stage") == ["进入筹建期，至 2034年6月19日（原 6月17日 为星期六，顺延）"]
    assert "名称为“智能铸造国家新兴产业创新中心（筹）”" in said(found, "name")
    assert "2031年度报告：自 2032年1月1日 起，至 2032年2月29日" in said(found, "deadline")
    assert said(found, "told") == ["通知：某省发展和改革委员会、甲公司、乙公司"]
    en = foresee(
        center, "formation.decide", message("ndrc", **APPROVE), when, calendar.resolve, "en"
    )
    assert said(en, "stage") == [
        "Preparation begins and lasts until 19 June 2034 (moved from 17 June: Saturday)"
    ]


def test_a_warning_is_said_though_a_reason_overrides_it() -> None:
    center = assessed("oppose").center
    when = at("2031-06-17T10:00")
    bare = foresee(
        center, "formation.decide", message("ndrc", **APPROVE), when, weekends_only, "zh"
    )
    assert bare.refusal is not None
    assert [error.field for error in bare.errors] == ["data.reason"]
    given_reason = foresee(
        center, "formation.decide", message("ndrc", reason="已核", **APPROVE), when,
        weekends_only, "zh",
    )  # fmt: skip
    assert given_reason.refusal is None
    (warning,) = given_reason.warnings
    assert "论证结论" in warning
    assert not warning.startswith("data.")


def test_before_anything_is_typed_each_decision_says_where_it_leads() -> None:
    found = outlooks(
        assessed().center, "formation.decide", {}, at("2031-06-17T10:00"), weekends_only, "zh",
        Role.NDRC,
    )  # fmt: skip
    assert [(one.field, one.value, one.label) for one in found] == [
        ("data.decision", "approve", "同意组建"),
        ("data.decision", "reject", "不予同意"),
    ]
    approve, reject = (one.foresight for one in found)
    assert said(approve, "stage")[0].startswith("进入筹建期，至 2034年6月19日")
    assert said(reject, "stage") == ["就此终结：未予批准"]


def test_a_decision_that_is_not_possible_yet_says_why() -> None:
    approve, reject = outlooks(
        Begun().center, "formation.decide", {}, at("2031-06-17T10:00"), weekends_only, "zh",
        Role.NDRC,
    )  # fmt: skip
    assert approve.foresight.refusal is not None
    assert approve.foresight.refusal.code == "assessment_missing"
    assert reject.foresight.refusal is None


def test_an_extension_moves_the_end_from_one_day_to_another() -> None:
    life = approved()
    applying = outlooks(
        life.center, "extension.apply", {}, at("2034-01-05"), weekends_only, "zh", Role.COMPETENT
    )
    assert any("唯一一次" in text for text in said(applying[0].foresight, "matter"))
    extend(life, "2034-01-05", until="2034-12-01")
    grant, refuse = outlooks(
        life.center, "extension.decide", {}, at("2034-02-01"), weekends_only, "zh", Role.NDRC
    )
    assert "筹建期届满：由 2034年6月16日 改为 2034年12月1日" in said(grant.foresight, "deadline")
    assert any("不得再次申请" in text for text in said(refuse.foresight, "matter"))


def test_a_refusal_after_the_end_ends_the_center_and_says_what_is_owed() -> None:
    life = approved()
    extend(life, "2034-01-05", until="2034-12-01")
    life.wait(at("2034-07-01"))
    _, refuse = outlooks(
        life.center, "extension.decide", {}, at("2034-07-02"), weekends_only, "zh", Role.NDRC
    )
    assert said(refuse.foresight, "stage") == ["就此终结：取消资格"]
    assert said(refuse.foresight, "followup") == ["后续事宜：后续事宜处理"]
    assert said(refuse.foresight, "waiting") == ["此后由国家发展改革委、主管单位办理"]


def test_a_confirmation_sends_letters() -> None:
    life = approved()
    applied(life, "2033-09-01")
    life.must("2033-09-20", "competent", "confirmation.evaluate", outcome="pass", comments="好")
    confirm, *_ = outlooks(
        life.center, "confirmation.review", {}, at("2033-12-05"), weekends_only, "zh", Role.NDRC
    )
    assert said(confirm.foresight, "letter") == ["函告：海关总署、税务总局"]
    assert said(confirm.foresight, "stage") == ["进入运行"]
    assert "2035年运行评价材料：自 2035年3月1日 起，至 2035年6月30日" in said(
        confirm.foresight, "deadline"
    )


def test_a_case_is_rectified_by_the_day_that_will_be_named() -> None:
    ordinary, serious = outlooks(
        confirmed().center, "discipline.open", {}, at("2034-01-05"), weekends_only, "zh", Role.NDRC
    )
    assert "整改期限（1）：至 您所定的日期" in said(ordinary.foresight, "deadline")
    assert "启动撤销程序，由国家发展改革委决定" in said(serious.foresight, "procedure")


def test_a_report_on_rectification_goes_to_those_who_opened_the_case() -> None:
    life = confirmed()
    life.must(
        "2034-01-05", "ndrc", "discipline.open",
        facts="不实", severity="ordinary", rectify_by="2034-06-01", document_no="1",
    )  # fmt: skip
    (report,) = outlooks(
        life.center, "discipline.report", {"case": 1}, at("2034-02-05"), weekends_only, "zh",
        Role.IMPLEMENTING,
    )  # fmt: skip
    assert said(report.foresight, "matter") == ["第 1 号整改事项：待国家发展改革委审核"]


def test_what_only_goes_on_record_says_so() -> None:
    (note,) = outlooks(
        approved().center, "supervision.note", {}, at("2031-07-05"), weekends_only, "zh", Role.NDRC
    )
    assert note.label == ""
    assert said(note.foresight, "record") == ["记入档案，其他不变"]


def test_what_time_has_done_is_not_laid_at_the_acts_door() -> None:
    life = approved()
    (note,) = outlooks(
        life.center, "supervision.note", {}, at("2032-01-05"), weekends_only, "zh", Role.NDRC
    )
    assert said(note.foresight) == ["记入档案，其他不变", "通知：某省发展和改革委员会"]
    (late,) = outlooks(
        life.center, "supervision.note", {}, at("2034-07-05"), weekends_only, "zh", Role.NDRC
    )
    assert late.foresight.refusal is not None
    assert late.foresight.refusal.code == "wrong_stage"


def test_an_extension_whose_planned_day_has_passed_needs_another_day() -> None:
    life = approved()
    extend(life, "2034-01-05", until="2034-06-20")
    grant, _ = outlooks(
        life.center, "extension.decide", {}, at("2034-07-05"), weekends_only, "zh", Role.NDRC
    )
    assert "筹建期届满：由 2034年6月16日 改为 您所定的日期" in said(grant.foresight, "deadline")


def test_after_an_act_the_same_words_say_what_happened() -> None:
    life = approved()
    before = snapshot(life.center, life.rules)
    extend(life, "2034-01-05", until="2034-12-01")
    lines = changed(before, snapshot(life.center, life.rules), "zh")
    assert Line("waiting", "此后由国家发展改革委、主管单位办理") in lines


@settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.integers(0, 2**48))
def test_in_random_lives_every_act_on_offer_has_an_outlook(seed: int) -> None:
    one = RandomLife(seed)
    for action, sent in one.play(steps=4):
        one.life.act(action, sent, one.now)
        for role in Role:
            for view in actions_for(one.life.center, role, one.now, one.rules):
                check(one, view.action, view.choices[0], role)


def check(one: RandomLife, action: str, subject: dict[str, int], role: Role) -> None:
    for language in ("zh", "en"):
        for outlook in outlooks(
            one.life.center, action, subject, one.now, weekends_only, language, role
        ):
            for line in outlook.foresight.lines:
                assert line.text
                assert "%(" not in line.text
            refusal = outlook.foresight.refusal
            assert refusal is None or refusal.code not in ("invalid", "role_not_allowed")


@pytest.mark.parametrize("seed", range(20))
def test_what_is_foretold_is_what_the_law_then_does(seed: int) -> None:
    one = RandomLife(seed)
    for action, sent in one.play(steps=8):
        center = one.life.center
        foretold = foresee(center, action, sent, one.now, weekends_only, "zh")
        found = previewed(center, action, sent, one.now, weekends_only)
        refused = one.life.act(action, sent, one.now)
        assert foretold.refusal == refused
        if isinstance(found, Refused):
            assert foretold.lines == ()
            continue
        after, _ = (
            unfold(center, found.events, LIBRARY[center.rule_set]) if found.events else (center, [])
        )
        assert after == one.life.center
