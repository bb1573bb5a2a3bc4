"""A sheet is read as people fill it in, and everything in it is checked before anything starts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from sqlalchemy import Engine

from neiic.activities.database import connect
from neiic.console import sheet_reading
from neiic.console.accounts.access import Scope
from neiic.console.import_columns import columns, template
from neiic.console.importing import Checked, again, checked_sheet
from neiic.console.sheet_reading import SheetError
from neiic.statute.terms import Role
from tests.console.accounts.office import Office
from tests.console.sheet import TODAY, UNIT, Sheet, one, sheet
from tests.records.conftest import fresh_url, migrated_sqlite  # noqa: F401

SCOPE = Scope(Role.COMPETENT, UNIT, (UNIT, "宁夏发改委"))
A, B, C = "NEIIC-2031-101", "NEIIC-2031-102", "NEIIC-2031-103"


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path, light_hashes: None) -> Iterator[Engine]:
    engine = connect(fresh_url("sqlite", request, tmp_path))
    office = Office(engine)
    for login, role, unit in (
        ("competent", Role.COMPETENT, UNIT),
        ("lead", Role.LEAD, "甲公司"),
        ("implementing", Role.IMPLEMENTING, "乙公司"),
    ):
        office.user(login, role, unit)
    yield engine
    engine.dispose()


Check = Callable[..., Checked]


@pytest.fixture
def check(engine: Engine) -> Check:
    def checked(body: bytes, scope: Scope | None = None, language: str = "zh") -> Checked:
        return checked_sheet(body, engine, scope, language, TODAY)

    return checked


def told(found: Checked) -> dict[str, str]:
    return {mark.cell: mark.message for mark in (*found.all_errors, *found.all_warnings)}


def test_the_template_filled_in_is_in_order(check: Check) -> None:
    found = check(sheet(one(A), one(B)))
    assert told(found) == {}
    assert [(row.number, row.code) for row in found.to_start] == [(4, A), (5, B)]
    assert found.left_out == (3,)
    assert found.rows[0].data["recommendation"] == {
        "letter_no": "宁发改〔2031〕1号",
        "letter_date": "2031-03-03",
    }
    assert found.rows[0].data["requirements"]["goals"] is True
    assert found.rows[0].data["team_has_other_platform"] is False


def test_the_template_alone_brings_no_center(check: Check) -> None:
    with pytest.raises(SheetError, match="no center"):
        check(template(TODAY))


def test_the_template_offers_answers_and_keeps_text_as_text() -> None:
    page = load_workbook(BytesIO(template(TODAY))).worksheets[0]
    kinds = {one.type: str(one.sqref) for one in page.data_validations.dataValidation}
    assert set(kinds) == {"list", "date"}
    place = [column.name for column in columns(TODAY)].index("implementing_unit.uscc") + 2
    letter = page.cell(1, place).column_letter
    assert page.column_dimensions[letter].number_format == "@"
    assert page.cell(3, 10).value == datetime(2031, 6, 30)
    assert page.freeze_panes == "C3"


@pytest.mark.parametrize(
    "day",
    [
        date(2031, 3, 3),
        datetime(2031, 3, 3, 15, 30),
        47910,
        20310303,
        "47910",
        "2031-03-03",
        "2031/3/3",
        "2031年3月3日",
        "二〇三一年三月三日",
        "２０３１．３．３",
    ],
)
def test_a_date_is_read_however_it_stands_there(check: Check, day: Any) -> None:
    found = check(sheet(one(A, recommendation__letter_date=day)))
    assert told(found) == {}
    assert found.rows[0].data["recommendation"]["letter_date"] == "2031-03-03"


@pytest.mark.parametrize("day", ["二〇三一年十二月二十一日", "2031-12-21"])
def test_chinese_tens(check: Check, day: str) -> None:
    found = check(sheet(one(A, recommendation__letter_date=day)))
    assert found.rows[0].data["recommendation"]["letter_date"] == "2031-12-21"


@pytest.mark.parametrize("day", ["昨天", "2031-02-30", 3, -1, 1e9, True])
def test_what_is_no_date_is_said_at_its_cell(check: Check, day: Any) -> None:
    assert set(told(check(sheet(one(A, recommendation__letter_date=day))))) == {"J4"}


@pytest.mark.parametrize("epoch", [1904])
def test_days_counted_from_1904(check: Check, epoch: int) -> None:
    made = Sheet(one(A, recommendation__letter_date=47910 - 1462))
    made.book.epoch = datetime(epoch, 1, 1)
    assert check(made.body).rows[0].data["recommendation"]["letter_date"] == "2031-03-03"


@pytest.mark.parametrize("yes", ["是", "Yes", "√", True, 1, "y"])
def test_yes_and_no_in_many_ways(check: Check, yes: Any) -> None:
    found = check(sheet(one(A, requirements__goals=yes, team_has_other_platform="×")))
    assert told(found) == {}
    assert found.rows[0].data["requirements"]["goals"] is True


def test_an_answer_that_is_missing_is_not_taken_for_no(check: Check) -> None:
    found = check(sheet(one(A, requirements__domain=None, requirements__goals="也许")))
    assert set(told(found)) == {"K4", "L4"}


def test_errors_stand_at_their_cells_under_the_columns_names(check: Check) -> None:
    found = check(sheet(one(A, field=None), one("a b", implementing_unit__name=" 　")))
    assert set(told(found)) == {"C4", "B5", "G5"}
    assert told(found)["G5"].startswith("实施单位·名称")
    assert [mark.cell for mark in found.rows[1].errors] == ["B5", "G5"]


def test_numbers_in_cells_of_text(check: Check) -> None:
    found = check(sheet(one(A, recommendation__letter_no=12.0, implementing_unit__uscc=9.1e17)))
    assert found.rows[0].data["recommendation"]["letter_no"] == "12"
    assert "舍入" in told(found)["H4"]
    found = check(sheet(one(A, recommendation__letter_no=datetime(2031, 1, 1))))
    assert "文本" in told(found)["I4"]


def test_a_code_twice_and_one_that_is_in_use(check: Check, engine: Engine) -> None:
    Office(engine).center(C, field="别的", competent_unit="陕西发改委")
    found = check(sheet(one(A), one(A.lower(), field="另一个"), one(C)))
    assert "第4行" in told(found)["B5"]
    assert C in told(found)["B6"]


def test_the_very_same_center_is_there_already(check: Check, engine: Engine) -> None:
    Office(engine).center(A, field=one(A)["field"], competent_unit=UNIT)
    found = check(sheet(one(A), one(B)))
    assert told(found) == {}
    assert [row.there for row in found.rows] == [True, False]
    assert [row.code for row in found.to_start] == [B]


def test_warnings_do_not_stop_it(check: Check, engine: Engine) -> None:
    Office(engine).center("NEIIC-2030-001", field="智能铸造", competent_unit=UNIT)
    found = check(
        sheet(
            one(A, requirements__goals="否", team_has_other_platform="是"),
            one(B, field="智能铸造", lead_unit="无人公司"),
            one(C, field="智能铸造", lead_unit="无人公司"),
        )
    )
    assert found.all_errors == ()
    assert [mark.cell for mark in found.all_warnings] == ["L4", "Q4", "C5", "F5", "C6", "C6"]
    assert "NEIIC-2030-001" in told(found)["C5"]


def test_what_another_unit_applies_for_is_not_told(check: Check, engine: Engine) -> None:
    office = Office(engine)
    office.center("NEIIC-2030-001", field="智能铸造", competent_unit="陕西发改委")
    assert told(check(sheet(one(A, field="智能铸造")), SCOPE)) == {}
    assert set(told(check(sheet(one(A, field="智能铸造"))))) == {"C4"}


def test_a_unit_recommends_in_its_own_name_only(check: Check) -> None:
    rows = (one(A, competent_unit=None), one(B, competent_unit="宁夏发改委"))
    found = check(sheet(*rows, one(C, competent_unit="陕西发改委")), SCOPE)
    assert [mark.cell for mark in found.all_errors] == ["E6"]
    assert found.rows[0].data["competent_unit"] == UNIT
    assert set(told(check(sheet(one(A, competent_unit=None))))) == {"E4"}


def test_columns_that_are_missing_twice_or_strange(check: Check) -> None:
    made = Sheet(one(A))
    made.page.cell(1, 6).value = made.page.cell(2, 6).value = "牵头"
    made.page.cell(1, 20).value, made.page.cell(4, 20).value = "联系人", "张三"
    made.page.cell(1, 21).value, made.page.cell(2, 21).value = "编号", "Code"
    found = check(made.body)
    assert "牵头单位" in found.errors[-1].message
    assert told(found)["U1"]
    assert {"F1", "T1"} <= {mark.cell for mark in found.warnings}


def test_columns_in_another_order_under_english_headers(check: Check) -> None:
    book = Workbook()
    page: Any = book.active
    page.append(["推荐申报汇总表"])
    meant = columns(TODAY)[::-1]
    page.append([column.en.upper() for column in meant])
    row = one(A)
    page.append([row.get(column.name) for column in meant])
    made = BytesIO()
    book.save(made)
    found = check(made.getvalue())
    assert told(found) == {}
    assert [one.number for one in found.rows] == [3]


def test_formulas_errors_and_merged_cells(check: Check) -> None:
    made = Sheet(one(A), one(B))
    made.page["C4"] = "=A1"
    made.page["F5"] = "#REF!"
    made.page["F5"].data_type = "e"
    made.page.merge_cells("G4:G5")
    found = told(check(made.body))
    assert "公式" in found["C4"]
    assert "#REF!" in found["F5"]
    assert "合并" in found["G4:G5"]


def test_blank_rows_and_styled_ones_are_passed_over(check: Check) -> None:
    made = Sheet(one(A))
    made.page["B9"].font = Font(bold=True)
    made.page["C10"] = "　 "
    for name, value in one(B).items():
        made.page.cell(12, made.places[name]).value = value
    found = check(made.body)
    assert [row.number for row in found.rows] == [4, 12]


def test_too_many_rows(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    from neiic.console import import_rows

    monkeypatch.setattr(import_rows, "MOST_ROWS", 1)
    with pytest.raises(SheetError, match="2 centers"):
        check(sheet(one(A), one(B)))
    made = Sheet(one(A))
    made.page.cell(sheet_reading.LAST_ROW + 1, 3).value = "x"
    with pytest.raises(SheetError, match="below row"):
        check(made.body)


def zipped(*parts: tuple[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts:
            packed.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        ("编号,领域\n1,2".encode("gb18030"), "no Excel sheet"),
        (b"PK\x03\x04" + b"x" * 200, "no Excel sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
        (zipped(("a.txt", b"hello")), "no Excel sheet"),
        (zipped(("[Content_Types].xml", b"<x/>")), "damaged"),
        (zipped(("[Content_Types].xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>')), "no Excel sheet"),
    ],
    # Archives carry the time of their making: as names they would differ from worker to worker.
    ids=["empty", "text", "cut off", "old Excel", "archive", "damaged", "entities"],
)
def test_what_is_no_sheet(check: Check, body: bytes, says: str) -> None:
    with pytest.raises(SheetError, match=says) as found:
        check(body)
    assert found.value.told("zh") != found.value.told("en")


def test_a_sheet_that_would_blow_up_is_not_unpacked(check: Check) -> None:
    bomb = zipped(
        ("[Content_Types].xml", b"<x/>"),
        ("xl/worksheets/sheet1.xml", b"\0" * (sheet_reading.LARGEST_UNPACKED + 1)),
    )
    assert len(bomb) < 200_000
    with pytest.raises(SheetError, match="50 MiB"):
        check(bomb)


def test_another_workbook_has_not_our_headers(check: Check) -> None:
    book = Workbook()
    made = BytesIO()
    book.save(made)
    with pytest.raises(SheetError, match="headers"):
        check(made.getvalue())


def test_what_was_kept_is_looked_at_once_more(check: Check, engine: Engine) -> None:
    kept = check(sheet(one(A), one(B)), SCOPE).kept()
    Office(engine).center(B, field="别的", competent_unit=UNIT)
    found = again(kept, engine, SCOPE, "zh")
    assert [row.code for row in found.rows] == [A, B]
    assert B in told(found)["B5"]


def test_a_text_that_looks_like_a_formula_stays_a_text(check: Check) -> None:
    made = Sheet(one(A))
    made.page["I4"].value = "=1+1"
    made.page["I4"].data_type = "s"
    found = check(made.body)
    assert found.rows[0].data["recommendation"]["letter_no"] == "=1+1"
