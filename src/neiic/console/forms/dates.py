"""Dates and numbers as people type them in a form, Chinese or not."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_PARTED = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,3})?", re.IGNORECASE)
#: Longest figure that is read: what is longer is no number that a person means.
_LONGEST = 40


def day_in(typed: str) -> date | None:
    """The day in 2034-06-19, 2034/6/19, 2034年6月19日 or 20340619, also in full-width digits.

    None where there is no such day.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    found = _PARTED.fullmatch(plain) or _RUN_TOGETHER.fullmatch(plain)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def number_in(typed: str) -> int | float | None:
    """The number in 1234, 1,234.5 or full-width figures; None where there is none.

    Units are not read: 万元 or % would silently change what is meant.
    """
    plain = unicodedata.normalize("NFKC", typed).replace("\u2212", "-").replace(" ", "")
    if len(plain) > _LONGEST:
        return None
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif not _PLAIN.fullmatch(plain):
        return None
    if re.fullmatch(r"[+-]?\d+", plain):
        return int(plain)
    return float(plain)
