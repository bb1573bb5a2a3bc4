"""Days, moments, amounts and numbers as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from neiic.console.dates import amount, day, days_left, moment, month, number
from tests.console.drawing.reading import translations

TODAY = date(2034, 6, 19)


def test_a_day_a_month_a_moment() -> None:
    assert day(TODAY, "zh") == "2034年6月19日"
    assert day(TODAY, "en") == "19 June 2034"
    assert month(TODAY, "zh") == "2034年6月"
    assert month(TODAY, "en") == "June 2034"
    late = datetime(2034, 6, 18, 20, 5, tzinfo=UTC)
    assert moment(late, "zh") == "2034年6月19日 04:05"
    assert moment(late, "en") == "19 June 2034, 04:05"
    assert day(late, "zh") == "2034年6月19日"
    assert moment(datetime(2034, 6, 19, 14, 5), "zh") == "2034年6月19日 14:05"


@pytest.mark.parametrize(
    ("due", "zh", "en"),
    [
        (date(2034, 7, 1), "还剩 12 天", "12 days left"),
        (date(2034, 6, 20), "还剩 1 天", "1 day left"),
        (TODAY, "今日到期", "due today"),
        (date(2034, 6, 16), "逾期 3 天", "3 days overdue"),
        (date(2034, 6, 18), "逾期 1 天", "1 day overdue"),
    ],
)
def test_days_left(due: date, zh: str, en: str) -> None:
    assert days_left(due, TODAY, translations("zh")) == zh
    assert days_left(due, TODAY, translations("en")) == en


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0元", "CNY 0"),
        (9_999.5, "9,999.5元", "CNY 9,999.5"),
        (12_345_000, "1,234.5万元", "CNY 12,345,000"),
        (250_000_000, "2.5亿元", "CNY 250,000,000"),
        (Decimal("123456789.01"), "12,345.678901万元", "CNY 123,456,789.01"),
        (-20_000, "-2万元", "CNY -20,000"),
        (10**15, "10,000,000亿元", "CNY 1,000,000,000,000,000"),
    ],
)
def test_amounts_are_exact(value: float | Decimal, zh: str, en: str) -> None:
    assert amount(value, "zh") == zh
    assert amount(value, "en") == en


def test_numbers_keep_their_decimals() -> None:
    assert number(1234.5678, "zh") == "1,234.5678"
    assert number(0.1, "en") == "0.1"
    assert number(10**18, "zh") == "1,000,000,000,000,000,000"
