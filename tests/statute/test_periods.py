"""Years, days, roll-over, and a deadline that explains itself (T1-T5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from neiic.statute.deciding import agenda
from neiic.statute.periods import (
    CalendarNeededError,
    add_years,
    beijing,
    day_of,
    end_of,
    last_day_of_february,
    resolve,
)
from tests.statute.begun import RULES, approved
from tests.statute.lives import weekends_only


@pytest.mark.parametrize(
    ("anchor", "years", "end"),
    [
        ("2028-02-29", 3, "2031-02-28"),
        ("2028-02-29", 4, "2032-02-29"),
        ("2031-06-16", 3, "2034-06-16"),
        ("2030-12-31", 1, "2031-12-31"),
    ],
)
def test_periods_of_years(anchor: str, years: int, end: str) -> None:
    assert add_years(date.fromisoformat(anchor), years).isoformat() == end


def test_a_day_ends_at_beijing_midnight() -> None:
    assert end_of(date(2034, 6, 16)) == datetime(2034, 6, 16, 16, tzinfo=UTC)
    assert day_of(datetime(2034, 6, 16, 15, 59, 59, tzinfo=UTC)) == date(2034, 6, 16)
    assert day_of(datetime(2034, 6, 16, 16, tzinfo=UTC)) == date(2034, 6, 17)
    assert beijing(datetime(2034, 6, 16, 9)).utcoffset() == beijing(datetime.now(UTC)).utcoffset()


def test_february() -> None:
    assert [last_day_of_february(year).day for year in (2031, 2032, 2100)] == [28, 29, 28]


def test_a_period_rolls_over_and_a_fixed_date_does_not() -> None:
    saturday = date(2034, 6, 17)
    answers = {saturday: weekends_only(saturday)}
    anchor = date(2031, 6, 17)
    assert resolve("preparation_end", anchor, saturday, RULES, answers).due == date(2034, 6, 19)
    assert resolve("annual_report", anchor, saturday, RULES, {}).due == saturday
    with pytest.raises(CalendarNeededError):
        resolve("supplement", anchor, saturday, RULES, {})


def test_a_deadline_explains_itself() -> None:
    life = approved(day="2031-06-17")
    end = next(one for one in agenda(life.center, RULES) if one.id == "preparation_end")
    zh, en = end.explained_zh(date(2034, 1, 1)), end.explained_en(date(2034, 1, 1))
    for said in ("批复日期2031年6月17日", "满3年", "第十七条", "2034年6月17日", "星期六"):
        assert said in zh
    for said in ("顺延至2034年6月19日", "民法典第二百零三条", "暂定", "还剩169天"):
        assert said in zh
    assert "3 years from the approval dated 2031-06-17" in en
    assert "169 days left" in en
