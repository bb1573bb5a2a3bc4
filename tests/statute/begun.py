"""Lives brought to a stage on the pure core, for tests of what comes next."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from neiic.statute.acts import Refused
from neiic.statute.periods import start_of
from neiic.statute.registration import Registration, read_registration
from neiic.statute.rules import LIBRARY, RuleSet
from tests.statute.lives import PureLife

RULES = LIBRARY["cn-2026"]
CONFIRMING = LIBRARY.derive(
    RULES, {"preparation_lapse": "confirm", "non_participation": "confirm"}, "ndrc-confirms"
)
QUIET = LIBRARY.derive(RULES, {"remind_before": {}, "remind_after_at_most": 0}, "no-reminders")
UNITS = {"competent": "某省发展和改革委员会", "lead": "甲公司", "implementing": "乙公司"}
DOCUMENT = {"document_no": "发改高技〔2031〕1号"}


def registration(**changes: Any) -> Registration:
    read = read_registration(
        {
            "code": "NEIIC-2031-001",
            "field": "智能铸造",
            "field_en": "Smart Casting",
            "competent_unit": UNITS["competent"],
            "lead_unit": UNITS["lead"],
            "implementing_unit": {"name": UNITS["implementing"]},
            "recommendation": {"letter_no": "1", "letter_date": "2031-03-03"},
            "requirements": dict.fromkeys(
                ("domain", "goals", "foundation", "scale", "organisation", "mechanism"), True
            ),
            "team_has_other_platform": False,
            **changes,
        }
    )
    assert isinstance(read, Registration), read
    return read


class Begun(PureLife):
    """A pure life with short words for acts; each gets a decision id of its own."""

    def __init__(self, rules: RuleSet = RULES) -> None:
        super().__init__(registration(), rules, at("2031-03-03T09:00"))
        self.sent = 0

    def do(self, when: str | datetime, role: str, action: str, **data: Any) -> Refused | None:
        self.sent += 1
        now = at(when) if isinstance(when, str) else when
        unit = UNITS.get(role, "某单位")
        if role == "implementing":
            unit = self.center.implementing_unit.name
        message = {
            "decision_id": f"d-{self.sent}",
            "actor": {"user": "u", "role": role, "unit": unit},
            "data": data,
        }
        return self.act(action, message, now)

    def must(self, when: str | datetime, role: str, action: str, **data: Any) -> None:
        refused = self.do(when, role, action, **data)
        assert refused is None, refused

    def status(self, deadline: str) -> str | None:
        shown = {one["id"]: one["status"] for one in self.snapshot()["deadlines"]}
        return shown.get(deadline)

    def sent_kinds(self, kind: str) -> list[int | None]:
        return [one.rung for one in self.notices if one.kind == kind and one.status == "pending"]


def at(when: str) -> datetime:
    """A moment on the Beijing clock: a date with a time of day."""
    day, _, time = when.partition("T")
    hours, minutes, *seconds = [int(part) for part in (time or "09:00").split(":")]
    return start_of(date.fromisoformat(day)) + timedelta(
        hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0
    )


def approved(rules: RuleSet = RULES, day: str = "2031-06-16") -> Begun:
    life = Begun(rules)
    life.must(
        "2031-05-06", "assessor", "formation.assess",
        agency="丙", conclusion="support", opinion="可行",
    )  # fmt: skip
    life.must(
        f"{day}T10:00", "ndrc", "formation.decide",
        decision="approve", document_date=day, **DOCUMENT,
    )  # fmt: skip
    return life


def applied(life: Begun, when: str) -> None:
    life.must(when, "implementing", "confirmation.apply", summary_report="总结", evidence=["材料"])


def confirmed(rules: RuleSet = RULES, day: str = "2033-12-05") -> Begun:
    life = approved(rules)
    applied(life, "2033-09-01")
    life.must("2033-09-20", "competent", "confirmation.evaluate", outcome="pass", comments="好")
    life.must(
        f"{day}T10:00", "ndrc", "confirmation.review",
        decision="confirm", document_date=day, **DOCUMENT,
    )  # fmt: skip
    return life


def extend(life: Begun, when: str, until: str = "2035-06-01") -> Refused | None:
    return life.do(
        when, "competent", "extension.apply",
        reasons="迟", measures="快", planned_completion=until, letter_no="1",
    )  # fmt: skip
