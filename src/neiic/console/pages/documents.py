"""Documents: every letter and decision that the record names, in the centers that one sees."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from neiic.console.asking import Visitor, Wired
from neiic.console.pages.filters import Query
from neiic.console.pages.rendering import page
from neiic.console.pages.standing import title_of
from neiic.console.portfolio.documents import documents
from neiic.statute.terms import ROLE_EN, ROLE_ZH, Role

router = APIRouter(include_in_schema=False)


@router.get("/documents")
def show(request: Request, house: Wired, person: Visitor) -> Response:
    """The list, newest first."""
    query = Query("/documents", request.query_params, ("number", "cursor"))
    found = documents(house.tallies, person.scope, query.get("number"), query.get("cursor"))
    titles = ROLE_ZH if person.language == "zh" else ROLE_EN
    rows = [
        {
            "document": row,
            "title": title_of(row.kind, person.language),
            "unit": row.actor_unit or (titles[Role(row.actor_role)] if row.actor_role else ""),
        }
        for row in found.rows
    ]
    return page(
        request,
        house,
        person,
        "board/documents.html",
        here="documents",
        rows=rows,
        found=found,
        query=query,
    )
