"""From what was typed into a form to the JSON data of an act, and from refusals to fields.

What cannot be read stays as it was typed, with a fault at its field: nothing that a person
has written is lost or guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from pydantic import ValidationError

from neiic.console.citing import cited
from neiic.console.forms.dates import day_in, number_in
from neiic.console.forms.fields import REGISTRATION, Field, Form
from neiic.console.translating import translator
from neiic.statute.acts import Refused
from neiic.statute.forms import Fault, faults_of
from neiic.statute.prospects import without_field
from neiic.statute.registration import read_registration

Submitted = Mapping[str, Sequence[str]]


class FieldError(NamedTuple):
    """One thing to mend, for people: ``field`` is the input's name, None if it is about no field."""

    field: str | None
    message: str


class Reading(NamedTuple):
    """What was read: ``data`` as the core takes it, and what does not fit yet."""

    data: dict[str, Any]
    errors: tuple[FieldError, ...]


def data_from(form: Form, submitted: Submitted) -> Reading:
    """The data of the act in what a browser sent, with everything that its form says is wrong.

    Fields left empty are left out. Inputs of other names are ignored.
    """
    data: dict[str, Any] = {group.name: {} for group in form.groups if group.name}
    errors: list[FieldError] = []
    for field in form.fields:
        value, wrong = _read(form, field, submitted)
        errors.extend(FieldError(field.name, message) for message in wrong)
        if value is not None:
            _put(data, field.name.removeprefix(form.prefix), value)
    known = {error.field for error in errors}
    errors.extend(error for error in _checked(form, data) if error.field not in known)
    order = {field.name: place for place, field in enumerate(form.fields)}
    errors.sort(key=lambda error: order.get(error.field or "", len(order)))
    return Reading(data, tuple(errors))


def typed_from(form: Form, data: Mapping[str, Any]) -> dict[str, list[str]]:
    """What would have been typed for this data: a draft shown again in its form."""
    typed: dict[str, list[str]] = {}
    for field in form.fields:
        value: Any = data
        for step in field.name.removeprefix(form.prefix).split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        typed.update(_typed(field, value))
    return typed


def errors_of(refusal: Refused, form: Form) -> list[FieldError]:
    """What a refusal of the core says, at the fields that it names; whole where it names none."""
    message = refusal.message_zh if form.language == "zh" else refusal.message_en
    parts = list(_at_fields(message, form))
    if refusal.code != "invalid":
        law = _in_brackets(cited(refusal.article, form.language), form.language)
        named = [FieldError(field.name, f"{text}{law}") for field, text in parts]
        return named or [FieldError(None, f"{without_field(message)}{law}")]
    if not parts:
        return [FieldError(None, without_field(message))]
    return [FieldError(field.name, _labelled(form, field, text)) for field, text in parts]


def _in_brackets(citation: str, language: str) -> str:
    if not citation:
        return ""
    return f"（{citation}）" if language == "zh" else f" ({citation})"


# Reading ----------------------------------------------------------------------------------------


def _read(form: Form, field: Field, submitted: Submitted) -> tuple[Any, list[str]]:
    """A field's value, None where it is left out, and what is wrong with it."""
    if field.kind == "pairs":
        return _pairs(form, field, submitted)
    typed = next(iter(submitted.get(field.name, ())), "")
    typed = typed.replace("\r\n", "\n").strip()
    if field.kind == "checkbox":
        return True if typed else (False if field.required else None), []
    if not typed:
        return None, []
    if field.kind == "list":
        return [line.strip() for line in typed.split("\n") if line.strip()], []
    if field.kind == "yes_no":
        return {"yes": True, "no": False}.get(typed, typed), []
    if field.kind == "date":
        day = day_in(typed)
        return (day.isoformat(), []) if day else (typed, [_no_date(form, field)])
    if field.whole or field.kind in ("whole", "number", "amount"):
        number = number_in(typed)
        return (typed, [_no_number(form, field)]) if number is None else (number, [])
    return typed, []


