"""A center as pages reach it: its state if it is seen, its name, where one decides on it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.house import House
from neiic.statute.snapshot import Snapshot
from neiic.statute.state import Center


def path_of(code: str, action: str, subject: Mapping[str, int]) -> str:
    """The address at which one decides; the year or case is part of it."""
    about = "/" + "-".join(map(str, subject.values())) if subject else ""
    return f"/centers/{quote(code)}/acts/{action}{about}"


def decision_path(code: str, decision_id: str) -> str:
    """The address at which one sees what became of a decision."""
    return f"/centers/{quote(code)}/decisions/{quote(decision_id, safe='')}"


def seen_center(house: House, person: Person, code: str) -> Center:
    """The state of a center that the person may see; 404 otherwise."""
    center = house.records.state(code) if house.accounts.may_see(person.scope, code) else None
    if center is None:
        raise HTTPException(404)
    return center


def name_of_center(shown: Snapshot, language: str) -> str:
    """The name it bears, or its field where it bears none (Article 34)."""
    zh = language == "zh"
    return (shown.name if zh else shown.name_en) or (shown.field if zh else shown.field_en)
