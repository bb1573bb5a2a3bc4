"""Sheets as people send them: the template filled in, and what they do to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from neiic.console.import_columns import columns, template

TODAY = date(2031, 6, 30)
UNIT = "宁夏回族自治区发展和改革委员会"
MET = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")


def one(code: str, **changes: Any) -> dict[str, Any]:
    """A row without any fault, by the fields' names; ``__`` stands for their dot."""
    row: dict[str, Any] = {
        "code": code,
        "field": f"领域{code[-3:]}",
        "field_en": "Some Field",
        "competent_unit": UNIT,
        "lead_unit": "甲公司",
        "implementing_unit.name": "乙公司",
        "recommendation.letter_no": "宁发改〔2031〕1号",
        "recommendation.letter_date": date(2031, 3, 3),
        "team_has_other_platform": "否",
        **{f"requirements.{name}": "是" for name in MET},
    }
    return row | {name.replace("__", "."): value for name, value in changes.items()}


class Sheet:
    """The template, open to be filled in and spoilt."""

    def __init__(self, *rows: Mapping[str, Any], first: int = 4) -> None:
        self.book = load_workbook(BytesIO(template(TODAY)))
        self.page = self.book.worksheets[0]
        self.places = {column.name: at for at, column in enumerate(columns(TODAY), 2)}
        for number, row in enumerate(rows, first):
            for name, value in row.items():
                self.page.cell(number, self.places[name]).value = value

    @property
    def body(self) -> bytes:
        made = BytesIO()
        self.book.save(made)
        return made.getvalue()


def sheet(*rows: Mapping[str, Any]) -> bytes:
    """A filled-in template."""
    return Sheet(*rows).body
