"""Which centers somebody sees, and under which name they act."""

from __future__ import annotations

from sqlalchemy import select

from neiic.console.accounts.access import Scope, actor_of, may_see, scope_condition
from neiic.console.desk.audit import COMMAND_LINE
from neiic.models.tables import CenterRecord, table_of
from neiic.statute.terms import Role
from tests.console.accounts.office import NINGXIA, SHAANXI, Office

CENTERS = table_of(CenterRecord)


def seen(office: Office, role: Role, *names: str) -> list[str]:
    scope = Scope(role, names[0] if names else "国家机关", names)
    query = select(CENTERS.c.code).where(scope_condition(scope)).order_by(CENTERS.c.code)
    with office.engine.connect() as connection:
        found = list(connection.execute(query).scalars())
    for code in ("A", "B", "C", "none", "A\x00", "", "A' OR '1'='1"):
        assert may_see(office.engine, scope, code) == (code in found)
    alias = CENTERS.alias("other")
    with office.engine.connect() as connection:
        query = select(alias.c.code).where(scope_condition(scope, alias))
        assert sorted(connection.execute(query).scalars()) == found
    return found


def three(office: Office) -> None:
    office.center("A", (Role.ASSESSOR, Role.NDRC))
    office.center("B", (Role.NDRC,), competent_unit=SHAANXI, lead_unit="丙公司")
    office.center("C", (Role.ASSESSOR,), implementing_unit="丁公司", competent_unit="原宁夏委")


def test_national_bodies_and_operators_see_all(either: Office) -> None:
    three(either)
    for role in (Role.NDRC, Role.CUSTOMS, Role.TAX, Role.OPERATOR):
        assert seen(either, role) == ["A", "B", "C"]


def test_a_unit_sees_its_own_in_its_role_alone(either: Office) -> None:
    three(either)
    assert seen(either, Role.COMPETENT, NINGXIA) == ["A"]
    assert seen(either, Role.COMPETENT, NINGXIA, "原宁夏委") == ["A", "C"]
    assert seen(either, Role.LEAD, "甲公司") == ["A", "C"]
    assert seen(either, Role.IMPLEMENTING, "丁公司") == ["C"]
    assert seen(either, Role.LEAD, NINGXIA) == []
    assert seen(either, Role.COMPETENT) == []
    assert seen(either, Role.COMPETENT, "宁夏") == []


def test_an_assessor_sees_what_waits_for_anybody_and_then_its_own(either: Office) -> None:
    three(either)
    assert seen(either, Role.ASSESSOR, "丙机构") == ["A", "C"]
    either.accounts.engage(COMMAND_LINE, "A", "丙机构", either.now)
    either.accounts.engage(COMMAND_LINE, "A", "丙机构", either.now)
    either.accounts.engage(COMMAND_LINE, "B", "丙机构", either.now)
    assert seen(either, Role.ASSESSOR, "丙机构") == ["A", "B", "C"]
    assert seen(either, Role.ASSESSOR, "丁机构") == ["C"]
    assert seen(either, Role.ASSESSOR, "丁机构", "丙机构") == ["A", "B", "C"]


def test_a_renamed_unit_acts_under_the_name_that_the_center_knows(office: Office) -> None:
    office.center("A")
    office.user("li.si")
    office.accounts.rename_unit(COMMAND_LINE, NINGXIA, "宁夏回族自治区发展和改革委员会", office.now)
    person = office.person("li.si")
    assert person.scope.unit == "宁夏回族自治区发展和改革委员会"
    assert office.accounts.may_see(person.scope, "A")
    assert actor_of(person, known_as=NINGXIA)["unit"] == NINGXIA
    assert actor_of(person, known_as=SHAANXI)["unit"] == person.scope.unit
    assert actor_of(person)["unit"] == person.scope.unit


def test_national_bodies_carry_their_own_name(office: Office) -> None:
    person = office.new_person("boss", Role.NDRC)
    assert person.scope.unit == "国家发展改革委"
    assert office.new_person("root", Role.OPERATOR).admin
    assert not person.admin
