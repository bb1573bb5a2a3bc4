"""The registry: every action has words, roles, stages, an article, a rule and an evolver."""

from __future__ import annotations

import json

import pytest

from neiic.statute.registry import ACTIONS, EVOLVERS, ActionForm
from neiic.statute.snapshot import schema_of
from neiic.statute.terms import EVENT_ZH

#: The contract's table of actions, and at its end what was added to it (docs/actions.md).
CONTRACT = [
    "formation.assess",
    "formation.request_revision",
    "formation.revise",
    "formation.decide",
    "formation.withdraw",
    "extension.apply",
    "extension.decide",
    "confirmation.apply",
    "confirmation.evaluate",
    "confirmation.review",
    "preparation.lapse",
    "report.submit",
    "report.return",
    "achievement.report",
    "supervision.note",
    "evaluation.set_round",
    "evaluation.opt_in",
    "evaluation.submit",
    "evaluation.endorse",
    "evaluation.assess",
    "evaluation.grade",
    "evaluation.concur",
    "evaluation.confirm",
    "evaluation.deem_abandoned",
    "adjustment.report",
    "adjustment.review",
    "adjustment.decide",
    "discipline.open",
    "discipline.report",
    "discipline.close",
    "revocation.decide",
    "followup.complete",
    "ruleset.move",
]


def test_it_has_these_actions_and_no_others() -> None:
    assert sorted(ACTIONS) == sorted(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_each_action_is_whole(name: str) -> None:
    action = ACTIONS[name]
    assert action.roles
    assert action.stages
    assert action.article.startswith("第")
    assert action.zh
    assert action.en
    assert action.tells
    assert name in EVOLVERS
    assert action.form.rule is not ActionForm.rule
    schema = json.loads(json.dumps(schema_of(name)))
    for field in schema["properties"].values():
        assert field["title"]
        assert field["title_en"]


def test_every_event_that_is_no_act_has_a_title() -> None:
    by_itself = (EVOLVERS.keys() - ACTIONS.keys()) | {"center.registered"}
    assert EVENT_ZH.keys() == by_itself
