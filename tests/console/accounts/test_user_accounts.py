"""Users: who can be one, and what adding one again does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from neiic.console.accounts.faults import FaultError
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.desk import AuditRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, PASSWORD, SHAANXI, Office


@pytest.mark.parametrize("login", ["x", "li si", "李四", "a" * 65, "li/si", "x\x00", ""])
def test_what_can_be_no_login_is_told(login: str, office: Office) -> None:
    with pytest.raises(FaultError) as caught:
        office.user(login, name="李四")
    assert caught.value.fault.field == "login"


@pytest.mark.parametrize("name", ["", "x" * 61, "李四（代张三）", "Li (NDRC)", "李\n四", "x\x00"])
def test_what_can_be_no_name_is_told(name: str, office: Office) -> None:
    with pytest.raises(FaultError) as caught:
        office.accounts.add_user("li.si", name, Role.NDRC, now=office.now)
    assert caught.value.fault.field == "name"


def test_added_again_somebody_gets_another_grant_and_nothing_else(either: Office) -> None:
    first = either.accounts.add_user("Li.Si", "李四", Role.COMPETENT, NINGXIA, now=either.now)
    assert (first.new_user, first.new_grant, first.new_unit) == (True, True, True)
    assert first.password is not None
    again = either.accounts.add_user(
        "li.si", "王五", Role.COMPETENT, SHAANXI, now=either.now, password=PASSWORD
    )
    assert (again.new_user, again.new_grant, again.password) == (False, True, None)
    assert again.user_id == first.user_id
    same = either.accounts.add_user("li.si", None, Role.COMPETENT, SHAANXI, now=either.now)
    assert (same.new_grant, same.grant_id) == (False, again.grant_id)
    user = either.accounts.user("LI.SI")
    assert (user.name, [one.unit for one in user.grants]) == ("李四", [NINGXIA, SHAANXI])
    assert either.tries("li.si").__class__.__name__ == "SignInRefused"
    assert either.tries("li.si", first.password).__class__.__name__ == "Opened"


def test_two_who_add_the_same_at_once_make_one(either: Office) -> None:
    def add(number: int) -> bool:
        try:
            return either.user("li.si", unit=f"单位{number}").new_user
        except FaultError as error:
            return error.kind != "conflict"

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(add, range(4))) == 1
    assert len(either.accounts.users()) == 1


def test_a_profile_is_changed_within_the_same_bounds(office: Office) -> None:
    added = office.user("li.si")
    accounts = office.accounts
    accounts.set_profile(COMMAND_LINE, added.user_id, office.now, name="李思", language="en")
    assert (office.person("li.si").name, office.person("li.si").language) == ("李思", "en")
    for field, value in (("name", "（）"), ("language", "fr")):
        with pytest.raises(FaultError) as caught:
            accounts.set_profile(COMMAND_LINE, added.user_id, office.now, **{field: value})
        assert caught.value.fault.field == field
    with pytest.raises(FaultError):
        accounts.set_disabled(COMMAND_LINE, 999, office.now, disabled=True)


def test_every_change_stands_in_the_trail_without_a_secret(office: Office) -> None:
    added = office.user("li.si")
    accounts = office.accounts
    accounts.set_password(COMMAND_LINE, added.user_id, office.now, "another horse battery")
    accounts.set_disabled(COMMAND_LINE, added.user_id, office.now, disabled=True)
    accounts.end_grant(COMMAND_LINE, added.grant_id, office.now)
    rows = office.rows(AuditRecord)
    assert [row["what"] for row in rows] == [
        "user.add",
        "unit.add",
        "grant.add",
        "user.password",
        "user.disable",
        "grant.end",
    ]
    assert "horse" not in str(rows)
    assert office.stored_password("li.si") not in str(rows)
