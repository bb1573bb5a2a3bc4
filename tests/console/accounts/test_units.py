"""Units: their names for good, who is above whom, and what ties them."""

from __future__ import annotations

import pytest

from neiic.console.accounts.access import Signing
from neiic.console.accounts.faults import FaultError
from neiic.console.desk.audit import COMMAND_LINE
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, SHAANXI, Office


def add(office: Office, name: str, role: Role = Role.LEAD, superior: str | None = None) -> int:
    return office.accounts.add_unit(COMMAND_LINE, role, name, office.now, superior)


def rename(office: Office, old: str, new: str) -> None:
    office.accounts.rename_unit(COMMAND_LINE, old, new, office.now)


def test_a_unit_keeps_its_former_names(either: Office) -> None:
    either.user("li.si")
    rename(either, NINGXIA, "新名")
    rename(either, NINGXIA, "更新的名")
    [unit] = either.accounts.units()
    assert unit.name == "更新的名"
    assert unit.names[0] == "更新的名"
    assert set(unit.names) == {"更新的名", NINGXIA, "新名"}
    assert set(either.person("li.si").scope.names) == set(unit.names)
    rename(either, "更新的名", NINGXIA)
    assert either.person("li.si").scope.unit == NINGXIA


def test_nobody_takes_the_name_of_another_also_not_a_former_one(office: Office) -> None:
    office.user("li.si")
    office.user("wang.wu", unit=SHAANXI)
    rename(office, NINGXIA, "新名")
    for taken in (NINGXIA, "新名"):
        with pytest.raises(FaultError) as caught:
            rename(office, SHAANXI, taken)
        assert caught.value.kind == "conflict"
    # A user added under the former name joins the unit; none of that name is made anew.
    added = office.user("zhao.liu", unit=NINGXIA)
    assert not added.new_unit
    assert office.person("zhao.liu").scope.unit == "新名"


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.COMPETENT, None),
        (Role.COMPETENT, " "),
        (Role.ASSESSOR, None),
        (Role.NDRC, "宁夏"),
        (Role.COMPETENT, "国家发展改革委"),
        (Role.LEAD, "x" * 201),
        (Role.LEAD, "x\x00"),
    ],
)
def test_a_unit_that_cannot_be_is_told(role: Role, unit: str | None, office: Office) -> None:
    with pytest.raises(FaultError) as caught:
        office.accounts.add_user("li.si", "李四", role, unit, now=office.now)
    assert caught.value.fault.field == "unit"
    assert office.accounts.users() == []


def test_national_bodies_keep_their_names(office: Office) -> None:
    office.user("boss", Role.NDRC)
    office.user("li.si")
    for old, new in (("国家发展改革委", "新名"), (NINGXIA, "海关总署")):
        with pytest.raises(FaultError):
            rename(office, old, new)


def test_ties_are_found_under_any_name_and_from_either_side(either: Office) -> None:
    for name in ("丙机构", "甲公司", "乙公司"):
        add(either, name)
    accounts = either.accounts
    accounts.tie(COMMAND_LINE, "丙机构", "甲公司", "同一集团", either.now)
    rename(either, "甲公司", "甲集团")
    for one, other in (("丙机构", "甲公司"), ("丙机构", "甲集团"), ("甲公司", "丙机构")):
        found = accounts.tied(one, other)
        assert found is not None
        assert found.note_zh == "同一集团"
    assert accounts.tied("丙机构", "乙公司") is None
    assert accounts.tied("丙机构", "没有记录的公司") is None
    assert accounts.tied("没有记录的公司", "没有记录的公司") is not None
    assert accounts.tied("甲公司", "甲集团") is not None
    with either.statements() as said:
        ties = accounts.ties_with("丙机构", ["乙公司", "甲公司", "丙机构", ""])
    assert [one.other for one in ties] == ["甲公司", "丙机构"]
    assert len(said) == 2
    accounts.tie(COMMAND_LINE, "甲集团", "丙机构", "参股", either.now)
    assert accounts.ties() in ([("丙机构", "甲集团", "参股")], [("甲集团", "丙机构", "参股")])
    accounts.untie(COMMAND_LINE, "甲集团", "丙机构", either.now)
    assert accounts.tied("丙机构", "甲公司") is None


def test_units_of_one_house_are_tied(office: Office) -> None:
    add(office, "集团")
    add(office, "甲公司", superior="集团")
    add(office, "乙公司", superior="集团")
    add(office, "丙公司")
    tied = office.accounts.tied
    assert tied("甲公司", "集团")
    assert tied("集团", "甲公司")
    assert tied("甲公司", "乙公司")
    assert tied("甲公司", "丙公司") is None
    for below, above in (("集团", "甲公司"), ("甲公司", "甲公司"), ("甲公司", "没有的单位")):
        with pytest.raises(FaultError) as caught:
            add(office, below, superior=above)
        assert caught.value.fault.field == "superior"


def test_a_tie_needs_two_known_units_and_a_reason(office: Office) -> None:
    add(office, "甲公司")
    add(office, "乙公司")
    for one, other, note, field in (
        ("甲公司", "没有", "x", "other"),
        ("没有", "甲公司", "x", "unit"),
        ("甲公司", "甲公司", "x", "other"),
        ("甲公司", "乙公司", " ", "note"),
    ):
        with pytest.raises(FaultError) as caught:
            office.accounts.tie(COMMAND_LINE, one, other, note, office.now)
        assert caught.value.fault.field == field


def test_signing_is_a_policy_of_the_unit(office: Office) -> None:
    person = office.new_person("li.si")
    accounts, unit = office.accounts, person.unit_id
    assert not person.needs_signature("confirmation.evaluate", True)
    accounts.set_signing(COMMAND_LINE, unit, office.now, on=True)
    person = office.person("li.si")
    assert person.signing == Signing(None)
    assert person.needs_signature("formation.withdraw", True)
    assert not person.needs_signature("supervision.note", False)
    accounts.set_signing(COMMAND_LINE, unit, office.now, on=True, actions=["supervision.note"])
    person = office.person("li.si")
    assert person.needs_signature("supervision.note", False)
    assert not person.needs_signature("formation.withdraw", True)
    accounts.set_signing(COMMAND_LINE, unit, office.now, on=False)
    assert office.person("li.si").signing is None
    with pytest.raises(FaultError):
        accounts.set_signing(COMMAND_LINE, 999, office.now, on=True)
