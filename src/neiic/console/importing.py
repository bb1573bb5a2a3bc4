"""Bringing in many centers from a sheet: each row is checked before anything starts.

Errors stop the whole sheet, warnings ask to be read once. What was checked is what is started:
the rows travel as data from here on, and are looked at once more when they start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Engine

from neiic.console.accounts.access import Scope
from neiic.console.forms.words import N_
from neiic.console.import_rows import Checked, Mark, Row, rows_in
from neiic.console.registering import Known, known, own_unit_of, warnings
from neiic.console.sheet_reading import table_in
from neiic.console.translating import translator
from neiic.statute.registration import Registration

__all__ = ["Checked", "Mark", "Row", "again", "checked_sheet", "looked_up"]


def checked_sheet(
    body: bytes, engine: Engine, scope: Scope | None, language: str, today: date
) -> Checked:
    """Everything that can be said about a sheet. Raises SheetError for what is no sheet of ours.

    ``scope`` is whose sheet it is: a competent unit recommends in its own name only. None is the
    operator at the command line.
    """
    own = scope if scope is not None and own_unit_of(scope) is not None else None
    read = rows_in(table_in(body), language, today, own)
    return looked_up(read, engine, scope, language)


def looked_up(read: Checked, engine: Engine, scope: Scope | None, language: str) -> Checked:
    """The rows beside what is known by now: codes in use, fields, units."""
    codes, fields = {row.code for row in read.rows}, {row.field for row in read.rows}
    seen = known(engine, codes, fields, scope)
    return replace(read, rows=tuple(_Judge(read, seen, language).rows()))


def again(kept: Mapping[str, Any], engine: Engine, scope: Scope | None, language: str) -> Checked:
    """What was checked before, looked at once more against what is known now."""
    read = Checked(
        rows=tuple(Row(number, data) for number, data in kept["rows"]),
        warnings=tuple(Mark(*mark) for mark in kept["warnings"]),
        left_out=tuple(kept["left_out"]),
        letters=kept["letters"],
    )
    return looked_up(read, engine, scope, language)


@dataclass(frozen=True, slots=True)
class _Judge:
    read: Checked
    seen: Known
    language: str

    def told(self, message: str, **values: object) -> str:
        return translator(self.language)(message) % values

    def cell(self, name: str, number: int) -> str:
        letter = self.read.letters.get(name)
        return f"{letter}{number}" if letter else str(number)

    def rows(self) -> Iterator[Row]:
        codes: dict[str, int] = {}
        fields: dict[str, int] = {}
        strangers: set[str] = set()
        for row in self.read.rows:
            errors, found = list(row.errors), list[Mark]()
            # Two codes that differ by case alone would be told apart by nobody.
            earlier = codes.setdefault(row.code.casefold(), row.number) if row.code else row.number
            if earlier != row.number:
                errors.append(self._twice(row, earlier))
            registration = None if row.errors else Registration.model_validate(row.data)
            there = registration is not None and self._there(registration)
            if not there:
                errors.extend(self._in_use(row))
            if registration is not None and not there:
                found.extend(self._warnings(row, registration, strangers))
                same = fields.setdefault(row.field, row.number)
                if same != row.number:
                    message = N_("the same field as in row %(row)s")
                    found.append(Mark(self.cell("field", row.number), self.told(message, row=same)))
            yield replace(row, errors=tuple(errors), warnings=tuple(found), there=there)

    def _twice(self, row: Row, earlier: int) -> Mark:
        message = self.told(N_("the code stands in row %(row)s as well"), row=earlier)
        return Mark(self.cell("code", row.number), message)

    def _there(self, registration: Registration) -> bool:
        there = self.seen.centers.get(registration.code)
        return there is not None and there.is_meant_by(registration)

    def _in_use(self, row: Row) -> Iterator[Mark]:
        if row.code in self.seen.centers:
            message = self.told(N_("%(code)s is in use already: take another"), code=row.code)
            yield Mark(self.cell("code", row.number), message)

    def _warnings(
        self, row: Row, registration: Registration, strangers: set[str]
    ) -> Iterator[Mark]:
        for name, message in warnings(registration, self.seen, self.language):
            if name.endswith(("_unit", "_unit.name")):
                # A unit that nobody acts for is told of once, not in each of its rows.
                if message in strangers:
                    continue
                strangers.add(message)
            shown = name
            if name == "requirements":
                shown = f"requirements.{registration.requirements.unmet[0]}"
            yield Mark(self.cell(shown, row.number), message)
