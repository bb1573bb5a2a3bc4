"""The records as a workflow meets them."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from neiic.activities.records import GAP, RecordActivities, Records
from neiic.models.messages import (
    CODE_TAKEN,
    Commit,
    Committed,
    DecisionToRecall,
    RecalledDecision,
)
from neiic.statute.snapshot import snapshot
from neiic.statute.terms import Role
from tests.records.lives import CODE, RULES, Life, approved


@pytest.fixture
def activities(records: Records) -> RecordActivities:
    return RecordActivities(records)


def refused(activities: RecordActivities, commit: Commit) -> ApplicationError:
    with pytest.raises(ApplicationError) as caught:
        ActivityEnvironment().run(activities.commit, commit)
    assert caught.value.non_retryable
    return caught.value


def test_a_commit_answers_how_far_the_records_are(activities: RecordActivities) -> None:
    commit = Life().commits[0]
    run = ActivityEnvironment().run
    assert run(activities.commit, commit) == Committed(
        sequence=1, already=False, stored=commit.events
    )
    assert run(activities.commit, commit) == Committed(
        sequence=1, already=True, stored=commit.events
    )


def test_a_commit_survives_the_way_through_a_history(activities: RecordActivities) -> None:
    for commit in approved().commits:
        activities.commit(Commit.model_validate_json(commit.model_dump_json()))
    assert activities.commit(approved().commits[-1]).already


def test_another_life_is_an_error_of_its_own_type(activities: RecordActivities) -> None:
    activities.commit(Life().commits[0])
    assert refused(activities, Life(life="run-2").commits[0]).type == CODE_TAKEN


def test_a_gap_is_an_error_of_its_own_type(activities: RecordActivities) -> None:
    assert refused(activities, approved().commits[2]).type == GAP


def test_what_is_recorded_instead_is_the_answer(activities: RecordActivities) -> None:
    other = Life()
    other.act("2031-05-06T10:00", Role.COMPETENT, "formation.withdraw", reason="另有安排")
    for commit in other.commits:
        activities.commit(commit)
    answer = ActivityEnvironment().run(activities.commit, approved().commits[1])
    assert Committed.model_validate_json(answer.model_dump_json()).stored == other.commits[1].events


def test_an_act_is_recalled(activities: RecordActivities) -> None:
    life = approved()
    for commit in life.commits:
        activities.commit(commit)
    asked = DecisionToRecall(code=CODE, sequence=3)
    answer = snapshot(life.commits[2].center, RULES).model_dump(mode="json")
    assert activities.recall(asked) == RecalledDecision(snapshot=answer)
    never = DecisionToRecall(code=CODE, sequence=99)
    assert activities.recall(never) == RecalledDecision(snapshot=None)
