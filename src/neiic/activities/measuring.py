"""How the records stand, in numbers for operators: one short reading, a few counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import Engine, func, select

from neiic.models.tables import CenterRecord, DeadlineRecord, NoticeRecord, table_of
from neiic.statute.terms import DeadlineKind, Stage

_CENTERS = table_of(CenterRecord)
_DEADLINES = table_of(DeadlineRecord)
_NOTICES = table_of(NoticeRecord)


@dataclass(frozen=True)
class Standing:
    """Counts over all centers; every stage and kind is there, if only with 0."""

    by_stage: Mapping[str, int]
    overdue_by_kind: Mapping[str, int]
    outbox_pending: int


def standing(engine: Engine) -> Standing:
    """The records as they stand now. Raises SQLAlchemyError where the database is away."""
    stages = select(_CENTERS.c.stage, func.count()).group_by(_CENTERS.c.stage)
    overdue = (
        select(_DEADLINES.c.kind, func.count())
        .where(_DEADLINES.c.status == "overdue")
        .group_by(_DEADLINES.c.kind)
    )
    pending = select(func.count()).where(_NOTICES.c.status == "pending")
    with engine.connect() as connection:
        return Standing(
            by_stage=dict.fromkeys(map(str, Stage), 0)
            | {str(stage): count for stage, count in connection.execute(stages)},
            overdue_by_kind=dict.fromkeys(get_args(DeadlineKind), 0)
            | {str(kind): count for kind, count in connection.execute(overdue)},
            outbox_pending=connection.execute(pending).scalar_one(),
        )
