"""Comments: read by the writer's unit alone."""

from __future__ import annotations

import pytest

from neiic.console.accounts.faults import FaultError
from neiic.statute.terms import Role
from tests.console.accounts.office import SHAANXI, Office


def test_a_unit_reads_its_own_remarks_alone(either: Office) -> None:
    either.center("A")
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    boss = either.new_person("boss", Role.NDRC)
    either.desk.comment(li, "A", "  先问财政 <script>alert(1)</script> \n𠮷 ", either.now)
    either.desk.comment(wang, "A", "已问", either.now)
    assert [one.text for one in either.desk.comments(li, "A")] == [
        "已问",
        "先问财政 <script>alert(1)</script> \n𠮷",
    ]
    assert either.desk.comments(boss, "A") == []
    assert (either.desk.comment_count(li, "A"), either.desk.comment_count(boss, "A")) == (2, 0)


@pytest.mark.parametrize("text", ["", "  ", "x" * 5_001, "x\x00", "\ud800"])
def test_what_cannot_be_kept_is_told(text: str, office: Office) -> None:
    office.center("A")
    li = office.new_person("li.si")
    office.desk.comment(li, "A", "x" * 5_000, office.now)
    with pytest.raises(FaultError) as caught:
        office.desk.comment(li, "A", text, office.now)
    assert caught.value.fault.field == "text"


def test_nobody_remarks_on_a_center_they_do_not_see(office: Office) -> None:
    office.center("A")
    far = office.new_person("far", unit=SHAANXI)
    for code in ("A", "none", "\x00"):
        with pytest.raises(FaultError) as caught:
            office.desk.comment(far, code, "x", office.now)
        assert caught.value.fault == ("center", "没有这个中心", "there is no such center")
