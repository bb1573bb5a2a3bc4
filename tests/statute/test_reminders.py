"""The ladder: one notice for each deadline and rung, ever, whoever was away meanwhile."""

from __future__ import annotations

from datetime import timedelta

from neiic.statute.acts import CalendarPublished
from neiic.statute.deciding import agenda, decide
from neiic.statute.periods import CalendarAnswer
from neiic.statute.reminders import next_rung
from tests.statute.begun import RULES, approved, at, confirmed, extend


def test_each_rung_before_the_end_is_sent_on_its_day() -> None:
    life = approved()
    end = at("2034-06-16T00:00")
    for days in (365, 180, 90, 30, 7):
        life.wait(end - timedelta(days=days, seconds=1))
        assert -days not in life.sent_kinds("reminder:preparation_end")
        life.wait(end - timedelta(days=days))
    assert life.sent_kinds("reminder:preparation_end") == [-365, -180, -90, -30, -7]


def test_after_being_away_only_the_latest_rung_is_sent_and_the_others_are_skipped() -> None:
    life = approved()
    life.wait(at("2034-05-20T09:00"))
    rungs = [one for one in life.notices if one.kind == "reminder:preparation_end"]
    assert {one.rung: one.status for one in rungs} == {
        -365: "skipped",
        -180: "skipped",
        -90: "skipped",
        -30: "pending",
    }


def test_a_late_report_is_urged_twelve_times_and_then_its_superior_is_told() -> None:
    life = approved()
    day = at("2032-01-01T00:00")
    while day < at("2034-01-01T00:00"):
        life.wait(day)
        day += timedelta(days=1)
    rungs = [one for one in life.notices if one.kind == "reminder:annual_report:2031"]
    after = [one for one in rungs if one.rung is not None and one.rung > 0]
    assert [one.rung for one in after] == [1, 7, *range(37, 308, 30)]
    assert len(after) == 12
    assert [str(one.role) for one in after] == ["competent"] + ["ndrc"] * 11


def test_nothing_is_urged_while_an_application_holds_the_end() -> None:
    life = approved()
    extend(life, "2034-06-15")
    life.wait(at("2034-12-01T00:00"))
    assert max(life.sent_kinds("reminder:preparation_end")) < 0


def test_an_extended_end_has_its_own_ladder() -> None:
    life = approved()
    extend(life, "2034-06-15")
    life.must(
        "2034-06-20", "ndrc", "extension.decide",
        decision="grant", until="2035-06-01", document_no="1", document_date="2034-06-20",
    )  # fmt: skip
    life.wait(at("2035-05-26T00:00"))
    keys = [one.key for one in life.notices if one.kind == "reminder:preparation_end"]
    assert "reminder:preparation_end@2035-06-01/-7" in keys
    assert len(keys) == len(set(keys))


def test_a_new_calendar_moves_the_end_and_repeats_no_rung() -> None:
    life = approved(day="2031-06-17")
    life.wait(at("2034-05-22T00:00"))
    sent = life.sent_kinds("reminder:preparation_end")
    nominal = life.center.preparation.end.nominal  # type: ignore[union-attr]
    moved = CalendarAnswer(
        nominal=nominal,
        due=nominal + timedelta(days=4),
        reason_zh="端午节",
        reason_en="Dragon Boat Festival",
        provisional=False,
        version="official 2034",
    )
    events = decide(
        life.center, CalendarPublished(), at("2034-05-22T01:00"), life.rules, {nominal: moved}
    )
    assert isinstance(events, tuple)
    assert [event.kind for event in events] == ["deadline.resolved"]
    from neiic.statute import unfold

    life.center, _ = unfold(life.center, events, life.rules)
    life.wait(at("2034-05-30T00:00"))
    assert life.sent_kinds("reminder:preparation_end") == sent
    life.wait(at("2034-06-14T00:00"))
    assert life.sent_kinds("reminder:preparation_end") == [*sent, -7]


def test_a_round_reminds_the_implementing_unit() -> None:
    life = confirmed()
    life.wait(at("2035-05-01T00:00"))
    told = [one for one in life.notices if one.kind == "reminder:evaluation_materials:2035"]
    assert [(one.rung, one.unit) for one in told] == [(-60, "乙公司")]


def test_the_next_rung_is_never_in_the_past() -> None:
    life = confirmed()
    for days in range(0, 900, 37):
        now = at("2034-01-01T00:00") + timedelta(days=days)
        life.wait(now)
        rung = next_rung(life.center, RULES, agenda(life.center, RULES))
        assert rung is None or rung.at > now
