"""Administration: for operators only; users, units, logs."""

from __future__ import annotations

import re

import pytest

from neiic.console.desk.turned_away import NEWEST, Place
from neiic.statute.terms import Role
from tests.console.house import PASSWORD, PEOPLE, Browser, Console, location

PAGES = (
    "/admin",
    "/admin/users",
    "/admin/users/ndrc",
    "/admin/units",
    "/admin/units/1",
    "/admin/sign-ins",
    "/admin/rejected",
    "/admin/trail",
)
FORMS = (
    "/admin/users",
    "/admin/users/ndrc/grants",
    "/admin/users/ndrc/grants/1/end",
    "/admin/users/ndrc/disabled",
    "/admin/users/ndrc/name",
    "/admin/users/ndrc/password",
    "/admin/users/ndrc/tokens/1/end",
    "/admin/units",
    "/admin/units/1/name",
    "/admin/units/1/roles",
    "/admin/units/1/superior",
    "/admin/units/1/ties",
    "/admin/units/1/signing",
)


@pytest.fixture
def operator(console: Console) -> Browser:
    return console.client_as("operator")


@pytest.mark.parametrize("login", [login for login, role, _ in PEOPLE if role is not Role.OPERATOR])
def test_for_everybody_else_it_does_not_exist(console: Console, login: str) -> None:
    browser = console.client_as(login)
    before = console.house.desk.trail()
    assert {browser.get(path).status_code for path in PAGES} == {404}
    assert {browser.post(path).status_code for path in FORMS} == {404}
    assert console.house.desk.trail() == before


def test_every_page_opens(operator: Browser) -> None:
    assert location(operator.get("/admin")) == "/admin/users"
    for path in PAGES[1:]:
        operator.shows(path, "操作记录")


