"""One center: its snapshot, deadlines, timeline, and what may be done now."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from neiic.console.accounts.access import Person
from neiic.console.api.problems import unknown_center
from neiic.console.asking import Wired, may
from neiic.console.house import House
from neiic.statute.acts import Event
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import ActionView, DeadlineView, Snapshot, actions_for, snapshot
from neiic.statute.state import Center

router = APIRouter(tags=["centers"])

Reader = Annotated[Person, may("read")]
IfNoneMatch = Annotated[str | None, Header()]


class Timeline(BaseModel):
    """Events in order; ``next`` is the sequence to go on after, null at the end."""

    items: list[Event]
    next: int | None


class CenterDeadlines(BaseModel):
    """Deadlines, soonest first; those that are closed stand at the end."""

    items: list[DeadlineView]


class Actions(BaseModel):
    """What the token's role may do now, with the JSON Schema of each act's ``data``."""

    role: str
    items: list[ActionView]


def seen_center(house: House, person: Person, code: str) -> Center:
    """The state of a center that the person may see; a 404 problem otherwise."""
    center = house.records.state(code) if house.accounts.may_see(person.scope, code) else None
    if center is None:
        raise unknown_center(code)
    return center


def matched(response: Response, wanted: str | None, *parts: object) -> bool:
    """Set the answer's ETag; whether the asker has this very answer already."""
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
    response.headers["ETag"] = f'"{digest}"'
    response.headers["Cache-Control"] = "private, no-cache"
    given = {each.strip().removeprefix("W/") for each in (wanted or "").split(",")}
    return response.headers["ETag"] in given


@router.get("/centers/{code}", response_model=Snapshot)
def show(
    code: str, response: Response, house: Wired, person: Reader, if_none_match: IfNoneMatch = None
) -> Any:
    """The center as its last event left it; days left are counted from now."""
    center = seen_center(house, person, code)
    if matched(response, if_none_match, code, center.sequence, house.today):
        return Response(status_code=304, headers=dict(response.headers))
    return snapshot(center, LIBRARY[center.rule_set], house.now())


@router.get("/centers/{code}/deadlines")
def deadlines(code: str, house: Wired, person: Reader) -> CenterDeadlines:
    """The center's deadlines, each with its explanation."""
    center = seen_center(house, person, code)
    shown = snapshot(center, LIBRARY[center.rule_set], house.now()).deadlines
    return CenterDeadlines(items=sorted(shown, key=_order))


def _order(deadline: DeadlineView) -> tuple[bool, date]:
    return deadline.status in ("met", "waived", "lapsed"), deadline.due


@router.get("/centers/{code}/timeline")
def timeline(
    code: str,
    house: Wired,
    person: Reader,
    after: Annotated[int, Query(ge=0, description="Only events after this sequence.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Timeline:
    """All that happened, oldest first."""
    seen_center(house, person, code)
    events = house.records.timeline(code, after, limit=limit + 1)
    more = len(events) > limit
    events = events[:limit]
    return Timeline(items=events, next=events[-1].sequence if more else None)


@router.get("/centers/{code}/actions")
def actions(code: str, house: Wired, person: Reader) -> Actions:
    """What the token's role may do now."""
    center = seen_center(house, person, code)
    now: datetime = house.now()
    may_do = actions_for(center, person.scope.role, now, LIBRARY[center.rule_set])
    return Actions(role=person.scope.role, items=may_do)
