"""A thirty-year life with every report and evaluation, as messages: what the speed table plays.

Its people are slow: whatever is owed is sent on its last days, so that every reminder before a
due date falls.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from neiic.starter.scenarios import Scenario, Step
from neiic.statute.acts import Refused
from neiic.statute.periods import last_day_of_february, start_of
from neiic.statute.registration import Registration, read_registration
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.terms import NATIONAL_UNITS

START = start_of(date(2031, 3, 3)) + timedelta(hours=9)
YEARS = 30

COMPETENT = "宁夏回族自治区发展和改革委员会"
UNITS = {
    "competent": COMPETENT,
    "lead": "甲公司",
    "implementing": "乙公司",
    "assessor": "丙机构",
    **{str(role): unit for role, unit in NATIONAL_UNITS.items()},
}


class Said(NamedTuple):
    """One act of the life: when, by whom, what."""

    at: datetime
    role: str
    action: str
    data: dict[str, Any]


def registration(code: str, letter: date) -> Registration:
    """The registration of a center with this code."""
    met = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    read = read_registration(
        {
            "code": code,
            "field": "智能铸造",
            "field_en": "Smart Casting",
            "competent_unit": COMPETENT,
            "lead_unit": UNITS["lead"],
            "implementing_unit": {"name": UNITS["implementing"]},
            "recommendation": {"letter_no": "宁发改〔2031〕1号", "letter_date": letter.isoformat()},
            "requirements": dict.fromkeys(met, True),
            "team_has_other_platform": False,
        }
    )
    if isinstance(read, Refused):
        raise ValueError(read.message_en)
    return read


def message(role: str, data: dict[str, Any], decision_id: str) -> dict[str, Any]:
    """An act's message as a caller sends it."""
    actor = {"user": f"{role}-1", "name": "张三", "role": role, "unit": UNITS[role]}
    return {"decision_id": decision_id, "actor": actor, "data": data}


def rules(*, reminders: bool) -> RuleSet:
    """The rule set in force when the life begins; without reminders its ladders are empty."""
    base = LIBRARY.in_force(START.date())
    if reminders:
        return base
    empty = {"remind_before": {}, "remind_after": (), "remind_after_every": 0}
    return LIBRARY.derive(base, empty | {"remind_after_at_most": 0}, "no-reminders")


def scenario(*, reminders: bool) -> Scenario:
    """The life as ``simulate`` plays it; a refused act counts as a failure."""
    played = rules(reminders=reminders)
    return Scenario(
        title="thirty years",
        path=Path(__file__),
        registration=registration("NEIIC-2031-001", START.date()),
        rules=played,
        start=START,
        steps=tuple(
            Step.model_validate(
                {"at": said.at, "by": said.role, "do": said.action, "with": said.data}
            )
            for said in acts()
        ),
    )


def acts() -> Iterator[Said]:
    """Formation, confirmation, then a report every February and a round every third year."""
    yield from sorted([*_formation(), *_reports(), *_rounds()], key=lambda said: said.at)


def _said(day: date, role: str, action: str, **data: Any) -> Said:
    return Said(start_of(day) + timedelta(hours=9), role, action, data)


def _formation() -> Iterator[Said]:
    yield _said(
        date(2031, 5, 6), "assessor", "formation.assess",
        agency="丙机构", conclusion="support", opinion="可行",
    )  # fmt: skip
    yield _said(
        date(2031, 6, 16), "ndrc", "formation.decide",
        decision="approve", document_no="发改高技〔2031〕100号", document_date="2031-06-16",
    )  # fmt: skip
    yield _said(
        date(2034, 6, 14), "implementing", "confirmation.apply",
        summary_report="筹建期总结报告", evidence=["验收意见"],
    )  # fmt: skip
    yield _said(
        date(2034, 7, 3), "competent", "confirmation.evaluate",
        outcome="pass", comments="达到目标",
    )  # fmt: skip
    yield _said(
        date(2034, 9, 5), "ndrc", "confirmation.review",
        decision="confirm", document_no="发改高技〔2034〕201号", document_date="2034-09-05",
    )  # fmt: skip


def _reports() -> Iterator[Said]:
    for year in range(START.year, START.year + YEARS):
        yield _said(
            last_day_of_february(year + 1), "competent", "report.submit",
            year=year, summary=f"{year}年度建设运行情况",
            indicators={"研发投入": 12000.5, "研发人员": 120},
        )  # fmt: skip


def _rounds() -> Iterator[Said]:
    for year in range(2035, START.year + YEARS, 3):
        yield from _round(year)


def _round(year: int) -> Iterator[Said]:
    yield _said(
        date(year, 6, 25), "implementing", "evaluation.submit",
        year=year, materials="评价材料", indicators={"创新投入": 20000},
    )  # fmt: skip
    yield _said(
        date(year, 6, 29), "competent", "evaluation.endorse",
        year=year, outcome="endorse", comments="同意",
    )  # fmt: skip
    yield _said(
        date(year, 9, 1), "assessor", "evaluation.assess",
        year=year, agency="丁机构", score=93.5, opinion="优秀",
    )  # fmt: skip
    yield _said(
        date(year, 10, 8), "ndrc", "evaluation.grade",
        year=year, grade="excellent", reason="综合评价优秀",
    )  # fmt: skip
    for day, authority in ((20, "customs"), (25, "tax")):
        yield _said(
            date(year, 10, day), authority, "evaluation.concur",
            year=year, authority=authority, concur=True,
        )  # fmt: skip
    yield _said(
        date(year, 11, 20), "ndrc", "evaluation.confirm",
        year=year, document_no=f"发改高技〔{year}〕300号", document_date=f"{year}-11-18",
    )  # fmt: skip
