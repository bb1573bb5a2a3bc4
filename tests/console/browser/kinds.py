"""The kinds of pages that the console has, and who looks at them."""

from __future__ import annotations

from typing import NamedTuple

TABS = ("timeline", "deadlines", "reports", "evaluation", "cases", "documents", "notices")


class Kind(NamedTuple):
    """A kind of page: where, who looks at it, and the name of its picture."""

    path: str
    who: str | None = "ndrc.test"
    picture: str | None = None
    status: int = 200


KINDS = (
    Kind("/sign-in", None, "1-sign-in"),
    Kind("/nosuch", None, status=404),
    Kind("/tasks", picture="2-tasks"),
    Kind("/tasks", "lead.test"),
    Kind("/tasks/in-progress"),
    Kind("/tasks/done"),
    Kind("/centers", picture="3-centers"),
    Kind("/centers?q=nothing-like-it"),
    Kind("/centers/NEIIC-2026-012", picture="4-center"),
    *(Kind(f"/centers/NEIIC-2026-011?tab={tab}") for tab in TABS),
    Kind("/centers/NEIIC-2026-009/acts/confirmation.review", picture="5-act"),
    Kind("/centers/NEIIC-2026-010/acts/report.submit/2024", "competent.test"),
    Kind("/deadlines", picture="6-deadlines"),
    Kind("/evaluations", picture="7-evaluations"),
    Kind("/documents", picture="8-documents"),
    Kind("/drafts"),
    Kind("/centers/new", "competent.test", "9-new-center"),
    Kind("/centers/import", "competent.test"),
    Kind("/profile", picture="10-profile"),
    Kind("/admin", "operator.test", "11-admin"),
)
