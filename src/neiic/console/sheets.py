"""Tables as Excel files: what is a date is a date there, and no text ever becomes a formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import Any, Literal, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from neiic.statute.periods import beijing

Kind = Literal["any", "text", "date", "moment", "number"]

DAY_FORMAT, MOMENT_FORMAT, TEXT_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@"
#: A text that begins so would be a formula, or be taken for one, where somebody edits the cell.
LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Excel keeps no more digits of a number than these.
MOST_DIGITS = 15
NARROWEST, WIDEST = 6, 60
#: Rows whose content a column's width is measured by.
MEASURED = 2_000

_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class Column(NamedTuple):
    """A column's header and what it holds; ``any`` takes each value as it is."""

    title: str
    kind: Kind = "any"
    width: int | None = None


def workbook(
    title: str, columns: Sequence[str | Column], rows: Sequence[Sequence[Any]], *, about: str = ""
) -> bytes:
    """An Excel file of one sheet: a header that stays, a filter, widths that fit.

    Dates and moments (on the Beijing clock) are real ones, numbers numbers, all else text.
    """
    meant = [one if isinstance(one, Column) else Column(one) for one in columns]
    book = Workbook(write_only=True)
    if about:
        book.properties.description = about
    sheet = book.create_sheet(title_of(title))
    for place, width in enumerate(_widths(meant, rows), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(meant), 1))}{len(rows) + 1}"
    sheet.append([_header(sheet, one.title) for one in meant])
    for row in rows:
        sheet.append(
            [_written(sheet, value, one.kind) for one, value in zip(meant, row, strict=True)]
        )
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def title_of(title: str) -> str:
    """A name that Excel takes for a sheet."""
    return _NOT_IN_TITLES.sub(" ", title).strip(" '")[:31] or "Sheet"


def put(cell: Any, value: Any, kind: Kind = "any") -> None:
    """Write a value into a cell, as what it is."""
    shown = plain(value, kind)
    if isinstance(shown, str):
        cell.value = shown
        # After the value: openpyxl makes a formula of what begins with an equals sign.
        cell.data_type = "s"
        if shown.startswith(LIKE_A_FORMULA):
            cell.quotePrefix = True
        if kind == "text":
            cell.number_format = TEXT_FORMAT
        return
    cell.value = shown
    if isinstance(shown, datetime):
        cell.number_format = MOMENT_FORMAT
    elif isinstance(shown, date):
        cell.number_format = DAY_FORMAT


def plain(value: Any, kind: Kind = "any") -> Any:
    """What a cell can hold of a value: a number, a date, a moment, a text, or None."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        at = beijing(value).replace(tzinfo=None)
        return at.date() if kind == "date" else at
    if isinstance(value, date) and kind != "text":
        return value
    if isinstance(value, bool):
        return str(value) if kind == "text" else value
    if isinstance(value, int | float) and kind != "text" and _fits(value):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        value = "、".join(str(one) for one in value)
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))


def _fits(value: int | float) -> bool:
    """Whether Excel keeps this number as it is; NaN and infinity it does not know."""
    if isinstance(value, int):
        return len(str(abs(value))) <= MOST_DIGITS
    return value == value and abs(value) != float("inf")


def width_of(text: str) -> int:
    """How wide a text stands, in the digits that Excel counts widths by; its widest line counts."""
    return max(
        (
            sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line)
            for line in text.split("\n")
        ),
        default=0,
    )


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> Iterable[int]:
    measured = list(islice(rows, MEASURED))
    for place, column in enumerate(columns):
        shown = (plain(row[place], column.kind) for row in measured)
        widest = max((width_of(_said(one)) for one in shown), default=0)
        # The header has a button for the filter beside its words.
        found = max(widest, width_of(column.title) + 3) + 2
        yield column.width or min(max(found, NARROWEST), WIDEST)


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return "" if value is None else str(value)


def _header(sheet: Any, title: str) -> Cell:
    made: Cell = WriteOnlyCell(sheet)
    put(made, title)
    made.font = Font(bold=True)
    made.alignment = Alignment(vertical="top", wrap_text=True)
    return made


def _written(sheet: Any, value: Any, kind: Kind) -> Any:
    """The value as it is where openpyxl takes it for what it is, a cell made by hand otherwise."""
    shown = plain(value, kind)
    if shown is None or isinstance(shown, bool | int | float):
        return shown
    if isinstance(shown, str) and kind != "text" and not shown.startswith((*LIKE_A_FORMULA, "#")):
        return shown
    made: Cell = WriteOnlyCell(sheet)
    put(made, value, kind)
    return made
