"""The load of the months ahead: a strip of cells, darker where more falls due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from xml.etree.ElementTree import Element

from babel.dates import format_date
from markupsafe import Markup

from neiic.console.dates import locale_of, number
from neiic.console.dates import month as month_in
from neiic.console.drawing.svg import drawing, fitted, marked, node, write
from neiic.console.drawing.words import Words

MONTHS, IN_A_ROW, SHADES = 36, 12, 5
CELL, TALL, GAP, LEFT, HEAD = 29.0, 24.0, 2.0, 54.0, 18.0
TEXT, NAME = 11.0, 10.0


def heat(
    first: date,
    counts: Mapping[date, int],
    link: Callable[[date], str],
    language: str,
    words: Words,
) -> Markup:
    """The strip of 36 months from the one in which ``first`` lies, in rows of twelve.

    ``counts`` and ``link`` go by the first day of a month; ``link`` answers the address of the
    list that the number counts. Raises ValueError where the months would pass the year 9999.
    """
    months = [_months_on(first, ahead) for ahead in range(MONTHS)]
    numbers = [counts.get(month, 0) for month in months]
    about = words.months_about % {
        "count": sum(numbers),
        "start": month_in(months[0], language),
        "end": month_in(months[-1], language),
    }
    size = (LEFT + IN_A_ROW * (CELL + GAP), HEAD + MONTHS // IN_A_ROW * (TALL + GAP))
    root = drawing("heat", *size, words.months_ahead, about)
    # A picture's parts cannot be reached, and these are links.
    root.set("role", "group")
    for column, month in enumerate(months[:IN_A_ROW]):
        name = format_date(month, "LLL", locale=locale_of(language))
        x = LEFT + column * (CELL + GAP) + CELL / 2
        write(root, name, x, HEAD - 7, NAME, text_anchor="middle", class_="quiet")
    shades = shades_of(numbers)
    for index, month in enumerate(months):
        row, column = divmod(index, IN_A_ROW)
        y = HEAD + row * (TALL + GAP)
        if column == 0:
            write(
                root,
                _years(months, index),
                LEFT - 8,
                y + 16,
                NAME,
                text_anchor="end",
                class_="quiet figures",
            )
        _draw_cell(
            root,
            LEFT + column * (CELL + GAP),
            y,
            numbers[index],
            shades[index],
            href=link(month),
            title=f"{month_in(month, language)} · {number(numbers[index], language)}",
        )
    return marked(root)


def shades_of(numbers: Sequence[int]) -> list[int]:
    """A shade from 0 (nothing) to 4 for each: the quarter of the months with work it lies in.

    Equal numbers have equal shades, that of the middle one among them.
    """
    busy = [number for number in numbers if number > 0]
    steps = SHADES - 1
    return [_shade(number, busy, steps) if number > 0 else 0 for number in numbers]


def _shade(number: int, busy: Sequence[int], steps: int) -> int:
    below = sum(other < number for other in busy)
    same = sum(other == number for other in busy)
    return 1 + (2 * below + same) * steps // (2 * len(busy) + 1)


def _draw_cell(
    root: Element, x: float, y: float, count: int, shade: int, *, href: str, title: str
) -> None:
    cell = node(root, "a", href=href, class_=f"cell shade-{shade}", aria_label=title)
    node(cell, "title", title)
    node(cell, "rect", x=x, y=y, width=CELL, height=TALL, rx=2, fill="none")
    text = fitted(str(count), TEXT, CELL - 2) if count < 10_000 else f"{count // 1000}k"
    write(cell, text, x + CELL / 2, y + 16, TEXT, text_anchor="middle", class_="figures")


def _years(months: Sequence[date], index: int) -> str:
    start, end = months[index].year, months[index + IN_A_ROW - 1].year
    return str(start) if start == end else f"{start}–{end % 100:02}"


def _months_on(day: date, ahead: int) -> date:
    years, index = divmod(day.month - 1 + ahead, 12)
    return date(day.year + years, index + 1, 1)
