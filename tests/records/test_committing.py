"""One transaction for all that an act brings about, written once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.activities.writing import CodeTakenError, GapError
from neiic.models.messages import Commit, Committed, RecordedRefusal
from neiic.statute import replay
from neiic.statute.acts import Refused, invalid
from neiic.statute.forms import Fault
from neiic.statute.notices import notice_of_refusal
from neiic.statute.snapshot import snapshot
from neiic.statute.terms import Role
from tests.records.conftest import NOW, fresh_url
from tests.records.dumps import dump
from tests.records.lives import CODE, RULES, Life, approved, eventful

REFUSED: Refused = invalid((Fault("data.year", "必填", "is required"),))


def write(records: Records, life: Life) -> None:
    for commit in life.commits:
        records.commit(commit)


def refusing(life: Life, number: int = 1, message: str = "{}") -> Commit:
    refused = RecordedRefusal(
        number=number,
        action="report.submit",
        refusal=REFUSED,
        message=message,
        decision_id="d-1",
        actor_role="competent",
        actor_unit="某单位",
        actor_user="李四",
    )
    notice = notice_of_refusal(REFUSED, None, number)
    return Commit(life=life.life, center=life.center, refusals=(refused,), notices=(notice,))


def test_a_commit_writes_all_that_an_act_brings_about(records: Records) -> None:
    life = approved()
    write(records, life)
    last = life.commits[-1]

    assert records.timeline(CODE) == life.events
    assert records.state(CODE) == life.center
    assert records.snapshot(CODE) == snapshot(life.center, RULES)
    center = records.center(CODE)
    assert center is not None
    assert (center.stage, center.sequence, center.life) == ("preparation", 3, "run-1")
    assert center.name == "智能铸造国家新兴产业创新中心（筹）"
    assert center.updated_at == last.events[-1].recorded
    assert {row.deadline: row.status for row in records.deadlines(CODE)} == {
        "preparation_end": "open",
        "annual_report:2031": "upcoming",
    }
    told = [(row.key, row.event, row.created_at) for row in records.notices(CODE)]
    expected = [
        (notice.key, commit.events[-1].sequence, commit.events[-1].recorded)
        for commit in life.commits
        for notice in commit.notices
    ]
    assert told == expected
    assert expected


def test_the_answer_says_how_far_the_records_are(records: Records) -> None:
    answers = [records.commit(commit) for commit in approved().commits]
    assert answers == [Committed(sequence=number, already=False) for number in (1, 2, 3)]


def test_a_retry_writes_nothing(records: Records) -> None:
    life = approved()
    write(records, life)
    before = dump(records.engine)
    assert records.commit(life.commits[-1]) == Committed(sequence=3, already=True)
    assert dump(records.engine) == before


def test_every_commit_of_a_life_knows_itself_again(records: Records) -> None:
    for commit in eventful().commits:
        assert not records.commit(commit).already
        assert records.commit(commit) == Committed(sequence=commit.center.sequence, already=True)


def test_a_second_attempt_that_dates_the_act_later_is_told_the_first(records: Records) -> None:
    life = approved()
    write(records, life)
    before = dump(records.engine)
    act = life.commits[-1]
    later = act.but(events=(act.events[0].but(recorded=NOW),))
    assert records.commit(later) == Committed(sequence=3, already=False, stored=act.events)
    assert dump(records.engine) == before


def test_an_unknown_outcome_is_retried_without_a_trace(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = approved()
    write(records, Life())
    act = life.commits[1]
    lose_answer(monkeypatch, records.engine, commits=True)
    with pytest.raises(OperationalError):
        records.commit(act)
    monkeypatch.undo()
    before = dump(records.engine)
    assert len(before["events"]) == 2
    assert records.commit(act) == Committed(sequence=2, already=True)
    assert dump(records.engine) == before


def test_a_transaction_that_fails_leaves_nothing(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = approved()
    lose_answer(monkeypatch, records.engine, commits=False)
    with pytest.raises(OperationalError):
        records.commit(life.commits[0])
    monkeypatch.undo()
    assert not any(dump(records.engine).values())
    assert records.commit(life.commits[0]) == Committed(sequence=1, already=False)


def lose_answer(monkeypatch: pytest.MonkeyPatch, engine: Engine, *, commits: bool) -> None:
    """The connection breaks at COMMIT: after the database has done it, or before."""
    do_commit: Callable[[Any], None] = engine.dialect.do_commit

    def breaks(connection: Any) -> None:
        if commits:
            do_commit(connection)
        raise OperationalError("COMMIT", {}, Exception("connection lost"))

    monkeypatch.setattr(engine.dialect, "do_commit", breaks)


def test_a_code_of_another_life_is_refused(records: Records) -> None:
    write(records, approved())
    before = dump(records.engine)
    other = Life(life="run-2")
    with pytest.raises(CodeTakenError, match="run-1"):
        records.commit(other.commits[0])
    with pytest.raises(CodeTakenError):
        records.commit(refusing(other))
    assert dump(records.engine) == before


def test_a_gap_is_refused(records: Records) -> None:
    life = approved()
    records.commit(life.commits[0])
    before = dump(records.engine)
    with pytest.raises(GapError, match="up to event 1; the commit begins at 3"):
        records.commit(life.commits[2])
    assert dump(records.engine) == before


def test_a_life_that_the_records_never_heard_of_begins_at_its_beginning(records: Records) -> None:
    life = approved()
    with pytest.raises(GapError):
        records.commit(life.commits[1])
    with pytest.raises(GapError):
        records.commit(refusing(life))
    assert not any(dump(records.engine).values())


def test_events_that_do_not_lead_to_the_state_are_refused(records: Records) -> None:
    life = approved()
    records.commit(life.commits[0])
    with pytest.raises(GapError, match="do not lead"):
        records.commit(life.commits[2].but(events=life.commits[1].events))


def test_another_event_at_a_recorded_sequence_is_answered_with_what_stands(
    records: Records,
) -> None:
    written = Life()
    written.act("2031-05-06T10:00", Role.COMPETENT, "formation.withdraw", reason="另有安排")
    write(records, written)
    before = dump(records.engine)
    answer = records.commit(approved().commits[1])
    assert answer == Committed(sequence=2, already=False, stored=written.commits[1].events)
    assert dump(records.engine) == before


def test_a_commit_behind_the_records_moves_nothing_back(records: Records) -> None:
    life = approved()
    write(records, life)
    before = dump(records.engine)
    ahead = tuple(life.events[1:])
    answer = records.commit(life.commits[1])
    assert answer == Committed(sequence=3, already=False, stored=ahead)
    assert dump(records.engine) == before
    assert replay([*life.commits[0].events, *answer.stored]) == records.state(CODE)


def test_a_refusal_behind_the_records_is_still_recorded(records: Records) -> None:
    life = approved()
    write(records, life)
    before = dump(records.engine)
    assert records.commit(refusing(life.but_at(1))) == Committed(sequence=3, already=False)
    after = dump(records.engine)
    assert (after["centers"], after["events"]) == (before["centers"], before["events"])
    assert len(after["refusals"]) == 1


def test_a_commit_of_which_a_part_is_recorded_is_told_that_part(records: Records) -> None:
    life = approved()
    write(records, life.but_at(2))
    before = dump(records.engine)
    part, rest = life.commits[1].events, life.commits[2].events
    whole = life.commits[2].but(events=(*part, *rest))
    assert records.commit(whole) == Committed(sequence=2, already=False, stored=part)
    assert dump(records.engine) == before


def test_a_refusal_is_recorded_once(records: Records) -> None:
    life = Life()
    write(records, life)
    assert records.commit(refusing(life)) == Committed(sequence=1, already=False)
    before = dump(records.engine)
    assert records.commit(refusing(life)) == Committed(sequence=1, already=True)
    assert dump(records.engine) == before
    [refusal] = records.refusals(CODE)
    assert (refusal.via, refusal.number, refusal.life) == ("signal", 1, "run-1")
    assert (refusal.code, refusal.message_zh) == ("invalid", "data.year：必填。")
    assert (refusal.actor_user, refusal.actor_unit) == ("李四", "某单位")
    assert refusal.recorded_at == NOW
    [notice] = records.notices(CODE)
    assert (notice.key, notice.event, notice.created_at) == ("refused/1", None, NOW)
    assert not records.commit(refusing(life, number=2)).already
    assert len(records.refusals(CODE)) == 2


def test_what_cannot_be_kept_of_a_refused_message_is_replaced(records: Records) -> None:
    life = Life()
    write(records, life)
    records.commit(refusing(life, message='{"a": "\x00\ud800\x1b智能"}'))
    [refusal] = records.refusals(CODE)
    assert refusal.message == '{"a": "���智能"}'


def test_skipped_reminders_are_kept_as_skipped(records: Records) -> None:
    life = approved()
    life.jump("2034-06-10T09:00")
    write(records, life)
    rungs = {
        row.rung: row.status
        for row in records.notices(CODE)
        if row.kind == "reminder:preparation_end"
    }
    assert rungs == {
        -365: "skipped",
        -180: "skipped",
        -90: "skipped",
        -30: "skipped",
        -7: "pending",
    }
    causes = {row.event for row in records.notices(CODE) if row.kind == "reminder:preparation_end"}
    [cause] = [
        event.sequence
        for event in life.events
        if event.kind == "reminder" and event.data["deadline"] == "preparation_end"
    ]
    assert causes == {cause}
    assert [row.status for row in records.notices(CODE, status="skipped")].count("skipped") >= 4


def test_a_notice_is_written_once_even_if_another_commit_brings_it(records: Records) -> None:
    life = approved()
    write(records, life.but_at(1))
    again = life.commits[2].but(notices=(*life.commits[1].notices, *life.commits[2].notices))
    records.commit(life.commits[1])
    records.commit(again)
    keys = [row.key for row in records.notices(CODE)]
    assert sorted(keys) == sorted({notice.key for c in life.commits for notice in c.notices})


def test_the_projection_equals_the_replay_of_the_stored_events(records: Records) -> None:
    life = eventful()
    write(records, life)
    assert len(life.events) > 80
    replayed = replay(records.timeline(CODE))
    assert records.state(CODE) == replayed
    assert replayed.model_dump(mode="json") == life.commits[-1].center.model_dump(mode="json")


def test_centers_are_written_at_once_by_many_threads(records: Records) -> None:
    lives = [approved(f"NEIIC-2031-{number:03}", f"run-{number}") for number in range(8)]
    start = Barrier(len(lives))

    def run(life: Life) -> None:
        start.wait()
        write(records, life)

    with ThreadPoolExecutor(len(lives)) as threads:
        list(threads.map(run, lives))
    assert [center.sequence for center in records.centers()] == [3] * 8
    for life in lives:
        assert records.timeline(life.center.code) == life.events
        assert records.state(life.center.code) == life.center


def test_one_commit_tried_twice_at_once_is_written_once(records: Records) -> None:
    life = Life()
    start = Barrier(6)

    def run(_: int) -> bool:
        start.wait()
        return records.commit(life.commits[0]).already

    with ThreadPoolExecutor(6) as threads:
        outcomes = list(threads.map(run, range(6)))
    assert sorted(outcomes) == [False, True, True, True, True, True]
    assert records.timeline(CODE) == life.events


def test_the_databases_agree_on_one_life(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    life = eventful()
    dumps = []
    for kind in ("sqlite", "postgresql"):
        engine = connect(fresh_url(kind, request, tmp_path))
        records = Records(engine, now=lambda: NOW)
        write(records, life)
        records.commit(refusing(life))
        dumps.append(dump(engine))
        engine.dispose()
    assert all(dumps[0].values())
    assert dumps[0] == dumps[1]
