"""``neiic center import`` against a real server: checked, started, and never twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.sheet import one, sheet
from tests.starter.ward import Ward

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("import")]

A, B = "NEIIC-2031-101", "NEIIC-2031-102"


async def test_a_sheet_is_checked_started_and_not_started_again(ward: Ward, tmp_path: Path) -> None:
    file = tmp_path / "sheet.xlsx"
    file.write_bytes(sheet(one(A), one(B, requirements__goals="否")))
    words = ("center", "import", str(file))
    async with ward.working():
        refused = await ward.neiic(*words, "--json")
        assert refused.code == 1
        rows = refused.json()["rows"]
        assert [row["outcome"] for row in rows] == ["not started"] * 2
        assert "L5" in {mark["cell"] for mark in rows[1]["warnings"]}
        assert ward.records.center(A) is None
        started = await ward.neiic(*words, "--yes-warnings")
        assert started.code == 0, started.err
        again = await ward.neiic(*words, "--check", "--json")
        assert again.code == 0, again.err
        assert [row["outcome"] for row in again.json()["rows"]] == ["there already"] * 2
    state = ward.records.state(B)
    assert state is not None
    assert state.requirements.unmet == ("goals",)


async def test_what_cannot_be_read_is_used_wrongly(ward: Ward, tmp_path: Path) -> None:
    file = tmp_path / "no.xlsx"
    file.write_text("编号,领域", encoding="utf-8")
    ran = await ward.neiic("center", "import", str(file))
    assert ran.code == 2
    assert "no Excel sheet" in ran.err
    made = tmp_path / "template.xlsx"
    assert (await ward.neiic("center", "import", str(made), "--template")).code == 0
    assert made.read_bytes().startswith(b"PK")
