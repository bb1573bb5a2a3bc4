"""What is typed becomes the act's data; what does not fit is found at its field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neiic.console.forms.dates import day_in, number_in
from neiic.console.forms.fields import form_for, registration_form
from neiic.console.forms.reading import data_from, errors_of, typed_from
from neiic.statute.acts import Refused, refuse
from neiic.statute.registration import read_registration
from neiic.statute.registry import ACTIONS
from tests.console.forms.made import CHOICES, TODAY, Page, data_of, page_of
from tests.statute.begun import Begun, approved, confirmed, extend, registration

READ = settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("action", list(ACTIONS))
def test_what_a_browser_sends_of_a_filled_form_is_the_data_again(action: str) -> None:
    form = form_for(action, CHOICES, "zh", TODAY)

    @READ
    @given(data_of(action))
    def holds(data: dict[str, Any]) -> None:
        typed = typed_from(form, data)
        assert data_from(form, typed) == (data, ())
        shown = Page(page_of(form, typed, [])).submitted
        if action != "ruleset.move":  # cn-2026 is the only rule set of a release
            assert data_from(form, shown) == (data, ())

    holds()


def test_a_registration_goes_the_same_way() -> None:
    form = registration_form("en", TODAY)
    data = registration().model_dump(mode="json", exclude_none=True)
    data["requirements"]["scale"] = False
    shown = Page(page_of(form, typed_from(form, data), [])).submitted
    assert data_from(form, shown) == (data, ())
    empty = data_from(form, {})
    assert [error.field for error in empty.errors][:3] == ["code", "field", "field_en"]
    assert "implementing_unit.name" in [error.field for error in empty.errors]
    assert empty.data["requirements"] == dict.fromkeys(data["requirements"], False)


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)))
@settings(max_examples=60, deadline=None, database=None, derandomize=True)
def test_a_day_is_read_however_it_is_written(day: date) -> None:
    full_width = str.maketrans("0123456789", "０１２３４５６７８９")
    for written in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        f"{day.year}年{day.month}月{day.day}日",
        f" {day.year} 年 {day.month} 月 {day.day} 日 ",
        day.strftime("%Y%m%d"),
    ):
        assert day_in(written) == day, written
        assert day_in(written.translate(full_width)) == day


@pytest.mark.parametrize(
    "typed",
    [
        "2034-02-30",
        "34-06-19",
        "19.06.2034",
        "2034-6",
        "明天",
        "2034061",
        "2034-06-19x",
        "约2034年6月19日",
    ],
)
def test_what_is_no_day_is_not_guessed_at(typed: str) -> None:
    assert day_in(typed) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1234", 1234),
        ("1,234,567", 1234567),
        ("１，２３４．５", 1234.5),
        ("-3.5", -3.5),
        ("\u22122", -2),
        ("1 500 000", 1500000),
        (".5", 0.5),
        ("1,5", None),
        ("12,34", None),
        ("12万元", None),
        ("35%", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("", None),
        ("1" * 200, None),
    ],
)
def test_numbers_are_read_as_they_stand(typed: str, number: float | None) -> None:
    assert number_in(typed) == number


def test_what_cannot_be_read_stays_as_typed_with_its_fault() -> None:
    form = form_for("report.submit", [{"year": 2033}], "zh", TODAY)
    read = data_from(
        form,
        {
            "data.year": ["2033"],
            "data.summary": ["  好\r\n很好  "],
            "data.indicators.name": ["研发投入", "", "研发投入", "人员", ""],
            "data.indicators.number": ["１，０００", "5", "7", "三十", ""],
            "csrf": ["x"],
        },
    )
    assert read.data == {
        "year": 2033,
        "summary": "好\n很好",
        "indicators": {"研发投入": 1000, "人员": "三十"},
    }
    (error,) = read.errors
    assert error.field == "data.indicators"
    assert error.message == "关键指标：5 没有指标名称；“研发投入”重复；“人员”的值须为数字"


def test_all_that_is_wrong_is_said_at_once_in_the_forms_order() -> None:
    form = form_for("formation.decide", [{}], "en", TODAY)
    read = data_from(form, {"data.document_date": ["19.6."], "data.until": ["soon"]})
    assert [error.field for error in read.errors] == [
        "data.decision",
        "data.document_no",
        "data.document_date",
        "data.until",
    ]
    assert read.errors[1].message == "Document number is required"
    assert read.errors[2].message == "Document date must be a date, such as 2034-06-19"
    shown = page_of(form, {"data.document_date": ["19.6."]}, list(read.errors))
    page = Page(shown)
    assert [link for link in page.links if link[1:] not in page.ids] == []
    assert len(page.links) == 4
    typed = next(one for one in page.inputs if one["name"] == "data.document_date")
    assert (typed["type"], typed["value"], typed["aria-invalid"]) == ("text", "19.6.", "true")


def test_markup_in_what_was_typed_stays_text() -> None:
    form = form_for("formation.withdraw", [{}], "zh", TODAY)
    page = Page(page_of(form, {"data.reason": ["</textarea><script>x</script>"]}, []))
    assert page.inline == []
    assert page.inputs[0]["value"] == "</textarea><script>x</script>"


def refused(life: Begun, when: str, role: str, action: str, **data: Any) -> Refused:
    found = life.do(when, role, action, **data)
    assert found is not None
    return found


DOCUMENT = {"document_no": "1", "document_date": "2034-02-01"}


def extension_pending() -> Begun:
    life = approved()
    extend(life, "2034-01-05", until="2034-12-01")
    return life


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (
            lambda: refused(
                approved(), "2031-07-01", "competent", "report.submit",
                year=2031, summary="x", indicators={},
            ),
            "data.year",
        ),
        (
            lambda: refused(
                extension_pending(), "2034-02-01", "ndrc", "extension.decide",
                decision="grant", until="2034-06-01", **DOCUMENT,
            ),
            "data.until",
        ),
        (
            lambda: refused(
                extension_pending(), "2034-02-01", "ndrc", "extension.decide",
                decision="grant", until="2036-06-01", **DOCUMENT,
            ),
            "data.until",
        ),
        (
            lambda: refused(
                extension_pending(), "2034-02-01", "ndrc", "extension.decide",
                decision="grant", document_no="1", document_date="2033-12-01",
            ),
            "data.document_date",
        ),
        (
            lambda: refused(
                confirmed(), "2034-02-01", "implementing", "evaluation.submit",
                year=2035, materials="x", indicators={},
            ),
            "data.year",
        ),
        (
            lambda: refused(
                approved(), "2032-02-01", "competent", "adjustment.review",
                case=1, outcome="approve", comments="x",
            ),
            "data.case",
        ),
        (
            lambda: refused(
                approved(), "2032-02-01", "implementing", "adjustment.report",
                kind="rename", description="x",
            ),
            "data.new_name",
        ),
        (
            lambda: refused(
                approved(), "2032-02-01", "ndrc", "ruleset.move",
                rule_set="cn-2026", document_no="1", reason="x",
            ),
            "data.rule_set",
        ),
        (
            lambda: refused(
                approved(), "2032-02-01", "competent", "report.submit",
                year=2031, summary="x", indicators={"研发；投入": "多"},
            ),
            "data.indicators",
        ),
    ],
)  # fmt: skip
def test_a_refusal_is_shown_at_its_field_without_the_fields_code(refusal: Any, field: str) -> None:
    found = refusal()
    assert isinstance(found, Refused)
    for language in ("zh", "en"):
        for action in ACTIONS:
            form = form_for(action, CHOICES, language, TODAY)
            if form.field(field) is None:
                continue
            (error, *_) = errors_of(found, form)
            assert error.field == field
            assert "data." not in error.message


def test_several_faults_of_one_refusal_come_apart_by_field() -> None:
    found = refused(
        confirmed(), "2034-02-01", "ndrc", "evaluation.set_round",
        year=2034, opens="2034-03-01", materials_due="2034-02-01", closes="2033-02-01",
    )  # fmt: skip
    for language in ("zh", "en"):
        form = form_for("evaluation.set_round", [{}], language, TODAY)
        errors = errors_of(found, form)
        assert [error.field for error in errors] == [
            "data.year", "data.materials_due", "data.closes", "data.closes",
        ]  # fmt: skip
        for error in errors:
            assert not error.message.endswith(("。", ".", "；", ";"))
    assert errors[1].message == "Materials due must be after opens"


def test_a_warning_to_override_is_one_error_however_many_reasons_it_has() -> None:
    life = Begun()
    life.must(
        "2031-05-06", "assessor", "formation.assess",
        agency="丙", conclusion="oppose", opinion="不可行",
    )  # fmt: skip
    found = refused(
        life, "2031-06-16", "ndrc", "formation.decide",
        decision="approve", document_no="1", document_date="2031-06-16",
    )  # fmt: skip
    (error,) = errors_of(found, form_for("formation.decide", [{}], "zh", TODAY))
    assert error.field == "data.reason"
    told = found.message_zh.removeprefix("data.reason：")
    assert error.message == f"{told}（{found.article}）"


def test_what_is_about_no_field_stands_above_the_form() -> None:
    about_the_center = refuse("not_pending", "第十八条", "没有申请。", "There is none.").refusal
    form = form_for("extension.decide", [{}], "zh", TODAY)
    assert errors_of(about_the_center, form) == [(None, "没有申请。（第十八条）")]
    in_passing = refuse("too_late", "第十八条", "已过；data.until：不看。", "x").refusal
    assert errors_of(in_passing, form) == [(None, "已过；data.until：不看。（第十八条）")]


def test_a_refused_registration_names_nested_fields() -> None:
    data = registration().model_dump(mode="json", exclude_none=True)
    data["recommendation"]["letter_date"] = "x"
    data["code"] = "a b"
    found = read_registration(data)
    assert isinstance(found, Refused)
    errors = errors_of(found, registration_form("zh", TODAY))
    assert [error.field for error in errors] == ["code", "recommendation.letter_date"]


def test_a_typed_day_may_be_tomorrow_and_the_law_will_say_so() -> None:
    form = form_for("formation.decide", [{}], "zh", TODAY)
    later = (TODAY + timedelta(days=1)).isoformat()
    typed = {"data.decision": ["approve"], "data.document_no": ["1"], "data.document_date": [later]}
    assert data_from(form, typed).errors == ()
