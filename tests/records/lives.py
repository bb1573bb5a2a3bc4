"""Lives driven on the pure core, as the commits that a workflow would send."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any

from neiic.models.messages import Commit
from neiic.statute import decide, evolve, register, unfold
from neiic.statute.acts import Act, Actor, Event, Refused, TimePasses
from neiic.statute.periods import Asks, CalendarAnswer, beijing
from neiic.statute.registration import Registration
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center
from neiic.statute.terms import Role

CODE = "NEIIC-2031-001"
COMPETENT = "宁夏回族自治区发展和改革委员会"
IMPLEMENTING = "乙公司"
UNITS = {Role.COMPETENT: COMPETENT, Role.LEAD: "甲公司", Role.IMPLEMENTING: IMPLEMENTING}
RULES = LIBRARY["cn-2026"]


class Life:
    """A center and the commits that made it, in order."""

    def __init__(self, code: str = CODE, life: str = "run-1", start: str = "2031-03-03T09:00"):
        self.life = life
        first = register(_registration(code, start[:10]), datetime.fromisoformat(start), RULES.name)
        self.center: Center = evolve(None, first)
        self.commits = [Commit(life=life, center=self.center, events=(first,))]

    @property
    def events(self) -> list[Event]:
        return [event for commit in self.commits for event in commit.events]

    def wait(self, until: str) -> None:
        """Let time pass in small steps, so that what happens comes in commits of its own."""
        now, end = self.center.clock, beijing(datetime.fromisoformat(until))
        while now < end:
            now = min(end, now + timedelta(days=9))
            self._take(TimePasses(), now)

    def jump(self, until: str) -> None:
        """Let time pass with the worker away: everything happens in one commit at its end."""
        self._take(TimePasses(), datetime.fromisoformat(until))

    def act(self, at: str, by: Role, action: str, **data: Any) -> Commit:
        actor = Actor(user="张三", name="张三", role=by, unit=UNITS.get(by))
        decision_id = f"{action}@{at}"
        act = Act(action=action, decision_id=decision_id, actor=actor, data=data, remarks="附言𠮷")
        assert self._take(act, datetime.fromisoformat(at)), "the act had been made before"
        return self.commits[-1]

    def but_at(self, count: int) -> Life:
        """The same life as it was after so many commits."""
        before = copy(self)
        before.commits = self.commits[:count]
        before.center = before.commits[-1].center
        return before

    def _take(self, action: Act | TimePasses, now: datetime) -> bool:
        answers: Mapping[date, CalendarAnswer] = {}
        while isinstance(outcome := decide(self.center, action, now, RULES, answers), Asks):
            answers = {**answers, **{day: _unmoved(day) for day in outcome.dates}}
        if isinstance(outcome, Refused):
            raise AssertionError(outcome.message_en)
        if outcome:
            self.center, notices = unfold(self.center, outcome, RULES)
            self.commits.append(
                Commit(life=self.life, center=self.center, events=outcome, notices=tuple(notices))
            )
        return bool(outcome)


def _unmoved(day: date) -> CalendarAnswer:
    return CalendarAnswer(nominal=day, due=day, provisional=True, version="test")


def _registration(code: str, letter_date: str) -> Registration:
    met = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    return Registration.model_validate(
        {
            "code": code,
            "field": "智能铸造",
            "field_en": "Smart Casting",
            "competent_unit": COMPETENT,
            "lead_unit": UNITS[Role.LEAD],
            "implementing_unit": {"name": IMPLEMENTING},
            "recommendation": {"letter_no": "宁发改〔2031〕1号", "letter_date": letter_date},
            "requirements": dict.fromkeys(met, True),
            "team_has_other_platform": False,
        }
    )


def approved(code: str = CODE, life: str = "run-1", year: int = 2031) -> Life:
    """Registered, assessed and approved in one year."""
    center = Life(code, life, f"{year}-03-03T09:00")
    center.act(
        f"{year}-05-06T10:00",
        Role.ASSESSOR,
        "formation.assess",
        agency="丙机构",
        conclusion="support",
        opinion="可行",
    )
    center.act(
        f"{year}-06-16T10:00",
        Role.NDRC,
        "formation.decide",
        decision="approve",
        document_no="发改高技〔2031〕100号",
        document_date=f"{year}-06-16",
    )
    return center


def eventful(code: str = CODE, life: str = "run-1") -> Life:
    """Ten years: approved, confirmed, one round passed, a case of discipline, then abandoned."""
    center = approved(code, life)
    center.wait("2032-02-10T09:00")
    center.act(
        "2032-02-10T09:00",
        Role.COMPETENT,
        "report.submit",
        year=2031,
        summary="进展顺利",
        indicators={"研发投入（万元）": 1234.5, "专利": 12},
    )
    center.wait("2033-03-10T09:00")
    center.act(
        "2033-03-10T09:00",
        Role.COMPETENT,
        "report.submit",
        year=2032,
        summary="迟报",
        indicators={},
    )
    confirm(center)
    center.act(
        "2034-02-01T09:00",
        Role.NDRC,
        "discipline.open",
        facts="未按时报送",
        severity="ordinary",
        rectify_by="2034-05-01",
        document_no="发改高技〔2034〕7号",
    )
    center.wait("2034-04-02T09:00")
    center.act("2034-04-02T09:00", Role.IMPLEMENTING, "discipline.report", case=1, measures="已改")
    center.act(
        "2034-04-20T09:00",
        Role.NDRC,
        "discipline.close",
        case=1,
        outcome="rectified",
        comments="属实",
    )
    evaluate(center)
    center.wait("2039-02-01T09:00")
    return center


def confirm(center: Life) -> None:
    """From preparation to operation in 2033."""
    center.act(
        "2033-09-01T09:00",
        Role.IMPLEMENTING,
        "confirmation.apply",
        summary_report="总结报告",
        evidence=["材料一"],
    )
    center.act(
        "2033-09-20T09:00",
        Role.COMPETENT,
        "confirmation.evaluate",
        outcome="pass",
        comments="通过",
    )
    center.act(
        "2033-12-05T09:00",
        Role.NDRC,
        "confirmation.review",
        decision="confirm",
        document_no="发改高技〔2033〕202号",
        document_date="2033-12-05",
    )


def evaluate(center: Life) -> None:
    """The round of 2035, graded qualified and confirmed."""
    center.wait("2035-05-10T09:00")
    center.act(
        "2035-05-10T09:00",
        Role.IMPLEMENTING,
        "evaluation.submit",
        year=2035,
        materials="评价材料",
        indicators={},
    )
    center.act(
        "2035-06-10T09:00",
        Role.COMPETENT,
        "evaluation.endorse",
        year=2035,
        outcome="endorse",
        comments="同意",
    )
    center.act(
        "2035-09-01T09:00",
        Role.NDRC,
        "evaluation.assess",
        year=2035,
        agency="丁机构",
        score=81,
        opinion="好",
    )
    center.act(
        "2035-10-08T09:00",
        Role.NDRC,
        "evaluation.grade",
        year=2035,
        grade="qualified",
        reason="达标",
    )
    for at, role in (("2035-10-20T09:00", Role.CUSTOMS), ("2035-10-25T09:00", Role.TAX)):
        center.act(at, role, "evaluation.concur", year=2035, authority=role.value, concur=True)
    center.act(
        "2035-11-20T09:00",
        Role.NDRC,
        "evaluation.confirm",
        year=2035,
        document_no="发改高技〔2035〕301号",
        document_date="2035-11-20",
    )
