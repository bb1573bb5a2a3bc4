"""The rows of a database of any revision as JSON, and back into another of the same revision.

The tables are taken as the database has them, not as this code knows them: a released revision
is older than the code.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Column, Date, DateTime, Engine, MetaData, Table, insert, select

from neiic.activities.database import writing
from neiic.models.tables import Instant

#: By table; a column that is NULL is left out, as are the numbers that a database gives.
Rows = dict[str, list[dict[str, Any]]]

#: Alembic's own.
_NOT_OURS = "alembic_version"


def rows_of(engine: Engine) -> Rows:
    """All rows as JSON values, in the order of their writing; instants in UTC."""
    with engine.connect() as connection:
        return {
            table.name: [
                {
                    name: _encoded(value)
                    for name, value in row.items()
                    if name != "id" and value is not None
                }
                for row in connection.execute(select(table).order_by(*_order(table))).mappings()
            ]
            for table in _tables(engine)
        }


def unfilled(engine: Engine) -> list[str]:
    """The columns that are NULL in every row, as ``table.column``, also those of empty tables."""
    rows = rows_of(engine)
    return [
        f"{table.name}.{column.name}"
        for table in _tables(engine)
        for column in table.c
        if column.name != "id" and not any(column.name in row for row in rows[table.name])
    ]


def put(engine: Engine, rows: Rows) -> None:
    """Write rows into the empty tables of a database."""
    with writing(engine).begin() as connection:
        for table in _tables(engine):
            for row in rows[table.name]:
                values = {
                    name: decoded(table.c[name], value, engine.dialect.name)
                    for name, value in row.items()
                }
                connection.execute(insert(table).values(values))


def decoded(column: Column[Any], value: Any, dialect: str = "postgresql") -> Any:
    """A column's value from its JSON."""
    if value is None:
        return None
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if isinstance(column.type, DateTime | Instant):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=None) if dialect == "sqlite" else moment
    return value


def _tables(engine: Engine) -> list[Table]:
    metadata = MetaData()
    metadata.reflect(engine)
    return [table for table in metadata.sorted_tables if table.name != _NOT_OURS]


def _order(table: Table) -> list[Column[Any]]:
    return [table.c.id] if "id" in table.c else list(table.primary_key.columns)


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat() if value.tzinfo is None else value.isoformat()
    return value.isoformat() if isinstance(value, date) else value
