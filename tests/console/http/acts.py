"""Data that fits the form of an act, made from its schema."""

from __future__ import annotations

from typing import Any

from neiic.statute.periods import day_of
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import schema_of
from tests.console.http.people import days_ago, now

RULES = LIBRARY[next(name for name in LIBRARY if "~" not in name)]
#: The year of a national evaluation that is still to come (Article 23).
ROUND = RULES.round_year_from(day_of(now()).year + 1)
#: Fields whose values their types alone do not tell.
NAMED: dict[str, Any] = {
    "rule_set": RULES.name,
    "opens": f"{ROUND}-03-01",
    "materials_due": f"{ROUND}-06-01",
    "closes": f"{ROUND}-12-01",
    "year": ROUND,
}
#: What an act needs where its schema alone does not ask for it.
ALSO: dict[str, dict[str, Any]] = {"discipline.open": {"rectify_by": days_ago(-40)}}


def fitting(action: str, *, everything: bool = False, text: str = "文字") -> dict[str, Any]:
    """The required fields of an act (or all of them) with values that their types take."""
    schema = schema_of(action)
    required = schema.get("required", [])
    made = {
        name: NAMED[name] if name in NAMED else _value(schema, shape, text)
        for name, shape in schema["properties"].items()
        if everything or name in required
    }
    return made | ALSO.get(action, {})


def _value(schema: dict[str, Any], shape: dict[str, Any], text: str) -> Any:
    shape = resolved(schema, shape)
    if "enum" in shape:
        return shape["enum"][0]
    if "const" in shape:
        return shape["const"]
    if shape.get("format") == "date":
        return days_ago(0)
    match shape.get("type"):
        case "integer" | "number":
            return max(1, shape.get("minimum", 1))
        case "boolean":
            return True
        case "array":
            return [text]
        case "object":
            return {text: 1.5}
    return text


def resolved(schema: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    """A field's shape without its null and its reference."""
    if "anyOf" in shape:
        shape = next(one for one in shape["anyOf"] if one.get("type") != "null")
    if "$ref" in shape:
        return dict(schema["$defs"][shape["$ref"].rsplit("/", 1)[-1]])
    return shape
