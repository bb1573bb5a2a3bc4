"""Claims: one of a unit has a matter in hand, and everybody there knows who."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from neiic.console.accounts.faults import FaultError
from neiic.console.desk.audit import COMMAND_LINE
from neiic.console.desk.claims import Matter
from neiic.models.desk import AuditRecord, ClaimRecord
from neiic.statute.terms import Role
from tests.console.accounts.office import SHAANXI, Office

MATTER = Matter("A", "confirmation.evaluate")
REPORT = Matter("A", "report.submit", "2031")


def test_a_matter_is_claimed_once_in_a_unit(either: Office) -> None:
    either.center("A")
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    either.desk.claim(li, MATTER, either.now)
    either.desk.claim(li, MATTER, either.now)
    with pytest.raises(FaultError) as caught:
        either.desk.claim(wang, MATTER, either.now)
    assert caught.value.kind == "conflict"
    assert "Li.Si" in caught.value.fault.zh
    either.desk.claim(wang, REPORT, either.now)
    found = either.desk.claims(wang, centers=["A"])
    assert {matter: one.login for matter, one in found.items()} == {
        MATTER: "li.si",
        REPORT: "wang.wu",
    }
    assert list(either.desk.claims(wang, mine=True)) == [REPORT]
    assert either.desk.claims(wang, centers=["B"]) == {}


def test_another_unit_neither_sees_nor_touches_it(office: Office) -> None:
    office.center("A")
    li = office.new_person("li.si")
    boss, far = office.new_person("boss", Role.NDRC), office.new_person("far", unit=SHAANXI)
    office.desk.claim(li, MATTER, office.now)
    office.desk.claim(boss, MATTER, office.now)
    assert [one.login for one in office.desk.claims(boss).values()] == ["boss"]
    assert office.desk.claims(far) == {}
    for code in ("A", "none", "A\x00"):
        with pytest.raises(FaultError) as caught:
            office.desk.claim(far, Matter(code, "x"), office.now)
        assert caught.value.kind in ("unknown", "invalid")
        assert caught.value.fault.field == "center"


def test_many_who_claim_at_once_leave_one(either: Office) -> None:
    either.center("A")
    people = [either.new_person(f"user{number}") for number in range(6)]

    def claim(number: int) -> str:
        try:
            either.desk.claim(people[number], MATTER, either.now)
        except FaultError as error:
            return error.kind
        return "claimed"

    with ThreadPoolExecutor(6) as threads:
        assert Counter(threads.map(claim, range(6))) == {"claimed": 1, "conflict": 5}
    assert len(either.rows(ClaimRecord)) == 1


def test_a_matter_is_handed_to_a_colleague_with_a_note(either: Office) -> None:
    either.center("A")
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    either.user("far", unit=SHAANXI)
    either.desk.claim(li, MATTER, either.now)
    with pytest.raises(FaultError) as caught:
        either.desk.hand_over(wang, MATTER, "wang.wu", "", either.now)
    assert caught.value.kind == "conflict"
    for to in ("far", "nobody", "x\x00"):
        with pytest.raises(FaultError) as caught:
            either.desk.hand_over(li, MATTER, to, "", either.now)
        assert caught.value.fault.field == "to"
    either.desk.hand_over(li, MATTER, " WANG.WU ", "请周五前办结", either.now)
    claim = either.desk.claims(li)[MATTER]
    assert (claim.login, claim.note) == ("wang.wu", "请周五前办结")
    with pytest.raises(FaultError):
        either.desk.release(li, MATTER, either.now)
    either.desk.release(wang, MATTER, either.now)
    assert either.desk.claims(li) == {}


def test_what_somebody_left_behind_can_be_handed_on_and_taken_over(office: Office) -> None:
    office.center("A")
    li, wang = office.new_person("li.si"), office.new_person("wang.wu")
    office.desk.claim(li, MATTER, office.now)
    office.desk.claim(wang, MATTER, office.now, take_over=True)
    office.desk.claim(li, MATTER, office.now, take_over=True)
    office.accounts.set_disabled(COMMAND_LINE, li.user_id, office.now, disabled=True)
    office.desk.hand_over(wang, MATTER, "wang.wu", "", office.now)
    assert office.desk.claims(wang)[MATTER].login == "wang.wu"
    office.desk.done(MATTER)
    assert office.desk.claims(wang) == {}


def test_administrators_claim_nothing(office: Office) -> None:
    office.center("A")
    with pytest.raises(FaultError) as caught:
        office.desk.claim(office.new_person("root", Role.OPERATOR), MATTER, office.now)
    assert caught.value.kind == "forbidden"


def test_a_claim_and_its_line_in_the_trail_are_written_together_or_not_at_all(
    either: Office,
) -> None:
    either.center("A")
    li = either.new_person("li.si")
    either.desk.claim(li, MATTER, either.now)
    line = either.rows(AuditRecord)[-1]
    assert (line["what"], line["center"], line["login"]) == ("claim.take", "A", "li.si")
    assert line["detail"] == {"action": "confirmation.evaluate", "subject": ""}
    either.execute(text("ALTER TABLE desk_audit RENAME TO away"))
    try:
        with pytest.raises(Exception, match="desk_audit"):
            either.desk.claim(li, REPORT, either.now)
    finally:
        either.execute(text("ALTER TABLE away RENAME TO desk_audit"))
    assert list(either.desk.claims(li)) == [MATTER]
