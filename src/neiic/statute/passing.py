"""What a deadline that went by, or was resolved anew, does to the matter that it belongs to."""

from __future__ import annotations

from typing import Any

from neiic.statute.acts import Event
from neiic.statute.discipline import rectification_overdue
from neiic.statute.evaluation import round_overdue, with_round
from neiic.statute.periods import Due
from neiic.statute.preparation import passed, preparation_of
from neiic.statute.registry import evolves
from neiic.statute.reporting import report_overdue
from neiic.statute.state import Center


@evolves("deadline.overdue")
def overdue(center: Center, event: Event) -> Center:
    """The matter notes that its date went by, so that it is told of once."""
    kind, _, number = event.data["deadline"].partition(":")
    if kind == "preparation_end":
        return passed(center, "overdue")
    if kind == "annual_report":
        return report_overdue(center, int(number))
    if kind == "rectification":
        return rectification_overdue(center, int(number))
    return round_overdue(center, int(number), close=kind == "evaluation_close")


@evolves("deadline.resolved")
def resolved(center: Center, event: Event) -> Center:
    """The matter takes the calendar's new answer (T4)."""
    return with_due(center, event.data["deadline"], Due.model_validate(event.data["after"]))


def with_due(center: Center, deadline: str, due: Due) -> Center:
    """The center with another due date for one of its open deadlines."""
    kind, _, number = deadline.partition(":")
    if kind in ("preparation_end", "supplement"):
        field = "end" if kind == "preparation_end" else "supplement"
        changed: dict[str, Any] = {field: due}
        return center.but(preparation=preparation_of(center).but(**changed))
    year = int(number)
    if kind == "annual_report":
        return center.but(reports=center.reports | {year: center.reports[year].but(due=due)})
    field = "materials" if kind == "evaluation_materials" else "close"
    return with_round(center, year, center.rounds[year].but(**{field: due}))
