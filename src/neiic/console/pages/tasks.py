"""To do: what waits for me, the most urgent first; what I handed on; what is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from neiic.console.accounts.access import Person
from neiic.console.asking import Visitor, Wired
from neiic.console.desk.claims import Matter
from neiic.console.pages.filters import Query
from neiic.console.pages.rendering import page
from neiic.console.pages.seen import path_of
from neiic.console.pages.standing import title_of
from neiic.console.portfolio.acted import done, in_progress
from neiic.console.portfolio.lights import LIGHTS
from neiic.console.portfolio.tasks import Task, TaskFilter, tasks
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import STAGE_EN, STAGE_ZH, Stage

router = APIRouter(include_in_schema=False)

FILTERS = ("field", "unit", "stage", "kind", "light", "q", "cursor", "mine")
STAGES = tuple(str(stage) for stage in Stage)


@router.get("/tasks")
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """What waits for the role and unit in which the person acts."""
    query = Query("/tasks", request.query_params, FILTERS)
    wanted = TaskFilter(
        field=query.get("field"),
        competent_unit=query.get("unit"),
        stage=query.one_of("stage", STAGES),
        kind=query.get("kind"),
        light=query.one_of("light", LIGHTS),
        text=query.get("q"),
    )
    found = tasks(house.tallies, person.scope, wanted, house.now(), query.get("cursor"))
    titles = STAGE_ZH if person.language == "zh" else STAGE_EN
    batch = _batched(person, wanted.kind)
    claimed = house.desk.claims(person, centers=sorted({row.center for row in found.rows}))
    rows = [_row(person, task) | {"claim": claimed.get(_matter(task))} for task in found.rows]
    return page(
        request,
        house,
        person,
        "tasks/tasks.html",
        here="tasks",
        tab="tasks",
        rows=rows,
        found=found,
        query=query,
        total=sum(found.counts.values()),
        kinds=_kinds(person),
        batch=batch,
        batch_title=title_of(batch, person.language) if batch else "",
        stages=[(str(key), title) for key, title in titles.items()],
    )


@router.get("/tasks/in-progress")
def handed_on(request: Request, house: Wired, person: Visitor) -> Response:
    """What waits for others after an act of ours."""
    query = Query("/tasks/in-progress", request.query_params, ("cursor",))
    found = in_progress(house.tallies, person.scope, house.now(), query.get("cursor"))
    return page(
        request,
        house,
        person,
        "tasks/in_progress.html",
        here="tasks",
        tab="in_progress",
        rows=[_row(person, task) for task in found.rows],
        found=found,
        query=query,
    )


@router.get("/tasks/done")
def finished(request: Request, house: Wired, person: Visitor) -> Response:
    """Our acts, newest first."""
    query = Query("/tasks/done", request.query_params, ("cursor",))
    found = done(house.tallies, person.scope, query.get("cursor"))
    rows = [
        {"act": act, "title": title_of(act.action, person.language), "name": act.name or act.field}
        for act in found.rows
    ]
    return page(
        request,
        house,
        person,
        "tasks/done.html",
        here="tasks",
        tab="done",
        rows=rows,
        found=found,
        query=query,
    )


def _matter(task: Task) -> Matter:
    return Matter(task.center, task.action, subject_of(task.subject))


def subject_of(subject: Mapping[str, Any]) -> str:
    """The year or case of a matter as addresses and claims carry it; empty without one."""
    return "-".join(str(value) for value in subject.values())


def _row(person: Person, task: Task) -> dict[str, Any]:
    about = subject_of(task.subject)
    title = title_of(task.action, person.language)
    ours = task.role is person.scope.role
    return {
        "task": task,
        "title": f"{title}（{about}）" if about else title,
        "href": path_of(task.center, task.action, _numbers(task))
        if ours
        else f"/centers/{task.center}",
        "name": task.name or task.field,
        "batch_key": f"{task.center}/{task.matter}" if ours else "",
    }


def _batched(person: Person, kind: str | None) -> str | None:
    """The one act that the list is filtered to, if this role may do it for many at once."""
    return kind if kind in ACTIONS and person.scope.role in ACTIONS[kind].roles else None


def _numbers(task: Task) -> dict[str, int]:
    """The year or case; a follow-up is chosen in its form."""
    return {name: value for name, value in task.subject.items() if isinstance(value, int)}


def _kinds(person: Person) -> list[tuple[str, str]]:
    """The actions that this role may take, by title."""
    mine = [action for action in ACTIONS.values() if person.scope.role in action.roles]
    return [(action.name, title_of(action.name, person.language)) for action in mine]
