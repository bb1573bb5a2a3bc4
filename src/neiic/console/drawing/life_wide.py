"""The life line lying: for screens and paper, 1200 units wide."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from markupsafe import Markup

from neiic.console.dates import month
from neiic.console.drawing.labels import LANE, Flags, Placed, Wanted
from neiic.console.drawing.life_entries import Band
from neiic.console.drawing.picture import (
    DATE,
    NAME,
    Change,
    LifePicture,
    band_classes,
    draw_mark,
    hatching,
)
from neiic.console.drawing.scale import Cluster, Scale, ticks
from neiic.console.drawing.svg import Box, drawing, fitted, marked, node, width, write
from neiic.console.drawing.words import stage_title

WIDTH, MARGIN = 1200.0, 16.0
TOP, BAND, YEARS, CHANGE, LEGEND = 24.0, 28.0, 24.0, 24.0, 26.0
#: From the band's upper edge up to the middle of the first and the second row of marks.
FIRST, SECOND = 16.0, 38.0
LONGEST = 340.0


@dataclass(frozen=True, slots=True)
class _Flag:
    cluster: Cluster
    row: float
    what: str
    when: str
    place: Placed | None = None


def wide(picture: LifePicture) -> Markup:
    """The life line as a lying picture."""
    scale = picture.scale(MARGIN, WIDTH - MARGIN)
    past, coming = picture.marks(scale.at, 2)
    raised = _raised(past, coming)
    base = (SECOND if raised else FIRST) + 16
    flags = _placed(picture, scale, past, coming, raised, base)
    lanes = max((one.place.lane + 1 for one in flags if one.place), default=0)
    line = TOP + lanes * LANE + base
    under = line + BAND + YEARS
    changes = CHANGE * (len(picture.changes) + 1) + 8 if picture.changes else 0
    height = under + changes + LEGEND
    root = drawing("life-wide", WIDTH, height, picture.title, picture.about)
    _draw_bands(root, picture, scale, line)
    _draw_ticks(root, picture, scale, line + BAND)
    _draw_today(root, picture, scale, line + BAND + 5)
    for one in flags:
        _draw_leader(root, one, line, base)
    for one in flags:
        draw_mark(root, picture, one.cluster, one.cluster.at, line - one.row)
    for one in flags:
        _draw_label(root, one, line, base)
    if picture.changes:
        write(root, picture.words.if_so, MARGIN, under + 18, DATE, class_="quiet strong")
    for index, change in enumerate(picture.changes, start=1):
        _draw_change(root, picture, scale, change, under + index * CHANGE + 14)
    _draw_legend(root, picture, height - 8)
    return marked(root)


def _raised(past: list[Cluster], coming: list[Cluster]) -> bool:
    """Whether a coming mark would touch a past one on the same row."""
    return any(
        abs(one.at - other.at) < one.radius + other.radius + 2 for one in past for other in coming
    )


def _placed(
    picture: LifePicture,
    scale: Scale,
    past: list[Cluster],
    coming: list[Cluster],
    raised: bool,
    base: float,
) -> list[_Flag]:
    """Labels as long as there is room, by the order that leaves the fewest marks without one."""
    tried = [
        _placed_in(order, picture, scale, raised, base)
        for order in (_ranked(past, coming), _ranked(past, coming[::-1]))
    ]
    return max(tried, key=lambda flags: sum(one.place is not None for one in flags))


def _ranked(past: list[Cluster], coming: list[Cluster]) -> list[Cluster]:
    """What is late comes first, then what comes, then what began a stage, then the newest."""
    late = [one for one in coming if one.chief.overdue]
    ahead = [one for one in coming if not one.chief.overdue]
    return [*late, *ahead, *sorted(past, key=lambda one: (not one.chief.milestone, -one.at))]


def _placed_in(
    order: list[Cluster], picture: LifePicture, scale: Scale, raised: bool, base: float
) -> list[_Flag]:
    flags = Flags(MARGIN, WIDTH - MARGIN, base)
    if picture.today is not None:
        x = scale.at(picture.today)
        flags.walls.append(Box(x - 1, base, x + 1, base + 400))
    made = []
    for one in order:
        row = SECOND if raised and one.chief.kind == "coming" else FIRST
        made.append(_Flag(one, row, *picture.named(one, LONGEST)))
    wanted = [
        Wanted(
            one.cluster.at,
            max(width(one.what, NAME), width(one.when, DATE)),
            one.row + one.cluster.radius,
        )
        for one in made
    ]
    places = flags.place(wanted)
    return [
        _Flag(one.cluster, one.row, one.what, one.when, place)
        for one, place in zip(made, places, strict=True)
    ]


def _draw_bands(root: Element, picture: LifePicture, scale: Scale, y: float) -> None:
    hatch = hatching(root, "life-wide")
    for band in picture.bands:
        x, end = scale.at(band.start), scale.at(band.end)
        group = node(root, "g", class_=band_classes(band))
        title = stage_title(band.stage, picture.language)
        node(group, "title", f"{title} · {picture.day(band.start)} – {picture.day(band.end)}")
        fill = hatch if "improvement" in band_classes(band) else "none"
        more = {"stroke_dasharray": "4 3"} if band.ahead else {}
        node(group, "rect", x=x, y=y, width=max(end - x, 1.5), height=BAND, fill=fill, **more)
    for band, x, room in _named_bands(picture, scale):
        text = stage_title(band.stage, picture.language)
        if width(text, NAME) + 14 <= room:
            write(root, text, x + 8, y + BAND / 2 + 4.6, NAME, class_="stage")


def _named_bands(picture: LifePicture, scale: Scale) -> list[tuple[Band, float, float]]:
    """The bands that may carry a name: of a stage that goes on, the wider of its two parts."""
    found: dict[tuple[str, int], tuple[Band, float, float]] = {}
    for index, band in enumerate(picture.bands):
        x = scale.at(band.start)
        room = scale.at(band.end) - x
        key = (band.stage, index - band.ahead)
        if key not in found or room > found[key][2]:
            found[key] = (band, x, room)
    return list(found.values())


def _draw_ticks(root: Element, picture: LifePicture, scale: Scale, y: float) -> None:
    node(root, "line", x1=MARGIN, y1=y, x2=WIDTH - MARGIN, y2=y, class_="axis")
    for day, labelled in ticks(scale, 84 if scale.years <= 3 else 44):
        x = scale.at(day)
        node(root, "line", x1=x, y1=y, x2=x, y2=y + (6 if labelled else 3), class_="axis")
        text = month(day, picture.language) if scale.years <= 3 else str(day.year)
        half = width(text, DATE) / 2
        if labelled and x - half >= 0 and x + half <= WIDTH:
            write(root, text, x, y + 18, DATE, text_anchor="middle", class_="quiet figures")


def _draw_today(root: Element, picture: LifePicture, scale: Scale, foot: float) -> None:
    if picture.today is None:
        return
    x = scale.at(picture.today)
    text = f"{picture.words.today} {picture.day(picture.today)}"
    half = width(text, DATE) / 2
    middle = min(max(x, MARGIN + half), WIDTH - MARGIN - half)
    group = node(root, "g", class_="today")
    node(group, "title", text)
    node(group, "line", x1=x, y1=19, x2=x, y2=foot)
    write(group, text, middle, 13, DATE, text_anchor="middle", class_="figures")


def _draw_leader(root: Element, one: _Flag, line: float, base: float) -> None:
    if one.place is None:
        return
    top = line - base - one.place.lane * LANE - LANE + 8
    foot = line - one.row - one.cluster.radius
    x = one.cluster.at
    node(root, "line", x1=x, y1=top, x2=x, y2=foot, class_="leader")


def _draw_label(root: Element, one: _Flag, line: float, base: float) -> None:
    if one.place is None:
        return
    low = line - base - one.place.lane * LANE
    x = one.cluster.at + (-6 if one.place.leftwards else 6)
    anchor = "end" if one.place.leftwards else "start"
    late = " late" if one.cluster.chief.overdue else ""
    kind = f"label {one.cluster.chief.kind}{late}"
    write(root, one.what, x, low - 21, NAME, text_anchor=anchor, class_=kind)
    write(root, one.when, x, low - 6, DATE, text_anchor=anchor, class_="label quiet figures")


def _draw_change(
    root: Element, picture: LifePicture, scale: Scale, change: Change, y: float
) -> None:
    """A deadline before and after: a hollow mark, an arrow and a full one, with words beside."""
    group = node(root, "g", class_="change")
    text = picture.words.qualified % {"what": change.what, "how": picture.moved(change)}
    node(group, "title", text)
    days = [scale.at(day) for day in (change.before, change.after) if day is not None]
    if change.before is not None:
        node(group, "circle", cx=days[0], cy=y, r=4.5, fill="none", class_="before")
    if change.after is not None:
        node(group, "circle", cx=days[-1], cy=y, r=4.5, fill="none", class_="after")
    if len(days) == 2 and abs(days[1] - days[0]) > 12:
        step = 5.5 if days[1] > days[0] else -5.5
        tip = days[1] - step
        node(group, "line", x1=days[0] + step, y1=y, x2=tip, y2=y, class_="arrow")
        head = f"M{tip - step:.1f} {y - 3.5:.1f}L{tip:.1f} {y:.1f}L{tip - step:.1f} {y + 3.5:.1f}"
        node(group, "path", d=head, fill="none", class_="arrow")
    low, high = min(days), max(days)
    rightwards = WIDTH - MARGIN - high - 12 >= low - MARGIN - 12
    room = (WIDTH - MARGIN - high if rightwards else low - MARGIN) - 12
    x, anchor = (high + 12, "start") if rightwards else (low - 12, "end")
    write(group, fitted(text, DATE, room), x, y + 4, DATE, text_anchor=anchor, class_="figures")


def _draw_legend(root: Element, picture: LifePicture, y: float) -> None:
    words = picture.words
    x = MARGIN + 5
    for kind, text in (
        ("past", words.past),
        ("coming", words.coming),
        ("coming provisional", words.provisional),
    ):
        more = {"stroke_dasharray": "2.5 2"} if "provisional" in kind else {}
        group = node(root, "g", class_=f"key {kind}")
        node(group, "circle", cx=x, cy=y - 4, r=4.5, fill="none", **more)
        write(group, text, x + 10, y, DATE, class_="quiet")
        x += 10 + width(text, DATE) + 24
