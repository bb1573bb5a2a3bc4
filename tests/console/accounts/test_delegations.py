"""Delegation: whose work a colleague may do, from when until when, and what the record says."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from neiic.console.accounts.access import Person, actor_of
from neiic.console.accounts.faults import FaultError
from neiic.console.desk.audit import COMMAND_LINE
from neiic.statute.acts import Actor
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, SHAANXI, Office

FIRST, LAST = date(2031, 6, 17), date(2031, 6, 18)


def lent(person: Person | None) -> list[str]:
    assert person is not None
    return [one.for_whom.login for one in person.grants if one.for_whom]


def handed_over(office: Office) -> tuple[Person, str, int]:
    """张三 hands the work to 李四 for two days: the giver, the receiver's cookie, the delegation."""
    office.user("zhang.san", name="张三")
    office.user("li.si", name="李四")
    giver = office.person("zhang.san")
    made = office.accounts.delegate(giver, "LI.SI", FIRST, LAST, office.now)
    return giver, office.cookie("li.si"), made


def test_it_holds_from_midnight_to_midnight_in_beijing(either: Office) -> None:
    _, cookie, _ = handed_over(either)
    either.accounts.idle = either.accounts.lifetime * 10
    either.accounts.lifetime *= 10
    cookie = either.cookie("li.si")
    for moment, holds in (
        (datetime(2031, 6, 16, 15, 59, 59, tzinfo=UTC), False),
        (datetime(2031, 6, 16, 16, 0, tzinfo=UTC), True),
        (datetime(2031, 6, 18, 15, 59, 59, tzinfo=UTC), True),
        (datetime(2031, 6, 18, 16, 0, tzinfo=UTC), False),
    ):
        either.now = moment
        assert lent(either.behind(cookie)) == (["zhang.san"] if holds else [])


def test_who_acts_for_another_is_named_with_them(office: Office) -> None:
    _, cookie, _ = handed_over(office)
    office.later(days=1)
    cookie = office.cookie("li.si")
    person = office.acts_for(cookie, "zhang.san")
    assert person.for_whom is not None
    assert person.for_whom.name == "张三"
    actor = {"user": "li.si", "name": "李四（代张三）", "role": "competent", "unit": NINGXIA}
    assert actor_of(person) == actor
    assert actor_of(person, drafted_by="王五")["name"] == "李四（代张三，王五拟办）"
    assert actor_of(office.person("li.si"), drafted_by="张三")["name"] == "李四（张三拟办）"
    Actor.model_validate(actor_of(person, drafted_by="王" * 60))


def test_a_session_that_acts_for_another_is_back_to_itself_at_midnight(office: Office) -> None:
    handed_over(office)
    office.now = datetime(2031, 6, 18, 15, 0, tzinfo=UTC)
    cookie = office.cookie("li.si")
    office.acts_for(cookie, "zhang.san")
    office.later(hours=1)
    person = office.behind(cookie)
    assert person is not None
    assert person.for_whom is None
    assert person.displaced
    assert actor_of(person)["name"] == "李四"


def test_it_ends_when_either_takes_it_back_and_nobody_else_can(office: Office) -> None:
    giver, _, made = handed_over(office)
    office.later(days=1)
    stranger = office.new_person("zhao.liu")
    with pytest.raises(FaultError):
        office.accounts.end_delegation(stranger, made, office.now)
    cookie = office.cookie("li.si")
    person = office.acts_for(cookie, "zhang.san")
    office.accounts.end_delegation(giver, made, office.now)
    assert lent(office.behind(cookie)) == []
    with pytest.raises(FaultError):
        office.accounts.end_delegation(person, made, office.now)
    [seen] = office.accounts.delegations(giver.user_id)
    assert (seen.giver, seen.receiver, seen.ended) == ("zhang.san", "li.si", office.now)


@pytest.mark.parametrize("what", ["giver disabled", "giver's grant", "receiver's grant"])
def test_it_ends_when_one_of_the_two_leaves_the_unit(what: str, office: Office) -> None:
    giver, _, _ = handed_over(office)
    # Another unit keeps 李四 in the house.
    office.user("li.si", unit=SHAANXI)
    office.later(days=1)
    cookie = office.cookie("li.si")
    person = office.acts_for(cookie, "zhang.san")
    if what == "giver disabled":
        office.accounts.set_disabled(COMMAND_LINE, giver.user_id, office.now, disabled=True)
    else:
        grant = giver.grant.id if what == "giver's grant" else person.grants[0].id
        office.accounts.end_grant(COMMAND_LINE, grant, office.now)
    after = office.behind(cookie)
    assert lent(after) == []
    assert after is not None
    assert after.for_whom is None


def test_it_goes_to_an_active_colleague_of_the_same_unit_alone(office: Office) -> None:
    giver = office.new_person("zhang.san")
    office.user("far", unit=SHAANXI)
    gone = office.user("gone")
    office.accounts.set_disabled(COMMAND_LINE, gone.user_id, office.now, disabled=True)
    for to in ("far", "gone", "zhang.san", "nobody", "x\x00"):
        with pytest.raises(FaultError) as caught:
            office.accounts.delegate(giver, to, FIRST, LAST, office.now)
        assert caught.value.fault.field == "to"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2031, 6, 18), date(2031, 6, 17)),
        (date(2031, 6, 1), date(2031, 6, 15)),
        (date(2031, 6, 17), date(2033, 6, 17)),
    ],
)
def test_its_days_are_in_order_and_within_a_year(first: date, last: date, office: Office) -> None:
    giver = office.new_person("zhang.san")
    office.user("li.si")
    with pytest.raises(FaultError) as caught:
        office.accounts.delegate(giver, "li.si", first, last, office.now)
    assert caught.value.fault.field == "last"


def test_what_one_does_for_another_is_not_handed_on(office: Office) -> None:
    handed_over(office)
    office.user("wang.wu")
    office.later(days=1)
    person = office.acts_for(office.cookie("li.si"), "zhang.san")
    with pytest.raises(FaultError) as caught:
        office.accounts.delegate(person, "wang.wu", LAST, LAST, office.now)
    assert caught.value.kind == "forbidden"


def test_administration_is_not_handed_over(office: Office) -> None:
    root = office.new_person("root", Role.OPERATOR)
    office.user("li.si", Role.OPERATOR)
    with pytest.raises(FaultError):
        office.accounts.delegate(root, "li.si", FIRST, LAST, office.now)
