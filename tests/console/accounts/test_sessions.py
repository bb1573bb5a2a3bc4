"""Sessions: how long they hold, what ends them, in which grant they act."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import update

from neiic.console.accounts.faults import FaultError
from neiic.console.accounts.keys import csrf_fits, csrf_of
from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.accounts.users import USERS
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.accounts import SessionRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, PASSWORD, SHAANXI, Office

NEW = "another horse battery"


def test_a_session_ends_two_hours_after_the_last_request(either: Office) -> None:
    either.user("li.si")
    cookie = either.cookie("li.si")
    either.later(minutes=119)
    assert either.behind(cookie)
    either.later(minutes=119)
    assert either.behind(cookie)
    either.later(minutes=120)
    assert either.behind(cookie) is None


def test_a_session_ends_after_twelve_hours_in_any_case(office: Office) -> None:
    office.user("li.si")
    cookie = office.cookie("li.si")
    for _ in range(11):
        office.later(hours=1)
        assert office.behind(cookie)
    office.later(minutes=59)
    assert office.behind(cookie)
    office.later(minutes=1)
    assert office.behind(cookie) is None


def test_who_is_there_is_one_question_and_a_note_once_a_minute(either: Office) -> None:
    either.user("li.si")
    cookie = either.cookie("li.si")
    either.later(seconds=30)
    with either.statements() as said:
        assert either.behind(cookie)
    assert len(said) == 1
    either.later(seconds=30)
    with either.statements() as said:
        assert either.behind(cookie)
        assert either.behind(cookie)
    assert [one.split()[0] for one in said] == ["SELECT", "UPDATE", "SELECT"]


def test_only_the_digest_of_a_cookie_is_kept(office: Office) -> None:
    office.user("li.si")
    cookie = office.cookie("li.si")
    [row] = office.rows(SessionRecord)
    assert row["digest"] == hashlib.sha256(cookie.encode()).hexdigest()
    assert cookie not in str(row)
    assert office.behind(row["digest"]) is None
    assert len(cookie) >= 43


def test_nobody_brings_a_cookie_of_their_own(office: Office) -> None:
    office.user("li.si")
    for brought in ("x" * 43, "", "é" * 43, "\ud800" * 43, "x\x00" * 30, "y" * 10_000):
        assert office.behind(brought) is None
    assert office.cookie("li.si") != office.cookie("li.si")


def test_signing_out_ends_this_session_alone(office: Office) -> None:
    office.user("li.si")
    here, there = office.cookie("li.si"), office.cookie("li.si")
    office.accounts.sign_out(here, office.now)
    office.accounts.sign_out("unheard of", office.now)
    assert office.behind(here) is None
    assert office.behind(there)


def test_a_disabled_user_is_out_at_once_and_stays_out_of_old_sessions(either: Office) -> None:
    added = either.user("li.si")
    cookie = either.cookie("li.si")
    accounts = either.accounts
    accounts.set_disabled(COMMAND_LINE, added.user_id, either.now, disabled=True)
    assert either.behind(cookie) is None
    accounts.set_disabled(COMMAND_LINE, added.user_id, either.now, disabled=False)
    assert either.behind(cookie) is None
    assert either.person("li.si")


def test_a_user_who_is_disabled_by_any_other_way_is_out_as_well(office: Office) -> None:
    office.user("li.si")
    cookie = office.cookie("li.si")
    office.execute(update(USERS).values(disabled=True))
    assert office.behind(cookie) is None


def test_a_grant_taken_back_is_gone_at_once(office: Office) -> None:
    first = office.user("li.si")
    second = office.user("li.si", Role.LEAD, "甲公司")
    cookie = office.cookie("li.si")
    person = office.behind(cookie)
    assert person is not None
    assert [one.id for one in person.grants] == [first.grant_id, second.grant_id]
    office.accounts.act_as(person, second.grant_id, None, office.now)
    person = office.behind(cookie)
    assert person is not None
    assert (person.scope.role, person.scope.unit) == (Role.LEAD, "甲公司")
    assert not person.displaced
    office.accounts.end_grant(COMMAND_LINE, second.grant_id, office.now)
    person = office.behind(cookie)
    assert person is not None
    assert person.displaced
    assert (person.scope.role, person.scope.unit) == (Role.COMPETENT, NINGXIA)
    with pytest.raises(FaultError):
        office.accounts.act_as(person, second.grant_id, None, office.now)
    office.accounts.end_grant(COMMAND_LINE, first.grant_id, office.now)
    assert office.behind(cookie) is None


def test_nobody_acts_in_a_grant_of_another(office: Office) -> None:
    other = office.user("wang.wu", unit=SHAANXI)
    person = office.new_person("li.si")
    for grant, delegation in ((other.grant_id, None), (person.grant.id, 1), (999, None)):
        with pytest.raises(FaultError) as caught:
            office.accounts.act_as(person, grant, delegation, office.now)
        assert caught.value.kind == "unknown"


def test_another_password_ends_all_sessions_but_opens_one(office: Office) -> None:
    office.user("li.si")
    second = office.user("li.si", Role.LEAD, "甲公司")
    here, there = office.cookie("li.si"), office.cookie("li.si")
    person = office.behind(here)
    assert person is not None
    assert person.must_change
    office.accounts.act_as(person, second.grant_id, None, office.now)
    person = office.behind(here)
    assert person is not None
    opened = office.accounts.change_password(person, PASSWORD, NEW, "10.0.0.1", "x", office.now)
    assert office.behind(here) is None
    assert office.behind(there) is None
    person = office.behind(opened.key)
    assert person is not None
    assert not person.must_change
    assert person.scope.role is Role.LEAD
    assert isinstance(office.tries("li.si"), SignInRefused)
    assert not isinstance(office.tries("li.si", NEW), SignInRefused)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong", NEW, "old"), (PASSWORD, "short", "new"), (PASSWORD, PASSWORD, "new")],
)
def test_a_password_that_cannot_be_changed_is_told_at_its_field(
    old: str, new: str, field: str, office: Office
) -> None:
    person = office.new_person("li.si")
    with pytest.raises(FaultError) as caught:
        office.accounts.change_password(person, old, new, "10.0.0.1", "x", office.now)
    assert caught.value.fault.field == field
    assert isinstance(office.tries("li.si", NEW), SignInRefused)


def test_guessing_the_present_password_in_a_session_brings_the_pause(office: Office) -> None:
    person = office.new_person("li.si")
    said = []
    for _ in range(6):
        with pytest.raises(FaultError) as caught:
            office.accounts.change_password(person, "wrong", NEW, "10.0.0.1", "x", office.now)
        said.append(caught.value.fault.en)
    assert "Too many" in said[-1]
    with pytest.raises(FaultError):
        office.accounts.change_password(person, PASSWORD, NEW, "10.0.0.1", "x", office.now)


def test_an_administrator_s_new_password_ends_the_sessions(office: Office) -> None:
    added = office.user("li.si")
    cookie = office.cookie("li.si")
    made = office.accounts.set_password(COMMAND_LINE, added.user_id, office.now)
    assert made is not None
    assert office.behind(cookie) is None
    assert isinstance(office.tries("li.si"), SignInRefused)
    assert not isinstance(office.tries("li.si", made), SignInRefused)
    assert office.accounts.user("li.si").must_change


def test_sessions_are_listed_and_ended_by_their_user_alone(office: Office) -> None:
    li, wang = office.user("li.si"), office.user("wang.wu")
    here, there = office.cookie("li.si"), office.cookie("li.si")
    office.cookie("wang.wu")
    accounts = office.accounts
    listed = accounts.sessions(li.user_id, office.now)
    assert len(listed) == 2
    person = office.behind(here)
    assert person is not None
    other = next(one.id for one in listed if one.id != person.session_id)
    with pytest.raises(FaultError):
        accounts.end_session(COMMAND_LINE, wang.user_id, other, office.now)
    accounts.end_session(COMMAND_LINE, li.user_id, other, office.now)
    assert office.behind(there) is None
    assert [one.id for one in accounts.sessions(li.user_id, office.now)] == [person.session_id]
    office.later(hours=3)
    assert accounts.sessions(li.user_id, office.now) == []


def test_a_form_s_word_is_of_its_browser_and_tells_nothing_of_the_cookie(office: Office) -> None:
    office.user("li.si")
    here, there = office.cookie("li.si"), office.cookie("li.si")
    assert csrf_fits(here, csrf_of(here))
    assert not csrf_fits(here, csrf_of(there))
    assert here not in csrf_of(here)
    for given in ("", "é", "\ud800", here):
        assert not csrf_fits(here, given)
    assert not csrf_fits("", csrf_of(""))
