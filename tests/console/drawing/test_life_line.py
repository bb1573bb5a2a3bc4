"""The life line of random lives, of the shortest and the longest, and of hostile words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from neiic.console.drawing.life_entries import SILENT
from neiic.console.drawing.life_line import LifeLine, life_line
from neiic.console.drawing.words import words
from neiic.statute import snapshot
from neiic.statute.what_if import DeadlineChange
from tests.console.drawing.reading import SVG, assert_legible, counted, parsed, translations
from tests.records.lives import RULES, Life, approved, eventful
from tests.statute.random_lives import RandomLife

WORDS = {language: words(translations(language).gettext) for language in ("zh", "en")}
HOSTILE = '<script>alert(1)</script>"\x00\x1b\u202e&amp;]]>'


def drawn(life: Life, today: date, language: str = "zh", **more: object) -> LifeLine:
    shown = snapshot(life.center, RULES)
    return life_line(shown, life.events, today, language, WORDS[language], **more)  # type: ignore[arg-type]


def check(line: LifeLine) -> None:
    for svg in (line.wide, line.tall):
        root = parsed(svg)
        assert_legible(root)
        for kind in ("past", "coming"):
            assert counted(root, kind) == sum(row.kind == kind for row in line.rows)
    assert [row.date for row in line.rows] == sorted(row.date for row in line.rows)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    st.integers(0, 2**32), st.integers(0, 30), st.integers(-40, 2000), st.sampled_from(["zh", "en"])
)
@example(5, 30, 0, "en")
def test_random_lives_are_legible_and_whole(
    seed: int, steps: int, later: int, language: str
) -> None:
    one = RandomLife(seed)
    for action, message in one.play(steps):
        one.life.act(action, message, one.now)
    today = one.now.date() + timedelta(days=later)
    shown = snapshot(one.life.center, one.rules)
    line = life_line(shown, one.life.events, today, language, WORDS[language])
    check(line)
    told = [event for event in one.life.events if event.kind not in SILENT]
    assert sum(row.kind == "past" for row in line.rows) == len(told)
    assert (not shown.closed) == any(row.kind == "now" for row in line.rows)


def test_first_day_shows_the_recommendation_and_today() -> None:
    line = drawn(Life(), date(2031, 3, 3))
    check(line)
    assert [(row.what, row.kind) for row in line.rows] == [("推荐申报", "past"), ("今天", "now")]
    assert "推荐申报" in [one.text for one in parsed(line.wide).iter(f"{SVG}text")]


def test_stages_are_bands_in_order() -> None:
    root = parsed(drawn(eventful(), date(2039, 3, 1)).wide)
    bands = [one for one in root.iter(f"{SVG}g") if "band" in one.get("class", "").split()]
    assert [(one[0].text or "").split(" ")[0] for one in bands] == [
        "申报论证",
        "筹建期",
        "运行",
        "视为放弃",
    ]
    assert (bands[1][0].text or "").endswith("2031年6月16日 – 2033年12月5日")


def test_what_is_provisional_is_dashed_and_what_is_late_is_said() -> None:
    life = approved()
    life.wait("2032-03-10T09:00")
    line = drawn(life, date(2032, 3, 10))
    root = parsed(line.wide)
    dashed = [
        one
        for one in root.iter(f"{SVG}g")
        if {"mark", "provisional"} <= set(one.get("class", "").split())
    ]
    assert len(dashed) == 1
    assert dashed[0][1].get("stroke-dasharray")
    assert [row.what for row in line.rows if row.overdue] == ["2031年度报告：逾期"]


def test_a_snapshot_older_than_today_shows_what_is_late_since() -> None:
    life = approved()
    life.wait("2032-02-10T09:00")
    rows = drawn(life, date(2032, 3, 10)).rows
    assert [row.what for row in rows if row.overdue] == ["2031年度报告：逾期"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_assumption_is_drawn_beneath(language: str) -> None:
    change = DeadlineChange(
        deadline="preparation_end",
        title="筹建期届满",
        article="第十八条",
        before=date(2034, 6, 16),
        after=date(2060, 6, 16),
    )
    gone = change.model_copy(update={"deadline": "annual_report:2040", "after": None})
    line = drawn(approved(), date(2033, 1, 1), language, assumed=(change, gone))
    check(line)
    changes = [one for one in parsed(line.wide).iter(f"{SVG}g") if one.get("class") == "change"]
    assert len(changes) == 2
    assert "2060" in (changes[0][0].text or "")
    assert len(line.changes) == 2


@pytest.mark.parametrize("years", [1, 40])
def test_a_crowded_life_is_made_of_counts(years: int) -> None:
    life = approved()
    for index in range(120):
        event = life.events[1].but(sequence=10 + index, kind="supervision.note", data={})
        event = event.but(effective=date(2031, 6, 17) + timedelta(days=index * years * 3))
        life.commits.append(life.commits[-1].model_copy(update={"events": (event,)}))
    life.commits = life.commits[:1] + life.commits[3:]  # without stages
    line = drawn(life, date(2031, 6, 17) + timedelta(days=365 * years))
    check(line)
    groups = [one for one in parsed(line.wide).iter(f"{SVG}g") if one.get("data-count")]
    assert len(groups) < 110


def test_hostile_words_stay_words() -> None:
    life = approved()
    shown = snapshot(life.center, RULES).but(name=HOSTILE, field=HOSTILE)
    odd = life.events[-1].but(kind=HOSTILE, article=HOSTILE, data={"decision": HOSTILE})
    events = [*life.events[1:], odd]
    line = life_line(shown, events, date(2032, 1, 1), "zh", WORDS["zh"])
    check(line)
    for svg in (line.wide, line.tall):
        assert "<script" not in svg
        assert "\x00" not in svg
        assert "\u202e" not in svg
        assert "alert(1)" in svg


def test_many_lives_end_the_scale_where_dates_end() -> None:
    life = Life()
    line = drawn(life, date.max)
    check(line)
