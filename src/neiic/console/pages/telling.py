"""What the record holds, told to a reader: an act's data with its labels, words for what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from neiic.console import dates
from neiic.console.forms.fields import Field, registration_form
from neiic.console.forms.words import N_, choices_of, listed, yes_no
from neiic.console.translating import translator
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import schema_of

#: Words for statuses that snapshots carry, by what they are of.
STATUSES: dict[str, dict[str, str]] = {
    "report": {
        "open": N_("owed"),
        "submitted": N_("submitted"),
        "overdue": N_("overdue"),
        "returned": N_("returned, owed again"),
        "waived": N_("no longer owed"),
    },
    "round": {
        "open": N_("waiting for materials"),
        "submitted": N_("materials with the competent unit"),
        "returned": N_("materials returned"),
        "endorsed": N_("materials with NDRC"),
        "graded": N_("grade proposed, waiting for customs and tax"),
        "confirmed": N_("grade confirmed"),
        "waived": N_("no longer owed"),
    },
    "concurrence": {"True": N_("agrees"), "False": N_("objects"), "None": ""},
    "matter": {"adjustment": N_("Adjustment"), "discipline": N_("Rectification")},
    "case": {
        "reported": N_("waiting for an answer"),
        "proposed": N_("waiting for NDRC"),
        "approved": N_("approved"),
        "returned": N_("returned"),
        "rejected": N_("rejected"),
        "ended": N_("ended with the standing"),
        "open": N_("to be rectified"),
        "procedure": N_("a ground for revocation"),
        "rectified": N_("rectified"),
        "not_rectified": N_("not rectified"),
        "decided": N_("decided"),
    },
}

#: What the law adds to an act's data, and the act whose form has its label.
ADDED: dict[str, tuple[str, str]] = {
    "adjustment.report": ("case", "adjustment.review"),
    "discipline.open": ("case", "discipline.report"),
    "evaluation.confirm": ("grade", "evaluation.grade"),
}
#: Kind of the event that a registration is recorded as.
REGISTERED = "center.registered"
#: What a registration says that is no part of the recommendation.
_OF_THE_SYSTEM = ("code", "rule_set")


def status(of: str, value: object, language: str) -> str:
    """A status in words; as it is stored where there are none."""
    message = STATUSES[of].get(str(value), str(value))
    return translator(language)(message) if message else ""


def details(action: str, data: Mapping[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """An act's data as label and value, in the order of its form; what is empty is left out.

    Also those of a registration; other events of the system have none.
    """
    if action == REGISTERED:
        facts = registration_facts(data, language)
        yield from ((one.label, one.value) for one in facts if one.name not in _OF_THE_SYSTEM)
    if action not in ACTIONS:
        return
    yield from _labelled(action, schema_of(action)["properties"], data, language)
    if action in ADDED:
        name, labelled_in = ADDED[action]
        shape = schema_of(labelled_in)["properties"][name]
        yield from _labelled(labelled_in, {name: shape}, data, language)


def _labelled(
    action: str, shapes: Mapping[str, Any], data: Mapping[str, Any], language: str
) -> Iterator[tuple[str, str]]:
    title = "title" if language == "zh" else "title_en"
    for name, shape in shapes.items():
        value = data.get(name)
        if value not in (None, "", [], {}):
            yield str(shape.get(title, name)), _value(action, name, shape, value, language)


class Fact(NamedTuple):
    """One answer of a registration: ``name`` is the field's."""

    name: str
    label: str
    value: str


def registration_facts(data: Mapping[str, Any], language: str) -> Iterator[Fact]:
    """What a registration says, in the order of its form; what is empty is left out.

    ``data`` is as the law takes it, or as far as it is known.
    """
    for field, label in _registration_fields(language):
        value: Any = data
        for step in field.name.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        if value not in (None, ""):
            yield Fact(field.name, label, _answer(field, value, language))


@cache
def _registration_fields(language: str) -> tuple[tuple[Field, str], ...]:
    """Fields and labels; only examples in a form depend on the day, and nobody sees them here."""
    return tuple(
        (one, one.label if group.name in ("", "requirements") else f"{group.legend} · {one.label}")
        for group in registration_form(language, date.max).groups
        for one in group.fields
    )


def _answer(field: Field, value: Any, language: str) -> str:
    if field.kind == "checkbox":
        return "✓" if value else translator(language)("Not met")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if field.kind == "date":
        return dates.day(date.fromisoformat(str(value)), language)
    labels = {option.value: option.label for option in field.options}
    return labels.get(str(value), str(value))


def _value(action: str, name: str, shape: Mapping[str, Any], value: Any, language: str) -> str:
    if isinstance(value, bool):
        return yes_no(action, name, language)["yes" if value else "no"]
    if isinstance(value, Mapping):
        pairs = (f"{key} {dates.number(number, language)}" for key, number in value.items())
        return listed(language, pairs)
    if isinstance(value, list | tuple):
        return listed(language, map(str, value))
    if name.endswith("amount"):
        return dates.amount(value, language)
    if isinstance(value, int | float):
        return str(value)
    if _is_date(shape):
        return dates.day(date.fromisoformat(str(value)), language)
    return choices_of(action, name, language).get(str(value), str(value))


def _is_date(shape: Mapping[str, Any]) -> bool:
    return any(one.get("format") == "date" for one in (shape, *shape.get("anyOf", ())))
