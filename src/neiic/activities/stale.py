"""Centers whose matters and lights are not those of their state, and how they are written anew.

A release that knows neither leaves such rows behind, and so does the migration that brings them:
it adds columns and touches no row. Whoever starts a worker, or migrates, has them written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy import text as sql

from neiic.activities.projection import Projection, Row, lights_to_put, project
from neiic.models.tables import STALE, CenterRecord, DeadlineRecord, table_of
from neiic.statute.rules import UnknownRuleSetError
from neiic.statute.state import Center
from neiic.statute.versions import upcast

_CENTERS, _DEADLINES = table_of(CenterRecord), table_of(DeadlineRecord)

#: Word for word what the partial index says, so that both databases use it.
_IS_STALE = sql(f"({STALE})")

_log = structlog.stdlib.get_logger("neiic.records")


def stale_codes(connection: Connection, after: str, most: int) -> list[str]:
    """The first ``most`` stale centers by code, those after a code."""
    query = select(_CENTERS.c.code).where(_IS_STALE, _CENTERS.c.code > after)
    return list(connection.scalars(query.order_by(_CENTERS.c.code).limit(most)))


def count_stale(connection: Connection) -> int:
    """How many centers are stale."""
    return connection.scalar(select(func.count()).select_from(_CENTERS).where(_IS_STALE)) or 0


def project_again(
    connection: Connection,
    code: str,
    put_deadlines: Any,
    write_matters: Callable[[Connection, Projection], None],
) -> bool:
    """Write one center's matters and lights from its stored state, if it is stale still.

    False where it is not, or where this release cannot read its state: then it stays stale, and
    the log says why.
    """
    query = select(_CENTERS.c.state, _CENTERS.c.sequence).where(_CENTERS.c.code == code, _IS_STALE)
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    if row is None:
        return False
    projection = _projection(code, row)
    if projection is None:
        return False
    found = connection.execute(select(_DEADLINES).where(_DEADLINES.c.center == code)).mappings()
    known: dict[str, Row] = {each["deadline"]: dict(each) for each in found}
    lights = lights_to_put(projection, known)
    if lights:
        connection.execute(put_deadlines, lights)
    write_matters(connection, projection)
    connection.execute(
        update(_CENTERS).where(_CENTERS.c.code == code).values(projected=row["sequence"])
    )
    return True


def _projection(code: str, row: RowMapping) -> Projection | None:
    try:
        return project(Center.model_validate(upcast(Center, row["state"])))
    except (UnknownRuleSetError, ValidationError, ValueError) as error:
        _log.warning("matters not written", code=code, reason=str(error)[:200])
        return None
