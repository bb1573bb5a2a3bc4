"""The doctor finds what is ill about lives: records against workflows, stuck ones, their law."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from neiic.starter.doctor import lives
from neiic.starter.doctor.examining import Report
from tests.starter.examined import by_hand, examined, only
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
