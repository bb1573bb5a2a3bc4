"""Where nominal dates fall (T3, T4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neiic.activities.calendar import HolidayCalendar

CALENDAR = HolidayCalendar()
PROJECTED = f"holidays {version('holidays')}"
FAR = "fixed dates without lunar holidays"


def day(text: str) -> date:
    return date.fromisoformat(text)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize(
    ("nominal", "due", "reason_zh", "reason_en"),
    [
        ("2034-06-16", "2034-06-16", "", ""),
        ("2034-06-17", "2034-06-19", "星期六", "Saturday"),
        ("2034-06-18", "2034-06-19", "星期日", "Sunday"),
        ("2034-06-20", "2034-06-21", "端午节", "Dragon Boat Festival"),
        ("2034-08-19", "2034-08-21", "星期六", "Saturday"),
        ("2034-09-30", "2034-10-05", "星期六", "Saturday"),
        ("2034-10-01", "2034-10-05", "国庆节", "National Day"),
        ("2034-10-04", "2034-10-05", "国庆节（补假）", "National Day (observed)"),
        ("2034-12-30", "2035-01-02", "星期六", "Saturday"),
        ("2031-10-01", "2031-10-06", "中秋节、国庆节", "Mid-Autumn Festival and National Day"),
    ],
)
def test_projected_dates(nominal: str, due: str, reason_zh: str, reason_en: str) -> None:
    answer = CALENDAR.resolve(day(nominal))
    assert answer.nominal == day(nominal)
    assert (answer.due, answer.reason_zh, answer.reason_en) == (day(due), reason_zh, reason_en)
    assert answer.provisional
    assert answer.version == PROJECTED


@pytest.mark.parametrize(
    ("nominal", "due", "reason_zh"),
    [
        ("2026-06-16", "2026-06-16", ""),
        ("2026-01-04", "2026-01-04", ""),  # Sundays and Saturdays that are worked
        ("2026-02-28", "2026-02-28", ""),
        ("2026-09-20", "2026-09-20", ""),
        ("2026-10-10", "2026-10-10", ""),
        ("2026-01-01", "2026-01-04", "元旦"),  # ends on a Sunday that is worked
        ("2026-02-15", "2026-02-24", "春节"),
        ("2026-09-25", "2026-09-28", "中秋节"),
        ("2026-09-30", "2026-09-30", ""),
        ("2026-10-01", "2026-10-08", "国庆节"),
        ("2026-10-04", "2026-10-08", "国庆节"),
        ("2026-10-11", "2026-10-12", "星期日"),
        ("2026-12-31", "2026-12-31", ""),
        ("2025-10-06", "2025-10-09", "国庆节、中秋节"),
        ("2025-12-31", "2025-12-31", ""),
    ],
)
def test_announced_dates(nominal: str, due: str, reason_zh: str) -> None:
    answer = CALENDAR.resolve(day(nominal))
    assert (answer.due, answer.reason_zh) == (day(due), reason_zh)
    assert not answer.provisional
    assert answer.version == f"official {nominal[:4]}"


def test_the_packaged_years() -> None:
    assert CALENDAR.official_years == (2025, 2026)


@pytest.mark.parametrize("year", [2025, 2026])
def test_announced_files_agree_with_the_package(year: int) -> None:
    holidays = pytest.importorskip("holidays").country_holidays("CN", years=year)
    for one in days_of(year):
        off = one in holidays or (one.weekday() >= 5 and one not in holidays.weekend_workdays)
        assert (CALENDAR.resolve(one).due != one) == off, one


@pytest.mark.parametrize(
    ("nominal", "due"),
    [
        ("2024-10-05", "2024-10-08"),
        ("2024-10-12", "2024-10-12"),  # a Saturday that was worked
        ("2005-12-31", "2005-12-31"),  # worked by the next year's notice
        ("2000-05-01", "2000-05-04"),
    ],
)
def test_years_gone_by_are_settled(nominal: str, due: str) -> None:
    answer = CALENDAR.resolve(day(nominal))
    assert answer.due == day(due)
    assert not answer.provisional
    assert answer.version == PROJECTED


@pytest.mark.parametrize(
    ("nominal", "due", "reason_zh"),
    [
        ("2101-05-01", "2101-05-04", "劳动节"),  # Sunday and Monday, made up for on Tuesday
        ("2500-01-01", "2500-01-04", "元旦"),
        ("2999-12-31", "2999-12-31", ""),
    ],
)
def test_years_without_a_lunar_calendar(nominal: str, due: str, reason_zh: str) -> None:
    answer = CALENDAR.resolve(day(nominal))
    assert (answer.due, answer.reason_zh) == (day(due), reason_zh)
    assert answer.provisional
    assert answer.version == FAR


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)))
def test_the_due_day_is_the_next_that_is_worked(nominal: date) -> None:
    answer = CALENDAR.resolve(nominal)
    assert timedelta(0) <= answer.due - nominal <= timedelta(days=12)
    assert bool(answer.reason_zh) == bool(answer.reason_en) == (answer.due != nominal)
    settled = CALENDAR.resolve(answer.due)
    assert settled.due == answer.due
    for between in range((answer.due - nominal).days):
        assert CALENDAR.resolve(nominal + timedelta(days=between)).due == answer.due


def test_threads_get_the_same_answers() -> None:
    dates = [date(year, 10, 1) for year in range(2020, 2120)] * 4
    calendar = HolidayCalendar()
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(calendar.resolve, dates)) == [CALENDAR.resolve(d) for d in dates]
