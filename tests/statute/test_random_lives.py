"""Ten thousand random lives, and what must hold in every one of them."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neiic.statute import agenda, replay
from neiic.statute.acts import Refused, TimePasses, read_act
from neiic.statute.deciding import decide
from neiic.statute.periods import Asks
from neiic.statute.preparation import extension_limit
from neiic.statute.reminders import next_rung
from neiic.statute.state import Center
from neiic.statute.terms import LIVING
from neiic.statute.waiting import waiting_for
from tests.statute.random_lives import RandomLife

LIVES = int(os.environ.get("NEIIC_RANDOM_LIVES", "10000"))
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_invariants_of_random_lives(part: int) -> None:
    @settings(
        max_examples=LIVES // PARTS,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**48))
    def holds(seed: int) -> None:
        play_and_check(seed * PARTS + part)

    holds()


def play_and_check(seed: int) -> None:
    one = RandomLife(seed)
    extensions = 0
    for action, message in one.play(steps=one.dice.randrange(5, 40)):
        before = one.life.center
        refused = one.life.act(action, message, one.now)
        after = one.life.center
        if refused is not None:
            assert after is before
            assert refused.article
            assert refused.message_zh
            assert refused.message_en
        else:
            extensions += check_accepted(one, action, before)
            act = read_act(action, message)
            assert not isinstance(act, Refused)
            again = decide(after, act, one.now + timedelta(days=400), one.rules, {})
            assert again == (), "a decision id acts once"
        check_never_stuck(one)
    assert extensions <= 1
    check_record(one)


def check_accepted(one: RandomLife, action: str, before: Center) -> int:
    after = one.life.center
    fresh = after.sequence != before.sequence
    if fresh and before.stage not in LIVING:
        assert action == "followup.complete"
    assert not (before.closed and fresh), "nothing happens to a closed center"
    preparation = after.preparation
    if preparation and preparation.extension == "granted":
        assert preparation.end.due <= extension_limit(preparation, one.rules)
    return int(action == "extension.apply" and fresh)


def check_never_stuck(one: RandomLife) -> None:
    center = one.life.center
    if center.closed:
        return
    ahead = agenda(center, one.rules)
    moves = any(d.opens or d.fires for d in ahead)
    assert moves or waiting_for(center), f"{center.stage} is stuck"


def check_record(one: RandomLife) -> None:
    life = one.life
    life.wait(one.now + timedelta(days=30))
    assert replay(life.events) == life.center
    stored = life.center.model_dump_json()
    assert Center.model_validate_json(stored) == life.center
    assert [event.sequence for event in life.events] == list(range(1, len(life.events) + 1))
    assert all(event.article for event in life.events)
    moments = [event.at for event in life.events]
    assert moments == sorted(moments)
    keys = [notice.key for notice in life.notices]
    assert len(keys) == len(set(keys)), "one notice for each deadline and rung, ever"
    settled = decide(life.center, TimePasses(), life.center.clock, one.rules, {})
    assert settled == () or isinstance(settled, Asks)
    rung = next_rung(life.center, one.rules, agenda(life.center, one.rules))
    assert rung is None or rung.at > life.center.clock
