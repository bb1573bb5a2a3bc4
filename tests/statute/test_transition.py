"""A second rule set comes into force: new centers get it, old ones keep theirs until moved (L2)."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from neiic.statute import agenda, replay
from neiic.statute.acts import Act, Refused, read_act
from neiic.statute.periods import BEIJING, Asks, CalendarAnswer
from neiic.statute.rules import LIBRARY, Library, RuleSet, read
from neiic.statute.what_if import WhatIf, what_if
from tests.statute.lives import PureLife, weekends_only
from tests.statute.random_lives import (
    APPROVED,
    CONCURRED,
    CONFIRMED,
    DATED,
    UNITS,
    Said,
    a_registration,
)

TEXT = (Path(__file__).parents[1] / "rule_sets" / "cn-2031.yaml").read_text(encoding="utf-8")
START = datetime(2031, 3, 3, 9, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def second(monkeypatch: pytest.MonkeyPatch) -> RuleSet:
    """The rule set that comes into force on 2031-02-01, in this test alone."""
    rules = read(TEXT)
    monkeypatch.setitem(LIBRARY._by_name, rules.name, rules)
    return rules


class Moving:
    """A life under the first rule set that is played along a list of acts."""

    def __init__(self, said: tuple[Said, ...] = ()) -> None:
        self.life = PureLife(a_registration(random.Random(7)), LIBRARY["cn-2026"], START)
        self.now = START
        for days, role, action, data in said:
            self.now += timedelta(days=days)
            today = self.now.date().isoformat()
            filled = {k: today if v == "today" else v for k, v in data.items()}
            assert self.say(role, action, filled) is None

    def say(self, role: str, action: str, data: dict[str, Any]) -> Refused | None:
        return self.life.act(action, self.message(role, action, data), self.now)

    def message(self, role: str, action: str, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "decision_id": f"{action} {self.now}",
            "actor": {"user": "u", "role": role, "unit": UNITS.get(role, "某单位")},
            "data": data,
        }

    def move(self, **changes: Any) -> Refused | None:
        return self.say("ndrc", "ruleset.move", {**MOVE, **changes})

    def wait(self, until: datetime) -> None:
        self.now = until
        self.life.wait(until)

    @property
    def due(self) -> dict[str, date]:
        return {one.id: one.due.due for one in agenda(self.life.center, self.life.rules)}


MOVE = {"rule_set": "cn-2031", "document_no": "发改高技〔2031〕20号", "reason": "办法修订"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def test_new_centers_get_it_and_old_ones_keep_theirs(second: RuleSet) -> None:
    library = Library(iter([LIBRARY["cn-2026"], second]))
    assert library.in_force(date(2031, 1, 31)).name == "cn-2026"
    assert library.in_force(date(2031, 2, 1)).name == "cn-2031"
    assert library.in_force(date(2044, 1, 1)).name == "cn-2031"
    old = Moving(APPROVED)
    old.wait(at("2033-03-03T09:00"))
    assert old.life.center.rule_set == "cn-2026"
    assert [one for one in old.life.snapshot()["warnings"] if "cn-2026" in one]


def test_the_end_of_a_preparation_is_counted_anew() -> None:
    one = Moving(APPROVED)
    assert one.due["preparation_end"] == date(2034, 4, 24)  # nominal 22 April is a Saturday
    assert one.move() is None
    center = one.life.center
    assert center.rule_set == "cn-2031"
    assert one.due["preparation_end"] == date(2035, 4, 23)  # nominal 22 April is a Sunday
    assert center.preparation is not None
    assert center.preparation.nominal_end == date(2035, 4, 22)
    assert one.due["annual_report:2031"] == date(2032, 3, 31)
    event = one.life.events[-1]
    assert (event.article, event.document_no) == ("第三十六条", MOVE["document_no"])
    assert event.data["before"] == "cn-2026"
    [change] = event.data["deadlines"]
    assert (change["before"]["due"], change["after"]["due"]) == ("2034-04-24", "2035-04-23")
    assert {notice.unit for notice in one.life.notices if notice.kind == "ruleset.move"} == set(
        UNITS.values()
    )
    one.wait(at("2034-05-01T00:00"))
    assert one.life.center.stage == "preparation"
    one.wait(at("2035-04-24T00:01"))
    assert one.life.center.stage == "cancelled"
    assert replay(one.life.events) == one.life.center


def test_a_date_that_a_decision_named_stays() -> None:
    shorter = ({"until": "2033-01-31"},)
    said = tuple(
        (days, role, action, {**data, **(shorter[0] if action == "formation.decide" else {})})
        for days, role, action, data in APPROVED
    )
    one = Moving(said)
    assert one.move() is None
    assert one.due["preparation_end"] == date(2033, 1, 31)
    [shown] = [d for d in one.life.snapshot()["deadlines"] if d["id"] == "preparation_end"]
    assert "批复所定日期2033年1月31日" in shown["explanation_zh"]


def test_a_move_takes_no_standing_away(second: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    short = second.but(name="short", preparation_years=1)
    monkeypatch.setitem(LIBRARY._by_name, "short", short)
    one = Moving(APPROVED)
    one.wait(at("2033-06-01T09:00"))
    assert one.move(rule_set="short") is None
    assert one.life.center.stage == "preparation"
    assert one.due["preparation_end"] == date(2034, 4, 24)
    [shown] = [d for d in one.life.snapshot()["deadlines"] if d["id"] == "preparation_end"]
    assert "自批复日期2031年4月22日起满3年，转用规则集short时保留" in shown["explanation_zh"]
    assert "3 years from the approval dated 2031-04-22" in shown["explanation_en"]


def test_reminders_go_by_the_new_ladder_and_none_is_sent_for_the_past() -> None:
    one = Moving(APPROVED)
    one.wait(at("2034-11-01T09:00"))  # never: it lapsed
    assert one.life.center.stage == "cancelled"
    two = Moving(APPROVED)
    two.wait(at("2033-05-01T09:00"))  # 365 days before the old end has gone by
    assert two.move() is None
    sent = len(two.life.notices)
    two.wait(at("2034-12-01T09:00"))
    reminded = [
        (notice.rung, notice.due)
        for notice in two.life.notices[sent:]
        if notice.kind == "reminder:preparation_end"
    ]
    assert reminded == [(-200, date(2035, 4, 23))]
    three = Moving(APPROVED)
    three.wait(at("2032-03-15T09:00"))  # the report is overdue since February
    before = len(three.life.notices)
    assert three.move() is None
    three.wait(three.now + timedelta(seconds=1))
    fresh = [notice.kind for notice in three.life.notices[before:]]
    assert "reminder:annual_report:2031" not in fresh, "its third day has gone by"


def test_open_reports_and_rounds_are_counted_anew_and_later_ones_follow() -> None:
    one = Moving(CONFIRMED)
    one.wait(at("2032-01-10T09:00"))
    assert one.due["annual_report:2031"] == date(2032, 2, 29)
    assert one.due["evaluation_materials:2032"] == date(2032, 6, 30)
    assert one.move() is None
    assert one.due["annual_report:2031"] == date(2032, 3, 31)
    # Rounds are in odd years now; the center was confirmed in 2031, whose round it need not join.
    assert "evaluation_materials:2032" not in one.due
    assert one.due["evaluation_materials:2033"] == date(2033, 7, 31)


def test_a_round_under_way_keeps_its_center() -> None:
    one = Moving(CONFIRMED)
    one.wait(at("2032-04-01T09:00"))
    assert 2032 in one.life.center.rounds
    assert one.move() is None
    assert one.due["evaluation_materials:2032"] == date(2032, 6, 30)  # no round year any more
    assert one.due["evaluation_materials:2033"] == date(2033, 7, 31)


def test_nobody_is_drawn_into_a_round_midway() -> None:
    one = Moving((*CONCURRED, (10, "ndrc", "evaluation.confirm", {"year": 2032, **DATED})))
    one.wait(at("2033-04-01T09:00"))
    assert one.move() is None
    assert one.due["evaluation_materials:2035"] == date(2035, 7, 31)
    assert "evaluation_materials:2033" not in one.due


@pytest.mark.parametrize(
    ("changes", "role", "code", "names"),
    [
        ({"rule_set": "cn-1999"}, "ndrc", "invalid", "data.rule_set"),
        ({"rule_set": "cn-2026"}, "ndrc", "not_pending", "data.rule_set"),
        ({"reason": ""}, "ndrc", "invalid", "data.reason"),
        ({"document_no": None}, "ndrc", "invalid", "data.document_no"),
        ({}, "competent", "role_not_allowed", "actor.role"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], role: str, code: str, names: str) -> None:
    one = Moving(APPROVED)
    before = one.life.center
    refused = one.say(role, "ruleset.move", {**MOVE, **changes})
    assert refused is not None
    assert refused.code == code
    assert names in refused.message_zh
    assert names in refused.message_en
    assert one.life.center is before


def test_too_early_before_it_is_in_force(second: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    later = second.but(name="later", valid_from=date(2040, 1, 1))
    monkeypatch.setitem(LIBRARY._by_name, "later", later)
    refused = Moving(APPROVED).move(rule_set="later")
    assert refused is not None
    assert refused.code == "too_early"


def test_the_preview_says_what_would_change_and_changes_nothing() -> None:
    one = Moving(APPROVED)
    center = one.life.center
    act = read_act("ruleset.move", one.message("ndrc", "ruleset.move", MOVE))
    assert isinstance(act, Act)
    answers: dict[date, CalendarAnswer] = {}
    while isinstance(found := what_if(center, act, one.now, answers), Asks):
        answers |= {day: weekends_only(day) for day in found.dates}
    assert isinstance(found, WhatIf)
    assert [(one.deadline, one.before, one.after) for one in found.deadlines] == [
        ("annual_report:2031", date(2032, 2, 29), date(2032, 3, 31)),
        ("preparation_end", date(2034, 4, 24), date(2035, 4, 23)),
    ]
    assert one.life.center is center
    assert one.move() is None
    assert one.life.center == found.center


def test_a_rule_set_keeps_its_name(second: RuleSet) -> None:
    library = Library(iter([LIBRARY["cn-2026"]]))
    assert library.add(TEXT) == second
    assert library.add(TEXT) == second
    with pytest.raises(ValueError, match="another rule set already"):
        library.add(TEXT.replace("preparation_years: {value: 4", "preparation_years: {value: 5"))
    with pytest.raises(ValueError, match="valid_until is missing"):
        library.add(TEXT.replace("valid_until:", "until:"))
    with pytest.raises(ValueError, match="is no rule set"):
        library.add("- nothing")
