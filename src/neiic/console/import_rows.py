"""From a sheet's table to registrations: what each cell says, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from neiic.console.accounts.access import Scope
from neiic.console.forms.dates import day_in
from neiic.console.forms.fields import Form, registration_form
from neiic.console.forms.reading import FieldError, data_from
from neiic.console.forms.words import N_, listed
from neiic.console.import_columns import (
    MOST_ROWS,
    SheetColumn,
    columns,
    is_example,
    known_as,
    names_of,
    note_names,
)
from neiic.console.sheet_reading import Cell, SheetError, Table, reference
from neiic.console.translating import translator

#: A row in which so many headers are found is the header.
_ENOUGH = 3
_YES = frozenset({"是", "符合", "有", "yes", "y", "true", "1", "√", "✓", "对"})
_NO = frozenset({"否", "不符合", "无", "no", "n", "false", "0", "×", "✗", "x"})
_NUMERALS = {sign: str(place) for place, sign in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_CHINESE_DAY = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)


class Mark(NamedTuple):
    """Something about a cell, such as B7; without a cell it is about the whole sheet."""

    cell: str
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One center of the sheet. ``there``: it has been started before, just so."""

    number: int
    data: dict[str, Any]
    errors: tuple[Mark, ...] = ()
    warnings: tuple[Mark, ...] = ()
    there: bool = False

    @property
    def code(self) -> str:
        """The code that it asks for."""
        return str(self.data.get("code", ""))

    @property
    def field(self) -> str:
        """Its field."""
        return str(self.data.get("field", ""))


