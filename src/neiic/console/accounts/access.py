"""Who is at the other end of a request, which centers they see, and as whom they act.

A center outside somebody's scope does not exist for them: every list, count, page and guessed
code answers as for an unknown one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, FromClause, String, cast, exists, or_, select, true

from neiic.console.accounts.faults import can_be_kept
from neiic.models.accounts import EngagementRecord
from neiic.models.tables import CenterRecord, EventRecord, table_of
from neiic.statute.terms import UNIT_ROLES, Role

#: Roles that see every center: the national bodies, and those who run the system.
SEE_ALL = frozenset({Role.NDRC, Role.CUSTOMS, Role.TAX, Role.OPERATOR})

#: Longest name that the contract takes for an actor.
LONGEST_NAME = 200

_CENTERS = table_of(CenterRecord)
_ENGAGEMENTS = table_of(EngagementRecord)
_EVENTS = table_of(EventRecord)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which centers one may see.

    ``unit`` is the unit's present name (national bodies carry their own), ``names`` its present
    and former names: a center that knows any of them is the unit's own.
    """

    role: Role
    unit: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Delegated:
    """The user whose work this is, where somebody else does it (委托)."""

    user_id: int
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a unit in which somebody may act: their own, or handed to them by ``for_whom``."""

    id: int
    role: Role
    unit: str
    unit_id: int
    delegation_id: int | None = None
    for_whom: Delegated | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """A unit's policy on signing: these actions, or (None) all that cannot be undone."""

    actions: frozenset[str] | None

    def asks(self, action: str, irreversible: bool) -> bool:
        """Whether such an act has to be drafted by one person and signed by another."""
        return irreversible if self.actions is None else action in self.actions


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the other end of a request.

    ``admin``: administers users; decides nothing. ``displaced``: the grant that this session
    acted in is no longer theirs, and another has taken its place. ``permits`` are a token's
    scopes; a session has all of them.
    """

    user_id: int
    login: str
    name: str
    language: str
    scope: Scope
    grants: tuple[Grant, ...]
    admin: bool
    for_whom: Delegated | None
    grant: Grant
    must_change: bool = False
    signing: Signing | None = None
    permits: frozenset[str] = frozenset({"read", "act", "admin"})
    session_id: int | None = None
    token_id: int | None = None
    displaced: bool = False

    @property
    def unit_id(self) -> int:
        """The unit that this person acts for now."""
        return self.grant.unit_id

    def may(self, permit: str) -> bool:
        """Whether this sign-in goes so far: ``read``, ``act`` or ``admin``."""
        return permit in self.permits and (permit != "admin" or self.admin)

    def needs_signature(self, action: str, irreversible: bool) -> bool:
        """Whether this act must be drafted here and signed by a colleague."""
        return self.signing is not None and self.signing.asks(action, irreversible)


def actor_of(
    person: Person, *, drafted_by: str | None = None, known_as: str | None = None
) -> dict[str, str]:
    """The contract's actor: who acts, and in the name whom else they act for or who drafted.

    ``known_as`` is the name by which the center knows this role's unit: where the unit has taken
    another since, the center still expects the old one. A name that is not the unit's is ignored.
    """
    also = [f"代{person.for_whom.name}"] if person.for_whom else []
    also += [f"{drafted_by}拟办"] if drafted_by else []
    name = f"{person.name}（{'，'.join(also)}）" if also else person.name
    if len(name) > LONGEST_NAME:
        name = name[: LONGEST_NAME - 2] + "…）"
    unit = known_as if known_as is not None and known_as in person.scope.names else None
    return {
        "user": person.login,
        "name": name,
        "role": person.scope.role.value,
        "unit": unit or person.scope.unit,
    }


def scope_condition(scope: Scope, centers: FromClause = _CENTERS) -> ColumnElement[bool]:
    """The condition on ``centers`` that keeps what the scope sees; for any query over it.

    ``centers`` is the table or an alias of it with ``code``, the units' columns and
    ``waiting_for``.
    """
    if scope.role in SEE_ALL:
        return true()
    if scope.role in UNIT_ROLES:
        column: ColumnElement[Any] = centers.c[f"{scope.role.value}_unit"]
        return column.in_(scope.names)
    engaged = exists().where(
        _ENGAGEMENTS.c.center == centers.c.code, _ENGAGEMENTS.c.unit.in_(scope.names)
    )
    # Of their own: a list of acts or documents has the events in its query already.
    events = _EVENTS.alias()
    acted = exists().where(
        events.c.center == centers.c.code,
        events.c.actor_role == Role.ASSESSOR.value,
        events.c.actor_unit.in_(scope.names),
    )
    anybody = exists().where(_ENGAGEMENTS.c.center == centers.c.code)
    # Roles are plain words, so the list's text can be searched on either database.
    waits = cast(centers.c.waiting_for, String).contains(f'"{Role.ASSESSOR}"', autoescape=True)
    return or_(engaged, acted, waits & ~anybody)


def visible(scope: Scope, codes: Sequence[str]) -> Any:
    """The query for those of these codes that the scope sees."""
    asked = [code for code in codes if can_be_kept(code)]
    return select(_CENTERS.c.code).where(_CENTERS.c.code.in_(asked), scope_condition(scope))


def may_see(engine: Engine, scope: Scope, code: str) -> bool:
    """Whether the center exists for this scope. One statement."""
    with engine.connect() as connection:
        return connection.execute(visible(scope, [code])).first() is not None
