"""Everything that the records hold, as plain values to compare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from neiic.models.tables import (
    CenterRecord,
    DeadlineRecord,
    EventRecord,
    MatterRecord,
    NoticeRecord,
    RefusalRecord,
    table_of,
)

#: What is said of centers. How often they were written (``changes``) is no part of it, and the
#: console's own data are not theirs.
RECORDS = (
    CenterRecord,
    DeadlineRecord,
    EventRecord,
    MatterRecord,
    NoticeRecord,
    RefusalRecord,
)
Dump = dict[str, list[dict[str, Any]]]


def dump(engine: Engine) -> Dump:
    """All rows of the records' tables, without the numbers that a database gives by itself."""
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
            for table in map(table_of, RECORDS)
        }
