"""What pages say of an act before it is sent: its law, what will follow, the last question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neiic.console.accounts.access import Person
from neiic.console.acting import Conflict, Proposed, actor_at
from neiic.console.forms.fields import Form
from neiic.console.forms.foresight import Foresight, foresee
from neiic.console.house import House
from neiic.console.translating import translator
from neiic.statute.articles import summaries
from neiic.statute.registry import ACTIONS
from neiic.statute.state import Center


def law_of(articles: str, language: str) -> list[tuple[str, str]]:
    """Each of these articles, and what it says in short."""
    return [(cited, one.zh if language == "zh" else one.en) for cited, one in summaries(articles)]


def foreseen(
    house: House, person: Person, center: Center, proposed: Proposed, drafted_by: str | None = None
) -> Foresight:
    """What would follow if this person sent the act now."""
    message = {
        "decision_id": proposed.decision_id,
        "actor": actor_at(house, person, center.code, drafted_by=drafted_by),
        "data": proposed.data,
    }
    now, resolve = house.now(), house.calendar.resolve
    return foresee(center, proposed.action, message, now, resolve, person.language)


def outlook_of(seen: Foresight, title: str = "") -> dict[str, Any]:
    """What will follow, as ``center/outlook.html`` shows it."""
    return {
        "title": title,
        "lines": [line.text for line in seen.lines],
        "warnings": seen.warnings,
        "errors": [error.message for error in seen.errors],
    }


def tie_told(conflict: Conflict, language: str) -> str:
    """Why an agency may not assess without a reason."""
    told = translator(language)
    said = told("%(agency)s is tied to %(unit)s: %(note)s")
    return said % {"agency": conflict.agency, "unit": conflict.unit, "note": conflict.note}


def last_question(
    action: str, form: Form, typed: Mapping[str, list[str]], language: str
) -> dict[str, str]:
    """That the act cannot be undone, and the verb on its button."""
    law = ACTIONS[action]
    return {
        "verb": _decision(form, typed) or form.title,
        "sentence": law.lasting_zh if language == "zh" else law.lasting_en,
    }


def _decision(form: Form, typed: Mapping[str, list[str]]) -> str | None:
    """What was chosen where the form asks for a decision: “Approve” is a better verb."""
    for one in form.fields:
        if one.kind == "radio":
            given = next(iter(typed.get(one.name, ())), "")
            return next((option.label for option in one.options if option.value == given), None)
    return None


def carried(typed: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """What was typed, as hidden inputs of the question."""
    return [(name, value) for name, values in typed.items() for value in values]
