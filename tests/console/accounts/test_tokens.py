"""Tokens of the API: what each may do, and what ends it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import Table, update

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.accounts.sessions import Opened
from neiic.console.accounts.users import GRANTS, USERS
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.accounts import TokenRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import PASSWORD, Office


def token(office: Office, added: Any, *scopes: str, days: int = 90) -> Opened:
    return office.accounts.make_token(
        COMMAND_LINE,
        added.user_id,
        added.grant_id,
        name="夜间同步",
        scopes=scopes or ("read",),
        now=office.now,
        days=days,
    )


def behind(office: Office, key: str) -> Person | None:
    return office.accounts.person_of_token(key, office.now)


def test_a_token_is_its_user_in_one_grant(either: Office) -> None:
    either.user("li.si")
    lead = either.user("li.si", Role.LEAD, "甲公司")
    made = token(either, lead, "read", "act")
    assert made.key.startswith("neiic_")
    person = behind(either, made.key)
    assert person is not None
    assert (person.login, person.scope.role, person.scope.unit) == ("li.si", Role.LEAD, "甲公司")
    assert [one.id for one in person.grants] == [lead.grant_id]
    assert person.may("read")
    assert person.may("act")
    assert not person.may("admin")
    with pytest.raises(FaultError):
        either.accounts.act_as(person, person.grant.id, None, either.now)


def test_who_holds_it_is_one_question_and_a_note_once_a_minute(either: Office) -> None:
    made = token(either, either.user("li.si"))
    with either.statements() as said:
        assert behind(either, made.key)
        assert behind(either, made.key)
        either.later(seconds=59)
        assert behind(either, made.key)
        either.later(seconds=1)
        assert behind(either, made.key)
    kinds = [one.split()[0] for one in said]
    assert kinds == ["SELECT", "UPDATE", "SELECT", "SELECT", "SELECT", "UPDATE"]


def test_only_the_digest_is_kept(office: Office) -> None:
    made = token(office, office.user("li.si"))
    [row] = office.rows(TokenRecord)
    assert row["digest"] == hashlib.sha256(made.key.encode()).hexdigest()
    assert made.key not in str(row)
    assert behind(office, row["digest"]) is None
    [listed] = office.accounts.tokens(made.user_id)
    assert (listed.name, listed.scopes, listed.role) == ("夜间同步", ("read",), Role.COMPETENT)


def test_it_ends_on_its_day(office: Office) -> None:
    made = token(office, office.user("li.si"), days=2)
    office.later(hours=47, minutes=59)
    assert behind(office, made.key)
    office.later(minutes=1)
    assert behind(office, made.key) is None


def test_it_ends_when_it_is_taken_back(office: Office) -> None:
    added, other = office.user("li.si"), office.user("wang.wu")
    made = token(office, added)
    with pytest.raises(FaultError):
        office.accounts.end_token(COMMAND_LINE, made.id, office.now, other.user_id)
    assert behind(office, made.key)
    office.accounts.end_token(COMMAND_LINE, made.id, office.now, added.user_id)
    assert behind(office, made.key) is None
    with pytest.raises(FaultError):
        office.accounts.end_token(COMMAND_LINE, made.id, office.now)


def test_it_ends_with_its_user_and_with_its_grant_for_good(office: Office) -> None:
    added = office.user("li.si")
    made = token(office, added)
    accounts = office.accounts
    accounts.set_disabled(COMMAND_LINE, added.user_id, office.now, disabled=True)
    assert behind(office, made.key) is None
    accounts.set_disabled(COMMAND_LINE, added.user_id, office.now, disabled=False)
    assert behind(office, made.key)
    accounts.end_grant(COMMAND_LINE, added.grant_id, office.now)
    assert behind(office, made.key) is None
    again = office.user("li.si")
    assert (again.grant_id, again.new_grant) == (added.grant_id, True)
    assert behind(office, made.key) is None


@pytest.mark.parametrize("table", [GRANTS, USERS])
def test_it_ends_whichever_way_its_ground_went(table: Table, office: Office) -> None:
    made = token(office, office.user("li.si"))
    gone: dict[str, Any] = {"ended": office.now} if table is GRANTS else {"disabled": True}
    office.execute(update(table).values(gone))
    assert behind(office, made.key) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"scopes": ["fly"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["admin"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"name": " "}, "name"),
        ({"name": "x\x00"}, "name"),
    ],
)
def test_what_no_token_can_be_is_told_at_its_field(
    change: dict[str, Any], field: str, office: Office
) -> None:
    added = office.user("li.si")
    asked: dict[str, Any] = {"name": "x", "scopes": ["read"], "now": office.now} | change
    with pytest.raises(FaultError) as caught:
        office.accounts.make_token(COMMAND_LINE, added.user_id, added.grant_id, **asked)
    assert caught.value.fault.field == field


def test_nobody_makes_one_for_a_grant_of_another(office: Office) -> None:
    added, other = office.user("li.si"), office.user("boss", Role.NDRC)
    with pytest.raises(FaultError):
        office.accounts.make_token(
            COMMAND_LINE,
            added.user_id,
            other.grant_id,
            name="x",
            scopes=["act"],
            now=office.now,
        )


def test_administration_needs_the_role_and_the_permit(office: Office) -> None:
    added = office.user("root", Role.OPERATOR)
    reading = behind(office, token(office, added, "read").key)
    full = behind(office, token(office, added, "read", "admin").key)
    assert reading is not None
    assert full is not None
    assert not reading.admin
    assert not reading.may("admin")
    assert full.admin
    assert full.may("admin")


def test_a_cookie_is_no_token_and_a_token_no_cookie(office: Office) -> None:
    added = office.user("li.si")
    made, cookie = token(office, added), office.cookie("li.si")
    assert behind(office, cookie) is None
    assert office.behind(made.key) is None
    for odd in ("neiic_", "neiic_" + "x" * 43, "neiic_" + "é" * 43, "neiic_" + "x" * 9_999, "\x00"):
        assert behind(office, odd) is None


def test_the_token_of_a_sign_in_holds_twelve_hours_or_until_the_next_password(
    office: Office,
) -> None:
    added = office.user("li.si")
    kept = token(office, added)

    def signed_in() -> str:
        opened = office.accounts.sign_in("li.si", PASSWORD, "", "", office.now, as_token=True)
        assert isinstance(opened, Opened)
        return opened.key

    key = signed_in()
    person = behind(office, key)
    assert person is not None
    assert person.permits == {"read", "act"}
    office.later(hours=12)
    assert behind(office, key) is None
    key = signed_in()
    office.accounts.set_password(COMMAND_LINE, added.user_id, office.now)
    assert behind(office, key) is None
    assert behind(office, kept.key)
    assert [one.id for one in office.accounts.tokens(added.user_id)] == [kept.id]
