"""Which deadlines the board is asked for: by month and day, by kind, by light, of which centers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select

from neiic.console.accounts.access import SEE_ALL, Scope, scope_condition
from neiic.console.portfolio.lights import Light, Standing
from neiic.models.tables import CenterRecord, DeadlineRecord, table_of

_CENTERS, _DEADLINES = table_of(CenterRecord), table_of(DeadlineRecord)


class Month(NamedTuple):
    """A month of the Beijing calendar."""

    year: int
    month: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def later(self, months: int) -> Month:
        """The month so many months on."""
        years, month = divmod(self.month - 1 + months, 12)
        return Month(self.year + years, month + 1)


def month_of(day: date) -> Month:
    """The month in which a day lies."""
    return Month(day.year, day.month)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which deadlines are wanted; what is None is not asked for.

    Without a standing those that are closed are left out. ``unit`` is the present name of any of a
    center's units. ``month`` is that of the due date, ``day`` the due date itself.
    """

    month: Month | None = None
    day: date | None = None
    kind: str | None = None
    unit: str | None = None
    light: Light | None = None
    standing: Standing | None = None
    field: str | None = None


def within(scope: Scope, wanted: BoardFilter) -> Select[Any]:
    """The deadlines of centers that the scope sees and the filter names."""
    conditions: list[ColumnElement[bool]] = []
    if scope.role not in SEE_ALL:
        conditions.append(scope_condition(scope))
    if wanted.field is not None:
        conditions.append(_CENTERS.c.field == wanted.field)
    if wanted.unit is not None:
        units = ("competent_unit", "lead_unit", "implementing_unit")
        conditions.append(or_(*(_CENTERS.c[name] == wanted.unit for name in units)))
    query = select(_DEADLINES)
    if conditions:
        seen = select(_CENTERS.c.code).where(*conditions)
        query = query.where(_DEADLINES.c.center.in_(seen))
    return query
