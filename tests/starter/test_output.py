"""What the commands print of records that are there, without a stack: lists, titles, refusals."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.starter import main, printing
from neiic.starter.doctor.database import _ago
from neiic.statute.acts import refuse
from neiic.statute.terms import Stage
from tests.records.lives import Life, approved, confirm, eventful

SHOWN = (*printing.LIVE, "upcoming")


@pytest.fixture
def records(
    migrated_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Records]:
    """Records of their own, which the command line reads."""
    shutil.copy(migrated_once, tmp_path / "neiic.db")
    monkeypatch.setenv("NEIIC_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("NEIIC_DATABASE_URL", raising=False)
    engine = connect(f"sqlite:///{tmp_path / 'neiic.db'}")
    yield Records(engine)
    engine.dispose()


def keep(records: Records, *lives: Life) -> None:
    for life in lives:
        for commit in life.commits:
            records.commit(commit)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main.run(list(words)) == 0
    return capsys.readouterr().out.splitlines()


def in_operation(code: str) -> Life:
    life = approved(code, code)
    confirm(life)
    return life


def test_the_next_deadline_of_a_list_is_the_one_that_is_shown_first(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    running, quiet = approved("NEIIC-2031-001", "1"), in_operation("NEIIC-2031-002")
    overdue = approved("NEIIC-2031-003", "3")
    overdue.wait("2032-03-09T09:00")
    begun = Life("NEIIC-2031-004", "4")
    keep(records, running, quiet, overdue, begun)
    rows = {line.split()[0]: line for line in printed(capsys, "center", "list")[1:]}
    # A due date is the last day itself, not the midnight after it; an opening is called one.
    assert "  opens 2032-01-01 2031年度报告  " in rows["NEIIC-2031-001"]
    assert "  2032-02-29 2031年度报告  " in rows["NEIIC-2031-002"], "it has opened"
    assert "  2032-02-29 2031年度报告  " in rows["NEIIC-2031-003"]
    assert not re.search(r"20\d\d-\d\d-\d\d", rows["NEIIC-2031-004"].removeprefix("NEIIC"))
    for code in ("NEIIC-2031-001", "NEIIC-2031-002", "NEIIC-2031-003"):
        first = next(one for one in records.deadlines(code) if one.status in SHOWN)
        shown = [one for one in printed(capsys, "center", "show", code) if one.startswith("20")]
        assert shown[0].startswith(str(first.due))
        assert first.title in rows[code]


def test_the_list_asks_once_for_deadlines(
    records: Records, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(records, *(approved(f"NEIIC-2031-00{n}", str(n)) for n in range(3)))
    asked: list[object] = []
    real = Records.deadlines
    monkeypatch.setattr(
        Records, "deadlines", lambda self, *a, **k: asked.append(a) or real(self, *a, **k)
    )
    printed(capsys, "center", "list")
    assert len(asked) == 1


def test_no_line_of_a_piped_table_ends_in_blanks(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(records, approved())
    for words in (("center", "list"), ("actions",), ("center", "deadlines"), ("settings",)):
        lines = printed(capsys, *words)
        assert len(lines) > 1
        assert [line for line in lines if line != line.rstrip()] == []


def test_a_timeline_has_a_title_for_what_happens_by_itself(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    life = eventful()
    keep(records, life)
    printing.timeline(records.timeline(life.center.code))
    out = capsys.readouterr().out
    assert "登记推荐申报 center.registered" in out
    assert "年度报告开始报送 report.opened" in out


def test_explanations_stand_in_a_column_of_their_own(
    records: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(records, approved())
    lines = printed(capsys, "center", "deadlines", "NEIIC-2031-001")
    keys = [
        line for line in lines if line.startswith(("preparation_end: ", "annual_report:2031: "))
    ]
    assert len(keys) == 2
    starts = {line.index(text) for line, text in zip(keys, ("2031年度", "自批复"), strict=True)}
    assert len(starts) == 1


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        (Stage.APPLICATION, "智能铸造（申报中，尚未批复名称）"),
        (Stage.NOT_APPROVED, "智能铸造（未予批准，未获名称）"),
        (Stage.REVOKED, "智能铸造（撤销，名称停用）"),
    ],
)
def test_a_center_without_a_name_is_called_by_its_field(stage: Stage, said: str) -> None:
    assert printing.nameless("智能铸造", stage) == said


def test_a_refusal_names_fields_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    printing.refusal(
        refuse(
            "not_pending", "第三十六条", "data.rule_set：已适用。", "data.rule_set: is so."
        ).refusal
    )
    err = capsys.readouterr().err
    assert "  rule_set：已适用。" in err
    assert "  rule_set: is so." in err


def test_ids_are_not_coloured() -> None:
    for console in (printing.out, printing.err):
        assert console.render_str("cli-decd7889-0089-4a63 2026-11-24").spans == []


def test_the_outbox_names_its_time_zone() -> None:
    assert _ago(datetime(2026, 11, 24, 2, tzinfo=UTC), timedelta(hours=3)) == (
        "2026-11-24 10:00 Beijing time (3 h)"
    )


def test_lists_and_maps_say_how_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert "evidence=… evidence=…" in "\n".join(printed(capsys, "actions", "confirmation.apply"))
    assert "indicators.KEY=…" in "\n".join(printed(capsys, "actions", "report.submit"))
