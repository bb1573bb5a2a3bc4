"""What will follow from an act, said before it is sent: the law asked, nothing recorded.

``foresee`` answers for a form as it was filled in, ``outlooks`` for a form of which only the
decision is known, one answer for each that can be chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from neiic.console.forms.changes import Line, changed
from neiic.console.forms.fields import Field, Form, form_for
from neiic.console.forms.reading import FieldError, errors_of
from neiic.console.forms.words import listed
from neiic.console.translating import translator
from neiic.previewing import Resolve, previewed, settled
from neiic.statute.acts import Refused
from neiic.statute.deciding import agenda
from neiic.statute.notices import Notice, unit_of
from neiic.statute.periods import day_of
from neiic.statute.prospects import without_field
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center
from neiic.statute.terms import Role
from neiic.statute.what_if import WhatIf

#: Refusals that mind what was typed, and say nothing about the center.
OF_WHAT_WAS_TYPED = frozenset({"invalid", "bad_document_date", "exceeds_limit"})
#: Fields whose day only the person knows; a day that fits stands in for it.
_DAYS_TO_COME = ("planned_completion", "rectify_by", "until")
#: Attempts to fill what the law misses in an outlook.
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would follow, or why nothing would.

    ``warnings`` are what NDRC overrides with a reason. With a ``refusal`` there are no lines;
    its ``errors`` name the fields. Without either, it depends on what has yet to be typed.
    """

    lines: tuple[Line, ...] = ()
    warnings: tuple[str, ...] = ()
    refusal: Refused | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would follow if this were chosen. Of an action without a choice, all but the last are empty."""

    field: str
    value: str
    label: str
    foresight: Foresight


def foresee(
    center: Center,
    action: str,
    message: Mapping[str, Any],
    now: datetime,
    resolve: Resolve,
    language: str,
) -> Foresight:
    """What this message would bring about at ``now`` (any zone), in the reader's language."""
    center = settled(center, now, resolve)
    found = previewed(center, action, dict(message), now, resolve)
    if isinstance(found, Refused):
        form = form_for(action, (), language, day_of(now))
        return Foresight(refusal=found, errors=tuple(errors_of(found, form)))
    overridden = _overridden(center, action, message, now, resolve, language)
    return Foresight(_lines(center, found, now, language, {}), overridden)


def outlooks(
    center: Center,
    action: str,
    subject: Mapping[str, int],
    now: datetime,
    resolve: Resolve,
    language: str,
    role: Role,
) -> tuple[Outlook, ...]:
    """For each decision that ``role`` could take on this subject, what would follow.

    The subject is one of the action's ``choices``, such as ``{"year": 2032}``. Documents count
    as dated today. An action without a decision has one outlook.
    """
    center = settled(center, now, resolve)
    choice = [dict(subject)] if subject else []
    form = form_for(action, choice, language, day_of(now), role=role, center=center)
    asking = _Asking(center, form, role, now, resolve)
    deciding = _deciding(form)
    if deciding is None:
        return (Outlook("", "", "", asking.of(dict(subject))),)
    return tuple(
        Outlook(
            deciding.name,
            option.value,
            option.label,
            asking.of(dict(subject) | {_key(deciding): _chosen(deciding, option.value)}),
        )
        for option in deciding.options
    )


def _deciding(form: Form) -> Field | None:
    """The field on which it depends what follows: the answer to a question, else a choice."""
    for kind in ("yes_no", "radio"):
        found = next((field for field in form.fields if field.kind == kind), None)
        if found is not None:
            return found
    return None


def _key(field: Field) -> str:
    return field.name.removeprefix("data.")


def _chosen(field: Field, value: str) -> Any:
    return value == "yes" if field.kind == "yes_no" else value


