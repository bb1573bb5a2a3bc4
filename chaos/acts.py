"""What the callers of a drill want: acts that fit what they last saw, and acts that do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

COMPETENT = "宁夏回族自治区发展和改革委员会"
LEAD = "宁夏智铸集团有限公司"
IMPLEMENTING = "国创智铸（宁夏）科技有限公司"

_UNITS = {
    "competent": COMPETENT,
    "lead": LEAD,
    "implementing": IMPLEMENTING,
    "assessor": "中咨公司",
    "ndrc": "国家发展改革委",
    "customs": "海关总署",
    "tax": "税务总局",
}
_REQUIREMENTS = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")

#: How often an act is one that the law must refuse.
UNFIT = 0.15


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act that a caller wants to do."""

    action: str
    role: str
    data: dict[str, Any]
    unit: str | None = None

    def message(self, decision_id: str, caller: int) -> dict[str, Any]:
        """The message as a client sends it."""
        unit = self.unit or _UNITS[self.role]
        actor = {"user": f"caller-{caller}", "name": "张三", "role": self.role, "unit": unit}
        return {"decision_id": decision_id, "actor": actor, "data": self.data}


def registration(code: str, today: date) -> dict[str, Any]:
    """The registration of a center with this code, recommended a month ago."""
    letter = {"letter_no": "宁发改高技〔2026〕18号", "letter_date": str(today - timedelta(days=30))}
    return {
        "code": code,
        "field": "智能铸造",
        "field_en": "Smart Casting",
        "competent_unit": COMPETENT,
        "lead_unit": LEAD,
        "implementing_unit": {"name": IMPLEMENTING},
        "recommendation": letter,
        "requirements": dict.fromkeys(_REQUIREMENTS, True),
        "team_has_other_platform": False,
    }


def choose(chance: Random, seen: dict[str, Any] | None, today: date) -> Wanted:
    """An act for a center of which this snapshot was seen last; ``today`` is the caller's."""
    fit = _fit(chance, seen or {"stage": "application", "waiting_for": ["assessor"]}, today)
    return _unfit(chance, fit) if chance.random() < UNFIT else fit


def _unfit(chance: Random, fit: Wanted) -> Wanted:
    """The same with something wrong: a form, a role, a unit, or a stage."""
    return chance.choice(
        (
            replace(fit, data={**fit.data, "no_such_field": 1}),
            replace(fit, data={}),
            replace(fit, role="tax"),
            replace(fit, role="competent", unit="别处的单位"),
            Wanted("evaluation.endorse", "competent", _round_answer()),
            Wanted("followup.complete", "ndrc", {"kind": "disposition", "note": "办结"}),
        )
    )


def _round_answer() -> dict[str, Any]:
    return {"year": 2029, "outcome": "endorse", "comments": "同意"}


def _fit(chance: Random, seen: dict[str, Any], today: date) -> Wanted:
    stage = seen["stage"]
    if stage == "application":
        return _application(chance, seen, today)
    if seen.get("revocation_pending"):
        return _decision("revocation.decide", "revoke", today)
    if stage == "revoked":
        return _follow_up(chance, seen)
    if stage == "preparation" and chance.random() < 0.6:
        return _preparation(chance, seen, today)
    return _standing(chance, seen)


def _application(chance: Random, seen: dict[str, Any], today: date) -> Wanted:
    lot = chance.random()
    if lot < 0.02:
        return Wanted("formation.withdraw", "competent", {"reason": "条件有变"})
    if "assessor" in seen["waiting_for"] or lot < 0.2:
        said = {"agency": "中咨公司", "conclusion": "support", "opinion": "方案可行"}
        return Wanted("formation.assess", "assessor", said)
    if "competent" in seen["waiting_for"]:
        return Wanted("formation.revise", "competent", {"summary": "已完善"})
    if lot < 0.3:
        return Wanted("formation.request_revision", "ndrc", {"comments": "请完善"})
    return _decision("formation.decide", "reject" if lot < 0.33 else "approve", today)


def _decision(action: str, decision: str, today: date) -> Wanted:
    dated = {"document_no": "发改高技〔2026〕310号", "document_date": today.isoformat()}
    return Wanted(action, "ndrc", {"decision": decision, "reason": "理由", **dated})


def _preparation(chance: Random, seen: dict[str, Any], today: date) -> Wanted:
    if seen["confirmation"] == "evaluated":
        decision = "return" if chance.random() < 0.15 else "confirm"
        return _decision("confirmation.review", decision, today)
    if seen["confirmation"] == "applied":
        return Wanted("confirmation.evaluate", "competent", {"outcome": "pass", "comments": "达标"})
    if seen["extension"] == "pending":
        return _decision("extension.decide", chance.choice(("grant", "refuse")), today)
    if seen["extension"] == "none" and chance.random() < 0.4:
        planned = (today + timedelta(days=3 * 365 + 200)).isoformat()
        said = {"reasons": "设备到货延迟", "measures": "加快建设", "letter_no": "宁发改〔2026〕2号"}
        return Wanted("extension.apply", "competent", said | {"planned_completion": planned})
    report = {"summary_report": "筹建期总结报告", "evidence": ["验收意见"]}
    return Wanted("confirmation.apply", "implementing", report)


def _standing(chance: Random, seen: dict[str, Any]) -> Wanted:
    lot = chance.random()
    reported = [
        case["case"]
        for case in seen.get("cases", ())
        if case["matter"] == "adjustment" and case["status"] == "reported"
    ]
    if reported and lot < 0.5:
        said = {"case": reported[0], "outcome": "approve", "comments": "同意"}
        return Wanted("adjustment.review", "competent", said)
    if lot < 0.07:
        facts = {"facts": "核实的事实", "severity": "serious", "document_no": "发改高技〔2026〕9号"}
        return Wanted("discipline.open", "ndrc", facts)
    if lot < 0.25:
        minor = {"kind": "minor", "description": "设备型号调整"}
        return Wanted("adjustment.report", "implementing", minor)
    role = chance.choice(("competent", "ndrc"))
    return Wanted("supervision.note", role, {"text": f"巡查 {chance.randrange(10**6)}"})


def _follow_up(chance: Random, seen: dict[str, Any]) -> Wanted:
    left = [one["kind"] for one in seen["followups"] if not one["done"]] or ["disposition"]
    return Wanted("followup.complete", "ndrc", {"kind": chance.choice(left), "note": "办结"})
