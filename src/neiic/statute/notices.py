"""Who is told of what: one notice for each unit concerned, from the event that causes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

from neiic.statute.acts import Act, Event, Refused
from neiic.statute.forms import Frozen
from neiic.statute.registry import ACTIONS
from neiic.statute.reminders import SUPERIOR
from neiic.statute.state import Center
from neiic.statute.terms import NATIONAL_UNITS, Role

#: Whom the system's own events concern.
TELLS: dict[str, tuple[Role, ...]] = {
    "preparation.lapsed": (Role.IMPLEMENTING, Role.LEAD, Role.COMPETENT, Role.NDRC),
    "evaluation.abandoned": (Role.IMPLEMENTING, Role.LEAD, Role.COMPETENT, Role.NDRC),
    "report.opened": (Role.COMPETENT,),
    "evaluation.opened": (Role.IMPLEMENTING, Role.COMPETENT),
}


class Notice(Frozen):
    """One row for the outbox. ``key`` is unique for ever: the same notice is never due twice.

    ``rung`` is set on reminders (days from the due date, negative before it); a ``skipped``
    notice is recorded and not sent.
    """

    schema_version: int = 1
    key: str
    kind: str
    role: Role
    unit: str
    article: str
    deadline: str | None = None
    due: date | None = None
    rung: int | None = None
    status: Literal["pending", "skipped"] = "pending"


def unit_of(center: Center, role: Role) -> str:
    """The unit that a role stands for at this center; empty for an assessor or operator."""
    own = {
        Role.COMPETENT: center.competent_unit,
        Role.LEAD: center.lead_unit,
        Role.IMPLEMENTING: center.implementing_unit.name,
    }
    return own.get(role) or NATIONAL_UNITS.get(role, "")


def notices_of(event: Event, center: Center, responsible: Role | None = None) -> Iterator[Notice]:
    """The notices that an event causes; ``center`` is the center after it.

    ``responsible`` is who answers for the deadline of a ``deadline.overdue`` event.
    """
    if event.kind == "reminder":
        yield from _reminders(event, center)
    elif event.kind == "deadline.overdue":
        told = responsible or Role.COMPETENT
        kind = f"deadline.overdue:{event.data['deadline']}"
        yield from _to_units(event, center, kind, (told, SUPERIOR.get(told, Role.NDRC)))
    elif event.kind in ACTIONS:
        told_roles = [
            role
            for role in ACTIONS[event.kind].tells
            if event.actor is None or unit_of(center, role) != event.actor.acts_for
        ]
        yield from _to_units(event, center, event.kind, told_roles or ACTIONS[event.kind].tells)
        yield from _letters(event, center)
    elif event.kind in TELLS:
        yield from _to_units(event, center, event.kind, TELLS[event.kind])


def _to_units(event: Event, center: Center, kind: str, roles: Iterable[Role]) -> Iterator[Notice]:
    told: set[str] = set()
    for role in roles:
        unit = unit_of(center, role)
        if unit in told:
            continue
        told.add(unit)
        yield Notice(
            key=f"{event.sequence}/{kind}/{role}",
            kind=kind,
            role=role,
            unit=unit,
            article=event.article,
            deadline=event.data.get("deadline"),
        )


def _letters(event: Event, center: Center) -> Iterator[Notice]:
    """On confirmation NDRC writes to customs and tax (Article 19)."""
    if event.kind == "confirmation.review" and event.data["decision"] == "confirm":
        yield from _to_units(event, center, "letter.customs", (Role.CUSTOMS,))
        yield from _to_units(event, center, "letter.tax", (Role.TAX,))


def _reminders(event: Event, center: Center) -> Iterator[Notice]:
    data = event.data
    for rung in (*data["skipped"], data["rung"]):
        yield Notice(
            key=f"reminder:{data['deadline']}@{data['nominal']}/{rung}",
            kind=f"reminder:{data['deadline']}",
            role=Role(data["to"]),
            unit=unit_of(center, Role(data["to"])),
            article=event.article,
            deadline=data["deadline"],
            due=date.fromisoformat(data["due"]),
            rung=rung,
            status="pending" if rung == data["rung"] else "skipped",
        )


def notice_of_refusal(refusal: Refused, act: Act | None, key: str) -> Notice:
    """Tells the sender's unit that its signal was refused; the operator, if no sender is known."""
    return Notice(
        key=f"refused/{key}",
        kind="refused",
        role=act.actor.role if act else Role.OPERATOR,
        unit=act.actor.acts_for if act else "",
        article=refusal.article,
    )
