"""A living center is moved to another rule set: its timers, attributes and records follow."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from neiic.statute.deciding import replay
from neiic.statute.rules import LIBRARY
from tests.histories.fingerprint import fingerprint
from tests.rule_sets import OTHER
from tests.workflows.house import House, assessment, message, note, summaries

pytestmark = pytest.mark.asyncio(loop_scope="session")


def move(**changes: Any) -> dict[str, Any]:
    data = {"rule_set": OTHER.name, "document_no": "发改高技〔2026〕20号", "reason": "办法修订"}
    return message("ndrc", data | changes)


async def test_one_center_is_moved_and_another_stays(house: House) -> None:
    moved, stays = await house.approved(), await house.approved()
    before = {one["id"]: one["due"] for one in (await moved.snapshot())["deadlines"]}

    shown = await moved.update("ruleset.move", move())

    after = {one["id"]: one["due"] for one in shown["deadlines"]}
    assert shown["rule_set"] == OTHER.name
    assert int(after["preparation_end"][:4]) == int(before["preparation_end"][:4]) + 1
    assert [due[5:] for name, due in after.items() if "report" in name] == ["03-31"]
    assert (await stays.snapshot())["rule_set"] == "cn-2026"

    [history] = (await moved.histories())[1:]
    timers = summaries(history, "TIMER_STARTED")
    assert f"第十七条 筹建期届满 {after['preparation_end']}" in timers
    described = await moved.handle.describe()
    assert described.search_attributes["RuleSet"] == [OTHER.name]

    recorded = house.records.center(moved.code)
    assert recorded is not None
    assert recorded.rule_set == OTHER.name
    assert replay(moved.events()) == house.records.state(moved.code)
    await moved.update("supervision.note", note("转用之后"))
    await moved.check_whole()


async def test_what_is_refused_changes_nothing(house: House) -> None:
    center = await house.approved()
    refused = await center.refused("ruleset.move", move(rule_set="cn-1999"))
    assert (refused.code, "data.rule_set" in refused.message_en) == ("invalid", True)
    assert (await center.refused("ruleset.move", move(rule_set="cn-2026"))).code == "not_pending"
    assert (await center.snapshot())["rule_set"] == "cn-2026"


async def test_a_rule_set_released_later_does_not_reach_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    center = await house.center()
    await center.update("formation.assess", assessment())
    history = await center.handle.fetch_history()
    before = await fingerprint(history)
    newer = LIBRARY["cn-2026"].but(name="newer", valid_from=date(2026, 6, 1), preparation_years=9)
    monkeypatch.setitem(LIBRARY._by_name, "newer", newer)
    assert LIBRARY.in_force(date(2026, 11, 24)) is newer
    assert (await fingerprint(history))[-1] == before[-1], "the state at the end is the same"
