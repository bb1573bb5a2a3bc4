"""A form as the page shows it: fields made from the JSON Schema of an action's ``data``.

Nothing about an action is written down here: a new field of the law appears by itself. An
input bears the name by which the law's refusals call the field: ``data.year``,
``implementing_unit.name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from neiic.console import dates
from neiic.console.forms.words import choices_of, help_of, yes_no
from neiic.console.translating import translator
from neiic.statute.periods import day_of
from neiic.statute.registration import Registration
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import schema_of
from neiic.statute.state import Center
from neiic.statute.terms import Role

Kind = Literal[
    "line",
    "long",
    "date",
    "whole",
    "number",
    "amount",
    "select",
    "radio",
    "yes_no",
    "checkbox",
    "list",
    "pairs",
]
#: Text that may be longer than this many characters gets more than one line.
ONE_LINE = 500

_YEAR_IN_NUMBER = re.compile(r"〔\d{4}〕")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be chosen: the value sent, and what the reader sees."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form.

    ``whole`` says that what is chosen is a number. ``offered`` is what stands in the field
    before anybody has typed. Of ``pairs`` the inputs are ``name``.name and ``name``.number.
    """

    name: str
    kind: Kind
    label: str
    required: bool
    help: str = ""
    options: tuple[Option, ...] = ()
    example: str = ""
    maxlength: int | None = None
    autocomplete: str = "off"
    whole: bool = False
    offered: str = ""

    @property
    def id(self) -> str:
        """The id of its input, or of the first one."""
        return "f-" + self.name.replace(".", "-").replace("_", "-")

    @property
    def inputmode(self) -> str:
        """Which keys a phone shows."""
        return {"whole": "numeric", "number": "decimal", "amount": "decimal"}.get(self.kind, "text")


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; the legend is empty for the form's own."""

    legend: str
    fields: tuple[Field, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form in one language. ``of`` is the action's name, or ``registration``."""

    of: str
    title: str
    language: str
    today: date
    groups: tuple[Group, ...]
    model: type[BaseModel]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields, in the order in which they stand."""
        return tuple(field for group in self.groups for field in group.fields)

    @property
    def said_today(self) -> str:
        """Today as people write it."""
        return dates.day(self.today, self.language)

    @property
    def prefix(self) -> str:
        """What stands before the law's name of a field."""
        return "" if self.of == REGISTRATION else "data."

    def offering(self, name: str, value: str) -> Form:
        """The same form with a value that stands in this field until something is typed."""
        groups = tuple(
            replace(
                group,
                fields=tuple(
                    replace(field, offered=value) if field.name == name else field
                    for field in group.fields
                ),
            )
            for group in self.groups
        )
        return replace(self, groups=groups)

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((field for field in self.fields if field.name == name), None)


REGISTRATION = "registration"


def form_for(
    action: str,
    choices: Sequence[Mapping[str, int]],
    language: str,
    today: date,
    *,
    role: Role | None = None,
    center: Center | None = None,
) -> Form:
    """The form of an action. Raises KeyError for an unknown one.

    ``choices`` are those of ``actions_for``: years and cases are chosen from them. With a
    ``role``, only what this role may send is offered; with a ``center``, cases and follow-ups
    are named by what they are.
    """
    told = _Teller(action, language, today, choices, role, center)
    schema = schema_of(action)
    title = ACTIONS[action].zh if language == "zh" else ACTIONS[action].en
    fields = tuple(told.fields(schema, schema, "data."))
    return Form(action, title, language, today, (Group("", fields),), ACTIONS[action].form)


def registration_form(language: str, today: date) -> Form:
    """The form by which a competent unit registers a center."""
    told = _Teller(REGISTRATION, language, today, (), None, None)
    schema = Registration.model_json_schema()
    own, groups = [], []
    for name, shape in schema["properties"].items():
        if "$ref" not in shape:
            own.append(told.field(name, shape, schema, name in schema["required"], name))
            continue
        inner = _resolved(shape, schema)
        ticked = tuple(told.fields(inner, schema, f"{name}.", ticked=name == "requirements"))
        groups.append(Group(told.title(shape), ticked, name))
    gettext = translator(language)
    title = gettext("Register a center")
    # The questions without a group of their own come last, after the units and the letter.
    first = tuple(field for field in own if field.kind in ("line", "long"))
    rest = tuple(field for field in own if field.kind not in ("line", "long"))
    whole = (Group("", first), *groups, Group("", rest))
    return Form(REGISTRATION, title, language, today, whole, Registration)


def _resolved(shape: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a field's value looks like, without references and without null."""
    options = [one for one in shape.get("anyOf", ()) if one.get("type") != "null"]
    if len(options) == 1:
        return _resolved(options[0], schema)
    if options:
        # Whole or broken, it is a number.
        return {**shape, "type": "number"}
    if "$ref" in shape:
        return dict(schema["$defs"][shape["$ref"].rsplit("/", 1)[-1]])
    return dict(shape)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes fields: knows the language and what can be chosen."""

    of: str
    language: str
    today: date
    choices: Sequence[Mapping[str, int]]
    role: Role | None
    center: Center | None

    def title(self, shape: Mapping[str, Any]) -> str:
        return str(shape["title" if self.language == "zh" else "title_en"])

    def fields(
        self,
        shape: Mapping[str, Any],
        schema: Mapping[str, Any],
        prefix: str,
        *,
        ticked: bool = False,
    ) -> Iterator[Field]:
        for name, inner in shape["properties"].items():
            required = name in shape.get("required", ())
            known_as = name if prefix == "data." else f"{prefix}{name}"
            made = self.field(f"{prefix}{name}", inner, schema, required, known_as)
            yield replace(made, kind="checkbox", options=()) if ticked else made

    def field(
        self,
        name: str,
        shape: Mapping[str, Any],
        schema: Mapping[str, Any],
        required: bool,
        known_as: str,
    ) -> Field:
        value = _resolved(shape, schema)
        plain = Field(
            name=name,
            kind=_kind(value, known_as),
            label=self.title(shape),
            required=required,
            help=help_of(self.of, known_as, self.language),
            example=self._example(shape),
            maxlength=value.get("maxLength"),
            autocomplete="organization" if known_as.endswith("agency") else "off",
        )
        return self._choosing(plain, value, known_as)

    def _example(self, shape: Mapping[str, Any]) -> str:
        examples = shape.get("examples")
        if not examples:
            return ""
        return _YEAR_IN_NUMBER.sub(f"〔{self.today.year}〕", str(examples[0]))

    def _choosing(self, field: Field, value: Mapping[str, Any], known_as: str) -> Field:
        if known_as == "rule_set":
            return self._of_rule_sets(field)
        if "enum" in value:
            options = tuple(self._offered(value["enum"], known_as))
            return replace(field, kind="radio", options=options)
        if value["type"] == "boolean":
            return self._question(field, known_as)
        offered = list(dict.fromkeys(one[known_as] for one in self.choices if known_as in one))
        if offered:
            options = tuple(Option(str(n), self._numbered(known_as, n)) for n in offered)
            first = options[0].value if len(options) == 1 else ""
            return replace(field, kind="select", options=options, whole=True, offered=first)
        return field

    def _question(self, field: Field, known_as: str) -> Field:
        if not field.required:
            return replace(field, kind="checkbox")
        answers = yes_no(self.of, known_as, self.language)
        return replace(
            field, kind="yes_no", options=tuple(Option(v, label) for v, label in answers.items())
        )

    def _offered(self, values: Sequence[str], known_as: str) -> Iterator[Option]:
        labels = choices_of(self.of, known_as, self.language)
        for value in values:
            if self.role is not None and not ACTIONS[self.of].form.may_be_sent_by(
                self.role, {known_as: value}
            ):
                continue
            if self.of == "followup.complete" and self.center is not None:
                owed = {str(kind) for kind, done in self.center.followups.items() if not done}
                if value not in owed:
                    continue
            yield Option(value, labels[value])

    def _of_rule_sets(self, field: Field) -> Field:
        present = self.center.rule_set if self.center else None
        known = [LIBRARY[name] for name in LIBRARY if "~" not in name and name != present]
        options = tuple(
            Option(rules.name, f"{rules.name} · {self._rule_set_title(rules)}") for rules in known
        )
        return replace(field, kind="select", options=options)

    def _rule_set_title(self, rules: Any) -> str:
        return str(rules.title_zh if self.language == "zh" else rules.title_en)

    def _numbered(self, known_as: str, number: int) -> str:
        if known_as == "year":
            return f"{number}年" if self.language == "zh" else str(number)
        told = translator(self.language)
        named = told("Case %(number)s") % {"number": number}
        return " · ".join([named, *self._of_case(number)])

    def _of_case(self, number: int) -> Iterator[str]:
        if self.center is None:
            return
        if self.of.startswith("adjustment."):
            case = self.center.adjustments[number - 1]
            yield choices_of("adjustment.report", "kind", self.language)[case.kind]
            yield self._day(case.opened)
        else:
            discipline = self.center.disciplines[number - 1]
            yield choices_of("discipline.open", "severity", self.language)[discipline.severity]
            yield self._day(day_of(discipline.opened))

    def _day(self, day: date) -> str:
        return dates.day(day, self.language)


def _kind(value: Mapping[str, Any], known_as: str) -> Kind:
    if value.get("format") == "date":
        return "date"
    match value["type"]:
        case "integer":
            return "whole"
        case "number":
            return "amount" if known_as.endswith("amount") else "number"
        case "array":
            return "list"
        case "object":
            return "pairs"
        case "boolean":
            return "checkbox"
    return "line" if value.get("maxLength", ONE_LINE + 1) <= ONE_LINE else "long"
