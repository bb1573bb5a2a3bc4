"""The life line upright: for phones, 360 units wide, the past above."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markupsafe import Markup

from neiic.console.dates import month
from neiic.console.drawing.picture import (
    DATE,
    NAME,
    LifePicture,
    band_classes,
    draw_mark,
    hatching,
)
from neiic.console.drawing.scale import Cluster, Scale, ticks
from neiic.console.drawing.stacking import stacked
from neiic.console.drawing.svg import drawing, fitted, marked, node, write
from neiic.console.drawing.words import stage_title

WIDTH, EDGE, TOP = 360.0, 4.0, 10.0
RAIL, RAIL_WIDTH, MARKS, SECOND, TEXT = 46.0, 14.0, 74.0, 94.0, 112.0
YEAR, SHORTEST, LONGEST = 58.0, 340.0, 1600.0
LABEL, HEAD, CHANGE = 36.0, 24.0, 38.0
ROOM = WIDTH - TEXT - EDGE


@dataclass(frozen=True, slots=True)
class _Item:
    """Something in the column of words: a mark's label, a stage's name, or today."""

    at: float
    order: int
    height: float
    first: str
    second: str = ""
    classes: str = ""
    cluster: Cluster | None = None


def tall(picture: LifePicture) -> Markup:
    """The life line as an upright picture."""
    years = (picture.last - picture.first).days / 365.25
    length = min(max(years * YEAR, SHORTEST), LONGEST)
    past, coming = picture.marks(picture.scale(TOP, TOP + length).at, 14)
    needed = sum(
        one.height for one in _items(picture, picture.scale(TOP, TOP + length), past, coming)
    )
    scale = picture.scale(TOP, TOP + max(length, needed * 1.02))
    past, coming = ([_moved(one, scale) for one in some] for some in (past, coming))
    items = sorted(_items(picture, scale, past, coming), key=lambda one: (one.at, one.order))
    middles = stacked([one.at for one in items], [one.height for one in items], 2)
    bottom = max(scale.end, *(m + one.height / 2 for one, m in zip(items, middles, strict=True)))
    changes = CHANGE * len(picture.changes) + 30 if picture.changes else 0
    root = drawing("life-tall", WIDTH, bottom + 10 + changes, picture.title, picture.about)
    _draw_bands(root, picture, scale)
    _draw_ticks(root, picture, scale)
    for one, middle in zip(items, middles, strict=True):
        _draw_item(root, one, middle, past)
    # Marks come last: no line crosses one.
    for cluster in (*past, *coming):
        draw_mark(root, picture, cluster, _column(cluster, past), cluster.at)
    _draw_changes(root, picture, bottom + 10)
    return marked(root)


def _moved(cluster: Cluster, scale: Scale) -> Cluster:
    ends = [scale.at(row.date) for row in (cluster.rows[0], cluster.rows[-1])]
    return Cluster(sum(ends) / 2, cluster.rows)


def _items(
    picture: LifePicture, scale: Scale, past: list[Cluster], coming: list[Cluster]
) -> list[_Item]:
    made = []
    for cluster in (*past, *coming):
        what, when = picture.named(cluster, ROOM)
        kind = cluster.chief.kind + (" late" if cluster.chief.overdue else "")
        order = 1 if cluster.chief.kind == "past" else 3
        made.append(_Item(cluster.at, order, LABEL, what, when, kind, cluster))
    for band in picture.bands:
        if not band.ahead:
            title = stage_title(band.stage, picture.language)
            made.append(_Item(scale.at(band.start), 0, HEAD, title, classes="stage"))
    if picture.today is not None:
        text = f"{picture.words.today} {picture.day(picture.today)}"
        made.append(_Item(scale.at(picture.today), 2, HEAD, text, classes="now"))
    return made


def _draw_bands(root: Element, picture: LifePicture, scale: Scale) -> None:
    hatch = hatching(root, "life-tall")
    for band in picture.bands:
        y, end = scale.at(band.start), scale.at(band.end)
        group = node(root, "g", class_=band_classes(band))
        title = stage_title(band.stage, picture.language)
        node(group, "title", f"{title} · {picture.day(band.start)} – {picture.day(band.end)}")
        fill = hatch if "improvement" in band_classes(band) else "none"
        more = {"stroke_dasharray": "4 3"} if band.ahead else {}
        node(
            group,
            "rect",
            x=RAIL,
            y=y,
            width=RAIL_WIDTH,
            height=max(end - y, 1.5),
            fill=fill,
            **more,
        )


def _draw_ticks(root: Element, picture: LifePicture, scale: Scale) -> None:
    for day, labelled in ticks(scale, 22):
        y = scale.at(day)
        node(root, "line", x1=RAIL - (6 if labelled else 3), y1=y, x2=RAIL, y2=y, class_="axis")
        if not labelled:
            continue
        by_month = scale.years <= 3 and day.month != 1
        text = month(day, picture.language).split(" ")[0][:3] if by_month else str(day.year)
        if by_month and picture.language.startswith("zh"):
            text = month(day, "zh").partition("\u5e74")[2]
        write(root, text, RAIL - 9, y + 4, DATE, text_anchor="end", class_="quiet figures")


def _draw_item(root: Element, one: _Item, middle: float, past: list[Cluster]) -> None:
    if one.cluster is not None:
        x = _column(one.cluster, past)
        _draw_elbow(root, x + one.cluster.radius + 2, one.at, middle, "leader")
        write(root, one.first, TEXT, middle - 2, NAME, class_=f"label {one.classes}")
        write(root, one.second, TEXT, middle + 13, DATE, class_="label quiet figures")
    elif one.classes == "now":
        group = node(root, "g", class_="today")
        node(group, "title", one.first)
        node(group, "line", x1=RAIL - 4, y1=one.at, x2=MARKS + 8, y2=one.at)
        _draw_elbow(group, MARKS + 8, one.at, middle, "")
        write(group, one.first, TEXT, middle + 4, DATE, class_="figures")
    else:
        node(
            root, "line", x1=RAIL + RAIL_WIDTH, y1=one.at, x2=MARKS - 8, y2=one.at, class_="leader"
        )
        write(root, fitted(one.first, NAME, ROOM), TEXT, middle + 5, NAME, class_="stage strong")


def _column(cluster: Cluster, past: list[Cluster]) -> float:
    """Coming marks stand aside where they would touch a past one."""
    if cluster.chief.kind == "past":
        return MARKS
    near = any(abs(cluster.at - one.at) < cluster.radius + one.radius + 2 for one in past)
    return SECOND if near else MARKS


def _draw_elbow(root: Element, x: float, at: float, middle: float, kind: str) -> None:
    turn = TEXT - 12
    path = f"M{x:.1f} {at:.1f}L{max(x, turn - 6):.1f} {at:.1f}L{turn + 6:.1f} {middle:.1f}"
    node(root, "path", d=path, fill="none", **({"class_": kind} if kind else {}))


def _draw_changes(root: Element, picture: LifePicture, top: float) -> None:
    if not picture.changes:
        return
    node(root, "line", x1=EDGE, y1=top, x2=WIDTH - EDGE, y2=top, class_="axis")
    write(root, picture.words.if_so, EDGE, top + 19, DATE, class_="quiet strong")
    for index, change in enumerate(picture.changes):
        y = top + 40 + index * CHANGE
        room = WIDTH - 2 * EDGE
        group = node(root, "g", class_="change")
        node(group, "title", f"{change.what} {picture.moved(change)}")
        write(group, fitted(change.what, NAME, room), EDGE, y, NAME, class_="label")
        when = fitted(picture.moved(change), DATE, room)
        write(group, when, EDGE, y + 15, DATE, class_="figures")
