"""Every database that a release has written goes up to the newest schema, with all that is in it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy import Engine

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations import head, migrate, migrating, revision, scripts
from neiic.models.tables import DeadlineRecord, NoticeRecord, RefusalRecord, Stored, table_of
from neiic.statute import replay
from neiic.statute.acts import Event
from neiic.statute.snapshot import Snapshot
from neiic.statute.state import Center
from neiic.statute.terms import LIVING, Role, Stage
from neiic.statute.versions import upcast
from tests.records.lives import Life
from tests.records.record import contents as recorded_contents
from tests.records.record import digest_of, dump_path, released, warning
from tests.records.rows import decoded, put, unfilled
from tests.records.test_migrating import differences

SCRIPTS = scripts()
RECORD = "python -m tests.records.record"


def next_act(center: Center) -> tuple[Role, str, dict[str, Any]]:
    """What can be done next at a center, so that its life goes on under the new schema."""
    if center.stage is Stage.APPLICATION:
        return Role.COMPETENT, "formation.withdraw", {"reason": "另有安排"}
    if center.stage in LIVING:
        return Role.NDRC, "supervision.note", {"text": "迁移后继续"}
    owed = next(kind for kind, done in center.followups.items() if not done)
    return Role.NDRC, "followup.complete", {"kind": owed.value, "note": "已办"}


def close(found: list[str], what_to_do: str = "") -> None:
    """The gate: fails with what was found and what to do."""
    if found:
        pytest.fail("\n".join([*found, what_to_do]).strip(), pytrace=False)


# What is kept of each release ----------------------------------------------------------------


def unkept(scripts: dict[str, Path], kept: dict[str, dict[str, str]]) -> list[str]:
    """What is missing of a revision, or was edited, and what to do about it."""
    found = []
    for name, script in scripts.items():
        if name not in kept or not dump_path(name).exists():
            todo = f"run `{RECORD}` and commit" if name == head() else "take from git"
            found.append(
                f"revision {name} has no rows to migrate from: {todo}"
                f" tests/records/released/{name}.json and digests.json, before it is released."
            )
            continue
        if digest_of(script) != kept[name]["script"]:
            found.append(
                f"{script.name} was edited, but databases of {kept[name]['release']} went through it"
                " as it was: take it back with git, and write a new revision that goes on from it."
            )
        if digest_of(dump_path(name)) != kept[name]["rows"]:
            found.append(
                f"released/{name}.json was edited: it is what {kept[name]['release']} wrote."
                " Take it back with git, and mend the migration or the upcaster."
            )
    gone = sorted(kept.keys() - scripts.keys())
    return found + [
        f"the script of released revision {name} is gone: take from git" for name in gone
    ]


def test_every_released_revision_is_kept_as_it_was() -> None:
    close(unkept(SCRIPTS, released()))


def test_the_gate_closes_on_a_revision_without_rows() -> None:
    found = unkept(SCRIPTS | {"9999": SCRIPTS["0001"]}, released())
    only(found, "revision 9999")
    assert RECORD in unkept(SCRIPTS, {})[-1]


def test_the_gate_closes_on_edited_files(tmp_path: Path) -> None:
    edited = tmp_path / "0001_records.py"
    edited.write_text(SCRIPTS["0001"].read_text() + "# edited\n")
    found = unkept(SCRIPTS | {"0001": edited}, released())
    only(found, "write a new revision")
    rows = {name: one | {"rows": "another"} for name, one in released().items()}
    assert "was edited" in unkept(SCRIPTS, rows)[0]
    assert "is gone" in unkept({}, released())[0]


def only(found: list[str], expected: str) -> None:
    """One finding, which says this. Others are of the house itself: they come first to be seen."""
    house = unkept(SCRIPTS, released())
    assert not house, "\n".join(["the revisions as they are here are not whole:", *house])
    assert len(found) == 1, "\n".join(["more was found than was broken:", *found])
    assert expected in found[0]


# Up from each of them ------------------------------------------------------------------------


def contents(name: str) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(dump_path(name).read_text(encoding="utf-8"))
    return kept


def filled(url: str, name: str) -> dict[str, Any]:
    """A database at this revision with all that its release wrote; answers what that was."""
    kept = contents(name)
    migrate(url, name)
    assert revision(url) == name
    engine = connect(url)
    put(engine, kept["rows"])
    engine.dispose()
    return kept


def losses(engine: Engine, kept: dict[str, Any]) -> list[str]:
    """What the records no longer read as it was written."""
    records, found = Records(engine), []
    for code, was in kept["read"].items():
        events = [Event.model_validate(upcast(Event, raw)) for raw in was["timeline"]]
        read = {
            "timeline": (records.timeline(code), events),
            "state": (records.state(code), Center.model_validate(upcast(Center, was["state"]))),
            "snapshot": (
                records.snapshot(code),
                Snapshot.model_validate(upcast(Snapshot, was["snapshot"])),
            ),
        }
        found += [
            f"{code}: {what} reads otherwise" for what, (now, then) in read.items() if now != then
        ]
        if replay(events) != records.state(code):
            found.append(f"{code}: its events make another state")
    read_rows: list[tuple[type[Stored], list[Any]]] = [
        (DeadlineRecord, sorted(records.deadlines(), key=lambda row: (row.center, row.deadline))),
        (NoticeRecord, records.notices()),
        (RefusalRecord, records.refusals()),
    ]
    for record, rows in read_rows:
        table = table_of(record)
        written = kept["rows"][table.name]
        if len(rows) != len(written):
            found.append(f"{table.name}: {len(written)} rows have become {len(rows)}")
        for row, was in zip(rows, written, strict=False):
            found += [
                f"{table.name}: {name} of {was['center']} was {was.get(name)!r}"
                for name, column in table.c.items()
                if name != "id" and getattr(row, name) != decoded(column, was.get(name))
            ]
    return found


def go_on(records: Records, code: str) -> None:
    """One more act in a life that another release began."""
    center, summary = records.state(code), records.center(code)
    assert center is not None
    assert summary is not None
    if center.closed:
        return
    life = Life(code, summary.life)
    life.center, life.commits = center, []
    role, action, data = next_act(center)
    commit = life.act((center.clock + timedelta(days=1)).isoformat(), role, action, **data)
    committed = records.commit(commit)
    assert (committed.already, committed.stored) == (False, ())
    assert committed.sequence == commit.center.sequence > center.sequence
    assert records.state(code) == life.center == replay(records.timeline(code))


@pytest.mark.parametrize("name", released())
def test_all_that_a_release_wrote_comes_up_and_goes_on(name: str, empty_url: str) -> None:
    kept = filled(empty_url, name)
    migrate(empty_url)
    assert revision(empty_url) == head()
    engine = connect(empty_url)
    assert differences(engine) == []
    close(
        losses(engine, kept),
        f"Mend the migrations after {name}: what a release wrote has to read as it did.",
    )
    for code in kept["read"]:
        go_on(Records(engine), code)
    engine.dispose()


def test_the_rows_hold_what_is_easily_lost() -> None:
    rows = contents("0001")["rows"]
    assert {row["stage"] for row in rows["centers"]} >= {"application", "preparation", "cancelled"}
    assert all(rows[name] for name in ("events", "deadlines", "outbox", "refusals"))
    assert {row["status"] for row in rows["outbox"]} == {"pending", "skipped"}
    assert any("document_no" not in row for row in rows["events"]), "nulls"
    assert any(len(row["message"]) > 2_000 for row in rows["refusals"]), "long texts"
    assert "𠮷" in json.dumps(rows["events"], ensure_ascii=False)


# A migration yet to be written ---------------------------------------------------------------

NEXT = """\
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{before}"


