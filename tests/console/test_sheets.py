"""Sheets that we write: opened again, every cell is what it was meant to be."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from neiic.console.sheets import Column, plain, title_of, width_of, workbook

COLUMNS = ["名称", Column("编号", "text"), Column("日期", "date"), "金额", Column("时间", "moment")]


def sheet_of(body: bytes) -> Any:
    return load_workbook(BytesIO(body)).active


def test_dates_are_dates_and_numbers_numbers() -> None:
    at = datetime(2034, 6, 18, 16, 30, tzinfo=UTC)
    sheet = sheet_of(workbook("期限", COLUMNS, [["智能铸造", "001", date(2034, 6, 19), 1.5, at]]))
    row = sheet[2]
    assert [cell.value for cell in row] == [
        "智能铸造",
        "001",
        datetime(2034, 6, 19),
        1.5,
        datetime(2034, 6, 19, 0, 30),
    ]
    assert [row[2].number_format, row[4].number_format] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert row[2].is_date
    assert row[3].data_type == "n"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t="])
def test_no_text_becomes_a_formula(sign: str) -> None:
    text = f'{sign}HYPERLINK("http://x","y")'
    body = workbook("t", [text, Column("b", "text")], [[text, text]])
    sheet = sheet_of(body)
    for cell in (sheet["A1"], sheet["A2"], sheet["B2"]):
        assert cell.value == text
        assert cell.data_type == "s"
        assert cell.quotePrefix
    with zipfile.ZipFile(BytesIO(body)) as packed:
        assert b"<f>" not in packed.read("xl/worksheets/sheet1.xml")


def test_the_header_stays_and_filters() -> None:
    sheet = sheet_of(workbook("期限", COLUMNS, [["a", "b", None, 2, None]] * 3))
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E4"
    assert sheet["A1"].font.bold
    assert sheet["C2"].value is None


def test_widths_count_chinese_twice() -> None:
    assert width_of("智能铸造ab\n铸造") == 10
    sheet = sheet_of(workbook("t", ["a", "b"], [["宁夏回族自治区发展和改革委员会", "x" * 500]]))
    assert 30 <= sheet.column_dimensions["A"].width <= 36
    assert sheet.column_dimensions["B"].width == 60


def test_what_excel_cannot_keep_becomes_text() -> None:
    assert plain(123456789012345678) == "123456789012345678"
    assert plain(float("nan")) == "nan"
    assert plain("a\x07b") == "ab"
    assert plain(["甲", "乙"]) == "甲、乙"
    assert title_of("a/b[c]:" + "x" * 40) == ("a b c  " + "x" * 40)[:31]
    assert title_of("''") == "Sheet"


def test_an_empty_table_is_a_sheet_too() -> None:
    assert sheet_of(workbook("t", ["a"], [])).max_row == 1
