"""Everything that the records hold, as plain values to compare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from neiic.models.tables import Stored

Dump = dict[str, list[dict[str, Any]]]


def dump(engine: Engine) -> Dump:
    """All rows of all tables, without the numbers that a database gives by itself."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                (
                    {name: value for name, value in row.items() if name != "id"}
                    for row in connection.execute(select(table)).mappings()
                ),
                key=lambda row: [
                    str(row.get(name))
                    for name in ("code", "center", "sequence", "key", "deadline", "number")
                ],
            )
            for table in Stored.metadata.sorted_tables
        }
