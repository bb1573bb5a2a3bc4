"""A thirty-year life with every report and evaluation, as messages: what the speed table plays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from neiic.statute.periods import start_of

START = date(2031, 3, 3)
YEARS = 30


class Said(NamedTuple):
    """One act of the life: when, by whom, what."""

    at: datetime
    role: str
    action: str
    data: dict[str, Any]


def acts() -> Iterator[Said]:
    """Formation, confirmation, then a report every February and a round every third year."""
    yield from sorted(_formation(), key=lambda said: said.at)
    yield from sorted(_duties(), key=lambda said: said.at)


def _at(day: date, hour: int = 9) -> datetime:
    return start_of(day) + timedelta(hours=hour)


def _formation() -> Iterator[Said]:
    yield Said(_at(date(2031, 5, 6)), "assessor", "formation.assess", {"agency": "丙机构", "conclusion": "support", "opinion": "可行"})
    yield Said(_at(date(2031, 6, 16)), "ndrc", "formation.decide", {"decision": "approve", "document_no": "发改高技〔2031〕100号", "document_date": "2031-06-16"})


def _duties() -> Iterator[Said]:
    yield Said(_at(date(2033, 9, 1)), "implementing", "confirmation.apply", {"summary_report": "总结报告", "evidence": ["材料一"]})
    yield Said(_at(date(2033, 9, 20)), "competent", "confirmation.evaluate", {"outcome": "pass", "comments": "通过"})
    yield Said(_at(date(2033, 12, 5)), "ndrc", "confirmation.review", {"decision": "confirm", "document_no": "发改高技〔2033〕201号", "document_date": "2033-12-05"})
    for year in range(2031, 2031 + YEARS):
        yield Said(_at(date(year + 1, 2, 20)), "competent", "report.submit", {"year": year, "summary": f"{year}年度建设运行情况", "indicators": {"研发投入": 12000.5, "研发人员": 120}})
    for year in range(2035, 2031 + YEARS, 3):
        yield from _round(year)


def _round(year: int) -> Iterator[Said]:
    yield Said(_at(date(year, 5, 10)), "implementing", "evaluation.submit", {"year": year, "materials": "评价材料", "indicators": {"创新投入": 20000}})
    yield Said(_at(date(year, 6, 10)), "competent", "evaluation.endorse", {"year": year, "outcome": "endorse", "comments": "同意"})
    yield Said(_at(date(year, 9, 1)), "assessor", "evaluation.assess", {"year": year, "agency": "丁机构", "score": 93.5, "opinion": "优秀"})
    yield Said(_at(date(year, 10, 8)), "ndrc", "evaluation.grade", {"year": year, "grade": "excellent", "reason": "综合评价优秀"})
    yield Said(_at(date(year, 10, 20)), "customs", "evaluation.concur", {"year": year, "authority": "customs", "concur": True})
    yield Said(_at(date(year, 10, 25)), "tax", "evaluation.concur", {"year": year, "authority": "tax", "concur": True})
    yield Said(_at(date(year, 11, 20)), "ndrc", "evaluation.confirm", {"year": year, "document_no": f"发改高技〔{year}〕300号", "document_date": f"{year}-11-18"})
