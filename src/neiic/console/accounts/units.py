"""Units: under which names centers know them, whose they are, whom they are tied to.

A name belongs to one unit for good, also when the unit has taken another: a center that still
knows the old one stays the unit's own, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import writing
from neiic.console.accounts.access import Signing
from neiic.console.accounts.faults import FaultError, conflict, invalid, kept, unknown, words
from neiic.console.desk.audit import Author, record
from neiic.models.accounts import TieRecord, UnitNameRecord, UnitRecord
from neiic.models.tables import table_of
from neiic.statute.terms import NATIONAL_UNITS, ROLE_ZH, Role

UNITS = table_of(UnitRecord)
NAMES = table_of(UnitNameRecord)
_TIES = table_of(TieRecord)

LONGEST_UNIT = 200

#: Roles that one body alone plays, which need not be named.
OWN_NAMES = NATIONAL_UNITS | {Role.OPERATOR: ROLE_ZH[Role.OPERATOR]}


class Unit(NamedTuple):
    """A unit as administrators see it. ``names`` has all its names, the present one first."""

    id: int
    name: str
    names: tuple[str, ...]
    roles: tuple[Role, ...]
    superior: str | None
    signing: Signing | None


class Tie(NamedTuple):
    """Why two units are not independent of each other, in both languages."""

    unit: str
    other: str
    note_zh: str
    note_en: str


def unit_name(role: Role, given: str | None) -> str:
    """The name of the unit that somebody in this role acts for. Raises FaultError."""
    own = OWN_NAMES.get(role)
    if own is not None:
        if given is not None and given.strip() not in ("", own):
            raise invalid(
                "unit",
                f"{ROLE_ZH[role]}只有一个单位：{own}，可不填",
                f"this role is {own} alone; leave the unit out",
            )
        return own
    if given is None or not given.strip():
        raise invalid("unit", f"{ROLE_ZH[role]}须填单位", f"the role {role} needs its unit's name")
    name = words("unit", given, LONGEST_UNIT)
    if name in OWN_NAMES.values():
        raise invalid("unit", f"{name}不是{ROLE_ZH[role]}", f"{name} does not play the role {role}")
    return name


def find_id(connection: Connection, name: str) -> int | None:
    """The unit that has or had this name."""
    found: int | None = connection.execute(
        select(NAMES.c.unit_id).where(NAMES.c.name == kept(name, LONGEST_UNIT + 1))
    ).scalar()
    return found


def known_id(connection: Connection, name: str, field: str = "unit") -> int:
    """The unit that has or had this name. Raises FaultError where none has."""
    found = find_id(connection, name.strip())
    if found is None:
        raise unknown(
            field,
            f"没有名为“{name[:LONGEST_UNIT]}”的单位，请先建立",
            f"no unit is called {name[:LONGEST_UNIT]}; add it first",
        )
    return found


def take_up(
    connection: Connection, author: Author, role: Role, name: str, now: datetime
) -> tuple[int, bool]:
    """The unit of this name, which plays this role from now on; and whether it was made here."""
    found = find_id(connection, name)
    if found is None:
        values = {"name": name, "roles": [role.value], "signing": False, "made_at": now}
        [made] = connection.execute(insert(UNITS).values(values).returning(UNITS.c.id)).one()
        connection.execute(insert(NAMES).values(name=name, unit_id=made, since=now))
        record(connection, author, "unit.add", now, unit=name, role=role.value)
        return int(made), True
    roles = connection.execute(select(UNITS.c.roles).where(UNITS.c.id == found)).scalar_one()
    if role.value not in roles:
        connection.execute(
            update(UNITS).where(UNITS.c.id == found).values(roles=[*roles, role.value])
        )
        record(connection, author, "unit.role", now, unit=name, role=role.value)
    return found, False


def add_unit(
    engine: Engine,
    author: Author,
    role: Role,
    name: str | None,
    now: datetime,
    superior: str | None = None,
) -> int:
    """Make a unit, or let one play another role. Answers its id; raises FaultError."""
    given = unit_name(role, name)
    with writing(engine).begin() as connection:
        made, _ = take_up(connection, author, role, given, now)
        if superior is not None:
            _put_below(connection, author, made, superior, now)
    return made


def set_superior(
    engine: Engine, author: Author, unit_id: int, superior: str | None, now: datetime
) -> None:
    """Say whose a unit is; None: nobody's. Raises FaultError."""
    with writing(engine).begin() as connection:
        _put_below(connection, author, unit_id, superior, now)


