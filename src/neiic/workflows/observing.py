"""What operators see of a life as it goes on: one log line and one count for each turn of it.

Nothing is said twice: while a history is replayed nothing is said at all. A line names the
center, the act, the decision and the actor's role and unit, and never who the user is or what
the act's data and remarks say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from temporalio import workflow

from neiic.statute.acts import Event, Refused, decision_id_in, read_act
from neiic.statute.forms import UNPRINTABLE
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center

#: Counters, with the labels of each; the values are few, whatever anybody sends.
ACTS = "neiic_acts"  # action, outcome
REFUSALS = "neiic_refusals"  # action, code

Outcome = Literal["accepted", "refused", "repeated"]

#: What an action that is none is called in a label.
UNKNOWN = "unknown"
#: Longest part of a name or an id that came from outside and is logged.
KEPT = 80

_WHAT_TIME_BRINGS = {
    "reminder": "reminder",
    "deadline.overdue": "deadline passed",
    "deadline.held": "deadline passed",
    "preparation.lapsed": "deadline passed",
    "supplement.expired": "deadline passed",
    "evaluation.abandoned": "deadline passed",
}


def opened(center: Center, rules: RuleSet) -> None:
    """A run has begun: a new life, or one that goes on; and whether its rules are past (L2)."""
    if _replaying():
        return
    known = {"center": center.code, "stage": str(center.stage), "sequence": center.sequence}
    goes_on = workflow.info().continued_run_id is not None
    workflow.logger.info("life goes on" if goes_on else "life opened", extra=known)
    if day_of(workflow.now()) > rules.valid_until:
        past = {"rule_set": rules.name, "valid_until": rules.valid_until.isoformat()}
        workflow.logger.warning("rule set past its validity", extra=known | past)


def committed(center: Center, events: Iterable[Event], *, taken_up: bool) -> None:
    """A commit went through: the act that it holds, and what time brought before and with it.

    ``taken_up`` says that the records held these events already: a worker died in between.
    """
    if _replaying():
        return
    recorded = tuple(events)
    for event in recorded:
        if event.decision_id is None and event.sequence > 1:
            _say_what_time_brought(center, event)
    acts = [event for event in recorded if event.decision_id is not None]
    for decision_id in dict.fromkeys(event.decision_id for event in acts):
        _say_accepted(center, [one for one in acts if one.decision_id == decision_id], taken_up)


def repeated(center: Center, action: str, message: object) -> None:
    """A decision id came again, and is answered with its first result."""
    if not _replaying():
        workflow.logger.info("act repeated", extra=_said(center.code, action, message))
        _count(action, "repeated")


def refused(center: Center, action: str, message: object, refusal: Refused) -> None:
    """An act was refused, by the validator before it began or in its turn."""
    if not _replaying():
        why = {"code": refusal.code, "article": refusal.article}
        workflow.logger.info("act refused", extra=_said(center.code, action, message) | why)
        _count(action, "refused")
        _counter(REFUSALS, "Refused acts by the refusal's code").add(
            1, {"action": _label(action), "code": refusal.code}
        )


def renewing(center: Center) -> None:
    """The run ends, and the life continues as new."""
    if not _replaying():
        known = {"center": center.code, "stage": str(center.stage), "sequence": center.sequence}
        workflow.logger.info("continued as new", extra=known)


def _replaying() -> bool:
    return workflow.unsafe.is_replaying_history_events()


def _say_what_time_brought(center: Center, event: Event) -> None:
    told = {
        "center": center.code,
        "act": event.kind,
        "sequence": event.sequence,
        "article": event.article,
    }
    told |= {name: event.data[name] for name in ("deadline", "rung", "due") if name in event.data}
    workflow.logger.info(_WHAT_TIME_BRINGS.get(event.kind, event.kind), extra=told)


def _say_accepted(center: Center, events: Sequence[Event], taken_up: bool) -> None:
    first = events[0]
    told = {
        "center": center.code,
        "act": first.kind,
        "decision_id": first.decision_id,
        "role": str(first.actor.role) if first.actor else None,
        "unit": (first.actor.acts_for or None) if first.actor else None,
        "kinds": [event.kind for event in events],
        "sequence": events[-1].sequence,
        "article": first.article,
    }
    if taken_up:
        told["taken_up"] = True
    workflow.logger.info("act accepted", extra=told)
    _count(first.kind, "accepted")


def _said(code: str, action: str, message: object) -> dict[str, Any]:
    """What a raw message says of itself; its role and unit only where it can be read."""
    act = read_act(action, message)
    told: dict[str, Any] = {"center": code, "act": _clean(action)}
    if isinstance(act, Refused):
        return told | {"decision_id": _clean(decision_id_in(message) or "") or None}
    actor = act.actor
    return told | {
        "decision_id": act.decision_id,
        "role": str(actor.role),
        "unit": actor.acts_for or None,
    }


def _clean(text: str) -> str:
    return UNPRINTABLE.sub("�", text)[:KEPT]


def _count(action: str, outcome: Outcome) -> None:
    _counter(ACTS, "Acts by action and outcome").add(
        1, {"action": _label(action), "outcome": outcome}
    )


def _label(action: str) -> str:
    return action if action in ACTIONS else UNKNOWN


def _counter(name: str, description: str) -> Any:
    return workflow.metric_meter().create_counter(name, description)
