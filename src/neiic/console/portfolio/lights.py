"""Lights, and how deadlines stand, as lists show them; everything is counted in Beijing days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from neiic.statute.periods import day_of

Light = Literal["red", "amber", "green"]

#: In the order of their urgency.
LIGHTS: tuple[Light, ...] = ("red", "amber", "green")

#: How a deadline stands.
Standing = Literal["overdue", "held", "open", "upcoming", "closed"]
STANDINGS: tuple[Standing, ...] = ("overdue", "held", "open", "upcoming", "closed")
CLOSED = ("met", "waived", "lapsed")
LIVE = ("overdue", "held", "open", "upcoming")

#: Rows of one page.
PAGE = 50


def due_day(instant: datetime) -> date:
    """The due date of a deadline that is past at this instant: the day that ends with it."""
    return day_of(instant) - timedelta(days=1)


def light_of(due: datetime | None, yellow_from: datetime | None, now: datetime) -> Light:
    """Red once it is past, amber while it is close, else green; green where nothing is due."""
    if due is not None and due <= now:
        return "red"
    return (
        "amber" if due is not None and yellow_from is not None and yellow_from <= now else "green"
    )


def standing_of(status: str, instant: datetime, now: datetime) -> Standing:
    """How a deadline with this recorded status stands now."""
    if status in CLOSED:
        return "closed"
    if status == "overdue" or (status == "open" and instant <= now):
        return "overdue"
    return "held" if status == "held" else "upcoming" if status == "upcoming" else "open"


def light_of_standing(standing: Standing, close: datetime | None, now: datetime) -> Light | None:
    """The light of a deadline that stands so and is close from then on; a closed one has none."""
    if standing == "closed":
        return None
    if standing in ("overdue", "held"):
        return "red" if standing == "overdue" else "amber"
    return "amber" if standing == "open" and close is not None and close <= now else "green"