def _pairs(form: Form, field: Field, submitted: Submitted) -> tuple[Any, list[str]]:
    told = translator(form.language)
    found: dict[str, Any] = {}
    wrong: list[str] = []
    rows = zip_longest(
        submitted.get(f"{field.name}.name", ()),
        submitted.get(f"{field.name}.number", ()),
        fillvalue="",
    )
    for name, typed in ((name.strip(), typed.strip()) for name, typed in rows):
        if not name and not typed:
            continue
        number = number_in(typed)
        if not name:
            wrong.append(told("%(number)s has no name") % {"number": typed})
        elif name in found:
            wrong.append(told("%(name)s stands there twice") % {"name": name})
        elif number is None:
            wrong.append(told("the value of %(name)s must be a number") % {"name": name})
        if name and name not in found:
            found[name] = typed if number is None else number
    joined = ("；" if form.language == "zh" else "; ").join(wrong)
    return found, [_labelled(form, field, joined)] if wrong else []


def _no_date(form: Form, field: Field) -> str:
    told = translator(form.language)
    return _labelled(form, field, told("must be a date, such as 2034-06-19"))


def _no_number(form: Form, field: Field) -> str:
    told = translator(form.language)
    return _labelled(form, field, told("must be a number in figures, without a unit"))


def _put(data: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for step in outer:
        data = data.setdefault(step, {})
    data[last] = value


def _typed(field: Field, value: Any) -> dict[str, list[str]]:
    if field.kind == "pairs":
        pairs = value if isinstance(value, Mapping) else {}
        return {
            f"{field.name}.name": [str(name) for name in pairs],
            f"{field.name}.number": [str(number) for number in pairs.values()],
        }
    if value is None or (field.kind == "checkbox" and value is False):
        return {}
    if field.kind == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        return {field.name: ["\n".join(map(str, value))]}
    if isinstance(value, bool):
        return {field.name: ["yes" if value else "no"]}
    return {field.name: [str(value)]}


# What is wrong ----------------------------------------------------------------------------------


def _checked(form: Form, data: dict[str, Any]) -> list[FieldError]:
    """What the form's own types say, before the center is asked."""
    if form.of == REGISTRATION:
        read = read_registration(data)
        return errors_of(read, form) if isinstance(read, Refused) else []
    try:
        form.model.model_validate(data)
    except ValidationError as error:
        return [_error(form, fault) for fault in faults_of(error, "data")]
    return []


def _error(form: Form, fault: Fault) -> FieldError:
    text = fault.zh if form.language == "zh" else fault.en
    field = _field_within(form, fault.field)
    if field is None:
        return FieldError(None, f"{fault.field}: {text}")
    return FieldError(field.name, _labelled(form, field, text))


def _field_within(form: Form, path: str) -> Field | None:
    """The field of this path, or the one that it lies in: data.indicators.研发投入."""
    named = form.field(path)
    if named is not None:
        return named
    return next((one for one in form.fields if path.startswith(f"{one.name}.")), None)


def _labelled(form: Form, field: Field, text: str) -> str:
    return f"{field.label}：{text}" if form.language == "zh" else f"{field.label} {text}"


def _at_fields(message: str, form: Form) -> Iterator[tuple[Field, str]]:
    """The message cut where it names a field of the form; nothing if it does not begin so."""
    colon, stop, end = ("：", "；", "。") if form.language == "zh" else (": ", "; ", ".")
    names = "|".join(re.escape(field.name) for field in form.fields)
    named = re.compile(rf"(?:^|{stop})({names})(?:\.[^{colon[0]}]*)?{colon}")
    found = list(named.finditer(message))
    if not found or found[0].start() != 0:
        return
    ends = [match.start() for match in found[1:]] + [len(message)]
    for match, until in zip(found, ends, strict=True):
        field = form.field(match.group(1))
        assert field is not None, "the pattern is made of the form's own fields"
        text = message[match.end() : until]
        yield field, text.removesuffix(end) if len(found) > 1 or _is_fault(text, end) else text


def _is_fault(text: str, end: str) -> bool:
    """Whether this is a predicate about a field, and not sentences of their own."""
    return text.count(end) == 1
