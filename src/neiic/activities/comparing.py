"""What a rewriting of a center's records has changed, by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from neiic.models.tables import CenterRecord, DeadlineRecord, EventRecord, table_of

#: What a database numbers itself, or says when it was written rather than what.
_NOT_COMPARED = frozenset({"id", "updated_at"})
_KEYS: dict[Table, tuple[str, ...]] = {
    table_of(CenterRecord): ("code",),
    table_of(EventRecord): ("center", "sequence"),
    table_of(DeadlineRecord): ("center", "deadline"),
}

#: By table name, rows by their key.
Rows = Mapping[str, Mapping[tuple[Any, ...], Mapping[str, Any]]]


class Mended(NamedTuple):
    """Rows of one center, by table: put back where they lacked, put right where they said
    something else, and taken out where they should not have been. Tables without any are left
    out.
    """

    put_back: dict[str, int]
    put_right: dict[str, int]
    taken_out: dict[str, int]


def rows_of(connection: Connection, code: str) -> Rows:
    """A center's rows of the tables that are rewritten."""
    found: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
    for table, key in _KEYS.items():
        query = select(table).where(table.c[key[0]] == code)
        found[table.name] = {
            tuple(row[name] for name in key): {
                name: value for name, value in row.items() if name not in _NOT_COMPARED
            }
            for row in connection.execute(query).mappings()
        }
    return found


def mended(before: Rows, after: Rows, added: Mapping[str, int]) -> Mended:
    """What has changed; ``added`` counts the rows of tables that are only ever added to."""
    put_back, put_right, taken_out = {}, {}, {}
    for table, now in after.items():
        then = before[table]
        put_back[table] = len(now.keys() - then.keys())
        taken_out[table] = len(then.keys() - now.keys())
        put_right[table] = sum(then[key] != now[key] for key in now.keys() & then.keys())
    return Mended(_some(put_back | dict(added)), _some(put_right), _some(taken_out))


def in_all(*counts: Mapping[str, int]) -> int:
    """How many rows these are together."""
    return sum(sum(count.values()) for count in counts)


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    return {table: count for table, count in counts.items() if count}


def totals(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by table, added up."""
    added: dict[str, int] = {}
    for one in counts:
        for table, count in one.items():
            added[table] = added.get(table, 0) + count
    return added
