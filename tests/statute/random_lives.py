"""Random lives: acts that fit, acts that nearly fit and rubbish, at times near every deadline."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from neiic.statute.periods import beijing, day_of, start_of
from neiic.statute.registration import Registration, read_registration
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import FollowUp, Role
from tests.statute.lives import PureLife

UNITS = {"competent": "某省发展和改革委员会", "lead": "甲公司", "implementing": "乙公司"}
RULES = [
    LIBRARY["cn-2026"],
    LIBRARY.derive(
        LIBRARY["cn-2026"],
        {"preparation_lapse": "confirm", "non_participation": "confirm", "preparation_years": 1},
        "confirming",
    ),
    LIBRARY.derive(
        LIBRARY["cn-2026"],
        {"evaluation_every_years": 1, "roll_over": ["annual_report", "preparation_end"]},
        "yearly",
    ),
]
SCHEMAS = {name: action.form.model_json_schema() for name, action in ACTIONS.items()}


def a_registration(dice: random.Random) -> Registration:
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
                ("domain", "goals", "foundation", "scale", "organisation", "mechanism"),
                dice.random() < 0.9,
            ),
            "team_has_other_platform": dice.random() < 0.1,
        }
    )
    assert isinstance(read, Registration)
    return read


Said = tuple[int, str, str, dict[str, Any]]
DATED = {"document_no": "1", "document_date": "today"}
APPROVED: tuple[Said, ...] = (
    (
        20,
        "assessor",
        "formation.assess",
        {"agency": "丙", "conclusion": "support", "opinion": "可行"},
    ),
    (30, "ndrc", "formation.decide", {"decision": "approve", "reason": "同意", **DATED}),
)
CONFIRMED: tuple[Said, ...] = (
    *APPROVED,
    (200, "implementing", "confirmation.apply", {"summary_report": "总结", "evidence": ["一"]}),
    (10, "competent", "confirmation.evaluate", {"outcome": "pass", "comments": "通过"}),
    (10, "ndrc", "confirmation.review", {"decision": "confirm", **DATED}),
)
ROUND = {"year": 2032}
CONCURRED: tuple[Said, ...] = (
    *CONFIRMED,
    (120, "implementing", "evaluation.submit", {"materials": "材料", "indicators": {}, **ROUND}),
    (10, "competent", "evaluation.endorse", {"outcome": "endorse", "comments": "同意", **ROUND}),
    (10, "assessor", "evaluation.assess", {"agency": "丁", "opinion": "差", **ROUND}),
    (10, "ndrc", "evaluation.grade", {"grade": "unqualified", "reason": "差", **ROUND}),
    (10, "customs", "evaluation.concur", {"authority": "customs", "concur": True, **ROUND}),
    (10, "tax", "evaluation.concur", {"authority": "tax", "concur": True, **ROUND}),
)
ACCUSED: tuple[Said, ...] = (
    *CONCURRED,
    (10, "ndrc", "evaluation.confirm", {**ROUND, **DATED}),
    (10, "ndrc", "discipline.open", {"facts": "不实", "severity": "serious", "document_no": "2"}),
)
PRELUDES: tuple[tuple[Said, ...], ...] = (
    (),
    *[APPROVED] * 4,
    *[CONFIRMED] * 3,
    *[CONCURRED] * 2,
    ACCUSED,
)


class RandomLife:
    """A life that a seed decides: ``steps`` acts, each followed by checks of the caller's."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now = start_of(date(2031, 3, 3)) + timedelta(hours=9)
        self.life = PureLife(a_registration(self.dice), self.dice.choice(RULES), self.now)
        self.sent = 0
        self._live_through(self.dice.choice(PRELUDES))

    @property
    def rules(self) -> RuleSet:
        """The rule set that the life is under now."""
        return self.life.rules

    def _live_through(self, prelude: tuple[Said, ...]) -> None:
        """Begin deep in a life, where the matters are, in nine lives out of ten."""
        for days, role, action, data in prelude:
            self.now += timedelta(days=days)
            self.sent += 1
            today = day_of(self.now).isoformat()
            message = {
                "decision_id": f"d{self.sent}",
                "actor": {"user": "u", "role": role, "unit": UNITS.get(role, "某单位")},
                "data": {k: today if v == "today" else v for k, v in data.items()},
            }
            refused = self.life.act(action, message, self.now)
            assert refused is None, refused

    def play(self, steps: int) -> Iterator[tuple[str, dict[str, Any]]]:
        """One action and message after another; the caller sends it."""
        for _ in range(steps):
            self.now = self._later()
            yield self._said()

    def _later(self) -> datetime:
        dice, now = self.dice, self.now
        kind = dice.random()
        if kind < 0.45:
            return now + timedelta(seconds=dice.randrange(0, 20 * 86400))
        if kind < 0.75:
            ahead = [
                d.opens or d.instant for d in self.life_agenda() if (d.opens or d.instant) > now
            ]
            if ahead:
                return max(now, beijing(min(ahead)) + timedelta(seconds=dice.choice((-1, 0, 1))))
        if kind < 0.95:
            return now + timedelta(days=dice.randrange(0, 200))
        return now + timedelta(days=dice.randrange(200, 1500))

    def life_agenda(self) -> Any:
        from neiic.statute import agenda

        return agenda(self.life.center, self.rules)

    def _said(self) -> tuple[str, dict[str, Any]]:
        dice = self.dice
        name, role, choice = self._chosen()
        data = self._data(name) | choice
        if dice.random() < 0.04 and data:
            data[dice.choice(list(data))] = dice.choice((None, "", 7, [], {"x": 1}, "2031-02-30"))
        if dice.random() < 0.02:
            data["surprise"] = 1
        self.sent += 1
        number = self.sent if dice.random() < 0.95 else dice.randrange(1, self.sent + 1)
        units = {
            "competent": self.life.center.competent_unit,
            "lead": self.life.center.lead_unit,
            "implementing": self.life.center.implementing_unit.name,
        }
        unit = units.get(role, "某单位")
        if dice.random() < 0.03:
            unit = "别的单位"
        return name, {
            "decision_id": f"d{number}",
            "actor": {"user": "u", "role": role, "unit": unit},
            "data": data,
        }

    def _chosen(self) -> tuple[str, str, dict[str, int]]:
        dice = self.dice
        if dice.random() < 0.85:
            offered = [
                (view.action, str(role), choice)
                for role in Role
                for view in actions_for(self.life.center, role, self.now, self.rules)
                for choice in view.choices
            ]
            rare = {
                "formation.withdraw",
                "discipline.open",
                "supervision.note",
                "achievement.report",
            }
            likely = [one for one in offered if one[0] not in rare] or offered
            if likely:
                return dice.choice(likely if dice.random() < 0.85 else offered)
        name = dice.choice(list(ACTIONS))
        role = dice.choice(sorted(ACTIONS[name].roles) if dice.random() < 0.8 else list(Role))
        return name, str(role), {}

    def _data(self, name: str) -> dict[str, Any]:
        schema = SCHEMAS[name]
        required = schema.get("required", [])
        return {
            field: self._value(field, self._resolved(schema, shape))
            for field, shape in schema["properties"].items()
            if field in required or self.dice.random() < 0.4
        }

    def _resolved(self, schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
        if "anyOf" in shape:
            shape = next(one for one in shape["anyOf"] if one.get("type") != "null")
        if "$ref" in shape:
            return dict(schema["$defs"][shape["$ref"].rsplit("/", 1)[-1]])
        return shape

    def _value(self, field: str, shape: dict[str, Any]) -> Any:
        dice = self.dice
        if "enum" in shape:
            liked = [
                v for v in ("approve", "grant", "confirm", "pass", "endorse") if v in shape["enum"]
            ]
            if field == "kind" and "disposition" in shape["enum"]:
                owed = [k for k, done in self.life.center.followups.items() if not done]
                return str(dice.choice(owed or list(FollowUp)))
            return liked[0] if liked and dice.random() < 0.6 else dice.choice(shape["enum"])
        if field == "rule_set":
            return dice.choice((*(rules.name for rules in RULES), "cn-1999"))
        if shape.get("format") == "date":
            return self._day(field).isoformat()
        match shape.get("type"):
            case "integer":
                return dice.choice((1, 1, 2, self.now.year - 1, self.now.year, 3000))
            case "number":
                return dice.choice((0, 1, 99.5, 100))
            case "boolean":
                return dice.random() < 0.9
            case "array":
                return ["材料"] * dice.randrange(0, 3)
            case "object":
                return {"研发投入": 1.5}
        return dice.choice(("文字", "文字", "x"))

    def _day(self, field: str) -> date:
        dice, today = self.dice, day_of(self.now)
        preparation = self.life.center.preparation
        if field in ("planned_completion", "until") and preparation and dice.random() < 0.9:
            return preparation.end.due + timedelta(days=dice.choice((0, 1, 100, 364, 365, 366)))
        if field in ("rectify_by", "closes", "materials_due", "opens"):
            offset = {"opens": 1, "materials_due": 60, "closes": 120}.get(field, 40)
            return today + timedelta(days=offset + dice.randrange(-1, 2))
        return today - timedelta(days=dice.choice((0, 0, 0, 0, 0, 0, 1, 30, -1)))
