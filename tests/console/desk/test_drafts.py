"""Drafts: one writes, another signs, once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.desk import AuditRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, SHAANXI, Office

DATA = {"reason": "另有安排", "𠮷": [1, 2.5, None, {"x": True}]}


def drafted(office: Office, person: Person, **more: Any) -> int:
    asked = {"center": "A", "action": "formation.withdraw", "data": DATA, "now": office.now}
    return office.desk.draft(person, **asked | more)


def fault(error: pytest.ExceptionInfo[FaultError]) -> tuple[str, str]:
    return error.value.kind, error.value.fault.field


def test_a_colleague_signs_what_was_drafted(either: Office) -> None:
    either.center("A")
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    number = drafted(either, li, remarks=" 急 ")
    [waiting] = either.desk.drafts(wang, mine=False)
    assert (waiting.id, waiting.data, waiting.remarks) == (number, DATA, "急")
    assert (waiting.drafter_login, waiting.drafter_name) == ("li.si", "Li.Si")
    assert either.desk.drafts(li, mine=False) == []
    with pytest.raises(FaultError) as caught:
        either.desk.sign(li, number, either.now)
    assert fault(caught) == ("forbidden", "draft")
    signed = either.desk.sign(wang, number, either.now)
    assert (signed.state, signed.decision_id) == ("signed", waiting.decision_id)
    assert 1 <= len(signed.decision_id) <= 64
    assert either.desk.drafts(wang) == []
    [kept] = either.desk.drafts(li, states=("signed",), mine=True)
    assert kept.settler_name == "Wang.Wu"


def test_of_many_who_sign_at_once_one_has_signed(either: Office) -> None:
    either.center("A")
    number = drafted(either, either.new_person("li.si"))
    people = [either.new_person(f"user{n}") for n in range(6)]

    def sign(n: int) -> str:
        try:
            return either.desk.sign(people[n], number, either.now).state
        except FaultError as error:
            return error.kind

    with ThreadPoolExecutor(6) as threads:
        assert Counter(threads.map(sign, range(6))) == {"signed": 1, "conflict": 5}


def test_another_unit_or_role_does_not_know_of_it(office: Office) -> None:
    office.center("A")
    number = drafted(office, office.new_person("li.si"))
    office.user("both", Role.LEAD, NINGXIA)
    strangers = [
        office.new_person("far", unit=SHAANXI),
        office.new_person("boss", Role.NDRC),
        office.person("both"),
    ]
    for person in strangers:
        for act in (office.desk.sign, office.desk.withdraw):
            with pytest.raises(FaultError) as caught:
                act(person, number, office.now)
            assert fault(caught) == ("unknown", "draft")
        with pytest.raises(FaultError):
            office.desk.find_draft(person, number)
        assert office.desk.drafts(person) == []


def test_a_stand_in_does_not_sign_for_who_drafted(office: Office) -> None:
    office.center("A")
    zhang, _ = office.new_person("zhang.san"), office.user("li.si")
    office.accounts.delegate(zhang, "li.si", date(2031, 6, 16), date(2031, 6, 20), office.now)
    stand_in = office.acts_for(office.cookie("li.si"), "zhang.san")
    own = office.person("li.si")
    by_zhang, by_stand_in = drafted(office, zhang), drafted(office, stand_in)
    for person, number in ((stand_in, by_zhang), (own, by_stand_in), (stand_in, by_stand_in)):
        with pytest.raises(FaultError) as caught:
            office.desk.sign(person, number, office.now)
        assert fault(caught) == ("forbidden", "draft")
    # The same two people in their own names are two.
    assert office.desk.sign(zhang, by_stand_in, office.now).drafted_for == zhang.user_id
    assert office.desk.sign(own, by_zhang, office.now)


def test_a_draft_goes_back_with_a_reason_or_is_taken_back(office: Office) -> None:
    office.center("A")
    li, wang = office.new_person("li.si"), office.new_person("wang.wu")
    first, second = drafted(office, li), drafted(office, li)
    with pytest.raises(FaultError) as caught:
        office.desk.return_draft(wang, first, " ", office.now)
    assert fault(caught) == ("invalid", "note")
    with pytest.raises(FaultError):
        office.desk.return_draft(li, first, "x", office.now)
    office.desk.return_draft(wang, first, "依据不足", office.now)
    assert office.desk.find_draft(li, first).note == "依据不足"
    with pytest.raises(FaultError):
        office.desk.withdraw(wang, second, office.now)
    office.desk.withdraw(li, second, office.now)
    for number, who in ((first, "Wang.Wu"), (second, "Li.Si")):
        with pytest.raises(FaultError) as caught:
            office.desk.sign(wang, number, office.now)
        assert fault(caught) == ("conflict", "draft")
        assert who in caught.value.fault.en


def test_what_was_signed_is_known_until_the_center_has_answered(office: Office) -> None:
    office.center("A")
    li, wang = office.new_person("li.si"), office.new_person("wang.wu")
    taken, refused, lost = (drafted(office, li) for _ in range(3))
    for number in (taken, refused, lost):
        office.desk.sign(wang, number, office.now)
    office.desk.taken(taken, office.now)
    office.desk.refused(wang, refused, "第十五条\x00：已不在申报论证阶段", office.now)
    later = office.now + timedelta(minutes=1)
    assert [one.id for one in office.desk.unsent(later)] == [lost]
    assert office.desk.unsent(office.now) == []
    returned = office.desk.find_draft(li, refused)
    assert returned.state == "returned"
    assert returned.note.startswith("第十五条")
    office.desk.refused(wang, taken, "too late to say so", office.now)
    assert office.desk.find_draft(li, taken).state == "signed"


def test_the_same_form_sent_twice_is_one_draft(office: Office) -> None:
    office.center("A")
    li = office.new_person("li.si")
    first = drafted(office, li, decision_id="d-1")
    assert drafted(office, li, decision_id="d-1") == first
    with pytest.raises(FaultError) as caught:
        drafted(office, li, decision_id="d-1", data={})
    assert fault(caught) == ("conflict", "decision_id")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"data": {"x": "y" * 200_000}}, "data"),
        ({"data": {"x": ["\x00"]}}, "data"),
        ({"data": {"\ud800": 1}}, "data"),
        ({"remarks": "x\x00"}, "remarks"),
        ({"decision_id": "x" * 65}, "decision_id"),
        ({"center": "none"}, "center"),
        ({"center": "x\x00"}, "center"),
    ],
)
def test_what_cannot_be_drafted_is_told(more: dict[str, Any], field: str, office: Office) -> None:
    office.center("A")
    with pytest.raises(FaultError) as caught:
        drafted(office, office.new_person("li.si"), **more)
    assert caught.value.fault.field == field


def test_who_has_lost_the_center_or_the_grant_signs_nothing(office: Office) -> None:
    office.center("A")
    li, wang = office.new_person("li.si"), office.new_person("wang.wu")
    number = drafted(office, li)
    office.center("B", competent_unit=SHAANXI)
    with pytest.raises(FaultError) as caught:
        drafted(office, li, center="B")
    assert fault(caught) == ("unknown", "center")
    cookie = office.cookie("wang.wu")
    office.accounts.end_grant(COMMAND_LINE, wang.grant.id, office.now)
    assert office.behind(cookie) is None
    assert office.desk.find_draft(li, number).state == "draft"


def test_each_step_stands_in_the_trail(office: Office) -> None:
    office.center("A")
    li, wang = office.new_person("li.si"), office.new_person("wang.wu")
    number = drafted(office, li)
    office.desk.sign(wang, number, office.now)
    lines = [row for row in office.rows(AuditRecord) if row["what"].startswith("draft.")]
    assert [(row["what"], row["login"], row["center"]) for row in lines] == [
        ("draft.make", "li.si", "A"),
        ("draft.sign", "wang.wu", "A"),
    ]
    assert all(row["detail"]["draft_id"] == number for row in lines)