@dataclass(frozen=True, slots=True)
class Checked:
    """A sheet that was looked at: rows, what is wrong with it as a whole, rows left out."""

    rows: tuple[Row, ...]
    errors: tuple[Mark, ...] = ()
    warnings: tuple[Mark, ...] = ()
    left_out: tuple[int, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_errors(self) -> tuple[Mark, ...]:
        """Everything that stops it."""
        return (*self.errors, *(mark for row in self.rows for mark in row.errors))

    @property
    def all_warnings(self) -> tuple[Mark, ...]:
        """Everything that has to be read once."""
        return (*self.warnings, *(mark for row in self.rows for mark in row.warnings))

    @property
    def to_start(self) -> tuple[Row, ...]:
        """The rows that are not there yet."""
        return tuple(row for row in self.rows if not row.there)

    def kept(self) -> dict[str, Any]:
        """What has to be kept until it starts, as plain data."""
        return {
            "rows": [[row.number, row.data] for row in self.rows],
            "letters": dict(self.letters),
            "warnings": [list(mark) for mark in self.warnings],
            "left_out": list(self.left_out),
        }


def rows_in(table: Table, language: str, today: date, own: Scope | None) -> Checked:
    """The rows of a table. Raises SheetError for what is no sheet of ours.

    ``own`` is the scope of a unit that recommends in its own name only.
    """
    return _Sheet(table, language, today, own).read()


@dataclass(slots=True)
class _Sheet:
    """Reads the table of one sheet; ``own`` is the scope of a unit that recommends for itself."""

    table: Table
    language: str
    today: date
    own: Scope | None
    form: Form = field(init=False)
    places: dict[int, SheetColumn] = field(default_factory=dict)
    note: int | None = None
    errors: list[Mark] = field(default_factory=list)
    warnings: list[Mark] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.form = registration_form(self.language, self.today)

    def told(self, message: str, **values: object) -> str:
        said = translator(self.language)(message)
        return said % values if values else said

    def read(self) -> Checked:
        first = self._header()
        below = [(number, cells) for number, cells in self.table.rows if number > first]
        examples = [number for number, cells in below if self._is_example(cells)]
        meant = [
            (number, cells)
            for number, cells in below
            if number not in examples and not self._is_header(cells) and self._holds(cells)
        ]
        for one in self.table.merged_from(first + 1):
            self.errors.append(
                Mark(one, self.told(N_("merged cells: separate them and fill each")))
            )
        if len(meant) > MOST_ROWS:
            raise SheetError(
                N_("The sheet has %(rows)s centers; %(limit)s is the most. Split it."),
                rows=len(meant),
                limit=MOST_ROWS,
            )
        if not meant:
            raise SheetError(N_("The sheet has no center: fill in a row below the headers."))
        self._strangers(first, meant)
        return Checked(
            rows=tuple(self._row(number, cells) for number, cells in meant),
            errors=tuple(self.errors),
            warnings=tuple(self.warnings),
            left_out=tuple(examples),
            letters={one.name: get_column_letter(place) for place, one in self.places.items()},
        )

    def _header(self) -> int:
        """The number of the header's last row; its columns are noted."""
        by_name = {name: one for one in columns(self.today) for name in names_of(one)}
        for number, cells in self.table.rows[:10]:
            found = {place: by_name.get(known_as(cell.value)) for place, cell in cells.items()}
            if sum(one is not None for one in found.values()) >= _ENOUGH:
                self._columns(number, cells, found)
                return number
        raise SheetError(
            N_(
                "The headers of the template are not in the sheet. Fill in the template and send that."
            )
        )

    def _columns(
        self, number: int, cells: dict[int, Cell], found: Mapping[int, SheetColumn | None]
    ) -> None:
        for place, column in found.items():
            if column is None:
                if known_as(cells[place].value) in note_names():
                    self.note = place
            elif column in self.places.values():
                title = column.title(self.language)
                message = self.told(N_("the column “%(title)s” stands there twice"), title=title)
                self.errors.append(Mark(reference(place, number), message))
            else:
                self.places[place] = column
        present = {one.name for one in self.places.values()}
        missing = [
            one.title(self.language)
            for one in columns(self.today)
            if one.name not in present and self._needed(one)
        ]
        if missing:
            names = listed(self.language, missing)
            self.errors.append(
                Mark("", self.told(N_("Columns are missing: %(names)s"), names=names))
            )

    def _needed(self, column: SheetColumn) -> bool:
        if column.name == "competent_unit" and self.own is not None:
            return False
        return column.field.required

    def _is_header(self, cells: dict[int, Cell]) -> bool:
        """Whether this is the header's second row, in the other language."""
        fits = sum(
            known_as(cells[place].value) in names_of(column)
            for place, column in self.places.items()
            if place in cells
        )
        return fits >= _ENOUGH

    def _is_example(self, cells: dict[int, Cell]) -> bool:
        return self.note is not None and self.note in cells and is_example(cells[self.note].value)

    def _holds(self, cells: dict[int, Cell]) -> bool:
        """Whether anything stands in a column of ours: a note alone is no center."""
        return any(place in cells for place in self.places)

    def _strangers(self, header: int, rows: Sequence[tuple[int, dict[int, Cell]]]) -> None:
        """Columns that are not read though something stands in them."""
        ours = {*self.places, self.note}
        titles = next(cells for number, cells in self.table.rows if number == header)
        for place in sorted({place for _, cells in rows for place in cells} - ours):
            title = titles[place].value if place in titles else get_column_letter(place)
            message = self.told(N_("the column “%(title)s” is not read"), title=str(title)[:60])
            self.warnings.append(Mark(reference(place, header), message))

    def _row(self, number: int, cells: dict[int, Cell]) -> Row:
        typed: dict[str, list[str]] = {}
        wrong: dict[str, str] = {}
        for place, column in self.places.items():
            value, fault = self._value(column, cells.get(place, Cell(None)))
            if fault:
                wrong[column.name] = f"{column.title(self.language)}{self._colon}{fault}"
            if value:
                typed[column.name] = [value]
        if self.own is not None:
            given = typed.setdefault("competent_unit", [self.own.unit])[0]
            if given not in self.own.names:
                wrong["competent_unit"] = self.told(
                    N_("must be your own unit, %(unit)s, or stay empty"), unit=self.own.unit
                )
        reading = data_from(self.form, typed)
        named = {one.name: place for place, one in self.places.items()}
        for error in reading.errors:
            wrong.setdefault(error.field or "", self._titled(error))
        first = sorted(wrong, key=lambda name: named.get(name, 0))
        marks = (
            Mark(reference(named[name], number) if name in named else str(number), wrong[name])
            for name in first
        )
        return Row(number, reading.data, tuple(marks))

    def _titled(self, error: FieldError) -> str:
        """What is wrong with a field, under its column's title: there is more than one name."""
        found = self.form.field(error.field or "")
        column = next(
            (one for one in self.places.values() if found and one.name == found.name), None
        )
        if found is None or column is None:
            return error.message
        return column.title(self.language) + error.message.removeprefix(found.label)

    @property
    def _colon(self) -> str:
        return "：" if self.language == "zh" else ": "

    def _value(self, column: SheetColumn, cell: Cell) -> tuple[str, str]:
        """What would have been typed into the form for this cell, and what is wrong with it."""
        if cell.wrong:
            return "", self.told(
                cell.wrong, value=str(cell.value)[:20]
            ) if cell.value else self.told(cell.wrong)
        if column.yes_no:
            return self._answer(column, cell.value)
        if cell.value is None:
            return "", ""
        if column.field.kind == "date":
            day = self._day(cell.value)
            return (day.isoformat(), "") if day else (str(cell.value), self._no_day())
        return self._text(cell.value)

    def _no_day(self) -> str:
        return self.told(N_("must be a date, such as 2034-06-19"))

    def _answer(self, column: SheetColumn, value: Any) -> tuple[str, str]:
        said = _plainly(value)
        if said in _YES:
            return "yes", ""
        if said in _NO:
            return ("no" if column.field.kind == "yes_no" else ""), ""
        return "", self.told(N_("answer yes or no"))

    def _day(self, value: Any) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            # 20310303 was typed as a number; 47910 is how Excel counts days.
            return day_in(str(int(value))) if value > 10**7 else self.table.day_of(value)
        text = str(value)
        return day_in(text) or _chinese_day(text) or self._serial(text)

    def _serial(self, text: str) -> date | None:
        return self.table.day_of(int(text)) if re.fullmatch(r"\d{5}", text) else None

    def _text(self, value: Any) -> tuple[str, str]:
        if isinstance(value, date | datetime):
            shown = value.date() if isinstance(value, datetime) else value
            return shown.isoformat(), self.told(
                N_("Excel has made a date of it: format the cell as text and type it anew")
            )
        if isinstance(value, bool):
            return str(value), ""
        if isinstance(value, int | float):
            if abs(value) >= 10**15:
                return str(value), self.told(
                    N_("Excel has rounded it: format the cell as text and type it anew")
                )
            whole = int(value)
            return (str(whole) if whole == value else str(value)), ""
        return str(value), ""


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFKC", str(value)).strip().casefold()


def _chinese_day(text: str) -> date | None:
    """The day in 二〇三一年三月三日."""
    found = _CHINESE_DAY.fullmatch(text.strip())
    if found is None:
        return None
    year = "".join(_NUMERALS[sign] for sign in found[1])
    return day_in(f"{year}-{_below_hundred(found[2])}-{_below_hundred(found[3])}")


def _below_hundred(text: str) -> str:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return "".join(_NUMERALS[sign] for sign in text)
    return (_NUMERALS.get(tens, "1") if tens else "1") + (_NUMERALS.get(ones, "0") if ones else "0")
