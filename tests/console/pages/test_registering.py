"""Registering a center by the form: drafts, what will follow, errors, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE
from neiic.console.guarding import masked
from tests.console.house import PASSWORD, PEOPLE, Browser, Console, location
from tests.records.lives import COMPETENT

FIRST = "NEIIC-2031-003"
TYPED: dict[str, Any] = {
    "code": FIRST,
    "field": "深海采矿",
    "field_en": "Deep Sea Mining",
    "lead_unit": "甲公司",
    "implementing_unit.name": "乙公司",
    "recommendation.letter_no": "宁发改〔2031〕3号",
    "recommendation.letter_date": "2031年6月3日",
    "team_has_other_platform": "no",
    **{
        f"requirements.{name}": "yes"
        for name in ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    },
}
ClientAs = Callable[[str], Browser]


@pytest.fixture
def clerk(client_as: ClientAs) -> Browser:
    return client_as("competent")


def paper(browser: Browser) -> str:
    return location(browser.get("/centers/new"))


def sent(console: Console, code: str = FIRST) -> Any:
    return console.house.records.state(code)


@pytest.mark.parametrize(("login", "role"), [(login, role) for login, role, _ in PEOPLE])
def test_who_may_register(console: Console, login: str, role: str) -> None:
    browser = console.client_as(login)
    may = role in ("competent", "ndrc", "operator")
    for path in ("/centers/new/1", "/centers/import", "/centers/import/template.xlsx"):
        assert browser.get(path).status_code == (200 if may else 404), path
    for path in ("/centers/new", "/centers/new/1", "/centers/import", "/centers/import/x"):
        answer = browser.post(path, step="confirmed", **TYPED)
        assert (answer.status_code != 404) == (may and path != "/centers/import/x"), path
    if not may:
        assert sent(console) is None


def test_the_form_offers_a_code_and_fixes_the_unit(clerk: Browser, client_as: ClientAs) -> None:
    text = clerk.shows(paper(clerk), COMPETENT, f'value="{FIRST}"', "起步所需的人员")
    assert 'name="competent_unit"' not in text
    ndrc = client_as("ndrc")
    ndrc.shows(paper(ndrc), 'name="competent_unit"')


def test_a_center_is_started_and_its_page_opens(console: Console, clerk: Browser) -> None:
    path = paper(clerk)
    answer = clerk.post(path, step="act", **(TYPED | {"competent_unit": "陕西发改委"}))
    assert "请确认" not in answer.text
    assert location(answer) == f"/centers/{FIRST}"
    assert sent(console).competent_unit == COMPETENT
    assert str(sent(console).recommendation.letter_date) == "2031-06-03"
    clerk.shows(f"/centers/{FIRST}", "深海采矿", "申报论证")
    assert clerk.post(path, step="act", **TYPED).headers["location"] == f"/centers/{FIRST}"
    assert "深海采矿" not in clerk.shows(paper(clerk))


def test_warnings_are_read_before_it_starts(console: Console, clerk: Browser) -> None:
    typed = TYPED | {"team_has_other_platform": "yes", "lead_unit": "无人公司"}
    del typed["requirements.goals"]
    path = paper(clerk)
    answer = clerk.post(path, step="act", **typed)
    assert answer.status_code == 200
    for text in ("请确认", "目标定位明确", "其他国家级平台", "无人公司", "第三方机构", "申报论证"):
        assert text in answer.text
    assert sent(console) is None
    carried = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert carried.pop("csrf")
    assert location(clerk.post(path, step="confirmed", **carried)) == f"/centers/{FIRST}"
    assert sent(console).requirements.unmet == ("goals",)


def test_errors_stand_at_their_fields_and_nothing_is_lost(console: Console, clerk: Browser) -> None:
    path = paper(clerk)
    typed = TYPED | {"recommendation.letter_date": "昨天", "lead_unit": ""}
    answer = clerk.post(path, step="act", **typed)
    assert answer.status_code == 422
    assert 'href="#f-recommendation-letter-date"' in answer.text
    assert 'id="f-lead-unit-wrong"' in answer.text
    assert 'value="昨天"' in answer.text
    assert sent(console) is None
    clerk.shows(path, 'value="昨天"')


def test_a_code_in_use_is_said_at_the_code(clerk: Browser) -> None:
    answer = clerk.post(paper(clerk), step="confirmed", **(TYPED | {"code": "NEIIC-2031-001"}))
    assert answer.status_code == 422
    assert 'id="f-code-wrong"' in answer.text


def test_several_drafts_are_listed_taken_up_and_discarded(clerk: Browser) -> None:
    one, other = paper(clerk), paper(clerk)
    assert one != other
    clerk.post(f"{one}/outlook", field="深海采矿", code=FIRST)
    answer = clerk.post(f"{other}/outlook", **(TYPED | {"field": "量子计算"}))
    assert "申报论证" in answer.text
    assert "<html" not in answer.text
    third = paper(clerk)
    text = clerk.shows(third, "深海采矿", "量子计算", one, other, 'value="NEIIC-2031-004"')
    assert "2份" in text
    clerk.shows(one, 'value="深海采矿"')
    assert location(clerk.post(one, step="discard")) == "/centers/new"
    assert "深海采矿" not in clerk.shows(third, "量子计算")


def test_a_draft_is_nobody_elses(clerk: Browser, client_as: ClientAs) -> None:
    path = paper(clerk)
    clerk.post(f"{path}/outlook", field="深海采矿")
    other = client_as("competent2")
    assert "深海采矿" not in other.shows(path)


@pytest.mark.parametrize("path", ["/centers/new/5", "/centers/new"])
def test_typed_text_survives_an_expired_session(console: Console, path: str) -> None:
    clerk = console.client_as("competent")
    token = masked(csrf_of(clerk.client.cookies[COOKIE]))
    console.later(hours=13)
    answer = clerk.client.post(path, data={"csrf": token, "step": "act", "field": "断线领域"})
    assert answer.status_code == 401
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    signed_in = clerk.client.post(
        "/sign-in", data={**hidden, "login": "competent", "password": PASSWORD}
    )
    assert location(signed_in) == path
    clerk.shows(path, 'value="断线领域"')


def test_when_the_server_is_away_what_was_typed_is_kept(console: Console, clerk: Browser) -> None:
    console.door.silent = True
    path = paper(clerk)
    answer = clerk.post(path, step="confirmed", **TYPED)
    assert answer.status_code == 503
    assert "深海采矿" in answer.text
    console.door.silent = False
    clerk.shows(path, 'value="深海采矿"')
    assert location(clerk.post(path, step="confirmed", **TYPED)) == f"/centers/{FIRST}"


def test_a_form_without_the_sessions_token_does_nothing(console: Console, clerk: Browser) -> None:
    answer = clerk.post("/centers/new/1", step="confirmed", csrf="x", **TYPED)
    assert answer.status_code == 403
    assert sent(console) is None


def test_a_script_in_a_field_is_only_shown(clerk: Browser) -> None:
    path = paper(clerk)
    text = '"><script>alert(1)</script>'
    clerk.post(path, step="preview", **(TYPED | {"field": text, "code": text}))
    for page in (path, paper(clerk)):
        assert "<script>alert" not in clerk.shows(page)


def test_strange_numbers_are_no_drafts(clerk: Browser) -> None:
    for number in ("x", "-1", "１", "9" * 30, "1%2F2"):
        assert clerk.get(f"/centers/new/{number}").status_code == 404, number


def test_until_the_first_record_is_written(clerk: Browser) -> None:
    clerk.shows("/centers/new/sent/NEIIC-2031-099", "正在登记")
    assert location(clerk.get("/centers/new/sent/NEIIC-2031-001")) == "/centers/NEIIC-2031-001"
