"""One act through two doors, refusals, queries, and what operators see of a center."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowQueryFailedError
from temporalio.common import SearchAttributeKey, TypedSearchAttributes

from neiic.statute.periods import BEIJING
from neiic.statute.registry import ACTIONS
from neiic.workflows import visibility
from tests.workflows.house import (
    COMPETENT,
    Center,
    House,
    application,
    approval,
    assessment,
    days_ago,
    eventually,
    kinds,
    message,
    new_code,
    note,
    registration,
    summaries,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_signal_and_update_of_one_decision_act_once(house: House) -> None:
    center = await house.approved()
    ids = [f"decision-{n}" for n in range(15)]

    async def both(decision_id: str) -> Any:
        said = note(decision_id, decision_id)
        signal, update = (
            center.signal("supervision.note", said),
            center.update("supervision.note", said),
        )
        _, answer = await asyncio.gather(signal, update)
        return answer

    answers = await asyncio.gather(*map(both, ids))

    for decision_id, answer in zip(ids, answers, strict=True):
        assert answer == house.records.recall_by_decision(center.code, decision_id)
    assert sorted(center.acts("supervision.note")) == sorted(ids)
    await center.check_whole()
    assert house.records.refusals(center.code) == []


async def test_a_refused_signal_is_recorded_and_its_sender_told(house: House) -> None:
    center = await house.approved()
    before = len(house.records.notices(center.code))

    await center.signal("formation.withdraw", message("competent", {"reason": "撤回"}, "too-late"))

    [refusal] = await center.refusals_recorded(1)
    assert (refusal.via, refusal.action, refusal.code) == (
        "signal",
        "formation.withdraw",
        "wrong_stage",
    )
    assert refusal.article
    assert refusal.message_zh
    assert refusal.message_en
    assert (refusal.decision_id, refusal.number) == ("too-late", 1)
    assert (refusal.actor_role, refusal.actor_unit) == ("competent", COMPETENT)
    [notice] = house.records.notices(center.code)[before:]
    assert (notice.kind, notice.role, notice.unit) == ("refused", "competent", COMPETENT)
    assert notice.status == "pending"
    assert len(center.events()) == 3
    await center.check_whole()
    # Refused, the id is not used up.
    await center.signal("supervision.note", message("competent", {"text": "已阅"}, "too-late"))
    await center.recorded(lambda events: len(events) == 4)


async def test_refused_signals_are_counted_on_through_all_runs(house: House) -> None:
    center = await house.center()
    await center.signal("supervision.note", note("太早", "first-run"))
    await center.refusals_recorded(1)
    await center.update("formation.assess", assessment())
    await center.update("formation.decide", approval())
    await center.has_runs(2)
    await center.signal("formation.assess", assessment("second-run"))
    rows = await center.refusals_recorded(2)
    assert [(row.number, row.decision_id) for row in rows] == [(1, "first-run"), (2, "second-run")]
    told = [one.unit for one in house.records.notices(center.code) if one.kind == "refused"]
    assert told == ["国家发展改革委", "丙机构"]


async def test_a_refused_update_leaves_no_trace(house: House) -> None:
    center = await house.center()
    before = await center.histories()

    refusals = [
        await center.refused("formation.decide", approval()),
        await center.refused("supervision.note", note("太早")),
        await center.refused("formation.assess", message("competent", {})),
        await center.refused("formation.assess", 7),
        await center.refused("no.such.action", assessment()),
    ]

    codes = [refusal.code for refusal in refusals]
    assert codes == ["assessment_missing", "wrong_stage", "invalid", "invalid", "invalid"]
    assert "data.agency" in refusals[2].message_en
    assert "no.such.action" in refusals[4].message_en
    assert all(refusal.article for refusal in refusals)
    assert await center.histories() == before
    assert house.records.refusals(center.code) == []
    assert len(center.events()) == 1


async def test_an_unknown_signal_is_recorded(house: House) -> None:
    center = await house.center()
    await center.signal("no.such.action", assessment())
    [refusal] = await center.refusals_recorded(1)
    assert (refusal.action, refusal.code) == ("no.such.action", "invalid")
    assert "丙机构" in refusal.message
    await center.check_whole()


async def test_wake_changes_nothing(house: House) -> None:
    center = await house.approved()
    before = center.events(), await center.snapshot()
    for _ in range(3):
        await center.handle.signal("wake")
    await center.handle.signal("wake", {"any": "thing"})
    assert (center.events(), await center.snapshot()) == before
    await center.check_whole()


async def test_queries(house: House) -> None:
    center = await house.approved()
    await center.update("supervision.note", note("巡查"))
    snapshot = await center.snapshot()
    assert snapshot["stage"] == "preparation"
    assert await center.handle.query("deadlines") == snapshot["deadlines"]
    assert next(one["id"] for one in snapshot["deadlines"]) == "preparation_end"

    [event] = await center.handle.query("timeline")
    assert (event["kind"], event["data"]) == ("supervision.note", {"text": "巡查"})
    assert event["article"] == ACTIONS["supervision.note"].article

    offered = {one["action"]: one for one in await center.handle.query("actions", "competent")}
    assert {"extension.apply", "supervision.note"} <= offered.keys()
    assert "formation.withdraw" not in offered
    schema = offered["extension.apply"]["schema"]
    assert set(schema["required"]) == {"reasons", "measures", "planned_completion", "letter_no"}


@pytest.mark.parametrize("role", ["boss", "", None, 7, ["ndrc"], {"role": "ndrc"}])
async def test_actions_of_an_unknown_role_are_refused(house: House, role: Any) -> None:
    center = await house.center()
    with pytest.raises(WorkflowQueryFailedError, match=r"invalid.*role.*ndrc, competent, lead"):
        await center.handle.query("actions", role)
    await center.check_whole()


async def test_timers_say_what_they_are(house: House) -> None:
    center = await house.approved()
    end = _due(await center.snapshot(), "preparation_end")
    [_, run] = await center.histories()
    shown = summaries(run, "TIMER_STARTED")
    assert f"第十七条 筹建期届满 {end}" in shown
    year = end.year - 3
    assert f"第二十二条 {year}年度报告开始 {year + 1}-01-01" in shown
    assert any(one.startswith("提醒 筹建期届满 还有365日 ") for one in shown)
    assert any(one.startswith("例行续接 ") for one in shown)
    assert len(shown) == 4
    # The timer fires at the end of the day, Beijing time, to the second.
    [started] = [
        event
        for event in run
        if event.HasField("timer_started_event_attributes")
        and "第十七条 筹建期届满" in _summary(event)
    ]
    instant = started.event_time.ToDatetime() + (
        started.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
    )
    midnight = datetime.combine(end + timedelta(days=1), time()) - timedelta(hours=8)
    assert abs(instant - midnight) < timedelta(seconds=5)


async def test_a_met_deadline_takes_its_timer_along(house: House) -> None:
    center = await house.approved()
    due = days_ago(-90)
    case = {
        "facts": "材料不实",
        "severity": "ordinary",
        "rectify_by": due,
        "document_no": "发改高技〔2026〕20号",
    }
    await center.update("discipline.open", message("ndrc", case))
    close = {"case": 1, "outcome": "rectified", "comments": "属实"}
    await center.update("discipline.close", message("ndrc", close))
    run = (await center.histories())[-1]
    assert f"第二十六条 整改期限（1） {due}" in summaries(run, "TIMER_STARTED")
    cancelled = {
        event.timer_canceled_event_attributes.timer_id
        for event in run
        if event.HasField("timer_canceled_event_attributes")
    }
    named = {
        event.timer_started_event_attributes.timer_id: _summary(event)
        for event in run
        if event.HasField("timer_started_event_attributes")
    }
    open_timers = [name for key, name in named.items() if key not in cancelled]
    assert not [name for name in open_timers if "整改" in name]
    assert len(open_timers) == 4


async def test_operators_find_a_center_and_read_its_details(house: House) -> None:
    center = await house.approved()
    snapshot = await center.snapshot()
    found = (await center.handle.describe()).typed_search_attributes
    end = _due(snapshot, "preparation_end")
    expected = {
        visibility.CENTER_CODE: center.code,
        visibility.CENTER_STAGE: "preparation",
        visibility.CENTER_FIELD: "智能铸造",
        visibility.COMPETENT_UNIT: COMPETENT,
        visibility.LATEST_GRADE: None,
        visibility.NEXT_DEADLINE_KIND: "preparation_end",
        visibility.RULE_SET: snapshot["rule_set"],
        visibility.WAITING_FOR: None,  # the server keeps no empty list
        visibility.NEXT_DEADLINE: datetime.combine(end + timedelta(days=1), time(), BEIJING),
        visibility.OVERDUE: False,
    }
    assert _shown(found, expected) == {key.name: value for key, value in expected.items()}

    details = await _details(center)
    assert center.code in details
    assert "筹建期" in details
    assert "第十七条" in details
    assert f"{end.year}年{end.month}月{end.day}日" in details

    await center.update("supervision.note", note("巡查"))
    assert "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES" not in kinds((await center.histories())[-1])[8:]
    await center.update("confirmation.apply", application())
    found = (await center.handle.describe()).typed_search_attributes
    assert found[visibility.WAITING_FOR] == ["competent"]
    assert "主管单位" in await _details(center)

    async def listed() -> bool:
        wanted = f"CenterCode = '{center.code}' AND WaitingFor = 'competent'"
        running = [
            one async for one in house.client.list_workflows(f"{wanted} AND Overdue = false")
        ]
        return [one.id for one in running if one.status and one.status.name == "RUNNING"] == [
            f"center/{center.code}"
        ]

    await eventually(listed)


async def test_every_action_is_an_update_and_a_signal_under_its_name(house: House) -> None:
    center = await house.center()
    described = (await _metadata(center)).definition
    updates = {one.name for one in described.update_definitions}
    signals = {one.name for one in described.signal_definitions}
    queries = {one.name for one in described.query_definitions}
    assert set(ACTIONS) <= updates
    assert set(ACTIONS) | {"wake"} <= signals
    assert {"snapshot", "deadlines", "timeline", "actions"} <= queries


def _due(snapshot: dict[str, Any], deadline: str) -> date:
    [due] = [one["due"] for one in snapshot["deadlines"] if one["id"] == deadline]
    return date.fromisoformat(due)


def _summary(event: Any) -> str:
    return event.user_metadata.summary.data.decode()


def _shown(
    found: TypedSearchAttributes, expected: dict[SearchAttributeKey[Any], Any]
) -> dict[str, Any]:
    return {key.name: found.get(key) for key in expected}


async def _metadata(center: Any) -> WorkflowMetadata:
    metadata: WorkflowMetadata = await center.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return metadata


async def _details(center: Any) -> str:
    return (await _metadata(center)).current_details


async def test_signals_that_wait_for_a_worker_are_taken_in_the_order_of_their_arrival(
    empty_house: House,
) -> None:
    house, code = empty_house, new_code()
    await house.start(registration(code), id=f"center/{code}")
    center = Center(house, code, "")
    await center.signal("formation.decide", approval("before-its-assessment"))
    await center.signal("formation.assess", assessment("afterwards"))
    async with house.worker():
        await center.recorded(lambda events: len(events) >= 2)
        [refusal] = await center.refusals_recorded(1)
        assert (refusal.decision_id, refusal.code) == (
            "before-its-assessment",
            "assessment_missing",
        )
        assert [event.kind for event in center.events()] == [
            "center.registered",
            "formation.assess",
        ]
