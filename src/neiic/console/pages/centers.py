"""Centers: searched as one types, filtered by the address, a map of stages, an export."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from neiic.console.accounts.access import Person
from neiic.console.asking import Visitor, Wired
from neiic.console.drawing.words import deadline_title
from neiic.console.forms.words import listed
from neiic.console.house import House
from neiic.console.pages.downloads import sheet_response
from neiic.console.pages.filters import Query
from neiic.console.pages.rendering import page, part
from neiic.console.portfolio.centers import SORTS, CenterFilter, CenterPage, CenterRow, centers
from neiic.console.portfolio.soonest import Soonest, soonest
from neiic.console.sheets import workbook
from neiic.console.starting import MAY_START
from neiic.console.translating import translator
from neiic.statute.terms import (
    GRADE_EN,
    GRADE_ZH,
    LIVING,
    ROLE_EN,
    ROLE_ZH,
    STAGE_EN,
    STAGE_ZH,
    Grade,
    Role,
    Stage,
)

router = APIRouter(include_in_schema=False)

FILTERS = (
    "q",
    "stage",
    "field",
    "unit",
    "waiting_for",
    "overdue",
    "grade",
    "closed",
    "sort",
    "down",
    "cursor",
)
STAGES = tuple(str(stage) for stage in Stage)
#: Most rows of an export: all centers there will ever be.
MOST_EXPORTED = 20_000


def wanted_in(query: Query) -> CenterFilter:
    """The filter that an address asks for."""
    return CenterFilter(
        text=query.get("q"),
        stage=query.one_of("stage", STAGES),
        field=query.get("field"),
        unit=query.get("unit"),
        waiting_for=query.one_of("waiting_for", tuple(map(str, Role))),
        overdue=query.flag("overdue"),
        grade=query.one_of("grade", tuple(map(str, Grade))),
        closed=query.flag("closed"),
    )


def found_in(house: House, person: Person, query: Query, cursor: str | None) -> CenterPage:
    """The page of centers that an address asks for."""
    return centers(
        house.tallies,
        person.scope,
        wanted_in(query),
        sort=query.one_of("sort", SORTS) or "code",
        descending=query.flag("down") is True,
        cursor=cursor,
    )


@router.get("/centers")
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """The list; as one types, only its rows are sent."""
    query = Query("/centers", request.query_params, FILTERS)
    found = found_in(house, person, query, query.get("cursor"))
    context: dict[str, Any] = {
        "rows": _rows(house, found, person.language),
        "found": found,
        "query": query,
        "map": _map(found, person.language),
        "sorts": SORTS,
        "may_start": person.scope.role in MAY_START,
        "stages": _titles(STAGE_ZH if person.language == "zh" else STAGE_EN),
        "roles": _titles(ROLE_ZH if person.language == "zh" else ROLE_EN),
        "grades": _titles(GRADE_ZH if person.language == "zh" else GRADE_EN),
    }
    if request.headers.get("hx-target") == "rows":
        return part(request, house, person, "centers/rows.html", **context)
    return page(request, house, person, "centers/centers.html", here="centers", **context)


def _titles(titles: dict[Any, str]) -> list[tuple[str, str]]:
    return [(str(key), title) for key, title in titles.items()]


def _map(found: CenterPage, language: str) -> list[dict[str, Any]]:
    """Every stage with how many there are, the living ones first."""
    titles = STAGE_ZH if language == "zh" else STAGE_EN
    return [
        {
            "stage": str(stage),
            "title": titles[stage],
            "count": found.stages.get(str(stage), 0),
            "living": stage in LIVING,
        }
        for stage in Stage
    ]


def _rows(house: House, found: CenterPage, language: str) -> list[dict[str, Any]]:
    first = soonest(house.tallies, [row.code for row in found.rows])
    return [_row(row, first.get(row.code), language) for row in found.rows]


def _row(row: CenterRow, first: Soonest | None, language: str) -> dict[str, Any]:
    roles, grades = (ROLE_ZH, GRADE_ZH) if language == "zh" else (ROLE_EN, GRADE_EN)
    return {
        "center": row,
        "name": row.name or row.field,
        "waits": listed(language, (roles[Role(one)] for one in row.waiting_for)),
        "grade": grades[Grade(row.latest_grade)] if row.latest_grade else "",
        "next": deadline_title(first.deadline, first.title, language) if first else "",
        "due": first.due if first else None,
        "upcoming": first is not None and first.status == "upcoming",
    }


@router.get("/centers/export.xlsx")
def export(request: Request, house: Wired, person: Visitor) -> Response:
    """What is filtered, as a sheet."""
    query = Query("/centers", request.query_params, FILTERS)
    _ = translator(person.language)
    columns = [
        _("Code"),
        _("Name"),
        _("Field"),
        *(
            _title_of_unit(role, person.language)
            for role in (Role.COMPETENT, Role.LEAD, Role.IMPLEMENTING)
        ),
        _("Stage"),
        _("Since"),
        _("Waiting for"),
        _("Next deadline"),
        _("Due"),
        _("Overdue"),
        _("Latest grade"),
    ]
    stages = STAGE_ZH if person.language == "zh" else STAGE_EN
    rows: list[list[Any]] = []
    cursor: str | None = None
    while len(rows) < MOST_EXPORTED:
        found = found_in(house, person, query, cursor)
        for row in _rows(house, found, person.language):
            center = row["center"]
            rows.append(
                [
                    center.code,
                    center.name or "",
                    center.field,
                    center.competent_unit,
                    center.lead_unit,
                    center.implementing_unit,
                    stages[Stage(center.stage)],
                    center.since,
                    row["waits"],
                    row["next"],
                    row["due"],
                    _("yes") if center.overdue else "",
                    row["grade"],
                ]
            )
        if found.next is None:
            break
        cursor = found.next
    name = _("Centers")
    body = workbook(name, columns, rows)
    return sheet_response(body, f"{name}-{house.today.isoformat()}.xlsx")


def _title_of_unit(role: Role, language: str) -> str:
    return (ROLE_ZH if language == "zh" else ROLE_EN)[role]
