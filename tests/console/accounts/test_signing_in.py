"""Signing in: what is told, what is counted, what is written down."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from neiic.console.accounts import signing_in
from neiic.console.accounts.sessions import Opened
from neiic.console.accounts.signing_in import SignInRefused
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.accounts import SessionRecord, SignInRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import PASSWORD, Office

WRONG = "wrong horse battery"


def kind(answer: Opened | SignInRefused) -> str:
    return answer.kind if isinstance(answer, SignInRefused) else "in"


def outcomes(office: Office) -> Counter[str]:
    return Counter(row["outcome"] for row in office.rows(SignInRecord))


def test_the_right_password_opens_a_session(either: Office) -> None:
    either.user("li.si", name="李四")
    opened = either.tries("  LI.Si ")
    assert isinstance(opened, Opened)
    person = either.behind(opened.key)
    assert person is not None
    assert (person.login, person.name, person.scope.role) == ("li.si", "李四", Role.COMPETENT)
    assert not person.admin
    [row] = either.rows(SignInRecord)
    assert (row["login"], row["outcome"], row["address"]) == ("li.si", "succeeded", "10.0.0.1")
    assert row["at"] == either.now


def test_a_refusal_does_not_tell_who_exists(office: Office) -> None:
    office.user("li.si")
    office.user("gone")
    office.accounts.set_disabled(
        COMMAND_LINE, office.accounts.user("gone").id, office.now, disabled=True
    )
    said = {
        office.tries("li.si", WRONG),
        office.tries("nobody", WRONG),
        office.tries("nobody"),
        office.tries("gone"),
        office.tries("li.si", ""),
        office.tries("", ""),
    }
    assert said == {signing_in.WRONG}
    assert outcomes(office) == {"failed": 2, "unknown": 3, "disabled": 1}


def test_the_same_statements_are_said_of_anybody(office: Office) -> None:
    office.user("li.si")
    said = []
    for login in ("li.si", "nobody"):
        with office.statements() as statements:
            office.tries(login, WRONG)
        said.append(statements)
    assert said[0] == said[1]


@pytest.mark.parametrize("login", ["li.si", "nobody"])
def test_five_failures_bring_a_pause_of_fifteen_minutes(login: str, office: Office) -> None:
    office.user("li.si")
    for _ in range(5):
        assert kind(office.tries(login, WRONG)) == "wrong"
        office.later(minutes=1)
    paused = office.tries(login)
    assert isinstance(paused, SignInRefused)
    assert (paused.kind, paused.wait) == ("paused", 14 * 60 + 1)
    office.later(minutes=13, seconds=59)
    assert kind(office.tries(login)) == "paused"
    office.later(seconds=1)
    assert kind(office.tries(login)) == ("in" if login == "li.si" else "wrong")


def test_trying_during_a_pause_does_not_lengthen_it(office: Office) -> None:
    office.user("li.si")
    for _ in range(5):
        office.tries("li.si", WRONG)
    for _ in range(14):
        office.later(minutes=1)
        assert kind(office.tries("li.si", WRONG)) == "paused"
    office.later(minutes=1)
    assert kind(office.tries("li.si")) == "in"


def test_failures_far_apart_or_before_a_success_do_not_count(office: Office) -> None:
    office.user("li.si")
    for _ in range(8):
        assert kind(office.tries("li.si", WRONG)) == "wrong"
        office.later(minutes=4)
    office.tries("li.si")
    for _ in range(4):
        assert kind(office.tries("li.si", WRONG)) == "wrong"
    assert kind(office.tries("li.si")) == "in"


def test_a_pause_is_one_login_s_and_an_administrator_lifts_it(office: Office) -> None:
    office.user("li.si")
    office.user("wang.wu")
    for _ in range(5):
        office.tries("li.si", WRONG)
    assert kind(office.tries("wang.wu")) == "in"
    assert kind(office.tries("li.si")) == "paused"
    user = office.accounts.user("li.si")
    office.accounts.set_disabled(COMMAND_LINE, user.id, office.now, disabled=False)
    assert kind(office.tries("li.si")) == "in"


def test_many_at_once_get_no_more_guesses_than_one_after_another(either: Office) -> None:
    either.user("li.si")
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: either.tries("li.si", WRONG), range(16)))
    assert Counter(map(kind, answers)) == {"wrong": 5, "paused": 11}


def test_an_address_has_thirty_failures_in_five_minutes(office: Office) -> None:
    office.user("li.si")
    for number in range(30):
        assert kind(office.tries(f"user{number}", WRONG)) == "wrong"
    assert kind(office.tries("li.si")) == "limited"
    assert kind(office.tries("li.si", address="10.0.0.2")) == "in"
    for _ in range(100):
        office.tries("li.si", WRONG)
    assert outcomes(office)["limited"] <= 30
    office.later(minutes=5, seconds=1)
    assert kind(office.tries("li.si")) == "in"


def test_people_behind_one_address_who_get_in_do_not_use_it_up(office: Office) -> None:
    office.user("li.si")
    for _ in range(35):
        assert kind(office.tries("li.si")) == "in"


def test_whatever_is_typed_can_be_written_down(either: Office) -> None:
    longest = "a" * 64
    either.user(longest, name="长名")
    assert kind(either.tries(longest)) == "in"
    odds = ("a" * 65, "a" * 5_000, "x\x00y", "\ud800\udfff", "' OR 1=1 --", "李四")
    for number, odd in enumerate(odds):
        assert kind(either.tries(odd)) == "wrong"
        answer = either.accounts.sign_in(f"x{number}", odd, odd, odd, either.now)
        assert kind(answer) == "wrong"
    for row in either.rows(SignInRecord):
        assert len(row["login"]) <= 64
        assert len(row["address"]) <= 64
        assert len(row["agent"]) <= 200


def test_somebody_without_a_grant_is_told_so_only_with_the_right_password(office: Office) -> None:
    added = office.user("li.si")
    office.accounts.end_grant(COMMAND_LINE, added.grant_id, office.now)
    assert kind(office.tries("li.si", WRONG)) == "wrong"
    assert kind(office.tries("li.si")) == "no_grant"
    assert office.rows(SessionRecord) == []


def test_a_hash_of_old_parameters_is_made_anew(office: Office) -> None:
    office.user("li.si")
    old = PasswordHasher(time_cost=1, memory_cost=512).hash(PASSWORD)
    office.store_password("li.si", old)
    assert kind(office.tries("li.si", WRONG)) == "wrong"
    assert office.stored_password("li.si") == old
    assert kind(office.tries("li.si")) == "in"
    assert office.stored_password("li.si") != old
    assert kind(office.tries("li.si")) == "in"


@pytest.mark.parametrize("what", ["password", "disabled"])
def test_what_changes_while_the_password_is_looked_at_counts(
    what: str, either: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = either.user("li.si")

    def fits_and_then(stored: str | None, password: str) -> bool:
        accounts = either.accounts
        if what == "password":
            accounts.set_password(COMMAND_LINE, added.user_id, either.now)
        else:
            accounts.set_disabled(COMMAND_LINE, added.user_id, either.now, disabled=True)
        return True

    monkeypatch.setattr(signing_in, "fits", fits_and_then)
    assert kind(either.tries("li.si")) == "wrong"
    assert either.rows(SessionRecord) == []


def test_who_signs_in_elsewhere_has_no_password_to_guess(office: Office) -> None:
    office.accounts.add_user(
        "li.si", "李四", Role.NDRC, now=office.now, with_password=False, must_change=True
    )
    assert kind(office.tries("li.si", "")) == "wrong"
    opened = office.accounts.sign_in_elsewhere("Li.Si", "10.0.0.1", "x", office.now)
    assert isinstance(opened, Opened)
    person = office.behind(opened.key)
    assert person is not None
    assert not person.must_change
    for login in ("nobody", "li.si\x00"):
        assert kind(office.accounts.sign_in_elsewhere(login, "", "", office.now)) == "wrong"
    office.accounts.set_disabled(COMMAND_LINE, person.user_id, office.now, disabled=True)
    assert kind(office.accounts.sign_in_elsewhere("li.si", "", "", office.now)) == "wrong"


def test_the_log_is_read_page_by_page(office: Office) -> None:
    for number in range(5):
        office.tries(f"user{number}", WRONG)
    first = office.accounts.sign_ins(limit=2)
    assert [row["login"] for row in first] == ["user4", "user3"]
    rest = office.accounts.sign_ins(before_id=first[-1]["id"])
    assert [row["login"] for row in rest] == ["user2", "user1", "user0"]
    assert len(office.accounts.sign_ins(login="USER1")) == 1
