"""An annual indicator as a small chart: bars for a few years, a line for many."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from babel.numbers import format_compact_decimal
from markupsafe import Markup

from neiic.console.dates import locale_of, number
from neiic.console.drawing.svg import Box, drawing, fitted, marked, node, width, write
from neiic.console.drawing.words import Words

WIDTH, HEIGHT, EDGE = 360.0, 174.0, 8.0
TITLE, LABEL, YEAR = 13.5, 12.0, 11.0
#: The plot lies between these heights; labels of values stand within 16 units outside.
HIGH, LOW = 52.0, 130.0
FOOT = HEIGHT - 8
MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture, and what a table says instead: year and value as written, None for a gap."""

    svg: Markup
    rows: tuple[tuple[int, str | None], ...]


@dataclass(frozen=True, slots=True)
class _Plot:
    values: Mapping[int, float]
    years: Sequence[int]
    floor: float
    ceiling: float
    begin: float
    end: float

    def x(self, year: int) -> float:
        step = (self.end - self.begin) / len(self.years)
        return self.begin + (year - self.years[0] + 0.5) * step

    def y(self, value: float) -> float:
        # Halved first: the difference of two of the largest numbers is none.
        share = (value / 2 - self.floor / 2) / (self.ceiling / 2 - self.floor / 2)
        return LOW - share * (LOW - HIGH)


def indicator_chart(
    name: str,
    values: Mapping[int, float | None],
    unit: str,
    language: str,
    words: Words,
    number_on_page: int = 1,
) -> Chart:
    """A chart of one indicator over the years; years without a finite value are gaps.

    ``number_on_page`` keeps the ids of several charts on one page apart.
    """
    known = {
        year: value for year, value in values.items() if value is not None and math.isfinite(value)
    }
    years = range(min(values), max(values) + 1) if values else range(0)
    rows = tuple((year, number(known[year], language) if year in known else None) for year in years)
    heading = f"{name}（{unit}）" if unit and language.startswith("zh") else f"{name} ({unit})"
    heading = heading if unit else name
    about = words.chart_empty
    if years:
        about = words.chart_about % {"count": len(known), "start": years[0], "end": years[-1]}
    root = drawing("chart", WIDTH, HEIGHT, heading, about)
    _name_apart(root, number_on_page)
    write(root, fitted(heading, TITLE, WIDTH - 2 * EDGE), EDGE, 18, TITLE, class_="label")
    if not known:
        write(root, words.chart_empty, EDGE, HIGH + 30, LABEL, class_="quiet")
        return Chart(marked(root), rows)
    _draw(root, known, years, language)
    return Chart(marked(root), rows)


def _draw(root: Element, known: Mapping[int, float], years: Sequence[int], language: str) -> None:
    floor, ceiling = min(0.0, *known.values()), max(0.0, *known.values())
    if floor == ceiling:
        ceiling = 1.0
    plot = _Plot(known, years, floor, ceiling, EDGE, WIDTH - EDGE)
    if len(years) <= MOST_BARS:
        _draw_bars(root, plot, language)
    else:
        _draw_line(root, plot, language)
    node(root, "line", x1=EDGE, y1=plot.y(0), x2=WIDTH - EDGE, y2=plot.y(0), class_="axis")
    _draw_labels(root, plot, language)
    _draw_years(root, plot)


def _name_apart(root: Element, number_on_page: int) -> None:
    names = [f"chart-{number_on_page}-{part}" for part in ("title", "about")]
    root.set("aria-labelledby", " ".join(names))
    for child, name in zip(root, names, strict=True):
        child.set("id", name)


def _said(plot: _Plot, year: int, language: str) -> str:
    return f"{year} · {number(plot.values[year], language)}"


def _draw_bars(root: Element, plot: _Plot, language: str) -> None:
    thick = min((plot.end - plot.begin) / len(plot.years) * 0.56, 30)
    zero = plot.y(0)
    for year, value in sorted(plot.values.items()):
        group = node(root, "g", class_="bar")
        node(group, "title", _said(plot, year, language))
        y = plot.y(value)
        node(
            group,
            "rect",
            x=plot.x(year) - thick / 2,
            y=min(y, zero),
            width=thick,
            height=max(abs(zero - y), 0.5),
        )


def _draw_line(root: Element, plot: _Plot, language: str) -> None:
    path, previous = "", None
    for year, value in sorted(plot.values.items()):
        step = "L" if previous == year - 1 else "M"
        path += f"{step}{plot.x(year):.1f} {plot.y(value):.1f}"
        previous = year
    node(root, "path", d=path, fill="none", class_="series")
    for year, value in sorted(plot.values.items()):
        dot = node(root, "g", class_="dot")
        node(dot, "title", _said(plot, year, language))
        node(dot, "circle", cx=plot.x(year), cy=plot.y(value), r=2.5)


def _draw_labels(root: Element, plot: _Plot, language: str) -> None:
    """The last value, then the extremes, each unless it would cover another."""
    values, taken = plot.values, list[Box]()
    last = max(values)
    highest = max(values, key=lambda year: (values[year], year))
    lowest = min(values, key=lambda year: (values[year], -year))
    for year in dict.fromkeys((last, highest, lowest)):
        text = _short(values[year], language)
        half = width(text, LABEL) / 2
        x = min(max(plot.x(year), EDGE + half), WIDTH - EDGE - half)
        on_line = len(plot.years) > MOST_BARS
        below = values[year] < 0 or (on_line and year == lowest)
        y = plot.y(values[year]) + (15 if below else -6)
        box = Box(x - half - 3, y - 11, x + half + 3, y + 3)
        if any(box.meets(other) for other in taken):
            continue
        taken.append(box)
        strong = " strong" if year == last else ""
        kind = f"label figures{strong}"
        write(root, text, x, y, LABEL, text_anchor="middle", class_=kind)


def _short(value: float, language: str) -> str:
    exact = number(value, language)
    if len(exact) <= 11:
        return exact
    short = str(format_compact_decimal(value, locale=locale_of(language), fraction_digits=2))
    return short if abs(value) >= 0.01 and len(short) <= 14 else f"{value:.2e}"


def _draw_years(root: Element, plot: _Plot) -> None:
    room = width("2000", YEAR) + 10
    step = (plot.end - plot.begin) / len(plot.years)
    every = math.ceil(room / step)
    for year in plot.years:
        # Counted from the last year, which is always named.
        if (plot.years[-1] - year) % every == 0:
            write(
                root,
                str(year),
                plot.x(year),
                FOOT,
                YEAR,
                text_anchor="middle",
                class_="quiet figures",
            )