def _put_below(
    connection: Connection, author: Author, unit_id: int, superior: str | None, now: datetime
) -> None:
    above = None if superior is None else known_id(connection, superior, "superior")
    if above is not None and unit_id in _above(connection, above):
        raise invalid("superior", "不能是自己或下级", "must not be itself or below it")
    change = update(UNITS).where(UNITS.c.id == unit_id).values(superior_id=above)
    name = connection.execute(change.returning(UNITS.c.name)).scalar()
    if name is None:
        raise unknown("unit", "没有这个单位", "there is no such unit")
    record(connection, author, "unit.superior", now, unit=name, superior=superior)


def _above(connection: Connection, unit_id: int) -> list[int]:
    """A unit and all above it."""
    chain: list[int] = []
    at: int | None = unit_id
    while at is not None and at not in chain:
        chain.append(at)
        at = connection.execute(select(UNITS.c.superior_id).where(UNITS.c.id == at)).scalar()
    return chain


def rename_unit(engine: Engine, author: Author, old: str, new: str, now: datetime) -> None:
    """Give a unit another name; it keeps what it had under the old one. Raises FaultError."""
    name = words("name", new, LONGEST_UNIT)
    if old.strip() in OWN_NAMES.values() or name in OWN_NAMES.values():
        raise invalid("name", "国家机关名称固定", "national bodies keep their names")
    try:
        with writing(engine).begin() as connection:
            unit_id = known_id(connection, old, "old")
            holder = find_id(connection, name)
            if holder is not None and holder != unit_id:
                raise _taken(name)
            if holder is None:
                connection.execute(insert(NAMES).values(name=name, unit_id=unit_id, since=now))
            connection.execute(update(UNITS).where(UNITS.c.id == unit_id).values(name=name))
            record(connection, author, "unit.rename", now, old=old, new=name)
    except IntegrityError:
        raise _taken(name) from None


def _taken(name: str) -> FaultError:
    return conflict(
        "name",
        f"“{name}”是另一单位现用或曾用的名称",
        f"{name} is or was the name of another unit",
    )


def set_signing(
    engine: Engine,
    author: Author,
    unit_id: int,
    now: datetime,
    *,
    on: bool,
    actions: Sequence[str] | None = None,
) -> None:
    """Whether a unit's acts are drafted and signed; ``actions`` None: those without a way back."""
    values: dict[str, Any] = {
        "signing": on,
        "signing_actions": None if actions is None else sorted(actions),
    }
    with writing(engine).begin() as connection:
        done = connection.execute(update(UNITS).where(UNITS.c.id == unit_id).values(values))
        if not done.rowcount:
            raise unknown("unit", "没有这个单位", "there is no such unit")
        record(connection, author, "unit.signing", now, unit_id=unit_id, **values)


def units(engine: Engine) -> list[Unit]:
    """All units, by name."""
    with engine.connect() as connection:
        rows = connection.execute(select(UNITS).order_by(UNITS.c.name)).mappings().all()
        named = connection.execute(select(NAMES.c.unit_id, NAMES.c.name).order_by(NAMES.c.since))
        names: dict[int, list[str]] = {}
        for unit_id, name in named:
            names.setdefault(unit_id, []).append(name)
    present = {row["id"]: row["name"] for row in rows}
    return [
        Unit(
            id=row["id"],
            name=row["name"],
            names=names_of(row["name"], names.get(row["id"], [])),
            roles=tuple(Role(role) for role in row["roles"]),
            superior=present.get(row["superior_id"]),
            signing=signing_of(row["signing"], row["signing_actions"]),
        )
        for row in rows
    ]


def names_of(present: str, names: Sequence[str]) -> tuple[str, ...]:
    """All names of a unit, the present one first."""
    return (present, *(name for name in names if name != present))