@dataclass(frozen=True, slots=True)
class _Asking:
    """Asks the law about a form of which little is filled in."""

    center: Center
    form: Form
    role: Role
    now: datetime
    resolve: Resolve

    def of(self, data: dict[str, Any]) -> Foresight:
        """What follows, with whatever the law misses filled in by something that fits."""
        named: dict[date, str] = {}
        warnings: tuple[str, ...] = ()
        for field in self.form.fields:
            if field.required and _key(field) not in data:
                data[_key(field)] = self._anything(field, named)
        found = self._asked(data)
        for _ in range(_ATTEMPTS):
            missing = self._missing(found, data) if isinstance(found, Refused) else []
            if not isinstance(found, Refused) or not missing:
                break
            if found.code == "override_reason_missing":
                warnings = (_plainly(found, self.form.language),)
            for field in missing:
                data[_key(field)] = self._anything(field, named)
            found = self._asked(data)
        if not isinstance(found, Refused):
            return Foresight(
                _lines(self.center, found, self.now, self.form.language, named), warnings
            )
        if found.code in OF_WHAT_WAS_TYPED:
            return Foresight(warnings=warnings)
        return Foresight(refusal=found, errors=tuple(errors_of(found, self.form)))

    def _asked(self, data: Mapping[str, Any]) -> WhatIf | Refused:
        message = self._message(data)
        return previewed(self.center, self.form.of, message, self.now, self.resolve)

    def _missing(self, refusal: Refused, data: Mapping[str, Any]) -> list[Field]:
        fields = (self.form.field(one.field or "") for one in errors_of(refusal, self.form))
        return [field for field in fields if field is not None and _key(field) not in data]

    def _message(self, data: Mapping[str, Any]) -> dict[str, Any]:
        actor = {"user": "preview", "role": str(self.role)}
        unit = unit_of(self.center, self.role)
        if unit:
            actor["unit"] = unit
        return {"decision_id": "preview", "actor": actor, "data": dict(data)}

    def _anything(self, field: Field, named: dict[date, str]) -> Any:
        """A value that fits, whatever it says."""
        if field.kind in ("radio", "select") and field.options:
            value = field.options[0].value
            return int(value) if field.whole else value
        if field.kind == "date":
            return self._day(field, named).isoformat()
        values: dict[str, Any] = {
            "checkbox": True,
            "yes_no": True,
            "whole": self.form.today.year,
            "number": 1,
            "amount": 1,
            "list": ["—"],
            "pairs": {},
        }
        return values.get(field.kind, "—")

    def _day(self, field: Field, named: dict[date, str]) -> date:
        if _key(field) not in _DAYS_TO_COME:
            return self.form.today
        preparation = self.center.preparation
        from_when = self.form.today
        if _key(field) != "rectify_by" and preparation is not None:
            from_when = max(from_when, preparation.end.due)
        day = from_when + timedelta(days=1)
        told = translator(self.form.language)
        named[day] = told("the day that you name")
        return day


def _overridden(
    center: Center,
    action: str,
    message: Mapping[str, Any],
    now: datetime,
    resolve: Resolve,
    language: str,
) -> tuple[str, ...]:
    """The warnings that only the reason given in the message overrides."""
    data = message.get("data")
    if not isinstance(data, Mapping) or "reason" not in data:
        return ()
    bare = {key: value for key, value in data.items() if key != "reason"}
    found = previewed(center, action, {**message, "data": bare}, now, resolve)
    if isinstance(found, Refused) and found.code == "override_reason_missing":
        return (_plainly(found, language),)
    return ()


def _plainly(refusal: Refused, language: str) -> str:
    return without_field(refusal.message_zh if language == "zh" else refusal.message_en)


def _lines(
    center: Center, found: WhatIf, now: datetime, language: str, named: Mapping[date, str]
) -> tuple[Line, ...]:
    before = snapshot(center, LIBRARY[center.rule_set], now)
    rules = LIBRARY[found.center.rule_set]
    after = snapshot(found.center, rules, now)
    reasons = {
        one.id: (one.due.reason_zh, one.due.reason_en) for one in agenda(found.center, rules)
    }
    lines = changed(before, after, language, reasons=reasons, named=named)
    return (*lines, *_told(found.notices, language))


def _told(notices: tuple[Notice, ...], language: str) -> Iterator[Line]:
    told = translator(language)
    sent = [one for one in notices if one.status == "pending" and one.rung is None]
    letters = [one.unit for one in sent if one.kind.startswith("letter.")]
    others = [one.unit for one in sent if not one.kind.startswith("letter.") and one.unit]
    if letters:
        units = listed(language, dict.fromkeys(letters))
        yield Line("letter", told("Letters go out to: %(units)s") % {"units": units})
    if others:
        units = listed(language, dict.fromkeys(others))
        yield Line("told", told("Told of it: %(units)s") % {"units": units})
