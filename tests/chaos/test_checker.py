"""The checker can fail: whatever is spoilt after a run, its row of the table goes red."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chaos import faults
from chaos.checker import check, injected
from chaos.evidence import Evidence
from chaos.notes import Note
from tests.chaos.finished_run import APPLYING, STANDING, WITHDRAWN, Finished, finished

pytestmark = pytest.mark.xdist_group("chaos")

LOST = "acknowledged acts lost"
DOUBLED = "acts doubled"
ANSWERS = "answers other than recorded"
REFUSALS = "refusals told but not recorded"
DONE_ANYWAY = "refused acts done all the same"
OUTBOX_DOUBLED = "outbox rows doubled"
OUTBOX_ASTRAY = "outbox rows missing or without a cause"
PROJECTION = "projection != replay of events"
STUCK = "workflows failed or stuck"
STATE = "workflow state != records"

#: One event again, under the next free number.
EVENT_AGAIN = """
    INSERT INTO events SELECT NULL, center, 99, kind, article, at, recorded, effective,
        actor_user, actor_name, actor_role, actor_unit, document_no, decision_id, remarks, data,
        schema_version, answer
    FROM events WHERE decision_id = 'note'
"""
#: An act that the records have and nobody sent: the workflow knows nothing of it.
EVENT_OF_NOBODY = EVENT_AGAIN.replace("99", "6").replace(", decision_id,", ", 'nobody',")
NOTICE_AGAIN = """
    INSERT INTO outbox SELECT NULL, center, key || '/again', kind, role, unit, article, deadline,
        due, rung, status, event, created_at
    FROM outbox WHERE kind = '{kind}' LIMIT 1
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finished(tmp_path_factory.mktemp("finished"))


def red(evidence: Evidence, notes: Sequence[Note], acts: int = 1) -> dict[str, tuple[str, ...]]:
    """The rows that do not hold, with what they found."""
    return {row.name.strip(): row.findings for row in check(evidence, notes, acts) if not row.ok}


def test_a_run_without_faults_is_all_green(run: Finished) -> None:
    assert red(run.evidence(), run.notes, acts=9) == {}


@pytest.mark.parametrize(
    ("row", "statement"),
    [
        (LOST, "DELETE FROM events WHERE decision_id = 'note'"),
        (LOST, "DELETE FROM events WHERE decision_id = 'note-by-signal'"),
        (LOST, "DELETE FROM events WHERE kind = 'center.registered'"),
        (LOST, "DELETE FROM refusals WHERE via = 'signal'"),
        (DOUBLED, EVENT_AGAIN),
        (ANSWERS, "UPDATE events SET answer = json_set(answer, '$.sequence', 77)"),
        (REFUSALS, "DELETE FROM refusals WHERE decision_id = 'too-early'"),
        (REFUSALS, "DELETE FROM refusals WHERE decision_id = 'after-the-end'"),
        (REFUSALS, "UPDATE refusals SET code = 'invalid' WHERE decision_id = 'too-early'"),
        (OUTBOX_DOUBLED, NOTICE_AGAIN.format(kind="formation.decide")),
        (OUTBOX_DOUBLED, NOTICE_AGAIN.format(kind="refused")),
        (OUTBOX_ASTRAY, "DELETE FROM outbox WHERE kind = 'formation.decide'"),
        (OUTBOX_ASTRAY, "DELETE FROM outbox WHERE kind = 'refused'"),
        (OUTBOX_ASTRAY, "UPDATE outbox SET unit = '别处' WHERE kind = 'formation.decide'"),
        (PROJECTION, "UPDATE centers SET stage = 'operation'"),
        (PROJECTION, "UPDATE centers SET waiting_for = '[]'"),
        (PROJECTION, "UPDATE centers SET state = json_set(state, '$.strikes', 1)"),
        (PROJECTION, "UPDATE centers SET snapshot = json_set(snapshot, '$.strikes', 1)"),
        (PROJECTION, "UPDATE deadlines SET due = '2030-01-01'"),
        (PROJECTION, "DELETE FROM deadlines WHERE kind = 'preparation_end'"),
        (PROJECTION, "UPDATE deadlines SET deadline = 'x' WHERE kind = 'preparation_end'"),
        (PROJECTION, "UPDATE events SET sequence = 88 WHERE decision_id = 'note-by-signal'"),
        (PROJECTION, "UPDATE events SET kind = 'nonsense' WHERE decision_id = 'note'"),
        (STATE, EVENT_OF_NOBODY),
    ],
)
def test_spoilt_records(run: Finished, tmp_path: Path, row: str, statement: str) -> None:
    path = tmp_path / "spoilt.db"
    shutil.copy(run.path, path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount > 0
    found = red(run.evidence(path), run.notes)
    assert found[row], found


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (LOST, Note(STANDING, 1, "supervision.note", "never", "update", "acknowledged")),
        (LOST, Note(STANDING, 1, "supervision.note", "never", "signal", "acknowledged")),
        (LOST, Note("NEIIC-2026-009", 1, "start", "x", "start", "acknowledged")),
        (REFUSALS, Note(STANDING, 1, "supervision.note", "no", "update", "refused", "invalid")),
        ("unanswered to the end", Note(STANDING, 1, "a", "lost", "update", "unanswered")),
        (
            "errors that no caller should see",
            Note(STANDING, 1, "a", "b", "update", "unanswered", error="CANCELLED", foul=True),
        ),
    ],
)
def test_a_claim_that_is_not_true(run: Finished, row: str, note: Note) -> None:
    assert row in red(run.evidence(), [*run.notes, note])


def test_a_refusal_of_what_was_done(run: Finished) -> None:
    notes = [one for one in run.notes if one.decision_id != "note"]
    told = Note(STANDING, 1, "supervision.note", "note", "update", "refused", "invalid")
    assert DONE_ANYWAY in red(run.evidence(), [*notes, told])


def test_too_few_acts(run: Finished) -> None:
    assert list(red(run.evidence(), run.notes, acts=300)) == ["acts tried"]


def test_workflows_that_were_ended_or_hang(run: Finished) -> None:
    """The one was really terminated, the other had a message while no worker ran."""
    found = red(run.evidence(lives=run.spoilt), run.notes)[STUCK]
    assert any(f"{STANDING}: its workflow is TERMINATED" in one for one in found)
    assert any(f"{APPLYING}: it does not answer" in one for one in found)
    assert any(f"{APPLYING}: at rest it still has: workflow task" in one for one in found)


def test_a_workflow_that_the_server_lost(run: Finished) -> None:
    lost = replace(run.evidence(), absent={WITHDRAWN: "NOT_FOUND"})
    assert STUCK in red(lost, run.notes)


def test_a_workflow_that_forgot_a_decision(run: Finished) -> None:
    life = run.lives[STANDING]
    forgot = tuple(one for one in life.timeline if one["decision_id"] != "note")
    assert len(forgot) == len(life.timeline) - 1
    lives = run.lives | {STANDING: replace(life, timeline=forgot)}
    assert red(run.evidence(lives=lives), run.notes) == {
        STATE: (f"{STANDING}: the workflow does not know note",)
    }


def test_a_life_that_continued_as_new_is_looked_at_whole(run: Finished) -> None:
    assert len(run.lives[STANDING].runs) == 2


def test_a_fault_that_never_came() -> None:
    done = dict.fromkeys(faults.KINDS, 1)
    assert all(row.ok for row in injected(done))
    for kind in faults.KINDS:
        assert [row.ok for row in injected(done | {kind: 0})].count(False) == 1
