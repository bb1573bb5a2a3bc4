"""Continue-as-new with messages in flight: nothing is lost, nothing doubled, all is answered."""

from __future__ import annotations

import asyncio

import pytest

from neiic.statute.acts import Refused
from neiic.workflows import life
from tests.workflows.house import (
    House,
    approval,
    assessment,
    confirmation,
    kinds,
    note,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_approval_among_thirty_notes(house: House) -> None:
    center = await house.center()
    await center.update("formation.assess", assessment())
    acts = [("supervision.note", note(f"第{n}条", f"note-{n}")) for n in range(30)]
    acts.insert(3, ("formation.decide", approval("approval")))

    answers = await asyncio.gather(*(center.answered(*act) for act in acts))

    await center.has_runs(2)
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert {refusal.code for refusal in refused} <= {"wrong_stage"}
    acknowledged = {
        message["decision_id"]
        for (_, message), answer in zip(acts, answers, strict=True)
        if isinstance(answer, dict)
    }
    assert "approval" in acknowledged
    recorded = center.acts("supervision.note") + center.acts("formation.decide")
    assert sorted(recorded) == sorted(acknowledged)
    await center.check_whole()


async def test_confirmation_among_thirty_updates_and_twenty_signals(house: House) -> None:
    center = await house.applied()
    updates = [("supervision.note", note(f"第{n}条", f"update-{n}")) for n in range(30)]
    updates.insert(10, ("confirmation.review", confirmation()))
    signals = [note(f"信号{n}", f"signal-{n}") for n in range(20)]

    answers, _ = await asyncio.gather(
        asyncio.gather(*(center.update(*act) for act in updates)),
        asyncio.gather(*(center.signal("supervision.note", one) for one in signals)),
    )

    await center.has_runs(3)
    wanted = sorted(f"update-{n}" for n in range(30)) + sorted(f"signal-{n}" for n in range(20))
    await center.recorded(
        lambda events: sum(event.kind == "supervision.note" for event in events) >= 50
    )
    assert sorted(center.acts("supervision.note")) == sorted(wanted)
    assert (await center.check_whole())["stage"] == "operation"
    assert house.records.refusals(center.code) == []
    for (_, message), answer in zip(updates, answers, strict=True):
        first = house.records.recall_by_decision(center.code, message["decision_id"])
        assert answer == first, "what was answered is what is recorded as the answer"


async def test_a_decision_id_answers_its_first_result_in_every_later_run(house: House) -> None:
    center = await house.center()
    first = await center.update("formation.assess", assessment("opinion"))
    assert first == await center.update("formation.assess", assessment("opinion"))
    approved = await center.update("formation.decide", approval("approval"))
    await center.has_runs(2)
    before = center.events()

    assert await center.update("formation.assess", assessment("opinion")) == first
    assert await center.update("formation.decide", approval("approval")) == approved
    # The id counts, whatever comes with it.
    assert await center.update("supervision.note", note("别的事", "opinion")) == first
    assert first != approved

    assert center.events() == before
    assert approved["stage"] == "preparation"
    await center.check_whole()


async def test_a_refused_decision_id_may_be_sent_again(house: House) -> None:
    center = await house.center()
    refusal = await center.refused("formation.decide", approval("approval"))
    assert refusal.code == "assessment_missing"
    await center.update("formation.assess", assessment())
    answer = await center.update("formation.decide", approval("approval"))
    assert answer["stage"] == "preparation"
    assert center.acts("formation.decide") == ["approval"]


async def test_a_run_takes_so_many_acts_and_no_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    center = await house.approved()
    monkeypatch.setattr(life, "MOST_ACTS_A_RUN", 5)
    for number in range(12):
        await center.update("supervision.note", note(f"第{number}条", f"note-{number}"))
    histories = await center.has_runs(4)
    taken = [kinds(history).count("WORKFLOW_EXECUTION_UPDATE_COMPLETED") for history in histories]
    assert taken == [2, 5, 5, 2]
    assert center.acts("supervision.note") == [f"note-{number}" for number in range(12)]
    assert await center.update("supervision.note", note("重复", "note-0")) == (
        house.records.recall_by_decision(center.code, "note-0")
    )
    await center.check_whole()


async def test_many_acts_at_once_through_many_short_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    center = await house.approved()
    monkeypatch.setattr(life, "MOST_ACTS_A_RUN", 5)
    updates = [note(f"第{n}条", f"update-{n}") for n in range(40)]
    signals = [note(f"信号{n}", f"signal-{n}") for n in range(15)]
    answers, _ = await asyncio.gather(
        asyncio.gather(*(center.update("supervision.note", one) for one in updates)),
        asyncio.gather(*(center.signal("supervision.note", one) for one in signals)),
    )
    assert len(answers) == 40
    await center.recorded(lambda events: len(events) >= 3 + 55)
    wanted = [one["decision_id"] for one in updates + signals]
    assert sorted(center.acts("supervision.note")) == sorted(wanted)
    assert len(await center.histories()) > 3
    await center.check_whole()
