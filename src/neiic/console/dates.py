"""Days, moments, amounts and numbers as people write them, by language ("zh" or "en").

Days are Beijing days and moments are shown on the Beijing clock. Nothing is rounded away.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Protocol

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_decimal

from neiic.statute.periods import BEIJING, beijing

#: Units in which Chinese documents state money.
YUAN_ZH, TEN_THOUSAND_ZH, HUNDRED_MILLION_ZH = "元", "万元", "亿元"


class Says(Protocol):
    """A message catalogue: the standard library's and Babel's translations both are one."""

    def gettext(self, message: str, /) -> str:
        """The message in the catalogue's language."""

    def ngettext(self, msgid1: str, msgid2: str, n: int, /) -> str:
        """The message for a count in the catalogue's language."""


@cache
def locale_of(language: str) -> Locale:
    """The locale whose forms are used: day before month in English.

    Looked up once: Babel searches through all it has each time it is given a name.
    """
    return Locale.parse("zh_CN" if _is_zh(language) else "en_GB")


def _is_zh(language: str) -> bool:
    return language.lower().startswith("zh")


def day(value: date, language: str) -> str:
    """2034年6月19日, or 19 June 2034. A moment counts by its Beijing day."""
    if isinstance(value, datetime):
        value = beijing(value).date()
    return _long(value, locale_of(language))


@lru_cache(maxsize=4096)
def _long(value: date, locale: Locale) -> str:
    """Kept, because a page tells the same days many times and Babel takes a tenth of a ms each."""
    return format_date(value, "long", locale=locale)


def month(value: date, language: str) -> str:
    """2034年6月, or June 2034."""
    skeleton = "yMMM" if _is_zh(language) else "yMMMM"
    return format_skeleton(skeleton, value, locale=locale_of(language))


def moment(value: datetime, language: str) -> str:
    """2034年6月19日 14:05, or 19 June 2034, 14:05. Without a zone it is Beijing time already."""
    at = beijing(value)
    clock = format_datetime(at, "HH:mm", tzinfo=BEIJING, locale=locale_of(language))
    between = " " if _is_zh(language) else ", "
    return f"{day(at.date(), language)}{between}{clock}"


def days_left(due: date, today: date, says: Says) -> str:
    """还剩 12 天 / 今日到期 / 逾期 3 天: how far a due day is from today, in whole days."""
    days = (due - today).days
    if days == 0:
        return says.gettext("due today")
    if days > 0:
        return says.ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    return says.ngettext("%(days)s day overdue", "%(days)s days overdue", -days) % {"days": -days}


def number(value: float | Decimal, language: str) -> str:
    """A number with its thousands apart and all its decimals."""
    exact = value if isinstance(value, int | Decimal) else Decimal(repr(value))
    return format_decimal(exact, locale=locale_of(language), decimal_quantization=False)


def amount(value: float | Decimal, language: str) -> str:
    """CNY: 1,234.5万元 or 2.5亿元 in Chinese, CNY 12,345,000 in English; exact to the last cent."""
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not _is_zh(language):
        return f"CNY {number(exact.normalize() + 0, language)}"
    for power, unit in ((8, HUNDRED_MILLION_ZH), (4, TEN_THOUSAND_ZH)):
        shown = exact.scaleb(-power)
        # A unit that would need many decimals is harder to read than a smaller one.
        if abs(shown) >= 1 and (shown == round(shown, 4) or power == 4):
            return number(shown.normalize() + 0, language) + unit
    return number(exact.normalize() + 0, language) + YUAN_ZH
