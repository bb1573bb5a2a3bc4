"""Commands where no stack runs: what they do by themselves, and the way out that they say."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path

from tests.starter.whole_stack import BIN, PROJECT, Ran, Stack


def test_without_a_server_or_records_the_way_out_is_said(tmp_path: Path) -> None:
    elsewhere = Stack(tmp_path)
    assert "neiic migrate" in elsewhere.neiic("center", "list").err
    assert elsewhere.neiic("migrate").code == 0
    assert elsewhere.neiic("center", "list").code == 0
    worker = elsewhere.neiic("worker")
    assert worker.code == 1
    assert "neiic dev" in worker.err


def test_records_of_a_later_release_serve_this_one(tmp_path: Path) -> None:
    elsewhere = Stack(tmp_path)
    assert elsewhere.neiic("migrate").code == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "neiic.db")) as records, records:
        records.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "later release" in elsewhere.neiic("migrate").out
    assert elsewhere.neiic("center", "list").code == 0


def test_a_folder_of_rule_sets_is_taken_up(tmp_path: Path) -> None:
    """In processes of their own: a rule set that comes into force is known to all in a process."""
    folder = tmp_path / "rule-sets"
    folder.mkdir()
    text = (PROJECT / "tests" / "rule_sets" / "cn-2031.yaml").read_text(encoding="utf-8")
    (folder / "cn-2031.yaml").write_text(text, encoding="utf-8")
    scenario = tmp_path / "second.yaml"
    scenario.write_text(
        """\
title: 新规则集施行后登记的中心
start: 2031-03-03T09:00
steps:
  - {at: 2031-05-06T10:00, by: assessor, do: formation.assess, with: {agency: 丙, conclusion: support, opinion: 可行}}
  - at: 2031-06-16T10:00
    by: ndrc
    do: formation.decide
    with: {decision: approve, document_no: 1号, document_date: 2031-06-16}
    expect: {deadlines: {preparation_end: 2035-06-18}}
  - at: 2031-07-01T10:00
    by: ndrc
    do: ruleset.move
    with: {rule_set: cn-2026, document_no: 2号, reason: 试行期满}
    expect: {deadlines: {preparation_end: 2034-06-16}}
""",
        encoding="utf-8",
    )
    known = {**os.environ, "NEIIC_RULE_SETS_FOLDER": str(folder)}

    def simulate(environment: dict[str, str]) -> Ran:
        ran = subprocess.run(
            [BIN / "neiic", "simulate", scenario],
            capture_output=True,
            text=True,
            env=environment,
            timeout=120,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    assert simulate(known).code == 0
    assert simulate(dict(os.environ)).code == 1
    (folder / "cn-2031.yaml").write_text(text.replace("value: 45", "value: soon"), encoding="utf-8")
    broken = simulate(known)
    assert (broken.code, "cn-2031.yaml: supplement_days" in broken.err) == (1, True), broken.err
