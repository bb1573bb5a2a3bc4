"""What both ways of drawing a life line are given, and the parts that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from neiic.console.dates import day as day_in
from neiic.console.drawing.life_entries import Band, Row
from neiic.console.drawing.scale import Cluster, Place, Scale, clustered
from neiic.console.drawing.svg import fitted, node, width, write
from neiic.console.drawing.words import Words
from neiic.statute.terms import Stage

NAME, DATE = 13.0, 11.5

#: Stages are told apart by depth of one tint; ended ones have none.
TINTS = {
    Stage.APPLICATION: "application",
    Stage.PREPARATION: "preparation",
    Stage.OPERATION: "operation",
    Stage.IMPROVEMENT: "improvement",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A deadline that an assumption would move: new where ``before`` is None, gone where
    ``after`` is.
    """

    what: str
    article: str
    before: date | None
    after: date | None


@dataclass(frozen=True, slots=True)
class LifePicture:
    """A life line ready to be drawn; ``today`` is None for a life that is over."""

    title: str
    about: str
    first: date
    last: date
    today: date | None
    bands: tuple[Band, ...]
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    language: str
    words: Words

    def scale(self, begin: float, end: float) -> Scale:
        """Its time between two coordinates."""
        return Scale(self.first, self.last, begin, end)

    def day(self, day: date) -> str:
        """A date as people write it."""
        return day_in(day, self.language)

    def marks(self, place: Place, gap: float) -> tuple[list[Cluster], list[Cluster]]:
        """The marks of the past and those to come."""
        past = [row for row in self.rows if row.kind == "past"]
        coming = [row for row in self.rows if row.kind == "coming"]
        return clustered(past, place, gap), clustered(coming, place, gap)

    def named(self, cluster: Cluster, room: float) -> tuple[str, str]:
        """A mark's two lines, none wider than the room: what it is, and when."""
        rows = cluster.rows
        more = len(rows) - 1
        beside = width(self.words.and_more % {"what": "", "count": more}, NAME) if more else 0
        what = fitted(cluster.chief.what, NAME, room - beside)
        if more:
            what = self.words.and_more % {"what": what, "count": more}
        when = self.day(rows[0].date)
        if rows[-1].date != rows[0].date:
            when += f" – {self.day(rows[-1].date)}"
        if any(row.provisional for row in rows):
            when += f" · {self.words.provisional}"
        return what, fitted(when, DATE, room)

    def moved(self, change: Change) -> str:
        """From when to when a deadline would move."""
        before = self.day(change.before) if change.before else self.words.new
        after = self.day(change.after) if change.after else self.words.gone
        return f"{before} → {after}"


def draw_mark(parent: Element, picture: LifePicture, cluster: Cluster, x: float, y: float) -> None:
    """A dot or a count: filled for the past, hollow for what comes, dashed while provisional."""
    chief = cluster.chief
    kinds = ["mark", chief.kind]
    kinds += [name for name in ("milestone", "overdue") if getattr(chief, name)]
    # A cluster is provisional only where nothing in it is certain.
    dashed = all(row.provisional for row in cluster.rows)
    kinds += ["provisional"] * dashed
    group = node(parent, "g", class_=" ".join(kinds), data_count=len(cluster.rows))
    node(group, "title", titled(picture, cluster.rows))
    outline = {"stroke_dasharray": "2.5 2"} if dashed else {}
    node(group, "circle", cx=x, cy=y, r=cluster.radius, fill="none", **outline)
    if len(cluster.rows) > 1:
        count = str(len(cluster.rows))
        write(group, count, x, y + 3.8, 11, text_anchor="middle", class_="count")


def titled(picture: LifePicture, rows: Sequence[Row]) -> str:
    """All that a mark stands for, one line each."""
    return "\n".join(
        " · ".join(part for part in (picture.day(row.date), row.what, row.article) if part)
        for row in rows
    )


def hatching(root: Element, name: str) -> str:
    """A pattern for the improvement stage, and how a fill refers to it."""
    pattern = node(
        node(root, "defs"),
        "pattern",
        id=f"{name}-hatch",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    node(pattern, "rect", width=6, height=6, class_="band preparation", fill="none")
    node(pattern, "line", x1=0, y1=0, x2=0, y2=6, class_="hatch")
    return f"url(#{name}-hatch)"


def band_classes(band: Band) -> str:
    """The classes that tint a band."""
    return " ".join(["band", TINTS.get(band.stage, "ended"), *(["ahead"] if band.ahead else [])])
