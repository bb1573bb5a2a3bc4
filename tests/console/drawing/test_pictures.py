"""Month tables, the strip of months, indicator charts, and the words in both languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jinja2
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from neiic import console
from neiic.console.drawing.charts import indicator_chart
from neiic.console.drawing.heat import heat, shades_of
from neiic.console.drawing.month import month
from neiic.console.drawing.svg import clean, fitted, width
from neiic.console.drawing.words import SHAPES, words
from neiic.statute.registry import EVOLVERS
from tests.console.drawing.reading import CATALOGUE, SVG, assert_legible, parsed, translations

HOME = Path(console.__file__).parent
WORDS = words(translations("zh").gettext)


def test_a_month_begins_on_monday_and_counts_the_gravest_first() -> None:
    counts = {date(2034, 6, 19): {"green": 4, "red": 2, "amber": 0}}
    made = month(2034, 6, counts, {date(2034, 6, 20)}, date(2034, 6, 19))
    days = [day for week in made.weeks for day in week]
    assert made.title == "2034年6月"
    assert made.weekdays[0] == ("周一", "星期一")
    assert days[0].date == date(2034, 5, 29)
    assert not days[0].inside
    [today] = [day for day in days if day.today]
    assert today.counts == (("red", 2), ("green", 4))
    assert [day.date for day in days if day.off] == [date(2034, 6, 20)]
    assert (made.before, made.after) == (date(2034, 5, 1), date(2034, 7, 1))


def test_a_month_is_an_accessible_table() -> None:
    folder = jinja2.FileSystemLoader(HOME / "templates")
    page = jinja2.Environment(loader=folder, autoescape=True).get_template("drawing/month.html")
    made = month(2034, 6, {date(2034, 6, 19): {"red": 2}}, set(), date(2034, 6, 19), "en")
    html = str(page.module.month_table(made, WORDS, SHAPES, lambda day: f'?"<day={day}>&'))  # type: ignore[attr-defined]
    table = ElementTree.fromstring(html)
    assert table[0].tag == "caption"
    assert [one.get("scope") for one in table.iter("th")] == ["col"] * 7
    [link] = table.iter("a")
    assert link.get("href") == '?"<day=2034-06-19>&'
    assert {"●", "逾期"} <= {(one.text or "").strip() for one in link.iter()}
    [now] = [one for one in table.iter("td") if one.get("aria-current") == "date"]
    assert "今天" in "".join(now.itertext())
    assert "style=" not in html


def test_the_months_ahead_are_links_in_rows_of_twelve() -> None:
    counts = {date(2034, 7, 1): 3, date(2037, 5, 1): 12_345}
    svg = heat(date(2034, 6, 19), counts, lambda day: f"?m={day}&x=<", "zh", WORDS)
    root = parsed(svg)
    assert_legible(root)
    cells = list(root.iter(f"{SVG}a"))
    assert len(cells) == 36
    assert cells[1].get("href") == "?m=2034-07-01&x=<"
    assert cells[1].get("aria-label") == "2034年7月 · 3"
    assert cells[0].get("class") == "cell shade-0"
    assert len({one[1].get("y") for one in cells}) == 3


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=36))
@settings(max_examples=60, deadline=None)
def test_shades_follow_the_numbers(numbers: list[int]) -> None:
    shades = shades_of(numbers)
    for number, shade in zip(numbers, shades, strict=True):
        assert (shade == 0) == (number == 0)
        assert 0 <= shade <= 4
    pairs = sorted(zip(numbers, shades, strict=True))
    assert [shade for _, shade in pairs] == sorted(shades)


def test_the_busiest_of_many_is_darkest() -> None:
    assert shades_of([0, 1, 2, 3, 4, 5, 6, 7, 8]) == [0, 1, 1, 2, 2, 3, 3, 4, 4]


YEARS = st.integers(2026, 2055)
VALUES = st.none() | st.floats(-1e18, 1e18) | st.integers(-(10**18), 10**18) | st.just(0)


@given(st.dictionaries(YEARS, VALUES, max_size=30), st.text(max_size=40), st.text(max_size=8))
@settings(max_examples=80, deadline=None)
def test_any_indicator_is_legible(values: dict[int, float | None], name: str, unit: str) -> None:
    chart = indicator_chart(name or "x", values, unit, "zh", WORDS)
    root = parsed(chart.svg)
    assert_legible(root)
    shown = len(list(root.iter(f"{SVG}rect"))) or len(list(root.iter(f"{SVG}circle")))
    assert shown == sum(told is not None for _, told in chart.rows)


def test_a_gap_breaks_the_line_and_bars_begin_at_zero() -> None:
    values = {year: float(year) for year in range(2026, 2040) if year != 2030}
    line = parsed(indicator_chart("专利", values, "件", "zh", WORDS).svg)
    [series] = [one for one in line.iter(f"{SVG}path") if one.get("class") == "series"]
    assert series.attrib["d"].count("M") == 2
    bars = parsed(indicator_chart("利润", {2031: 100.0, 2032: -50.0}, "万元", "zh", WORDS).svg)
    up, down = bars.iter(f"{SVG}rect")
    [zero] = bars.iter(f"{SVG}line")
    edge = float(zero.attrib["y1"])
    assert float(up.attrib["y"]) + float(up.attrib["height"]) == pytest.approx(edge, abs=0.2)
    assert float(down.attrib["y"]) == pytest.approx(edge, abs=0.2)
    assert float(up.attrib["height"]) == pytest.approx(2 * float(down.attrib["height"]), abs=0.3)


@given(st.text(max_size=80), st.floats(0, 400))
@settings(max_examples=100, deadline=None)
def test_fitted_text_fits(text: str, room: float) -> None:
    assert width(fitted(text, 13, room), 13) <= room + 1e-6
    ElementTree.fromstring(f"<a>{clean(text).replace('&', '').replace('<', '')}</a>")


def test_every_message_has_its_chinese() -> None:
    found = {
        message if isinstance(message, str) else message[0]
        for _, _, message, _, _ in extract_from_dir(str(HOME / "drawing"))
    }
    with CATALOGUE.open("rb") as file:
        known = {
            one.id if isinstance(one.id, str) else one.id[0]
            for one in read_po(file, locale="zh_CN")
            if one.id and one.string
        }
    assert found
    assert found <= known


def test_the_words_name_events_that_exist() -> None:
    assert set(WORDS.kinds) - {"center.registered"} <= set(EVOLVERS)
