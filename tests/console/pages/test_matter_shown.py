"""What somebody decides on stands beside the decision: which acts those are, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event as sqlalchemy_event

from neiic.console.acting import Drafted, Proposed, new_decision_id, propose
from neiic.console.pages.matter_shown import answered, answers_something
from neiic.console.pages.telling import details
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import Role
from tests.console.conftest import APPLIED, PREPARED
from tests.console.house import Console
from tests.records.lives import Life, approved, confirm, evaluate, eventful


def kinds(life: Life, action: str, **subject: int) -> list[str]:
    return [one.kind for one in answered(action, subject, life.center, life.events)]


def shown(life: Life, action: str, **subject: int) -> list[int]:
    return [one.sequence for one in answered(action, subject, life.center, life.events)]


# Which acts -------------------------------------------------------------------------------------


def revised() -> Life:
    """Assessed, sent back, improved."""
    life = Life(APPLIED, "run-3", "2031-03-03T09:00")
    assessed = {"agency": "丙机构", "conclusion": "revise", "opinion": "目标不够具体"}
    life.act("2031-04-01T09:00", Role.ASSESSOR, "formation.assess", **assessed)
    life.act("2031-04-08T09:00", Role.NDRC, "formation.request_revision", comments="请量化目标")
    life.act("2031-05-06T09:00", Role.COMPETENT, "formation.revise", summary="已量化")
    return life


def test_a_formation_rests_on_the_recommendation_and_all_that_came_of_it() -> None:
    life = revised()
    whole = [
        "center.registered",
        "formation.assess",
        "formation.request_revision",
        "formation.revise",
    ]
    assert kinds(life, "formation.decide") == whole
    assert kinds(life.but_at(3), "formation.revise") == whole[:3]
    assert kinds(life.but_at(1), "formation.assess") == whole[:1]


def returned() -> Life:
    """Returned for supplement once, then applied for again."""
    life = approved()
    again = {"summary_report": "总结报告", "evidence": ["材料一", "材料二"]}
    for month in ("09", "11"):
        life.act(f"2033-{month}-01T09:00", Role.IMPLEMENTING, "confirmation.apply", **again)
        passed = {"outcome": "pass", "comments": "通过"}
        life.act(f"2033-{month}-09T09:00", Role.COMPETENT, "confirmation.evaluate", **passed)
        if month == "09":
            back = {
                "decision": "return",
                "reason": "补充审计报告",
                "document_no": "发改〔2033〕1号",
            }
            dated = {"document_date": "2033-09-20"}
            life.act("2033-09-20T09:00", Role.NDRC, "confirmation.review", **back, **dated)
    return life


def test_a_review_rests_on_the_present_application_only() -> None:
    life = returned()
    apply, evaluate_ = [one for one in life.events if one.actor is not None][-2:]
    assert shown(life, "confirmation.review") == [apply.sequence, evaluate_.sequence]
    assert shown(life.but_at(-1), "confirmation.evaluate") == [apply.sequence]


def test_applying_again_answers_why_it_was_returned() -> None:
    assert kinds(returned().but_at(-2), "confirmation.apply") == [
        "confirmation.apply",
        "confirmation.evaluate",
        "confirmation.review",
    ]


def test_an_extension_is_decided_on_by_its_application_and_a_lapse_by_all_of_them() -> None:
    life = approved()
    asked = {
        "reasons": "设备晚到",
        "measures": "赶工",
        "planned_completion": "2034-12-01",
        "letter_no": "宁发改〔2034〕5号",
    }
    life.act("2034-04-03T09:00", Role.COMPETENT, "extension.apply", **asked)
    assert kinds(life, "extension.decide") == ["extension.apply"]
    decided = {"decision": "refuse", "reason": "理由不足", "document_no": "发改〔2034〕1号"}
    life.act(
        "2034-05-08T09:00", Role.NDRC, "extension.decide", **decided, document_date="2034-05-08"
    )
    assert kinds(life, "preparation.lapse") == ["extension.apply", "extension.decide"]


def test_rounds_reports_and_cases_rest_on_those_of_their_own_number() -> None:
    life = eventful()
    assert kinds(life, "evaluation.confirm", year=2035) == [
        "evaluation.submit",
        "evaluation.endorse",
        "evaluation.assess",
        "evaluation.grade",
        "evaluation.concur",
        "evaluation.concur",
        "evaluation.confirm",
    ]
    assert kinds(life, "evaluation.confirm", year=2038) == []
    [report] = answered("report.return", {"year": 2031}, life.center, life.events)
    assert report.data["year"] == 2031
    assert kinds(life, "discipline.close", case=1) == [
        "discipline.open",
        "discipline.report",
        "discipline.close",
    ]
    assert kinds(life, "discipline.close", case=2) == []
    assert kinds(life, "discipline.close") == []


def test_an_adjustment_rests_on_its_own_case() -> None:
    life = approved()
    for day, text in (("01", "甲"), ("02", "乙")):
        told = {"kind": "functional", "description": text}
        life.act(f"2031-07-{day}T09:00", Role.IMPLEMENTING, "adjustment.report", **told)
    review = {"case": 2, "outcome": "approve", "comments": "拟同意"}
    life.act("2031-07-08T09:00", Role.COMPETENT, "adjustment.review", **review)
    assert kinds(life, "adjustment.decide", case=2) == ["adjustment.report", "adjustment.review"]
    [first] = answered("adjustment.review", {"case": 1}, life.center, life.events)
    assert first.data["description"] == "甲"


def accused() -> Life:
    """Confirmed, one case rectified, a serious one opened."""
    life = approved()
    confirm(life)
    opened = {"facts": "未按时报送", "severity": "ordinary", "document_no": "发改〔2034〕7号"}
    life.act("2034-02-01T09:00", Role.NDRC, "discipline.open", rectify_by="2034-05-01", **opened)
    done = {"case": 1, "outcome": "rectified", "comments": "属实"}
    life.act("2034-04-20T09:00", Role.NDRC, "discipline.close", **done)
    serious = {"facts": "弄虚作假", "severity": "serious", "document_no": "发改〔2034〕9号"}
    life.act("2034-06-01T09:00", Role.NDRC, "discipline.open", **serious)
    return life


def revoke(life: Life, at: str) -> None:
    told = {"decision": "revoke", "document_no": "发改〔2039〕9号", "document_date": at}
    life.act(f"{at}T10:00", Role.NDRC, "revocation.decide", reason="情节严重", **told)


def test_a_revocation_rests_on_the_cases_that_are_its_grounds() -> None:
    [ground] = answered("revocation.decide", {}, accused().center, accused().events)
    assert ground.data["facts"] == "弄虚作假"


def graded(life: Life, year: int, grade: str) -> None:
    life.wait(f"{year}-05-10T09:00")
    one = {"year": year}
    life.act(
        f"{year}-05-10T09:00",
        Role.IMPLEMENTING,
        "evaluation.submit",
        materials="材料",
        indicators={},
        **one,
    )
    endorsed = {"outcome": "endorse", "comments": "同意", **one}
    life.act(f"{year}-06-10T09:00", Role.COMPETENT, "evaluation.endorse", **endorsed)
    opinion = {"agency": "丁机构", "score": 50, "opinion": "差", **one}
    life.act(f"{year}-09-01T09:00", Role.NDRC, "evaluation.assess", **opinion)
    life.act(
        f"{year}-10-08T09:00", Role.NDRC, "evaluation.grade", grade=grade, reason="如此", **one
    )
    for hour, role in (("09", Role.CUSTOMS), ("10", Role.TAX)):
        concurs = {"authority": role.value, "concur": True, **one}
        life.act(f"{year}-10-20T{hour}:00", role, "evaluation.concur", **concurs)
    document = {"document_no": f"发改〔{year}〕3号", "document_date": f"{year}-11-20", **one}
    life.act(f"{year}-11-20T09:00", Role.NDRC, "evaluation.confirm", **document)


def test_a_revocation_rests_on_the_unqualified_grades_that_no_better_one_followed() -> None:
    life = approved()
    confirm(life)
    evaluate(life)
    for year in (2038, 2041):
        graded(life, year, "unqualified")
    found = answered("revocation.decide", {}, life.center, life.events)
    assert [(one.kind, one.data["year"]) for one in found] == [
        ("evaluation.grade", 2038),
        ("evaluation.confirm", 2038),
        ("evaluation.grade", 2041),
        ("evaluation.confirm", 2041),
    ]


def test_a_follow_up_rests_on_what_ended_the_standing() -> None:
    assert kinds(eventful(), "followup.complete") == ["evaluation.abandoned"]
    life = accused()
    revoke(life, "2034-08-01")
    done = {"kind": "credit_listing", "note": "已归集"}
    life.act("2034-09-01T09:00", Role.NDRC, "followup.complete", **done)
    assert kinds(life, "followup.complete") == ["revocation.decide", "followup.complete"]


def test_what_begins_a_matter_answers_nothing() -> None:
    life = eventful()
    free = {name for name in ACTIONS if not answers_something(name)}
    assert free == {
        "achievement.report",
        "adjustment.report",
        "discipline.open",
        "ruleset.move",
        "supervision.note",
    }
    assert all(kinds(life, name, case=1, year=2035) == [] for name in free)


def test_what_the_law_adds_is_told_too() -> None:
    told = dict(details("evaluation.confirm", {"year": 2035, "grade": "unqualified"}, "zh"))
    assert told["等次"] == "不合格"


# Where it stands --------------------------------------------------------------------------------

ASSESSED = {"agency": "丙机构", "conclusion": "support", "opinion": "第一段\n可行"}
RECOMMENDED = ("本事项材料", "宁发改〔2031〕1号", "2031年6月2日", "符合建设领域", "✓")


async def assess(console: Console) -> None:
    proposed = Proposed(APPLIED, "formation.assess", ASSESSED, None, new_decision_id())
    await propose(console.house, console.person("assessor"), proposed)


@contextmanager
def statements(console: Console) -> Iterator[list[str]]:
    engine, said = console.house.records.engine, list[str]()

    def hear(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("SELECT") and "FROM events" in statement:
            said.append(statement)

    sqlalchemy_event.listen(engine, "before_cursor_execute", hear)
    yield said
    sqlalchemy_event.remove(engine, "before_cursor_execute", hear)


async def test_the_form_shows_what_it_decides_on(console: Console) -> None:
    await assess(console)
    browser = console.client_as("ndrc")
    with statements(console) as said:
        text = browser.shows(f"/centers/{APPLIED}/acts/formation.decide", *RECOMMENDED)
    assert len(said) == 1
    assert (
        text.index("第一段\n可行") < text.index("宁发改〔2031〕1号") < text.index("data.decision")
    )
    with statements(console) as said:
        note = browser.shows(f"/centers/{PREPARED}/acts/supervision.note")
    assert not said
    assert "本事项材料" not in note


async def test_the_last_question_and_the_draft_show_it_too(console: Console) -> None:
    await assess(console)
    decided = {
        "data.decision": "approve",
        "data.document_no": "发改高技〔2031〕120号",
        "data.document_date": "2031-06-30",
    }
    path = f"/centers/{APPLIED}/acts/formation.decide"
    asked = console.client_as("ndrc").post(path, step="act", **decided).text
    assert asked.index("第一段\n可行") < asked.index('value="confirmed"')
    console.sign_twice("ndrc")
    data = {name.removeprefix("data."): value for name, value in decided.items()}
    proposed = Proposed(APPLIED, "formation.decide", data, None, new_decision_id())
    drafted = await propose(console.house, console.person("ndrc"), proposed)
    assert isinstance(drafted, Drafted)
    colleague = console.client_as("ndrc2")
    text = colleague.shows(f"/drafts/{drafted.draft}", *RECOMMENDED)
    assert text.index("第一段\n可行") < text.index(f"/drafts/{drafted.draft}/sign")


@pytest.mark.parametrize(("met", "word"), [(True, "✓"), (False, "未达到")])
def test_the_center_tells_its_application(console: Console, met: bool, word: str) -> None:
    life = Life("NEIIC-2031-003", "run-4", "2031-06-03T09:00")
    life.commits[0].events[0].data["requirements"]["scale"] = met
    console.write(life)
    text = console.client_as("ndrc").shows("/centers/NEIIC-2031-003", "申报情况")
    assert f"<dt>规模优势突出</dt><dd>{word}</dd>" in text
    assert "<dt>团队是否承担其他国家级平台</dt><dd>否</dd>" in text


def test_a_letter_has_its_own_date_and_the_unit_that_wrote_it(console: Console) -> None:
    life = Life("NEIIC-2031-003", "run-4", "2031-06-03T09:00")
    recommendation = life.commits[0].events[0].data["recommendation"]
    recommendation["letter_date"] = "2031-05-20"
    console.write(life)
    browser = console.client_as("ndrc")
    text = browser.shows("/documents")
    [row] = [one for one in text.split("<tr>") if "NEIIC-2031-003" in one]
    assert "2031年5月20日" in row
    assert "宁夏回族自治区发展和改革委员会" in row
    entry = browser.shows("/centers/NEIIC-2031-003").partition('id="event-1"')[2]
    assert "登记推荐申报</strong> – 宁夏回族自治区发展和改革委员会" in entry
    assert "2031年5月20日" in entry.partition("</li>")[0]
