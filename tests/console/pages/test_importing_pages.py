"""Importing a sheet on its pages: checked, read, started one after another, never twice."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE
from neiic.console.guarding import LARGEST_SHEET, masked
from neiic.console.starting_many import laid_by, lay_by
from tests.console.house import Browser, Console, location
from tests.console.sheet import one, sheet

A, B, C = "NEIIC-2031-101", "NEIIC-2031-102", "NEIIC-2031-103"
WARNED = {"requirements.goals": "否"}


class Clerk(Browser):
    """A browser that stays in one event loop: sheets are started behind the answers."""

    def upload(self, body: bytes, name: str = "申报.xlsx") -> Any:
        token = masked(csrf_of(self.client.cookies[COOKIE]))
        files = {"sheet": (name, body)}
        return self.client.post("/centers/import", data={"csrf": token}, files=files)

    def read(self, path: str) -> str:
        found = re.search(r'name="read" value="(\w+)"', self.get(path).text)
        return found[1] if found else ""


@pytest.fixture
def clerk(console: Console) -> Any:
    clerk = Clerk(console.app)
    with clerk.client:
        clerk.sign_in("competent")
        yield clerk


def test_a_sheet_is_checked_and_then_started(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A), one(B))))
    assert console.house.records.state(A) is None
    text = clerk.shows(path, "登记2个中心", A, B, "第3行")
    assert 'name="read"' not in text or clerk.read(path)
    assert location(clerk.post(path, step="start", read=clerk.read(path))) == path
    clerk.shows(path, "2个中心中已登记2个", f'href="/centers/{A}"')
    assert console.house.records.state(B) is not None
    clerk.post(path, step="start")
    clerk.shows(path, "2个中心中已登记2个", "已登记")
    assert len(console.house.records.timeline(A)) == 1


def test_errors_stop_the_whole_sheet(console: Console, clerk: Clerk) -> None:
    answer = clerk.upload(sheet(one(A), one(B, recommendation__letter_date="昨天")))
    assert answer.status_code == 422
    assert "J5" in answer.text
    assert "step" not in answer.text
    assert console.house.records.state(A) is None


def test_warnings_are_to_be_ticked(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet({**one(A), **WARNED})))
    answer = clerk.post(path, step="start")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert clerk.post(path, step="start", read="yes").status_code == 422
    assert console.house.records.state(A) is None
    clerk.post(path, step="start", read=clerk.read(path))
    assert console.house.records.state(A) is not None


def test_a_code_taken_meanwhile_stops_it(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A), one(B))))
    read = clerk.read(path)
    console.write_center(B)
    answer = clerk.post(path, step="start", read=read)
    assert answer.status_code == 409
    assert "B5" in answer.text
    assert console.house.records.state(A) is None


def test_a_sheet_goes_on_where_the_server_went_away(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A), one(B), one(C))))
    start = console.door.start

    async def dies_after_one(message: Any) -> Any:
        console.door.silent = message["code"] != A
        return await start(message)

    console.door.start = dies_after_one  # type: ignore[method-assign]
    clerk.post(path, step="start", read=clerk.read(path))
    clerk.shows(path, "3个中心中已登记1个", "暂无应答", "登记2个中心")
    del console.door.start
    console.door.silent = False
    clerk.post(path, step="start", read=clerk.read(path))
    clerk.shows(path, "3个中心中已登记3个")


@pytest.mark.parametrize("body", [b"", b"x" * 100, b"PK\x03\x04"])
def test_what_is_no_sheet_is_said(clerk: Clerk, body: bytes) -> None:
    answer = clerk.upload(body)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_a_form_without_a_file(clerk: Clerk) -> None:
    assert clerk.post("/centers/import").status_code == 422


def test_a_sheet_that_is_too_large(clerk: Clerk) -> None:
    assert clerk.upload(b"x" * (LARGEST_SHEET + 1)).status_code == 413


def test_a_sheet_is_nobody_elses(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A))))
    other = console.client_as("competent2")
    assert other.get(path).status_code == 404
    assert other.post(path, step="start").status_code == 404


def test_signing_in_cannot_change_what_was_checked(console: Console, clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A))))
    forged = {"next": path, "kept.part": "eJw=", "kept.parts": "1", "kept.rows": "x"}
    clerk.client.post("/sign-in", data={**forged, "login": "competent", "password": "wrong"})
    assert clerk.sign_in("competent").status_code == 303
    clerk.client.post(
        "/sign-in", data={**forged, "login": "competent", "password": "correct horse 电池 staple"}
    )
    clerk.shows(path, A, "登记1个中心")


def test_a_sheet_is_thrown_away(clerk: Clerk) -> None:
    path = location(clerk.upload(sheet(one(A))))
    assert location(clerk.post(path, step="discard")) == "/centers/import"
    assert clerk.get(path).status_code == 404


def test_a_thousand_rows_are_kept_whole(console: Console) -> None:
    from neiic.console.import_rows import Checked, Row

    person = console.person("competent")
    rows = tuple(
        Row(
            number,
            {
                "code": f"{number}",
                "field": "".join(map(chr, range(20_000 + number, 20_200 + number))),
            },
        )
        for number in range(1_000)
    )
    key = lay_by(console.house, person, Checked(rows))
    kept = laid_by(console.house, person, key)
    assert kept is not None
    assert [tuple(row) for row in kept["rows"]] == [(row.number, row.data) for row in rows]


def test_the_template_is_the_units_own(clerk: Clerk) -> None:
    answer = clerk.get("/centers/import/template.xlsx")
    page = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert page["E3"].value == "宁夏回族自治区发展和改革委员会"
    path = location(clerk.upload(sheet(one(A, competent_unit=None))))
    clerk.shows(path, A)
