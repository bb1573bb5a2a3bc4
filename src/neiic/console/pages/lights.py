"""Lights of deadlines: red when overdue, amber when close, green before; always with a word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, cast

from neiic.console.translating import translator
from neiic.statute.lights import close_days
from neiic.statute.periods import day_of, end_of
from neiic.statute.rules import RuleSet
from neiic.statute.snapshot import DeadlineView
from neiic.statute.terms import DeadlineKind

Light = Literal["red", "amber", "green", "none"]


def light_of(deadline: DeadlineView, rules: RuleSet, now: datetime) -> Light:
    """The light at ``now`` (any zone); none for what is closed or has not opened."""
    if deadline.status == "overdue":
        return "red"
    if deadline.status not in ("open", "held"):
        return "none"
    if now >= end_of(deadline.due):
        # Held by an application that is being decided: past, and nobody's fault.
        return "amber" if deadline.status == "held" else "red"
    kind = cast(DeadlineKind, deadline.kind)
    close = deadline.due - timedelta(days=close_days(kind, rules))
    return "amber" if day_of(now) >= close else "green"


def light_word(light: Light, status: str, language: str) -> str:
    """The word beside the shape."""
    _ = translator(language)
    if light == "none":
        words = {
            "upcoming": _("to come"),
            "met": _("met"),
            "waived": _("waived"),
            "lapsed": _("lapsed"),
        }
        return words.get(status, status)
    return {"red": _("overdue"), "amber": _("close"), "green": _("in time")}[light]
