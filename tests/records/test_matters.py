"""Open matters and lights beside the records: written with each commit, and anew where stale."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, delete, event, func, insert, select, text, update

from neiic.activities.database import writing
from neiic.activities.projection import matter_rows, project
from neiic.activities.records import Records
from neiic.models.tables import (
    CenterRecord,
    ChangeRecord,
    DeadlineRecord,
    MatterRecord,
    table_of,
)
from neiic.statute.lights import close_from
from neiic.statute.rules import LIBRARY
from neiic.statute.terms import Role
from tests.records.dumps import dump
from tests.records.lives import CODE, RULES, Life, approved, eventful
from tests.records.test_committing import refusing, write

CENTERS, CHANGES, DEADLINES, MATTERS = (
    table_of(record) for record in (CenterRecord, ChangeRecord, DeadlineRecord, MatterRecord)
)


def matters_of(engine: Engine, code: str = CODE) -> list[dict[str, Any]]:
    query = select(MATTERS).where(MATTERS.c.center == code)
    with engine.connect() as connection:
        return in_order([dict(row) for row in connection.execute(query).mappings()])


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["matter"], row["role"]))


def wanted(life: Life) -> list[dict[str, Any]]:
    return in_order(list(matter_rows(project(life.center))))


def lights(records: Records) -> dict[str, Any]:
    return {row.deadline: row.yellow_from for row in records.deadlines(CODE)}


def changes(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.sum(CHANGES.c.number))) or 0


def test_every_commit_leaves_the_matters_of_its_state(records: Records) -> None:
    life = eventful()
    seen = set()
    for number, commit in enumerate(life.commits, start=1):
        records.commit(commit)
        rows = matters_of(records.engine)
        assert rows == wanted(life.but_at(number))
        seen |= {(row["matter"].partition(":")[0], row["role"]) for row in rows}
    assert {
        ("formation", "assessor"), ("formation", "ndrc"), ("annual_report", "competent"),
        ("confirmation", "competent"), ("confirmation", "ndrc"), ("rectification", "implementing"),
        ("evaluation", "customs"), ("evaluation", "tax"), ("followup", "ndrc"),
    } <= seen  # fmt: skip


def test_a_matter_carries_its_unit_and_when_it_is_due(records: Records) -> None:
    life = approved()
    life.wait("2032-01-02T09:00")
    write(records, life)
    [row] = matters_of(records.engine)
    report = next(one for one in records.deadlines(CODE) if one.deadline == "annual_report:2031")
    assert (row["unit"], row["action"]) == ("宁夏回族自治区发展和改革委员会", "report.submit")
    assert (row["subject"], row["deadline"]) == ({"year": 2031}, "annual_report:2031")
    assert row["due"] == report.instant
    assert row["yellow_from"] == report.yellow_from is not None


def test_a_renamed_unit_has_its_matters_under_its_new_name(records: Records) -> None:
    life = approved()
    life.act(
        "2031-07-01T09:00", Role.NDRC, "discipline.open",
        facts="未报", severity="ordinary", rectify_by="2031-12-01", document_no="发改高技〔2031〕7号",
    )  # fmt: skip
    life.act(
        "2031-07-02T09:00", Role.IMPLEMENTING, "adjustment.report",
        kind="rename", description="更名", new_name="丁公司",
    )  # fmt: skip
    life.act(
        "2031-07-03T09:00", Role.COMPETENT, "adjustment.review",
        case=1, outcome="approve", comments="同意",
    )  # fmt: skip
    life.act(
        "2031-07-04T09:00", Role.NDRC, "adjustment.decide",
        case=1, decision="approve", document_no="1", document_date="2031-07-04",
    )  # fmt: skip
    write(records, life.but_at(len(life.commits) - 1))
    units = {row["matter"]: row["unit"] for row in matters_of(records.engine)}
    assert units["rectification:1"] == "乙公司"
    write(records, life)
    assert {row["matter"]: row["unit"] for row in matters_of(records.engine)} == {
        "rectification:1": "丁公司"
    }


def test_lights_of_live_deadlines_alone(records: Records) -> None:
    life = eventful()
    write(records, life)
    live = {d.id: close_from(d, RULES) for d in project(life.center).ahead}
    found = lights(records)
    assert {name: found[name] for name in live} == live
    assert not any(found[name] for name in found.keys() - live.keys())


def test_a_commit_touches_no_matter_that_stayed(records: Records) -> None:
    life = approved()
    life.wait("2032-01-02T09:00")
    write(records, life)
    with writing(records.engine).begin() as connection:
        connection.execute(update(MATTERS).values(article="as it was"))
    life.act("2032-01-03T09:00", Role.NDRC, "supervision.note", text="检查")
    before = wanted(life)
    with writing(records.engine).begin() as connection:
        connection.execute(update(MATTERS).values(article=before[0]["article"]))
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        seen.append(statement)

    event.listen(records.engine, "after_cursor_execute", note)
    records.commit(life.commits[-1])
    event.remove(records.engine, "after_cursor_execute", note)
    touching = [one for one in seen if "matters" in one]
    assert len(touching) == 1
    assert touching[0].startswith("SELECT")


def test_a_refusal_changes_nothing_and_every_act_counts(records: Records) -> None:
    life = approved()
    counts = []
    for commit in life.commits:
        records.commit(commit)
        records.commit(commit)
        counts.append(changes(records.engine))
    records.commit(refusing(life))
    assert [*counts, changes(records.engine)] == [1, 2, 3, 3]


def test_rewriting_restores_matters_that_were_lost(records: Records) -> None:
    life = eventful()
    write(records, life)
    before = dump(records.engine)
    with writing(records.engine).begin() as connection:
        connection.execute(delete(MATTERS))
        connection.execute(
            insert(MATTERS).values(wanted(life)[0] | {"matter": "confirmation", "role": "tax"})
        )
    records.rewrite(life.life, None, life.commits)
    after = dump(records.engine)
    assert changes(records.engine) == len(life.commits) + 1
    assert {name: rows for name, rows in after.items() if name != "changes"} == {
        name: rows for name, rows in before.items() if name != "changes"
    }


# Rows of a release that knows no matters --------------------------------------------------------


def forget(engine: Engine) -> None:
    """What the migration finds: neither matters nor lights, nor when they were projected."""
    with writing(engine).begin() as connection:
        connection.execute(delete(MATTERS))
        connection.execute(update(CENTERS).values(projected=None))
        connection.execute(update(DEADLINES).values(yellow_from=None))


def lives() -> list[Life]:
    waiting = approved("NEIIC-2031-002", "run-2")
    waiting.wait("2033-04-02T09:00")
    return [eventful(), waiting, Life("NEIIC-2031-003", "run-3")]


@pytest.fixture
def stale(records: Records) -> Records:
    for life in lives():
        write(records, life)
    forget(records.engine)
    return records


def changes_of(engine: Engine) -> int:
    """How often centers were written."""
    with engine.connect() as connection:
        number = table_of(ChangeRecord).c.number
        return int(connection.execute(select(func.sum(number))).scalar() or 0)


def test_stale_centers_are_written_from_their_states(records: Records) -> None:
    for life in lives():
        write(records, life)
    before, changes = dump(records.engine), changes_of(records.engine)
    assert records.project_stale() == 0
    assert (dump(records.engine), changes_of(records.engine)) == (before, changes)
    forget(records.engine)
    assert records.project_stale() == 3
    assert changes_of(records.engine) > changes
    assert dump(records.engine) == before
    assert records.project_stale() == 0


def test_so_many_at_a_time(stale: Records) -> None:
    assert [stale.project_stale(2) for _ in range(3)] == [2, 1, 0]


def test_what_an_earlier_release_commits_is_stale_until_it_is_written(records: Records) -> None:
    life = approved()
    life.wait("2032-01-02T09:00")
    write(records, life.but_at(3))
    earlier = matters_of(records.engine)
    write(records, life)
    with writing(records.engine).begin() as connection:
        # Its statement names its own columns and leaves ours.
        connection.execute(update(CENTERS).values(projected=3))
        connection.execute(delete(MATTERS))
        if earlier:
            connection.execute(insert(MATTERS), earlier)
    assert matters_of(records.engine) != wanted(life)
    assert records.project_stale() == 1
    assert matters_of(records.engine) == wanted(life)


def test_a_center_that_cannot_be_read_here_stays_stale_and_stops_nobody(
    stale: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = LIBRARY.derive(RULES, {}, "of-a-later-release").name
    state = {"sqlite": "json_set(state, '$.rule_set', :name)"}.get(
        stale.engine.dialect.name, "jsonb_set(state, '{rule_set}', to_jsonb(cast(:name as text)))"
    )
    with writing(stale.engine).begin() as connection:
        connection.execute(
            text(f"UPDATE centers SET state = {state} WHERE code = :code"),
            {"name": another, "code": CODE},
        )
    monkeypatch.delitem(LIBRARY._by_name, another)
    assert stale.project_stale() == 2
    assert stale.project_stale(1) == 0
    assert matters_of(stale.engine) == []


def test_only_stale_centers_are_looked_at(stale: Records) -> None:
    query = (
        "SELECT code FROM centers WHERE projected IS NULL OR projected != sequence"
        " ORDER BY code LIMIT 20"
    )
    explain = "EXPLAIN QUERY PLAN" if stale.engine.dialect.name == "sqlite" else "EXPLAIN"
    with stale.engine.connect() as connection:
        if explain == "EXPLAIN":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        said = str(connection.execute(text(f"{explain} {query}")).all())
    assert "ix_centers_stale" in said