def test_a_user_is_added_with_a_password_shown_once(console: Console, operator: Browser) -> None:
    answer = operator.post(
        "/admin/users", login="zhao.liu", name="赵六", role="lead", unit="新单位"
    )
    [password] = re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", answer.text)
    assert password not in operator.get("/admin/users/zhao.liu").text
    assert console.visitor().sign_in("zhao.liu", password).status_code == 303
    operator.shows("/admin/users?q=新单位", "zhao.liu")
    assert "zhao.liu" not in operator.get("/admin/users?q=nobody").text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"login": "X Y", "name": "某", "role": "lead", "unit": "甲"}, "login"),
        ({"login": "ndrc", "name": "某", "role": "ndrc"}, "login"),
        ({"login": "xy", "name": "", "role": "ndrc"}, "name"),
        ({"login": "xy", "name": "某", "role": "king"}, "role"),
        ({"login": "xy", "name": "某", "role": "lead"}, "unit"),
    ],
)
def test_a_user_who_does_not_fit(operator: Browser, fields: dict[str, str], field: str) -> None:
    answer = operator.post("/admin/users", **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


def test_users_come_page_by_page(console: Console, operator: Browser) -> None:
    for number in range(60):
        console.house.accounts.add_user(
            f"many{number:02}", "众", Role.NDRC, now=console.now, with_password=False
        )
    first = operator.shows("/admin/users?q=many", "共 60 个用户")
    [more] = re.findall(r'href="(/admin/users\?q=many&amp;after=[^"]+)"', first)
    second = operator.shows(more.replace("&amp;", "&"))
    assert "many49" in first
    assert "many50" not in first
    assert "many50" in second
    assert "many49" not in second


def test_a_role_is_given_and_taken_back(console: Console, operator: Browser) -> None:
    operator.post("/admin/users/ndrc/grants", role="assessor", unit="丙机构")
    grant = console.house.accounts.user("ndrc").grants[-1]
    assert (grant.role, grant.unit) == (Role.ASSESSOR, "丙机构")
    assert operator.post(f"/admin/users/tax/grants/{grant.id}/end").status_code == 404
    operator.post(f"/admin/users/ndrc/grants/{grant.id}/end")
    assert len(console.house.accounts.user("ndrc").grants) == 1


def test_nobody_shuts_themselves_out(console: Console, operator: Browser) -> None:
    own = console.house.accounts.user("operator").grants[0].id
    assert operator.post(f"/admin/users/operator/grants/{own}/end").status_code == 403
    assert operator.post("/admin/users/operator/disabled", disabled="yes").status_code == 403
    assert operator.get("/admin/users").status_code == 200


def test_a_user_is_shut_out_and_let_in(console: Console, operator: Browser) -> None:
    theirs = console.client_as("lead")
    operator.post("/admin/users/lead/disabled", disabled="yes")
    assert location(theirs.get("/profile")).startswith("/sign-in")
    assert console.visitor().sign_in("lead").status_code == 401
    operator.post("/admin/users/lead/disabled", disabled="no")
    assert console.visitor().sign_in("lead").status_code == 303


def test_another_password_ends_the_old_one(console: Console, operator: Browser) -> None:
    answer = operator.post("/admin/users/lead/password")
    [password] = re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", answer.text)
    assert console.visitor().sign_in("lead", PASSWORD).status_code == 401
    assert console.visitor().sign_in("lead", password).status_code == 303


def unit_id(console: Console, name: str) -> int:
    return next(one.id for one in console.house.accounts.units() if one.name == name)


def test_a_unit_is_renamed_and_keeps_its_centers(console: Console, operator: Browser) -> None:
    [(_, _, name)] = [one for one in PEOPLE if one[0] == "implementing"]
    number = unit_id(console, name or "")
    operator.post(f"/admin/units/{number}/name", name="乙集团")
    operator.shows(f"/admin/units/{number}", "乙集团", "乙公司")
    scope = console.person("implementing").scope
    assert scope.unit == "乙集团"
    assert console.house.accounts.may_see(scope, "NEIIC-2031-001")
    answer = operator.post(f"/admin/units/{number}/name", name="甲公司")
    assert answer.status_code == 409
    assert 'href="#name"' in answer.text


def test_units_are_added_put_below_another_and_tied(console: Console, operator: Browser) -> None:
    answer = operator.post("/admin/units", role="lead", name="丁公司", superior="甲公司")
    path = location(answer).partition("?")[0]
    operator.shows(path, "甲公司")
    assert operator.post("/admin/units", role="lead", name="戊", superior="没有").status_code == 422
    operator.post(f"{path}/superior", superior="")
    assert next(one for one in console.house.accounts.units() if one.name == "丁公司")[4] is None
    operator.post(f"{path}/ties", other="丙机构", note="持股30%")
    assert console.house.accounts.ties() != []
    operator.shows(path, "持股30%")
    operator.post(f"{path}/ties", other="丙机构", step="untie")
    assert console.house.accounts.ties() == []


def test_a_signing_policy_holds_at_once(console: Console, operator: Browser) -> None:
    number = unit_id(console, "国家发展改革委")
    path = f"/admin/units/{number}/signing"
    operator.post(path, policy="lasting")
    assert console.person("ndrc").needs_signature("formation.decide", irreversible=True)
    operator.post(path, policy="chosen", actions=["extension.decide"])
    assert not console.person("ndrc").needs_signature("formation.decide", irreversible=True)
    console.client_as("ndrc").shows("/profile", "审签")
    assert operator.post(path, policy="chosen").status_code == 422
    assert operator.post(path, policy="chosen", actions=["report.submit"]).status_code == 422
    operator.post(path, policy="off")
    assert console.person("ndrc").signing is None


def test_units_that_only_centers_know_are_named(console: Console, operator: Browser) -> None:
    assert "未对应的单位" not in operator.get("/admin/units").text
    other = "完全另外的单位"
    for number in (3, 4):
        console.write_center(f"NEIIC-2031-00{number}", lead_unit=other)
    operator.shows("/admin/units", "未对应的单位", other)
    [found] = console.house.accounts.unmatched_units()
    assert found == (other, Role.LEAD, 2)
    operator.post("/admin/units", role="lead", name=other)
    assert console.house.accounts.unmatched_units() == []


def test_the_sign_in_log_is_filtered_and_goes_on(console: Console, operator: Browser) -> None:
    for _ in range(55):
        console.house.accounts.sign_in("nobody", "x", "", "", console.now)
        console.later(minutes=20)
    browser = console.client_as("operator")
    text = browser.shows("/admin/sign-ins?login=nobody", "没有此用户")
    assert "登录成功" not in text
    [older] = re.findall(r'href="(/admin/sign-ins\?login=nobody&amp;before=\d+)"', text)
    assert browser.get(older.replace("&amp;", "&")).text.count("没有此用户") == 5


async def test_what_was_rejected_stands_in_one_list(console: Console) -> None:
    message = {
        "decision_id": "d-1",
        "actor": {"user": "ndrc", "role": "ndrc", "name": "某"},
        "data": {},
    }
    for _ in range(30):
        await console.house.door.act("NEIIC-2031-001", "evaluation.grade", message)
        console.later(minutes=1)
        console.house.desk.record_attempt(
            console.person("ndrc"),
            center="NEIIC-2031-009",
            action="center.start",
            status=403,
            reason="not yours",
            now=console.now,
        )
        console.later(minutes=1)
    browser = console.client_as("operator")
    first = browser.shows("/admin/rejected", "not yours", "invalid")
    [older] = re.findall(r'href="(/admin/rejected\?attempt=\d+&amp;refusal=\d+)"', first)
    second = browser.shows(older.replace("&amp;", "&"))
    assert [text.count("not yours") for text in (first, second)] == [25, 5]
    assert [text.count("NEIIC-2031-001</a>") for text in (first, second)] == [25, 5]


async def test_one_kind_may_fill_a_page_alone(console: Console) -> None:
    person = console.person("ndrc")
    for number in range(55):
        console.house.desk.record_attempt(
            person, center=f"C-{number}", action="x", status=403, reason="no", now=console.now
        )
    message = {"decision_id": "d-1", "actor": {"user": "x", "role": "ndrc", "name": "某"}}
    console.later(minutes=1)
    for _ in range(60):
        await console.house.door.act("NEIIC-2031-001", "evaluation.grade", message)
    seen = []
    place: Place | None = NEWEST
    while place is not None:
        rows, place = console.house.desk.turned_away(place, 50)
        seen += [(one.by_law, one.id) for one in rows]
    assert seen == [(True, number) for number in range(60, 0, -1)] + [
        (False, number) for number in range(55, 0, -1)
    ]


def test_the_trail_tells_what_was_done(console: Console, operator: Browser) -> None:
    operator.post("/admin/users/lead/disabled", disabled="yes")
    operator.shows("/admin/trail", "停用用户")
    assert "停用用户</td>" not in operator.get("/admin/trail?login=tax").text
    for odd in ("?before=0", "?before=99999999999999999999", "?before=x"):
        assert operator.get(f"/admin/trail{odd}").status_code == 404


def test_what_was_typed_is_told_as_text(console: Console, operator: Browser) -> None:
    evil = "<script>alert(1)</script>"
    console.house.accounts.sign_in(evil, "x", "", evil, console.now)
    operator.post("/admin/units", role="lead", name=evil)
    for path in ("/admin/sign-ins", "/admin/units", "/admin/trail", f"/admin/users?q={evil}"):
        assert "<script>alert" not in operator.shows(path)