def upgrade() -> None:
    {what}
"""


@pytest.fixture
def following(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a test add one revision to the package's, in a folder of its own."""
    before = head()

    def write(what: str) -> None:
        folder = tmp_path / "migrations"
        (folder / "versions").mkdir(parents=True)
        (folder / "versions" / "next.py").write_text(NEXT.format(what=what, before=before))
        for path in SCRIPTS.values():
            (folder / "versions" / path.name).write_text(path.read_text())
        entry = SCRIPTS["0001"].parents[1] / "env.py"
        (folder / entry.name).write_text(entry.read_text())
        config = Config()
        config.set_main_option("script_location", str(folder))
        config.set_main_option("path_separator", "os")
        monkeypatch.setattr(migrating, "_config", lambda: config)

    return write


def up_from_the_first(url: str) -> list[str]:
    kept = filled(url, "0001")
    migrate(url)
    assert revision(url) == "next"
    engine = connect(url)
    found = losses(engine, kept)
    engine.dispose()
    return found


def test_a_migration_that_only_adds_loses_nothing(following: Any, empty_url: str) -> None:
    following('op.add_column("events", sa.Column("seal", sa.String(), nullable=True))')
    assert up_from_the_first(empty_url) == []


@pytest.mark.parametrize(
    ("what", "lost"),
    [
        ("op.execute(\"UPDATE events SET remarks = NULL\")", "timeline reads otherwise"),
        ("op.execute(\"DELETE FROM outbox WHERE rung > 30\")", "outbox: "),
        ("op.execute(\"UPDATE deadlines SET title = substr(title, 1, 3)\")", "deadlines: title"),
    ],
)  # fmt: skip
def test_the_gate_closes_on_a_migration_that_loses(
    what: str, lost: str, following: Any, empty_url: str
) -> None:
    following(what)
    assert any(lost in found for found in up_from_the_first(empty_url))


# Recording -----------------------------------------------------------------------------------


def test_a_column_that_nothing_fills_is_warned_of(following: Any, empty_url: str) -> None:
    following('op.add_column("events", sa.Column("seal", sa.String(), nullable=True))')
    filled(empty_url, "0001")
    migrate(empty_url)
    engine = connect(empty_url)
    assert "events.seal" in unfilled(engine)
    assert "events.kind" not in unfilled(engine)
    engine.dispose()
    assert "events.seal: NULL in every recorded row" in warning(["events.seal"])
    assert warning([]) == ""


def test_the_lives_that_are_recorded_fill_every_column() -> None:
    _, empty = recorded_contents()
    assert empty == [], warning(empty)


def test_a_forgotten_record_is_named_by_whichever_gate_meets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SCRIPTS, "9999", SCRIPTS["0001"])
    with pytest.raises(AssertionError, match="revision 9999 has no rows to migrate from"):
        only(["one", "another"], "one")
