"""From an uploaded file to cells: what is no Excel sheet, or would not fit into memory, is refused.

The content counts, never the file's name.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any, NamedTuple

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.datetime import from_excel

from neiic.console.forms.words import N_
from neiic.console.translating import translator

#: So much a sheet may unpack to, in bytes.
LARGEST_UNPACKED = 50 * 1024 * 1024
#: Rows and columns that are looked at; a sheet of ours needs far fewer.
LAST_ROW, LAST_COLUMN = 5_000, 60

_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')


class SheetError(Exception):
    """A file that cannot be read as a sheet, with the way out in the reader's language."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message, self.values = message, values

    def told(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        said = translator(language)(self.message)
        return said % self.values if self.values else said


class Cell(NamedTuple):
    """What stands in a cell. ``wrong`` is why it cannot be used, as a message id."""

    value: Any
    wrong: str = ""


@dataclass(slots=True)
class Table:
    """Rows by number, each with its cells by column number; ranges of merged cells."""

    rows: list[tuple[int, dict[int, Cell]]] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    epoch: Any = None

    def merged_from(self, row: int) -> list[str]:
        """Merged ranges that reach to this row or below it."""
        return [one for one in self.merged if (range_boundaries(one)[3] or 0) >= row]

    def day_of(self, serial: float) -> date | None:
        """The day that Excel counts by this number, as far as it is one that is meant."""
        if not 0 < serial < 2_958_466:
            return None
        found = from_excel(serial, self.epoch)
        found = found.date() if isinstance(found, datetime) else found
        return found if isinstance(found, date) and 2000 <= found.year <= 2999 else None


def reference(column: int, row: int) -> str:
    """How Excel calls a cell: B7."""
    return f"{get_column_letter(column)}{row}"


def table_in(body: bytes) -> Table:
    """The first sheet's cells. Raises SheetError."""
    _refuse_what_is_no_sheet(body)
    try:
        return _table(body)
    except SheetError:
        raise
    except Exception as error:
        # openpyxl says in a dozen ways that a file is broken.
        raise SheetError(
            N_("The file is damaged and cannot be read. Open it in Excel and save it anew.")
        ) from error


def _refuse_what_is_no_sheet(body: bytes) -> None:
    if not body:
        raise SheetError(N_("The file is empty. Choose the sheet that was filled in."))
    if body.startswith(_OLD_OR_LOCKED):
        raise SheetError(
            N_("The file is an old .xls, or has a password. Save it as .xlsx without a password.")
        )
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise SheetError(
                    N_("The file unpacks to more than %(limit)s MiB. Delete what is not needed."),
                    limit=LARGEST_UNPACKED // 1024 // 1024,
                )
            if "[Content_Types].xml" not in {part.filename for part in parts}:
                raise _no_sheet()
            for part in parts:
                _refuse_entities(packed, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        raise _no_sheet() from None


def _no_sheet() -> SheetError:
    return SheetError(N_("The file is no Excel sheet (.xlsx). Fill in the template and send that."))


def _refuse_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No part of a sheet declares a document type; one that does means to blow up its reader."""
    if part.filename.endswith((".xml", ".rels")):
        with packed.open(part) as opened:
            if b"<!DOCTYPE" in opened.read(4096).replace(b"\0", b""):
                raise _no_sheet()


def _table(body: bytes) -> Table:
    computed = load_workbook(BytesIO(body), read_only=True, data_only=True)
    written = load_workbook(BytesIO(body), read_only=True)
    try:
        sheets = list(zip(computed.worksheets, written.worksheets, strict=True))
        if not sheets:
            raise SheetError(N_("The file has no sheet. Fill in the template and send that."))
        of_values, of_formulas = sheets[0]
        table = Table(epoch=computed.epoch)
        both = zip(_rows(of_values), _rows(of_formulas), strict=True)
        for number, (values, formulas) in enumerate(both, 1):
            cells = dict(_cells(values, formulas))
            if cells:
                table.rows.append((number, cells))
        table.merged = _merged(body, of_values)
        return table
    finally:
        computed.close()
        written.close()


def _rows(sheet: Any) -> Iterator[Any]:
    # What a file says of its own size may be wrong.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_col=LAST_COLUMN), 1):
        if number > LAST_ROW:
            raise SheetError(
                N_("The sheet goes on below row %(row)s. Delete the rows below the last center."),
                row=LAST_ROW,
            )
        yield row


def _cells(values: Any, formulas: Any) -> Iterator[tuple[int, Cell]]:
    for column, (seen, written) in enumerate(zip(values, formulas, strict=True), 1):
        value = seen.value
        if isinstance(value, str):
            value = value.replace("\u00a0", " ").replace("\u3000", " ").strip() or None
        if seen.data_type == "e":
            cell = Cell(value, N_("%(value)s is an error of Excel's, not a value"))
        elif value is None and written.data_type == "f":
            cell = Cell("", N_("the formula has no value stored with it: type the value"))
        elif value is None:
            continue
        else:
            cell = Cell(value)
        yield column, cell


def _merged(body: bytes, sheet: Any) -> list[str]:
    path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    with zipfile.ZipFile(BytesIO(body)) as packed:
        if path not in packed.namelist():
            return []
        return [one.decode() for one in _MERGED.findall(packed.read(path))]
