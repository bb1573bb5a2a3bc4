"""Random rows of centers, deadlines and matters, written as they are: no law makes them.

All instants are Beijing midnights near ``NOW``, as the law's are; many fall together.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from neiic.activities.database import writing
from neiic.models.tables import CenterRecord, DeadlineRecord, MatterRecord, table_of
from neiic.statute.periods import BEIJING, day_of
from neiic.statute.terms import NATIONAL_UNITS, Role

Row = dict[str, Any]

NOW = datetime(2034, 6, 19, 10, 30, tzinfo=BEIJING)
MIDNIGHT = NOW.replace(hour=0, minute=0)
COMPETENT = ("某省发展和改革委员会", "某市发展改革委", "某市发展和改革委员会（原）")
FIELDS = ("智能铸造", "氢能", "量子信息")
STAGES = ("application", "preparation", "operation", "improvement", "cancelled")
KINDS = ("preparation_end", "annual_report", "evaluation_materials", "rectification")
STATUSES = ("open", "held", "overdue", "upcoming", "met", "waived", "lapsed")
ACTIONS = {
    "formation": "formation.decide",
    "annual_report": "report.submit",
    "evaluation": "evaluation.grade",
    "adjustment": "adjustment.review",
}
ROLES = ("ndrc", "competent", "implementing", "assessor", "customs")


@dataclass
class Rows:
    """What was written."""

    centers: dict[str, Row]
    deadlines: list[Row]
    matters: list[Row]


def fill(engine: Engine, seed: int, count: int = 60) -> Rows:
    dice = random.Random(seed)
    codes = [f"N-{number:03}" for number in dice.sample(range(1000), count)]
    rows = Rows({code: _center(code, dice) for code in codes}, [], [])
    for code in codes:
        rows.deadlines += _deadlines(code, dice)
        rows.matters += _matters(rows.centers[code], dice)
    with writing(engine).begin() as connection:
        connection.execute(insert(table_of(CenterRecord)), list(rows.centers.values()))
        connection.execute(insert(table_of(DeadlineRecord)), rows.deadlines)
        connection.execute(insert(table_of(MatterRecord)), rows.matters)
    return rows


def moment(dice: random.Random) -> datetime:
    return MIDNIGHT + timedelta(days=dice.choice((-40, -1, 0, 1, 5, 7, 8, 30, 31, 400)))


def _center(code: str, dice: random.Random) -> Row:
    return {
        "code": code,
        "life": "run",
        "name": dice.choice((None, f"名称%_{dice.randrange(9)}")),
        "field": dice.choice(FIELDS),
        "competent_unit": dice.choice(COMPETENT),
        "lead_unit": f"Lead {dice.randrange(3)}",
        "implementing_unit": f"实施{dice.randrange(30)}",
        "stage": dice.choice(STAGES),
        "since": day_of(NOW),
        "closed": dice.random() < 0.1,
        "rule_set": "cn-2026",
        "latest_grade": dice.choice((None, "qualified", "excellent")),
        "strikes": 0,
        "next_deadline_kind": None,
        "next_deadline": dice.choice((None, moment(dice))),
        "overdue": dice.random() < 0.3,
        "waiting_for": [],
        "sequence": 1,
        "updated_at": moment(dice),
        "state": {},
        "snapshot": {},
        "projected": 1,
    }


def _deadlines(code: str, dice: random.Random) -> list[Row]:
    rows = []
    for number in range(dice.randrange(6)):
        kind, instant = dice.choice(KINDS), moment(dice)
        status = dice.choice(STATUSES)
        live = status in ("open", "held", "overdue")
        rows.append(
            {
                "center": code,
                "deadline": f"{kind}:{number}",
                "kind": kind,
                "title": kind,
                "article": "第五条",
                "nominal": day_of(instant),
                "due": day_of(instant) - timedelta(days=1),
                "instant": instant,
                "rolled": False,
                "provisional": False,
                # What is overdue is past: the law says so of no other.
                "status": "open" if status == "overdue" and instant > NOW else status,
                "responsible": "ndrc",
                "explanation_zh": "",
                "explanation_en": "",
                "opens": None,
                "yellow_from": instant - timedelta(days=dice.choice((7, 30))) if live else None,
            }
        )
    return rows


def _matters(center: Row, dice: random.Random) -> list[Row]:
    rows = []
    for number in range(dice.randrange(5)):
        kind, role = dice.choice(list(ACTIONS)), dice.choice(ROLES)
        due = dice.choice((None, moment(dice), moment(dice)))
        unit = center.get(f"{role}_unit") or NATIONAL_UNITS.get(Role(role), "")
        rows.append(
            {
                "center": center["code"],
                "matter": f"{kind}:{number}",
                "role": role,
                "unit": unit,
                "action": ACTIONS[kind],
                "subject": {"case": number},
                "article": "第五条",
                "since": day_of(moment(dice)),
                "deadline": None,
                "due": due,
                "yellow_from": due and due - timedelta(days=dice.choice((7, 30))),
            }
        )
    center["waiting_for"] = sorted({row["role"] for row in rows})
    return rows
