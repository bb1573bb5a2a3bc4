"""A center's life as a line: stages, acts, coming deadlines, today, and what would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from neiic.console.dates import day as day_in
from neiic.console.drawing.life_entries import Band, Row, bands, passage, rows
from neiic.console.drawing.life_tall import tall
from neiic.console.drawing.life_wide import wide
from neiic.console.drawing.picture import Change, LifePicture
from neiic.console.drawing.scale import span
from neiic.console.drawing.words import Words, deadline_title
from neiic.statute.acts import Event
from neiic.statute.snapshot import Snapshot
from neiic.statute.what_if import DeadlineChange

__all__ = ["Band", "Change", "LifeLine", "Row", "life_line"]


@dataclass(frozen=True, slots=True)
class LifeLine:
    """The picture for screens and print, the upright one for phones, and the same as a table.

    ``changes`` are the deadlines that an assumption would move, in the reader's language.
    """

    wide: Markup
    tall: Markup
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]


def life_line(
    snapshot: Snapshot,
    events: Sequence[Event],
    today: date,
    language: str,
    words: Words,
    assumed: Sequence[DeadlineChange] = (),
) -> LifeLine:
    """The life line of a center on a Beijing day.

    ``events`` are all of the center's in order; where the first ones are missing, past stages
    are not drawn. ``assumed`` are the changes of a preview (``what_if``), drawn beneath.
    """
    led = passage(snapshot, events)
    found = rows(snapshot, events, led.milestones, today, language, words)
    changes = tuple(
        Change(
            deadline_title(one.deadline, one.title, language), one.article, one.before, one.after
        )
        for one in assumed
    )
    dates = [row.date for row in found] + [since for _, since in led.stages]
    dates += [day for one in changes for day in (one.before, one.after) if day is not None]
    coming = any(row.kind == "coming" for row in found)
    # What comes stands at the end of the line: its labels need room to the right.
    first, last = span(dates, 0.16 if coming else 0.03)
    picture = LifePicture(
        title=words.life_line % {"name": snapshot.name or snapshot.field},
        about=_about(found, language, words),
        first=first,
        last=last,
        today=None if snapshot.closed else today,
        bands=tuple(bands(snapshot, led.stages, today, max(dates) if snapshot.closed else last)),
        rows=found,
        changes=changes,
        language=language,
        words=words,
    )
    return LifeLine(wide(picture), tall(picture), found, changes)


def _about(found: Sequence[Row], language: str, words: Words) -> str:
    return words.life_about % {
        "start": day_in(found[0].date, language) if found else "",
        "end": day_in(found[-1].date, language) if found else "",
        "past": sum(row.kind == "past" for row in found),
        "coming": sum(row.kind == "coming" for row in found),
    }
