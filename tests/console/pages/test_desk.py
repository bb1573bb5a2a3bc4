"""The desk on a center's page: remarks, matters in hand, who assesses."""

from __future__ import annotations

import pytest

from neiic.console.pages.desk import SAID, desk_of, desk_said
from neiic.console.pages.rendering import environment, words_of
from neiic.console.pages.seen import seen_center
from neiic.console.translating import speaking
from neiic.statute.terms import Role
from tests.console.conftest import APPLIED, PREPARED
from tests.console.house import AGENCY, PASSWORD, Console, location

#: Nothing waits at the prepared center yet; the other waits for its assessment.
CLAIM = {"action": "formation.assess", "subject": ""}


def notes(console: Console, login: str, code: str) -> str:
    """The partial as the center's page includes it."""
    person = console.person(login)
    with speaking(person.language):
        return (
            environment()
            .get_template("desk/notes.html")
            .render(
                **words_of("zh", console.house),
                desk=desk_of(console.house, person, seen_center(console.house, person, code)),
                person=person,
                csrf_field=lambda: "",
            )
        )


def test_a_remark_is_read_by_the_unit_alone(console: Console) -> None:
    browser = console.client_as("competent")
    sent = browser.post(f"/centers/{PREPARED}/comments", text="留意<b>工期</b>")
    assert location(sent) == f"/centers/{PREPARED}?said=commented#desk"
    assert "留意&lt;b&gt;工期" in notes(console, "competent2", PREPARED)
    assert "仅宁夏回族自治区发展和改革委员会内部可见" in notes(console, "competent2", PREPARED)
    for login in ("ndrc", "lead", "implementing", "operator"):
        assert "工期" not in notes(console, login, PREPARED)


def test_a_remark_that_does_not_fit_is_told_at_its_field(console: Console) -> None:
    answer = console.client_as("competent").post(f"/centers/{PREPARED}/comments", text=" ")
    assert answer.status_code == 422
    assert 'href="#text"' in answer.text
    kept = console.client_as("competent").post(f"/centers/{PREPARED}/comments", text="长" * 5001)
    assert kept.status_code == 422
    assert "长" * 5001 in kept.text


def test_a_matter_is_claimed_taken_over_and_put_back(console: Console) -> None:
    console.house.accounts.add_user(
        "assessor2",
        "乙",
        Role.ASSESSOR,
        AGENCY,
        now=console.now,
        password=PASSWORD,
        must_change=False,
    )
    one, other = console.client_as("assessor"), console.client_as("assessor2")
    path = f"/centers/{APPLIED}/claims"
    assert location(one.post(path, **CLAIM)).endswith("?said=claimed#desk")
    assert "Assessor 某" in notes(console, "assessor2", APPLIED)
    refused = other.post(path, **CLAIM)
    assert refused.status_code == 409
    assert "已由Assessor 某签收" in refused.text
    location(other.post(path, **CLAIM, step="take-over"))
    assert one.post(path, **CLAIM, step="release").status_code == 422
    location(other.post(f"{path}/hand-over", **CLAIM, to="assessor", note="请办"))
    assert "请办" in notes(console, "assessor", APPLIED)
    location(one.post(path, **CLAIM, step="release"))
    assert "无人签收" in notes(console, "assessor", APPLIED)


def test_nobody_claims_what_does_not_wait_for_them(console: Console) -> None:
    browser = console.client_as("competent")
    path = f"/centers/{APPLIED}/claims"
    assert browser.post(path, **CLAIM).status_code == 422
    assert browser.post(f"{path}/hand-over", **CLAIM, to="competent2").status_code == 422
    assert browser.post(path, action="x" * 5000).status_code == 422
    assert console.house.desk.claims(console.person("competent")) == {}
    to = console.client_as("assessor").post(f"{path}/hand-over", **CLAIM, to="ndrc")
    assert to.status_code == 422


@pytest.mark.parametrize("step", ["comments", "claims", "claims/hand-over", "engagement"])
def test_a_center_of_others_does_not_exist(console: Console, step: str) -> None:
    for login, code in (("foreign", PREPARED), ("ndrc", "NEIIC-2099-001"), ("lead", "x'y")):
        answer = console.client_as(login).post(
            f"/centers/{code}/{step}", text="x", agency=AGENCY, **CLAIM
        )
        assert answer.status_code == 404, (login, code)


def test_ndrc_engages_an_agency_which_then_alone_sees_the_center(console: Console) -> None:
    ndrc, path = console.client_as("ndrc"), f"/centers/{APPLIED}/engagement"
    console.house.accounts.add_user("rival", "某", Role.ASSESSOR, "己机构", now=console.now)
    rival = console.house.accounts
    assert notes(console, "assessor", APPLIED)
    unknown = ndrc.post(path, agency="没有的机构")
    assert unknown.status_code == 422
    assert 'href="#agency"' in unknown.text
    location(ndrc.post(path, agency="己机构"))
    assert not rival.may_see(console.person("assessor").scope, APPLIED)
    assert "己机构" in notes(console, "ndrc2", APPLIED)
    assert "己机构" not in notes(console, "competent", APPLIED)
    location(ndrc.post(path, agency="己机构", step="disengage"))
    assert rival.may_see(console.person("assessor").scope, APPLIED)


def test_a_tie_of_the_agency_is_told(console: Console) -> None:
    from neiic.console.desk.audit import COMMAND_LINE

    console.house.accounts.tie(COMMAND_LINE, AGENCY, "甲公司", "持股30%", console.now)
    location(console.client_as("ndrc").post(f"/centers/{APPLIED}/engagement", agency=AGENCY))
    assert "与甲公司存在关联：持股30%" in notes(console, "ndrc", APPLIED)


@pytest.mark.parametrize("login", ["competent", "lead", "assessor", "operator", "customs"])
def test_only_ndrc_engages(console: Console, login: str) -> None:
    answer = console.client_as(login).post(f"/centers/{APPLIED}/engagement", agency=AGENCY)
    assert answer.status_code == 404
    assert console.house.accounts.engaged([APPLIED]) == {}


def test_operators_work_on_nothing(console: Console) -> None:
    browser = console.client_as("operator")
    assert browser.post(f"/centers/{APPLIED}/claims", **CLAIM).status_code in (403, 422)


def test_what_is_said_comes_from_a_table(console: Console) -> None:
    person = console.person("ndrc")
    assert all(desk_said(word, person) for word in SAID)
    assert desk_said("<script>", person) is None
