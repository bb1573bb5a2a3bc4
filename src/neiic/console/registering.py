"""A recommendation before it is sent: its form, its code, what should be known, what will follow.

Article 15 lets the competent unit recommend, Article 14 has six requirements ticked. What is
not met is no error: NDRC may approve all the same, with a reason (Articles 14 and 35).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Engine, or_, select

from neiic.console.accounts.access import Scope, scope_condition
from neiic.console.accounts.units import units
from neiic.console.forms.fields import Form, registration_form
from neiic.console.forms.words import listed
from neiic.console.translating import translator
from neiic.models.tables import CenterRecord, table_of
from neiic.statute.deciding import register, unfold
from neiic.statute.periods import day_of
from neiic.statute.registration import Registration, Requirements
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.terms import LIVING, ROLE_EN, ROLE_ZH, STAGE_EN, STAGE_ZH, STANDING, Role

_CENTERS = table_of(CenterRecord)
_UNITS = ("competent_unit", "lead_unit", "implementing_unit")


class Warned(NamedTuple):
    """Something to know before a center is started: the field it is about, and a sentence."""

    field: str
    message: str


class Center(NamedTuple):
    """A center that is there already, as far as a new one may be mistaken for it."""

    code: str
    field: str
    competent_unit: str
    lead_unit: str
    implementing_unit: str

    def is_meant_by(self, registration: Registration) -> bool:
        """Whether this is the very center that the registration is about."""
        return self == Center(
            registration.code,
            registration.field,
            registration.competent_unit,
            registration.lead_unit,
            registration.implementing_unit.name,
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What the records and accounts know: centers by code, living ones by field, units' names.

    Of a field that is another unit's business the code is empty.
    """

    centers: Mapping[str, Center]
    fields: Mapping[str, Sequence[str]]
    units: Collection[str]


def known(
    engine: Engine, codes: Collection[str], fields: Collection[str], scope: Scope | None
) -> Known:
    """What is known about these codes and fields, as far as the scope goes; None sees all."""
    c = _CENTERS.c
    of_codes = select(*(c[name] for name in Center._fields)).where(c.code.in_(codes))
    public = [stage.value for stage in STANDING]
    living = [stage.value for stage in LIVING]
    mine = scope_condition(scope) if scope is not None else None
    of_fields = select(c.code, c.field, c.stage).where(c.field.in_(fields), c.stage.in_(living))
    if mine is not None:
        # A recommendation that is not decided on yet is nobody else's to know.
        of_fields = of_fields.where(or_(mine, c.stage.in_(public)))
    with engine.connect() as connection:
        found = {row.code: Center._make(row) for row in connection.execute(of_codes)}
        by_field: dict[str, list[str]] = {}
        for row in connection.execute(of_fields.order_by(c.code)):
            by_field.setdefault(row.field, []).append(row.code)
    names = {name for unit in units(engine) for name in unit.names}
    return Known(found, by_field, names)


def warnings(registration: Registration, seen: Known, language: str) -> Iterator[Warned]:
    """What should be known about this recommendation before it is sent."""
    told = translator(language)
    unmet = listed(
        language, (requirement(name, language) for name in registration.requirements.unmet)
    )
    if unmet:
        message = told("Not met: %(names)s. NDRC needs a reason to approve all the same.")
        yield Warned("requirements", message % {"names": unmet})
    if registration.team_has_other_platform:
        message = told("The team builds another national platform: NDRC needs a reason to approve.")
        yield Warned("team_has_other_platform", message)
    others = [code for code in seen.fields.get(registration.field, ()) if code != registration.code]
    if others:
        message = told("The field %(field)s has a living center already: %(codes)s.")
        values = {"field": registration.field, "codes": listed(language, others)}
        yield Warned("field", message % values)
    given = (
        registration.competent_unit,
        registration.lead_unit,
        registration.implementing_unit.name,
    )
    for name, unit in zip(_UNITS, given, strict=True):
        if unit not in seen.units:
            where = "implementing_unit.name" if name == "implementing_unit" else name
            message = told("Nobody acts for %(unit)s in this system yet; mind the spelling.")
            yield Warned(where, message % {"unit": unit})


def requirement(name: str, language: str) -> str:
    """What the law calls one of the six requirements."""
    shape = Requirements.model_json_schema()["properties"][name]
    return str(shape["title" if language == "zh" else "title_en"])


def follows(registration: Registration, now: datetime, language: str) -> list[str]:
    """What a center's first minute brings: its stage, whom it waits for, who is told."""
    told, zh = translator(language), language == "zh"
    rules = LIBRARY[registration.rule_set or LIBRARY.in_force(day_of(now)).name]
    center, notices = unfold(None, (register(registration, now, rules.name),), rules)
    shown = snapshot(center, rules, now)
    roles = listed(language, ((ROLE_ZH if zh else ROLE_EN)[role] for role in shown.waiting_for))
    lines = [
        told("%(code)s comes into the stage “%(stage)s” today; it bears no name yet.")
        % {"code": center.code, "stage": (STAGE_ZH if zh else STAGE_EN)[center.stage]},
        told("It waits for: %(roles)s.") % {"roles": roles},
    ]
    units_told = dict.fromkeys(one.unit for one in notices if one.unit and one.status == "pending")
    if units_told:
        lines.append(told("Told of it: %(units)s") % {"units": listed(language, units_told)})
    lines.append(
        told("The application is decided on by NDRC after a third party's assessment (Article 15).")
    )
    lines.append(told("Rule set: %(name)s.") % {"name": rules.name})
    return lines


def next_code(engine: Engine, year: int, besides: Collection[str] = ()) -> str:
    """The first code of the year after the last that is used, such as NEIIC-2031-007.

    ``besides`` are codes that are meant for something else already.
    """
    start = f"NEIIC-{year}-"
    pattern = re.compile(rf"{re.escape(start)}(\d{{3,6}})")
    with engine.connect() as connection:
        used = connection.execute(
            select(_CENTERS.c.code).where(_CENTERS.c.code.startswith(start, autoescape=True))
        ).scalars()
        numbers = [
            int(found[1]) for code in (*used, *besides) if (found := pattern.fullmatch(code))
        ]
    return f"{start}{max(numbers, default=0) + 1:03d}"


def form_of(language: str, today: date, *, own_unit: str | None, code: str = "") -> Form:
    """The form as the page shows it: an offered code, and no question of which unit it is."""
    form = registration_form(language, today)
    groups = tuple(
        replace(
            group,
            fields=tuple(
                replace(field, offered=code) if field.name == "code" else field
                for field in group.fields
                if own_unit is None or field.name != "competent_unit"
            ),
        )
        for group in form.groups
    )
    return replace(form, groups=groups)


def own_unit_of(scope: Scope) -> str | None:
    """The unit in whose name somebody recommends and in no other; None where it is to be named."""
    return scope.unit if scope.role is Role.COMPETENT else None
