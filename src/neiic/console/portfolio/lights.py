"""Lights and days left, as lists show them; everything is counted in Beijing days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from neiic.statute.periods import day_of

Light = Literal["red", "amber", "green"]

#: In the order of their urgency.
LIGHTS: tuple[Light, ...] = ("red", "amber", "green")

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
