"""What a role may not do at a center yet, and why: the other half of ``actions_for``.

A page shows it folded under what can be done: people see what is to come, and which article
stands before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.deciding import wrong_stage
from neiic.statute.evaluation import next_round_year
from neiic.statute.forms import Frozen
from neiic.statute.periods import CalendarNeededError, beijing
from neiic.statute.registry import ACTIONS, Action, ActionForm, Situation
from neiic.statute.reporting import next_report_year
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.snapshot import schema_of
from neiic.statute.state import Center
from neiic.statute.terms import Role

#: Refusals that placeholders may earn; they say nothing about the center.
_OF_THE_FORM = frozenset({"invalid", "bad_document_date", "exceeds_limit"})
_FIELD = re.compile(r"^(?:data\.)?[a-z_][\w.]*(?:：|: )")


class Prospect(Frozen):
    """An action of the role that is not possible now, with the refusal that it would get.

    The messages are for people: they name no field.
    """

    action: str
    title_zh: str
    title_en: str
    code: str
    article: str
    message_zh: str
    message_en: str


def not_yet(center: Center, role: Role, now: datetime, rules: RuleSet) -> list[Prospect]:
    """The role's actions that ``actions_for`` does not list at ``now`` (any zone), each with why.

    Raises nothing: where the law's own refusal cannot be found out without the real data, a
    general sentence stands in its place.
    """
    s = Situation(center, beijing(now), rules, {}, None)
    return [
        _prospect(action, refusal)
        for action in ACTIONS.values()
        if role in action.roles and (refusal := _refusal(action, s)) is not None
    ]


def without_field(message: str) -> str:
    """A refusal's message without the name of the field before it."""
    return _FIELD.sub("", message, count=1)


def _prospect(action: Action, refusal: Refused) -> Prospect:
    return Prospect(
        action=action.name,
        title_zh=action.zh,
        title_en=action.en,
        code=refusal.code,
        article=refusal.article,
        message_zh=without_field(refusal.message_zh),
        message_en=without_field(refusal.message_en),
    )


def _refusal(action: Action, s: Situation) -> Refused | None:
    """Why this action is not offered; None where it is."""
    if s.center.closed or s.center.stage not in action.stages:
        return wrong_stage(action, s.center).refusal
    if list(action.form.choices(s)):
        return None
    if "case" in action.form.model_fields:
        return _no_case(action)
    found = (_asked(form, s) for form in _probes(action, s))
    return next((refusal for refusal in found if refusal is not None), _not_now(action))


def _asked(form: ActionForm, s: Situation) -> Refused | None:
    """What the rule says of a probe about the center; None where it only minds the probe."""
    try:
        form.rule(s)
    except RefusedActError as refused:
        return None if refused.refusal.code in _OF_THE_FORM else refused.refusal
    except CalendarNeededError:
        return None
    return None


def _probes(action: Action, s: Situation) -> Iterator[ActionForm]:
    """Forms as someone could fill them in, the likeliest matter first."""
    schema = schema_of(action.name)
    placeholders = {
        name: _placeholder(field, schema, s) for name, field in schema["properties"].items()
    }
    if "rule_set" in placeholders:
        placeholders["rule_set"] = _rule_set_ahead(s)
    if "year" not in placeholders:
        yield action.form.model_construct(**placeholders)
        return
    for year in _years(action, s):
        yield action.form.model_construct(**{**placeholders, "year": year})


def _placeholder(field: dict[str, Any], schema: dict[str, Any], s: Situation) -> Any:
    if "anyOf" in field:
        return None
    if "$ref" in field:
        field = schema["$defs"][field["$ref"].rsplit("/", 1)[-1]]
    if "enum" in field:
        return field["enum"][0]
    if field.get("format") == "date":
        return s.today
    return {"integer": 1, "boolean": True, "array": ("—",), "object": {}}.get(field["type"], "—")


def _years(action: Action, s: Situation) -> Iterable[int]:
    """The years that someone would mean: what is under way first, then what comes next."""
    center = s.center
    if action.name.startswith("report."):
        upcoming = next_report_year(center)
        known = sorted(center.reports, reverse=True)
        ahead = [upcoming] if upcoming is not None else []
        return [*ahead, *known] if action.name == "report.submit" else [*known, *ahead]
    if action.name == "evaluation.opt_in":
        return [center.confirmed_on.year if center.confirmed_on else s.today.year]
    running = [year for year, part in center.rounds.items() if part.status != "confirmed"]
    upcoming = next_round_year(center, s.rules)
    return [*running, *([upcoming] if upcoming is not None else [])]


def _rule_set_ahead(s: Situation) -> str:
    """Another rule set, if there is one that is not in force yet; else the present one."""
    others = (name for name in LIBRARY if "~" not in name and name != s.center.rule_set)
    return next((name for name in others if s.today < LIBRARY[name].valid_from), s.center.rule_set)


def _no_case(action: Action) -> Refused:
    return Refused(
        code="not_pending",
        article=action.article,
        message_zh=f"现无等待“{action.zh}”的事项。",
        message_en=f"No case waits for this now ({action.en}).",
    )


def _not_now(action: Action) -> Refused:
    return Refused(
        code="not_pending",
        article=action.article,
        message_zh=f"按本中心现状，尚不能办理“{action.zh}”。",
        message_en=f"As the center stands, this is not possible yet ({action.en}).",
    )
