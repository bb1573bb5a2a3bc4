"""Calendar files: a new year is dropped in, a malformed file says what is wrong where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from neiic.activities.calendar import PACKAGED, CalendarFileError, HolidayCalendar

YEAR_2027 = """
year: 2027
source: 测试用，并非真实通知
days_off:
  - {zh: 元旦, en: New Year's Day, from: 2027-01-01, to: 2027-01-03}
  - {zh: 劳动节, en: Labor Day, from: 2027-05-01, to: 2027-05-05}
  - {zh: 国庆节, en: National Day, from: 2027-10-01, to: 2027-10-07}
workdays: [2027-10-09]
"""
YEAR_2028 = YEAR_2027.replace("2027-10-09", "2028-10-14").replace("2027", "2028")
NEW_YEAR = "{zh: 元旦, en: New Year's Day, from: 2027-01-01, to: 2027-01-03}"


def with_file(folder: Path, text: str | bytes, name: str = "2027.yaml") -> HolidayCalendar:
    content = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(content)
    return HolidayCalendar(folder)


def test_a_new_year_dropped_in_is_official(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, YEAR_2027)
    assert calendar.official_years == (2025, 2026, 2027)
    worked = calendar.resolve(date(2027, 10, 9))
    assert (worked.due, worked.provisional, worked.version) == (
        date(2027, 10, 9),
        False,
        "official 2027",
    )
    assert HolidayCalendar().resolve(date(2027, 10, 9)).due == date(2027, 10, 11)


def test_a_missing_year_between_official_ones_stays_provisional(tmp_path: Path) -> None:
    calendar = with_file(tmp_path, YEAR_2028, "2028.yaml")
    assert calendar.resolve(date(2027, 6, 1)).provisional
    assert not calendar.resolve(date(2028, 6, 1)).provisional


def test_a_run_from_an_official_into_a_projected_year_is_provisional(tmp_path: Path) -> None:
    # 2028-12-31 is a Sunday, 2029-01-01 a holiday that only the package knows.
    calendar = with_file(tmp_path, YEAR_2028, "2028.yaml")
    answer = calendar.resolve(date(2028, 12, 31))
    assert (answer.due, answer.reason_zh, answer.provisional) == (
        date(2029, 1, 2),
        "星期日",
        True,
    )
    assert answer.version.startswith("official 2028 + holidays ")


def test_the_operators_file_wins_and_shows_its_revision(tmp_path: Path) -> None:
    text = (PACKAGED / "2026.yaml").read_text(encoding="utf-8").replace(", 2026-10-10]", "]")
    calendar = with_file(tmp_path, text + "revision: 2\n", "2026.yaml")
    answer = calendar.resolve(date(2026, 10, 10))
    assert (answer.due, answer.version) == (date(2026, 10, 12), "official 2026 revision 2")


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("not a calendar")
    assert HolidayCalendar(tmp_path).official_years == (2025, 2026)


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("workdays: [2027-10-09]", "workdays: [2027-10-12]", "workdays[0]", "is a Tuesday"),
        ("[2027-10-09]", "[2027-10-09, 2027-10-09]", "workdays[1]", "twice"),
        ("[2027-10-09]", "[2027-10-02]", "workdays[0]", "day off as well"),
        ("[2027-10-09]", "[2028-10-14]", "workdays[0]", "is not in 2027"),
        ("[2027-10-09]", "['2027-10-09']", "workdays[0]", "valid date"),
        ("workdays: [2027-10-09]", "", "workdays", "required"),
        ("to: 2027-05-05", "to: 2028-05-05", "days_off[1].to", "is not in 2027"),
        ("from: 2027-05-01", "from: 2026-05-01", "days_off[1].from", "is not in 2027"),
        ("to: 2027-05-05", "to: 2027-04-05", "days_off[1].to", "is before 2027-05-01"),
        ("from: 2027-05-01", "from: 2027-01-02", "days_off[1]", "in another break"),
        ("en: Labor Day, ", "", "days_off[1].en", "required"),
        ("zh: 劳动节", "zh: ' '", "days_off[1].zh", "at least 1 character"),
        ("to: 2027-05-05}", "to: 2027-05-05, note: x}", "days_off[1].note", "not permitted"),
        (f"  - {NEW_YEAR}\n", "", "days_off", "2027-01-01 (New Year's Day) is missing"),
        ("year: 2027", "year: 2028", "year", "named 2028.yaml"),
        ("year: 2027", "year: '2027'", "year", "valid integer"),
        ("year: 2027", "year: 1999", "year", "greater than or equal to 2000"),
        ("source: 测试用，并非真实通知", "", "source", "required"),
        ("[2027-10-09]", "[2027-02-30]", "file", "valid YAML"),
        ("workdays: [2027-10-09]", "workdays: [", "line", "valid YAML"),
    ],
)
def test_malformed_files(tmp_path: Path, old: str, new: str, field: str, problem: str) -> None:
    assert YEAR_2027.count(old) == 1
    with pytest.raises(CalendarFileError) as raised:
        with_file(tmp_path, YEAR_2027.replace(old, new))
    assert raised.value.field.startswith(field)
    assert raised.value.path == tmp_path / "2027.yaml"
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / '2027.yaml'}: {field}")
    assert problem in message


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"just text\n", b"\xff\xfe\x00"])
def test_files_that_are_no_calendar_at_all(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CalendarFileError, match=r"2027\.yaml: file: "):
        with_file(tmp_path, content)


def test_a_file_named_otherwise(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileError, match=r"named 2027\.yaml"):
        with_file(tmp_path, YEAR_2027, "2027.yml")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CalendarFileError, match="no such folder"):
        HolidayCalendar(tmp_path / "missing")
