"""Every action has a whole form in both languages, whoever fills it in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

import neiic.console
from neiic.console.forms.fields import Form, form_for, registration_form
from neiic.console.forms.words import CHOICES as WORDS
from neiic.console.forms.words import HELP
from neiic.console.translating import catalogue
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import schema_of
from neiic.statute.terms import Role
from tests.console.forms.made import CHOICES, TODAY, Page, page_of
from tests.statute.begun import approved, confirmed

CJK = re.compile(r"[\u4e00-\u9fff]")


def forms(language: str) -> list[Form]:
    made = [form_for(name, CHOICES, language, TODAY) for name in ACTIONS]
    return [*made, registration_form(language, TODAY)]


def test_every_field_and_every_choice_is_named_in_both_languages() -> None:
    for zh, en in zip(forms("zh"), forms("en"), strict=True):
        assert [one.name for one in zh.fields] == [one.name for one in en.fields]
        for field in zh.fields:
            assert CJK.search(field.label), (zh.of, field.name)
            assert not field.help or CJK.search(field.help), (zh.of, field.name)
            for option in field.options:
                if field.name not in ("data.rule_set", "rule_set"):
                    assert CJK.search(option.label), (zh.of, field.name, option)
        for field in en.fields:
            assert not CJK.search(field.label + field.help), (en.of, field.name)
            assert not any(CJK.search(option.label) for option in field.options)


def test_each_field_of_the_law_is_in_its_form_and_nothing_else() -> None:
    for name in ACTIONS:
        schema = schema_of(name)
        shown = form_for(name, CHOICES, "zh", TODAY).fields
        assert [field.name for field in shown] == [f"data.{one}" for one in schema["properties"]]
        required = {field.name.removeprefix("data.") for field in shown if field.required}
        assert required == set(schema.get("required", []))


def test_words_are_kept_for_fields_that_there_are() -> None:
    names = {
        f"{form.of}.{field.name.removeprefix('data.')}"
        for form in forms("en")
        for field in form.fields
    }
    bare = {name.rsplit(".", 1)[-1] for name in names}
    for known in HELP:
        assert known in names or known in bare, known
    assert set(WORDS) <= names


def test_every_message_of_the_forms_is_translated_and_no_other() -> None:
    folder = Path(neiic.console.__file__).parent
    found = extract_from_dir(
        str(folder),
        method_map=[("forms/**.py", "python"), ("templates/forms/**.html", "jinja2")],
        keywords=dict.fromkeys(("_", "N_", "told", "gettext")),
    )
    messages = {str(message) for _, _, message, _, _ in found}
    assert len(messages) > 150
    known = catalogue("zh")
    untranslated = {one for one in messages if known.gettext(one) == one}
    assert untranslated == set()
    text = (folder / "translations" / "forms.zh.po").read_text(encoding="utf-8")
    assert text.count("\nmsgid ") - 1 == len(messages)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", [*ACTIONS, "registration"])
def test_a_form_is_shown_with_a_label_for_every_input(name: str, language: str) -> None:
    roles = ACTIONS[name].roles if name in ACTIONS else [None]
    for role in roles:
        form = (
            registration_form(language, TODAY)
            if role is None
            else form_for(name, CHOICES, language, TODAY, role=role)
        )
        page = Page(page_of(form, {}, []))
        assert len(page.ids) == len(set(page.ids))
        for one in page.inputs:
            assert one["id"] in page.labels, one
        assert set(page.labels) <= set(page.ids)
        assert set(page.described) <= set(page.ids)
        assert page.legends == page.fieldsets
        assert page.inline == []
        shown = {one["name"].removesuffix(".name").removesuffix(".number") for one in page.inputs}
        nested = {field.name.removesuffix(".name") for field in form.fields}
        assert shown == nested
        if language == "en":
            visible = "".join(page.texts).replace("发改高技", "").replace("号", "")
            visible = visible.replace("国家新兴产业创新中心管理办法", "")
            assert not CJK.search(visible), CJK.findall(visible)


def test_years_and_cases_are_chosen_from_what_there_is() -> None:
    field = form_for("report.submit", [{"year": 2033}], "zh", TODAY).fields[0]
    assert (field.kind, field.offered) == ("select", "2033")
    assert [option.label for option in field.options] == ["2033年"]
    several = form_for("report.submit", CHOICES, "zh", TODAY).fields[0]
    assert several.offered == ""


def test_a_case_is_named_by_what_it_is() -> None:
    life = approved()
    life.must(
        "2032-02-03", "implementing", "adjustment.report",
        kind="equity", description="增资",
    )  # fmt: skip
    form = form_for(
        "adjustment.review", [{"case": 1}], "zh", TODAY, role=Role.COMPETENT, center=life.center
    )
    assert form.fields[0].options[0].label == "第 1 号 · 股权变更 · 2032年2月3日"


def test_an_authority_answers_for_itself_only() -> None:
    for role, offered in ((Role.CUSTOMS, ["customs"]), (Role.NDRC, ["customs", "tax"])):
        form = form_for("evaluation.concur", [{"year": 2035}], "zh", TODAY, role=role)
        field = form.field("data.authority")
        assert field is not None
        assert [option.value for option in field.options] == offered


def test_only_the_follow_ups_that_are_owed_are_offered() -> None:
    life = approved()
    life.wait(life.events[-1].at.replace(year=2035))
    form = form_for("followup.complete", [{}], "zh", TODAY, center=life.center)
    assert [option.value for option in form.fields[0].options] == ["disposition"]


def test_the_example_of_a_number_is_of_this_year() -> None:
    form = form_for("formation.decide", [{}], "zh", date(2041, 1, 2))
    field = form.field("data.document_no")
    assert field is not None
    assert field.example == "发改高技〔2041〕123号"
    assert confirmed().center.stage == "operation"
