"""Half-typed forms and saved filters: each user's own."""

from __future__ import annotations

import pytest

from neiic.console.accounts.faults import FaultError
from neiic.console.desk.keeping import MOST
from tests.console.accounts.office import Office

FORM = "center/A/formation.decide"


def test_what_was_typed_is_there_again_for_its_user_alone(either: Office) -> None:
    li, wang = either.user("li.si"), either.user("wang.wu")
    desk = either.desk
    desk.keep(li.user_id, FORM, {"reason": "写到一\x00半", "list": ["x\ud800"]}, either.now)
    desk.keep(li.user_id, FORM, {"reason": "写到一\x00半了", "n": 1}, either.now)
    kept = desk.kept(li.user_id, FORM)
    assert kept is not None
    assert kept.fields == {"reason": "写到一半了", "n": 1}
    assert desk.kept(wang.user_id, FORM) is None
    assert desk.kept(li.user_id, "x\x00") is None
    desk.forget(wang.user_id, FORM)
    assert [one.form for one in desk.kept_forms(li.user_id)] == [FORM]
    desk.forget(li.user_id, FORM)
    assert desk.kept_forms(li.user_id) == []


def test_nobody_keeps_without_end(office: Office) -> None:
    li = office.user("li.si")
    for number in range(MOST + 3):
        office.later(seconds=1)
        office.desk.keep(li.user_id, f"form{number}", {}, office.now)
    kept = office.desk.kept_forms(li.user_id)
    assert len(kept) == MOST
    assert kept[0].form == f"form{MOST + 2}"
    with pytest.raises(FaultError) as caught:
        office.desk.keep(li.user_id, "x", {"x": "y" * 200_000}, office.now)
    assert caught.value.fault.field == "fields"


def test_a_filter_is_saved_by_name(either: Office) -> None:
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    desk = either.desk
    first = desk.save_filter(li, "board", "逾期", "light=red", either.now)
    assert desk.save_filter(li, "board", "逾期", "light=red&unit=1", either.now) == first
    desk.save_filter(li, "board", "全部", "", either.now)
    desk.save_filter(wang, "board", "逾期", "x=1", either.now)
    assert {one.name: one.query for one in desk.filters(li.user_id, "board")} == {
        "逾期": "light=red&unit=1",
        "全部": "",
    }
    assert desk.filters(li.user_id, "tasks\x00") == []
    with pytest.raises(FaultError):
        desk.forget_filter(wang, first, either.now)
    desk.forget_filter(li, first, either.now)
    assert [one.name for one in desk.filters(li.user_id, "board")] == ["全部"]


@pytest.mark.parametrize(("name", "query", "field"), [("", "", "name"), ("x" * 61, "", "name"),
                                                      ("x", "y" * 2_001, "query")])  # fmt: skip
def test_a_filter_that_cannot_be_kept_is_told(
    name: str, query: str, field: str, office: Office
) -> None:
    with pytest.raises(FaultError) as caught:
        office.desk.save_filter(office.new_person("li.si"), "board", name, query, office.now)
    assert caught.value.fault.field == field
