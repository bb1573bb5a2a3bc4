"""What one may ask the records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.statute.acts import invalid
from neiic.statute.forms import Fault
from neiic.statute.periods import BEIJING
from neiic.statute.snapshot import snapshot
from neiic.statute.terms import Role, Stage
from tests.records.conftest import NOW
from tests.records.lives import CODE, COMPETENT, RULES, Life, approved
from tests.records.test_committing import write

REFUSED = invalid((Fault("code", "已被使用", "is in use"),))


def test_an_unknown_code_has_nothing(records: Records) -> None:
    assert records.center("X") is None
    assert records.state("X") is None
    assert records.snapshot("X") is None
    assert records.timeline("X") == []
    assert records.deadlines("X") == []
    assert records.recall("X", 1) is None
    assert records.recall_by_decision("X", "d") is None


def test_times_come_back_aware_and_equal(records: Records) -> None:
    life = approved()
    write(records, life)
    for stored, event in zip(records.timeline(CODE), life.events, strict=True):
        assert (stored.at, stored.recorded) == (event.at, event.recorded)
        assert stored.at.utcoffset() == timedelta(hours=8)
    center = records.center(CODE)
    assert center is not None
    assert center.updated_at.tzinfo is UTC
    assert center.next_deadline == datetime(2034, 6, 17, tzinfo=BEIJING)
    assert [row.instant.tzinfo for row in records.deadlines(CODE)] == [UTC, UTC]


def test_an_instant_is_the_same_from_any_zone(records: Records) -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    Records(records.engine, now=lambda: elsewhere).record_refusal(
        CODE, "center.start", REFUSED, via="start", message="{}"
    )
    [refusal] = records.refusals(CODE)
    assert refusal.recorded_at == NOW


def test_a_time_without_a_zone_is_not_written(records: Records) -> None:
    naive = Records(records.engine, now=lambda: datetime(2031, 1, 1))
    with pytest.raises(StatementError, match="no zone"):
        naive.record_refusal(CODE, "x", REFUSED, via="update", message="{}")


def test_chinese_text_is_intact(records: Records) -> None:
    life = approved()
    life.act(
        "2031-07-01T09:00", Role.NDRC, "supervision.note", text="“筹建”顺利——𠮷野家，㊣\n第二行\t完"
    )
    write(records, life)
    last = records.timeline(CODE)[-1]
    assert last.data["text"] == "“筹建”顺利——𠮷野家，㊣\n第二行\t完"
    assert last.remarks == "附言𠮷"
    assert last.actor is not None
    assert last.actor.name == "张三"
    center = records.center(CODE)
    assert center is not None
    assert center.competent_unit == COMPETENT


def test_documents_are_kept_readable(records: Records) -> None:
    write(records, Life())
    with records.engine.connect() as connection:
        query = "SELECT CAST(state AS VARCHAR) FROM centers"
        assert "智能铸造" in connection.exec_driver_sql(query).scalar_one()


def test_an_act_is_recalled_with_its_first_answer(records: Records) -> None:
    life = Life()
    assessed = life.act(
        "2031-05-06T10:00",
        Role.ASSESSOR,
        "formation.assess",
        agency="丙机构",
        conclusion="support",
        opinion="可行",
    )
    first_answer = snapshot(assessed.center, RULES).model_dump(mode="json")
    life.act("2031-05-07T10:00", Role.COMPETENT, "formation.withdraw", reason="另有安排")
    write(records, life)
    assert records.recall(CODE, 2) == first_answer
    assert records.recall_by_decision(CODE, "formation.assess@2031-05-06T10:00") == first_answer
    assert records.recall(CODE, 1) is None, "a registration is no act"
    assert records.recall(CODE, 9) is None
    assert records.recall_by_decision(CODE, "never") is None


def test_centers_are_found_by_what_they_are(records: Records) -> None:
    applying, preparing = Life("A"), approved("B")
    preparing.wait("2032-03-02T09:00")
    write(records, applying)
    write(records, preparing)
    assert codes(records) == ["A", "B"]
    assert codes(records, stage="preparation") == ["B"]
    assert codes(records, stage=Stage.APPLICATION) == ["A"]
    assert codes(records, competent_unit=COMPETENT) == ["A", "B"]
    assert codes(records, competent_unit="别的单位") == []
    assert codes(records, lead_unit="甲公司", implementing_unit="乙公司") == ["A", "B"]
    assert codes(records, overdue=True) == ["B"]
    assert codes(records, closed=True) == []
    assert codes(records, waiting_for="assessor") == ["A"]
    assert codes(records, waiting_for=Role.COMPETENT) == ["B"]
    assert codes(records, waiting_for="lead") == []
    assert codes(records, due_before=datetime(2034, 6, 17, 1, tzinfo=BEIJING)) == ["B"]
    assert codes(records, due_before=datetime(2034, 6, 16, 23, tzinfo=BEIJING)) == []
    assert codes(records, limit=1) == ["A"]
    assert codes(records, limit=1, offset=1) == ["B"]


def codes(records: Records, **wanted: object) -> list[str]:
    return [center.code for center in records.centers(**wanted)]  # type: ignore[arg-type]


def test_a_timeline_goes_on_from_where_one_left_off(records: Records) -> None:
    life = approved()
    write(records, life)
    assert records.timeline(CODE, after=2) == life.events[2:]


def test_notices_go_on_from_where_one_left_off(records: Records) -> None:
    write(records, approved("A"))
    write(records, approved("B"))
    everything = records.notices()
    assert {row.center for row in everything} == {"A", "B"}
    ids = [row.id for row in everything if row.id is not None]
    assert ids == sorted(ids)
    assert [row.id for row in records.notices(after_id=ids[2])] == ids[3:]
    assert {row.center for row in records.notices("B")} == {"B"}


def test_deadlines_of_all_centers_come_soonest_first(records: Records) -> None:
    write(records, approved("A"))
    write(records, approved("B"))
    assert [(row.center, row.due) for row in records.deadlines(status=["open"])] == [
        ("A", date(2034, 6, 16)),
        ("B", date(2034, 6, 16)),
    ]
    assert len(records.deadlines()) == 4


def test_a_door_records_what_it_refused(records: Records) -> None:
    for _ in range(2):
        records.record_refusal(
            "没有\x00这个中心",
            "report.submit",
            REFUSED,
            via="update",
            message='{"x": "\x00"}' + "长" * 100_000,
            decision_id="d" * 500,
            actor_user="王五\ud800",
            actor_role="competent",
            actor_unit=COMPETENT,
        )
    first, second = records.refusals()
    assert (first.center, first.life, first.number) == ("没有�这个中心", None, None)
    assert (first.via, first.action, first.code) == ("update", "report.submit", "invalid")
    assert first.actor_user == "王五�"
    assert first.message.startswith('{"x": "�"}长')
    assert len(first.message) == 20_000
    assert first.decision_id == "d" * 200
    assert records.refusals(after_id=first.id or 0) == [second]


def test_ping_answers_or_raises(records: Records, tmp_path: object) -> None:
    records.ping()
    away = connect(f"sqlite:///{tmp_path}/no/such/folder/records.db")
    with pytest.raises(Exception, match="unable to open"):
        Records(away).ping()


@pytest.mark.parametrize("url", ["mysql://u:secret@localhost/records", "sqlite://"])
def test_only_the_two_databases_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="a file of sqlite or in postgresql") as refused:
        connect(url)
    assert "secret" not in str(refused.value)


def test_both_ways_to_write_a_postgresql_address_are_taken() -> None:
    for scheme in ("postgresql", "postgresql+psycopg"):
        assert connect(f"{scheme}://u@localhost/records").dialect.driver == "psycopg"
