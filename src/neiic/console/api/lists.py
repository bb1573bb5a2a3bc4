"""Lists over many centers: ``/centers``, ``/tasks``, ``/deadlines``; always within one's scope."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field

from neiic.console.accounts.access import Person
from neiic.console.api.centers import matched
from neiic.console.asking import Wired, may
from neiic.console.portfolio.board import BoardFilter, Month, Standing, board
from neiic.console.portfolio.centers import CenterFilter, Sort, centers
from neiic.console.portfolio.lights import Light
from neiic.console.portfolio.tasks import TaskFilter, tasks
from neiic.statute.terms import DeadlineKind, Grade, Role, Stage

router = APIRouter(tags=["lists"])

Reader = Annotated[Person, may("read")]
Text = Annotated[str | None, Query(min_length=1, max_length=200)]
Cursor = Annotated[
    str | None, Query(max_length=1_000, description="`next` of the page before; else the first.")
]
IfNoneMatch = Annotated[str | None, Header()]


class CenterItem(BaseModel):
    """A center as lists show it. ``waiting_for`` are roles, instants have their zone."""

    code: str = Field(examples=["NEIIC-2026-001"])
    name: str | None
    field: str
    competent_unit: str
    lead_unit: str
    implementing_unit: str
    stage: Stage
    since: date
    closed: bool
    latest_grade: Grade | None
    overdue: bool
    waiting_for: list[Role]
    sequence: int
    updated_at: datetime


class Centers(BaseModel):
    """One page of centers; ``count`` is of all that fit, ``stages`` of each stage."""

    items: list[CenterItem]
    next: str | None
    count: int
    stages: dict[str, int]


class TaskItem(BaseModel):
    """What waits for the token's role and unit at one center, with the action that answers it.

    ``due`` is the Beijing day at whose end it is late; ``subject`` the year or case it is about.
    """

    center: str
    matter: str = Field(examples=["annual_report:2031"])
    role: Role
    unit: str
    action: str = Field(examples=["report.submit"])
    subject: dict[str, Any]
    article: str
    since: date
    deadline: str | None
    due: date | None
    days_left: int | None
    light: Light
    name: str | None
    field: str
    stage: Stage


class Tasks(BaseModel):
    """One page of tasks, the most urgent first; ``count`` and ``lights`` are of all that fit."""

    items: list[TaskItem]
    next: str | None
    count: int
    lights: dict[Light, int]


class DeadlineItem(BaseModel):
    """A deadline of a center that one sees."""

    center: str
    name: str | None
    field: str
    stage: Stage
    competent_unit: str
    deadline: str = Field(examples=["preparation_end"])
    kind: str
    title: str
    article: str
    due: date
    days_left: int
    standing: Standing
    status: str
    light: Light | None
    responsible: Role
    provisional: bool
    opens: datetime | None


class Deadlines(BaseModel):
    """One page of deadlines, overdue first, with the counts of the same filter."""

    items: list[DeadlineItem]
    next: str | None
    count: int
    lights: dict[Light, int]
    kinds: dict[str, int]
    months: dict[str, int] = Field(description="The 36 months from this one, by `YYYY-MM`.")


@router.get("/centers", response_model=Centers)
def list_centers(
    response: Response,
    house: Wired,
    person: Reader,
    q: Annotated[Text, Query(description="In code, name, field, units; document numbers.")] = None,
    stage: Stage | None = None,
    field: Text = None,
    unit: Text = None,
    waiting_for: Role | None = None,
    overdue: bool | None = None,
    grade: Grade | None = None,
    closed: bool | None = None,
    sort: Sort = "code",
    order: Literal["asc", "desc"] = "asc",
    cursor: Cursor = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """Centers that fit every filter, fifty a page."""
    wanted = CenterFilter(
        text=q,
        stage=stage,
        field=field,
        unit=unit,
        waiting_for=waiting_for,
        overdue=overdue,
        grade=grade,
        closed=closed,
    )
    found = centers(
        house.tallies,
        person.scope,
        wanted,
        sort=sort,
        descending=order == "desc",
        cursor=cursor,
    )
    answer = Centers(
        items=[CenterItem.model_validate(row, from_attributes=True) for row in found.rows],
        next=found.next,
        count=found.count,
        stages=dict(found.stages),
    )
    return _unless_known(response, if_none_match, answer)


@router.get("/tasks", response_model=Tasks)
def list_tasks(
    response: Response,
    house: Wired,
    person: Reader,
    q: Text = None,
    field: Text = None,
    competent_unit: Text = None,
    stage: Stage | None = None,
    kind: Annotated[Text, Query(description="An action, or the first word of a matter.")] = None,
    light: Light | None = None,
    cursor: Cursor = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """What waits for the token's role and unit, the most urgent first, fifty a page."""
    wanted = TaskFilter(
        text=q, field=field, competent_unit=competent_unit, stage=stage, kind=kind, light=light
    )
    found = tasks(house.tallies, person.scope, wanted, house.now(), cursor)
    count = sum(found.counts.values()) if light is None else found.counts[light]
    answer = Tasks(
        items=[TaskItem.model_validate(row, from_attributes=True) for row in found.rows],
        next=found.next,
        count=count,
        lights=dict(found.counts),
    )
    return _unless_known(response, if_none_match, answer)


@router.get("/deadlines", response_model=Deadlines)
def list_deadlines(
    response: Response,
    house: Wired,
    person: Reader,
    month: Annotated[str | None, Query(pattern=r"^2\d{3}-(0[1-9]|1[0-2])$")] = None,
    day: date | None = None,
    kind: DeadlineKind | None = None,
    unit: Text = None,
    light: Light | None = None,
    standing: Standing | None = None,
    field: Text = None,
    cursor: Cursor = None,
    if_none_match: IfNoneMatch = None,
) -> Any:
    """Deadlines of all centers that one sees; those that are closed only if they are asked for."""
    wanted = BoardFilter(
        month=Month(int(month[:4]), int(month[5:])) if month else None,
        day=day,
        kind=kind,
        unit=unit,
        light=light,
        standing=standing,
        field=field,
    )
    found = board(house.tallies, person.scope, wanted, house.now(), cursor=cursor)
    answer = Deadlines(
        items=[DeadlineItem.model_validate(row, from_attributes=True) for row in found.rows],
        next=found.next,
        count=found.counts.total,
        lights=dict(found.counts.lights),
        kinds=dict(found.counts.kinds),
        months={f"{one.first:%Y-%m}": count for one, count in found.counts.months.items()},
    )
    return _unless_known(response, if_none_match, answer)


def _unless_known(response: Response, wanted: str | None, answer: BaseModel) -> Any:
    """The answer, or 304 where the asker has just this one."""
    if matched(response, wanted, answer.model_dump_json()):
        return Response(status_code=304, headers=dict(response.headers))
    return answer
