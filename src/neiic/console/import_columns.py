"""The columns of the sheet by which centers are brought in, and the template that has them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from neiic.console.forms.fields import Field, registration_form
from neiic.console.forms.words import N_
from neiic.console.sheets import DAY_FORMAT, TEXT_FORMAT, put, width_of
from neiic.console.translating import translator

#: So many centers one sheet may bring.
MOST_ROWS = 1_000

NOTE, EXAMPLE = N_("Note"), N_("Example: not imported")
_ABOUT = (
    N_("One row is one center. Keep the headers; the order of the columns does not matter."),
    N_("A row whose note begins with “Example” is not imported; delete it or leave it."),
    N_("Dates may be typed as 2031-03-03 or 2031/3/3, or in Chinese."),
    N_("Requirements that are not met are warned of, and do not stop the import (Article 14)."),
)
_FILLED = {
    "field": ("智能铸造", "Smart Casting"),
    "competent_unit": ("宁夏回族自治区发展和改革委员会", ""),
    "lead_unit": ("甲有限公司", ""),
    "implementing_unit.name": ("乙有限公司", ""),
}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column: the form's field that it fills, and its header in both languages."""

    field: Field
    zh: str
    en: str

    @property
    def name(self) -> str:
        """The field's name, such as ``implementing_unit.name``."""
        return self.field.name

    @property
    def yes_no(self) -> bool:
        """Whether it takes yes or no."""
        return self.field.kind in ("checkbox", "yes_no")

    def title(self, language: str) -> str:
        """Its header in one language."""
        return self.zh if language == "zh" else self.en


def columns(today: date) -> tuple[SheetColumn, ...]:
    """All columns, in the order of the form."""
    zh, en = registration_form("zh", today), registration_form("en", today)
    found = []
    for group, group_en in zip(zh.groups, en.groups, strict=True):
        for field, field_en in zip(group.fields, group_en.fields, strict=True):
            # The six requirements say by themselves what they are.
            if group.name in ("", "requirements"):
                found.append(SheetColumn(field, field.label, field_en.label))
            else:
                titles = (f"{group.legend}·{field.label}", f"{group_en.legend}: {field_en.label}")
                found.append(SheetColumn(field, *titles))
    return tuple(found)


def known_as(header: object) -> str:
    """A header without what people change about it: case, blanks, brackets, signs."""
    plain = unicodedata.normalize("NFKC", str(header)).casefold()
    return re.sub(r"[\s·・:,;()（）*_.\-/]+", "", plain)


def names_of(column: SheetColumn) -> set[str]:
    """Headers by which a column is known: Chinese, English, the field's own name."""
    return {known_as(one) for one in (column.zh, column.en, column.name)}


def note_names() -> set[str]:
    """Headers of the column that is for people only."""
    return {known_as(NOTE), known_as(translator("zh")(NOTE))}


def is_example(note: object) -> bool:
    """Whether a row's note marks it as the example."""
    begins = (known_as("Example"), known_as(translator("zh")("Example")))
    return known_as(note).startswith(begins)


# The template -----------------------------------------------------------------------------------


def template(today: date, own_unit: str | None = None) -> bytes:
    """The sheet to fill in: Chinese headers, English below them, an example row, what may be typed.

    ``own_unit`` fills the example's competent unit.
    """
    book = Workbook()
    sheet: Any = book.active
    told = translator("zh")
    sheet.title = told("Recommendations")
    meant = columns(today)
    _header(sheet, 1, told(NOTE), NOTE)
    put(sheet.cell(3, 1), f"{told('Example')} / {EXAMPLE}")
    for place, column in enumerate(meant, 2):
        required = column.field.required or column.yes_no
        mark = " *" if required else ""
        _header(sheet, place, column.zh + mark, column.en + mark)
        _column(sheet, place, column, _example(column, today, own_unit))
    for cell in sheet[3]:
        cell.font = Font(italic=True, color="5A6472")
    sheet.row_dimensions[1].height = 36
    sheet.freeze_panes = "C3"
    _validate(sheet, meant)
    _about(book, meant, today)
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _header(sheet: Any, place: int, zh: str, en: str) -> None:
    rule = Border(bottom=Side(style="thin", color="9AA5B4"))
    for row, text in ((1, zh), (2, en)):
        cell = sheet.cell(row, place)
        put(cell, text)
        cell.font = Font(bold=row == 1, color="1B1F24" if row == 1 else "5A6472")
        cell.fill = PatternFill("solid", fgColor="EAF1FA")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.cell(2, place).border = rule
    width = max(width_of(zh), *(width_of(word) for word in en.split())) + 4
    sheet.column_dimensions[get_column_letter(place)].width = min(max(width, 14), 40)


