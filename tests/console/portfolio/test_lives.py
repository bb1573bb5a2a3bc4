"""Lists over real lives: what is handed on, what is done, and counts that never lag."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

import pytest
from sqlalchemy import Engine, event, text, update

from neiic.activities.database import writing
from neiic.activities.records import Records
from neiic.console.accounts.access import Scope
from neiic.console.portfolio.acted import FAMILY_LETTERS, done, in_progress
from neiic.console.portfolio.board import BoardFilter, board
from neiic.console.portfolio.centers import CenterFilter, centers, search
from neiic.console.portfolio.documents import documents
from neiic.console.portfolio.tallies import Tallies
from neiic.console.portfolio.tasks import TaskFilter, tasks
from neiic.models.tables import CenterRecord, table_of
from neiic.statute.periods import BEIJING
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import NATIONAL_UNITS, Role
from tests.records.lives import CODE, COMPETENT, Life, approved, eventful
from tests.records.test_committing import write

NOW = datetime(2034, 2, 20, 9, tzinfo=BEIJING)
NDRC = Scope(Role.NDRC, NATIONAL_UNITS[Role.NDRC], (NATIONAL_UNITS[Role.NDRC],))
OURS = Scope(Role.COMPETENT, COMPETENT, (COMPETENT,))
FOREIGN = Scope(Role.COMPETENT, "别省发展和改革委员会", ("别省发展和改革委员会",))
UNIT = Scope(Role.IMPLEMENTING, "乙公司", ("乙公司",))
AGENCY = Scope(Role.ASSESSOR, "丙机构", ("丙机构",))


def applied(code: str = CODE) -> Life:
    life = approved(code, f"run-{code}")
    life.wait("2033-03-01T09:00")
    life.act(
        "2033-09-01T09:00", Role.IMPLEMENTING, "confirmation.apply",
        summary_report="总结报告", evidence=["材料一"],
    )  # fmt: skip
    return life


def test_what_is_handed_on_is_in_progress(records: Records, tallies: Tallies) -> None:
    life = applied()
    write(records, life)
    assert [row.matter for row in in_progress(tallies, UNIT, NOW).rows] == ["confirmation"]
    assert in_progress(tallies, OURS, NOW).rows == ()
    life.act(
        "2033-09-20T09:00", Role.COMPETENT, "confirmation.evaluate", outcome="pass", comments="好"
    )
    records.commit(life.commits[-1])
    [row] = in_progress(tallies, OURS, NOW).rows
    assert (row.matter, row.role, row.action) == ("confirmation", Role.NDRC, "confirmation.review")
    # NDRC approved the center: that was another matter.
    assert "annual_report:2031" not in [one.matter for one in in_progress(tallies, NDRC, NOW).rows]


def test_an_act_on_another_year_is_another_matter(records: Records, tallies: Tallies) -> None:
    life = approved()
    life.wait("2033-01-10T09:00")
    life.act(
        "2033-01-11T09:00", Role.COMPETENT, "report.submit",
        year=2031, summary="补报", indicators={},
    )  # fmt: skip
    write(records, life)
    assert in_progress(tallies, NDRC, NOW).rows == ()
    life.act("2033-01-12T09:00", Role.NDRC, "report.return", year=2031, comments="不全")
    records.commit(life.commits[-1])
    assert [one.matter for one in in_progress(tallies, NDRC, NOW).rows] == ["annual_report:2031"]


def test_families_of_actions_are_told_by_their_first_letters() -> None:
    families = {name.partition(".")[0] for name in ACTIONS}
    assert len({name[:FAMILY_LETTERS] for name in families}) == len(families)


def test_done_is_newest_first_and_only_ours(records: Records, tallies: Tallies) -> None:
    life = eventful()
    write(records, life)
    for scope in (NDRC, OURS, UNIT):
        acts = [one for one in life.events if one.actor and one.actor.role is scope.role]
        found = done(tallies, scope).rows
        assert [row.sequence for row in found] == [one.sequence for one in reversed(acts)][:50]
    assert [row.action for row in done(tallies, OURS).rows][-1] == "report.submit"
    assert done(tallies, FOREIGN).rows == ()


def test_done_goes_on_page_by_page(
    records: Records, tallies: Tallies, monkeypatch: pytest.MonkeyPatch
) -> None:
    from neiic.console.portfolio import tasks as module

    write(records, eventful())
    whole = [row.sequence for row in done(tallies, NDRC).rows]
    monkeypatch.setattr(module, "PAGE", 2)
    found, cursor = [], None
    while True:
        page = done(tallies, NDRC, cursor)
        found += [row.sequence for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert found == whole


def test_another_unit_sees_nothing_of_it(records: Records, tallies: Tallies) -> None:
    life = applied()
    write(records, life)
    assert tasks(tallies, OURS, TaskFilter(), NOW).counts["red"] == 2
    assert tasks(tallies, FOREIGN, TaskFilter(), NOW).rows == ()
    assert sum(tasks(tallies, FOREIGN, TaskFilter(), NOW).counts.values()) == 0
    assert board(tallies, FOREIGN, BoardFilter(), NOW).counts.total == 0
    assert board(tallies, FOREIGN, BoardFilter(standing="closed"), NOW).rows == ()
    assert centers(tallies, FOREIGN, CenterFilter()).count == 0
    assert search(tallies, FOREIGN, CODE) == ()
    assert in_progress(tallies, FOREIGN, NOW).rows == ()
    assert search(tallies, AGENCY, CODE) == ()


def test_a_center_is_found_by_a_document(records: Records, tallies: Tallies) -> None:
    write(records, approved())
    for typed in ("发改高技〔2031〕100号", "发改高技〔2031", " 宁发改〔2031〕 ".strip()):
        assert [one.code for one in search(tallies, NDRC, typed)] == [CODE]
    for typed in ("发改高技〔2032", "100号", "发改高技%"):
        assert search(tallies, NDRC, typed) == ()


def test_a_letter_is_listed_with_its_own_date_and_unit(records: Records, tallies: Tallies) -> None:
    life = approved()
    life.events[0].data["recommendation"]["letter_date"] = "2031-02-20"
    write(records, life)
    listed = [(one.kind, one.dated, one.actor_unit) for one in documents(tallies, NDRC).rows]
    assert listed == [
        ("formation.decide", date(2031, 6, 16), None),
        ("center.registered", date(2031, 2, 20), COMPETENT),
    ]
    assert documents(tallies, FOREIGN).rows == ()


# Counts -----------------------------------------------------------------------------------------


def test_counts_are_those_of_the_moment_after_every_commit(
    records: Records, tallies: Tallies
) -> None:
    life = eventful()
    for commit in life.commits:
        records.commit(commit)
        for scope in (NDRC, OURS, UNIT):
            for ask in everything(scope):
                assert ask(tallies) == ask(Tallies(records.engine))


def everything(scope: Scope) -> list[Callable[[Tallies], object]]:
    return [
        lambda t: tasks(t, scope, TaskFilter(), NOW).counts,
        lambda t: board(t, scope, BoardFilter(), NOW).counts,
        lambda t: centers(t, scope, CenterFilter()).stages,
    ]


def test_counts_are_kept_while_nothing_changes(records: Records, tallies: Tallies) -> None:
    write(records, applied())
    first = [statements(records.engine, partial(ask, tallies)) for ask in everything(NDRC)]
    again = [statements(records.engine, partial(ask, tallies)) for ask in everything(NDRC)]
    assert first == [3, 3, 3]
    assert again == [2, 2, 2]


def test_a_commit_of_an_earlier_release_is_seen_as_well(records: Records, tallies: Tallies) -> None:
    write(records, applied())
    table = table_of(CenterRecord)
    assert centers(tallies, NDRC, CenterFilter()).stages == {"preparation": 1}
    with writing(records.engine).begin() as connection:
        connection.execute(update(table).values(stage="operation", sequence=table.c.sequence + 1))
    assert centers(tallies, NDRC, CenterFilter()).stages == {"operation": 1}
    with writing(records.engine).begin() as connection:
        connection.execute(update(table).values(stage="revoked", sequence=table.c.sequence + 1))
    assert centers(tallies, NDRC, CenterFilter()).stages == {"revoked": 1}


# SQLite has one writer at a time: there is no such order there.
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_commits_that_end_out_of_order_are_both_seen(
    records: Records, tallies: Tallies
) -> None:
    write(records, applied("A-1"))
    write(records, applied("B-2"))
    move = text("UPDATE centers SET stage = :s, sequence = sequence + 1 WHERE code = :c")
    count = text("UPDATE changes SET number = number + 1 WHERE shard = :n")
    shards = [row[0] for row in _all(records.engine, "SELECT shard FROM changes ORDER BY shard")]
    assert len(shards) == 2
    engine = writing(records.engine)
    with engine.connect() as early, engine.connect() as late:
        for connection, code, shard in ((early, "A-1", shards[0]), (late, "B-2", shards[1])):
            connection.execute(move, {"s": "revoked", "c": code})
            connection.execute(count, {"n": shard})
        late.commit()
        assert centers(tallies, NDRC, CenterFilter()).stages == {"preparation": 1, "revoked": 1}
        early.commit()
        assert centers(tallies, NDRC, CenterFilter()).stages == {"revoked": 2}


def _all(engine: Engine, query: str) -> list[tuple[int, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_no_page_takes_more_than_five_statements(records: Records) -> None:
    write(records, eventful())
    pages: list[Callable[[Tallies], object]] = [
        lambda t: tasks(t, OURS, TaskFilter(text="智能", light="red"), NOW),
        lambda t: in_progress(t, OURS, NOW),
        lambda t: done(t, OURS),
        lambda t: board(t, OURS, BoardFilter(kind="annual_report"), NOW),
        lambda t: centers(t, NDRC, CenterFilter(text="智能"), sort="next_deadline"),
    ]
    for page in pages:
        assert statements(records.engine, partial(page, Tallies(records.engine))) <= 4


def statements(engine: Engine, call: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_others: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "after_cursor_execute", note)
    call()
    event.remove(engine, "after_cursor_execute", note)
    return len(seen)