def signing_of(on: bool, actions: Sequence[str] | None) -> Signing | None:
    """The policy in a unit's row; None where nothing has to be signed."""
    return Signing(None if actions is None else frozenset(actions)) if on else None


def tie(engine: Engine, author: Author, one: str, other: str, note: str, now: datetime) -> None:
    """Note that two units are tied to each other (again: with this note). Raises FaultError."""
    why = words("note", note, 500)
    with writing(engine).begin() as connection:
        pair = sorted((known_id(connection, one, "unit"), known_id(connection, other, "other")))
        if pair[0] == pair[1]:
            raise invalid("other", "与本单位相同", "is the same unit")
        found = (_TIES.c.unit_id == pair[0]) & (_TIES.c.other_id == pair[1])
        if not connection.execute(update(_TIES).where(found).values(note=why)).rowcount:
            values = {"unit_id": pair[0], "other_id": pair[1], "note": why, "made_at": now}
            connection.execute(insert(_TIES).values(values))
        record(connection, author, "unit.tie", now, unit=one, other=other, note=why)


def untie(engine: Engine, author: Author, one: str, other: str, now: datetime) -> None:
    """Take back that two units are tied. Raises FaultError where they were not."""
    with writing(engine).begin() as connection:
        pair = sorted((known_id(connection, one, "unit"), known_id(connection, other, "other")))
        found = (_TIES.c.unit_id == pair[0]) & (_TIES.c.other_id == pair[1])
        if not connection.execute(_TIES.delete().where(found)).rowcount:
            raise unknown("other", "两单位之间没有关联", "the two units are not tied")
        record(connection, author, "unit.untie", now, unit=one, other=other)


def ties(engine: Engine) -> list[tuple[str, str, str]]:
    """All ties: both units' present names, and why."""
    other = UNITS.alias()
    query = (
        select(UNITS.c.name, other.c.name, _TIES.c.note)
        .join_from(_TIES, UNITS, UNITS.c.id == _TIES.c.unit_id)
        .join(other, other.c.id == _TIES.c.other_id)
        .order_by(UNITS.c.name, other.c.name)
    )
    with engine.connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def tied(engine: Engine, unit: str, others: Sequence[str]) -> list[Tie]:
    """How a unit is tied to any of these: the same one, above or below it, or noted as tied.

    Names may be former ones, or such that no unit has: two equal names are one unit.
    """
    asked = [other for other in dict.fromkeys(others) if other]
    with engine.connect() as connection:
        rows = connection.execute(
            select(NAMES.c.name, UNITS.c.id, UNITS.c.superior_id)
            .join_from(NAMES, UNITS, UNITS.c.id == NAMES.c.unit_id)
            .where(NAMES.c.name.in_([unit, *asked]))
        )
        known = {row.name: (row.id, row.superior_id) for row in rows}
        mine = known.get(unit)
        notes: dict[int, str] = {}
        if mine is not None:
            mentions = or_(_TIES.c.unit_id == mine[0], _TIES.c.other_id == mine[0])
            for row in connection.execute(select(_TIES).where(mentions)):
                notes[row.other_id if row.unit_id == mine[0] else row.unit_id] = row.note
    found = (_tie(unit, other, mine, known.get(other), notes) for other in asked)
    return [one for one in found if one is not None]


def _tie(unit: str, other: str, mine: Any, theirs: Any, notes: dict[int, str]) -> Tie | None:
    if unit == other or (mine and theirs and mine[0] == theirs[0]):
        return Tie(unit, other, "同一单位", "the same unit")
    if mine is None or theirs is None:
        return None
    if theirs[0] in notes:
        return Tie(unit, other, notes[theirs[0]], notes[theirs[0]])
    if mine[1] == theirs[0]:
        return Tie(unit, other, "上级单位", "its superior unit")
    if theirs[1] == mine[0]:
        return Tie(unit, other, "下级单位", "a unit below it")
    if mine[1] is not None and mine[1] == theirs[1]:
        return Tie(unit, other, "同一上级单位", "under the same superior unit")
    return None