def _column(sheet: Any, place: int, column: SheetColumn, example: Any) -> None:
    letter = get_column_letter(place)
    kind = column.field.kind
    number_format = DAY_FORMAT if kind == "date" else TEXT_FORMAT
    sheet.column_dimensions[letter].number_format = number_format
    cell = sheet.cell(3, place)
    put(cell, example, "date" if kind == "date" else "text")
    cell.number_format = number_format
    if example and kind == "line":
        wide = sheet.column_dimensions[letter]
        wide.width = min(max(wide.width, width_of(str(example)) + 2), 40)


def _example(column: SheetColumn, today: date, own_unit: str | None) -> Any:
    if column.name == "code":
        return f"NEIIC-{today.year}-001"
    if column.name == "field_en":
        return _FILLED["field"][1]
    if column.name == "recommendation.letter_no":
        return f"宁发改〔{today.year}〕1号"
    if column.name == "competent_unit" and own_unit:
        return own_unit
    if column.field.kind == "date":
        return today
    if column.yes_no:
        return translator("zh")("No" if column.field.kind == "yes_no" else "Yes")
    return _FILLED.get(column.name, (None,))[0]


def _validate(sheet: Any, meant: tuple[SheetColumn, ...]) -> None:
    told = translator("zh")
    answers = DataValidation(
        type="list",
        formula1=f'"{told("Yes")},{told("No")}"',
        allow_blank=True,
        showErrorMessage=True,
    )
    answers.error = f"{told('Answer yes or no.')}\nAnswer yes or no."
    days = DataValidation(
        type="date", operator="between", formula1="36526", formula2="401768", allow_blank=True
    )
    # A date that is typed as text is read too: Excel only asks whether it is meant.
    days.errorStyle, days.showErrorMessage = "warning", True
    days.error = f"{told('Type a date such as 2031-03-03.')}\nType a date such as 2031-03-03."
    for place, column in enumerate(meant, 2):
        cells = f"{get_column_letter(place)}3:{get_column_letter(place)}{MOST_ROWS + 3}"
        if column.yes_no:
            answers.add(cells)
        elif column.field.kind == "date":
            days.add(cells)
    for one in (answers, days):
        sheet.add_data_validation(one)


def _about(book: Workbook, meant: tuple[SheetColumn, ...], today: date) -> None:
    """A second sheet that says what each column takes."""
    told = translator("zh")
    sheet = book.create_sheet(told("How to fill it in"))
    for row, message in enumerate(_ABOUT, 1):
        put(sheet.cell(row, 1), told(message))
        put(sheet.cell(row, 3), message)
    start = len(_ABOUT) + 2
    english = {one.name: one.help for one in registration_form("en", today).fields}
    for row, column in enumerate(meant, start):
        put(sheet.cell(row, 1), column.zh)
        put(sheet.cell(row, 2), column.field.help)
        put(sheet.cell(row, 3), column.en)
        put(sheet.cell(row, 4), english[column.name])
        sheet.cell(row, 1).font = sheet.cell(row, 3).font = Font(bold=True)
    for letter, width in (("A", 28), ("B", 60), ("C", 32), ("D", 70)):
        sheet.column_dimensions[letter].width = width
