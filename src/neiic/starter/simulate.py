"""stub"""
from typing import Any, Mapping
from neiic.starter.scenarios import Step
from neiic.statute.terms import NATIONAL_UNITS

def message_of(step: Step, number: int, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """The message that a step sends: the unit is the center's own unless it names another."""
    units = {
        "competent": snapshot["competent_unit"],
        "lead": snapshot["lead_unit"],
        "implementing": snapshot["implementing_unit"]["name"],
        "assessor": "第三方机构",
        **NATIONAL_UNITS,
    }
    unit = step.unit or units.get(step.by or "", "")
    message = {
        "decision_id": step.decision_id or f"step-{number + 1}",
        "actor": {"user": f"{step.by}-1", "name": f"{step.by}", "role": step.by, "unit": unit},
        "data": step.data,
    }
    return message | ({"remarks": step.remarks} if step.remarks else {})
