"""What is stored: one table each for centers, events, deadlines, matters, refusals and notices.

``events`` is the record itself and only ever grows; ``centers``, ``deadlines`` and ``matters``
are what the events have made so far, kept for reading. Instants are written and read in UTC, aware,
on every database; dates are Beijing days.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

#: Names of constraints that both databases share, so that a later migration can find them.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """A moment, kept in UTC. SQLite has no zones: there the digits are UTC's.

    A naive datetime is refused with ValueError: nobody could say which moment it is.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Towards the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: A JSON document; an absent one is SQL's NULL.
Document = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Stored(SQLModel):
    """Base of all tables: one metadata, with stable constraint names, which Alembic compares."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class CenterSummary(Stored):
    """A center as lists show it.

    ``next_deadline`` is the soonest instant at which an open deadline ends or, where none is
    open, the soonest at which one opens; ``next_deadline_kind`` says of what kind it is.
    ``life`` is the workflow's first run id.
    """

    code: str = Field(primary_key=True)
    life: str
    name: str | None
    field: str
    competent_unit: str = Field(index=True)
    lead_unit: str
    implementing_unit: str
    stage: str = Field(index=True)
    since: date
    closed: bool
    rule_set: str
    latest_grade: str | None
    strikes: int
    next_deadline_kind: str | None
    next_deadline: datetime | None = Field(sa_type=Instant, index=True)
    overdue: bool
    waiting_for: list[str] = Field(sa_type=Document)
    sequence: int
    updated_at: datetime = Field(sa_type=Instant)


#: Rows of ``centers`` whose matters are not those of their state.
STALE = "projected IS NULL OR projected != sequence"


class CenterRecord(CenterSummary, table=True):
    """The projection of a center: ``state`` is the core's ``Center``, ``snapshot`` what it shows.

    ``projected`` is the sequence at which its matters, and from when its deadlines are close, were
    written. A release that knows neither leaves it as it is: the row is stale then.
    """

    __tablename__ = "centers"
    __table_args__ = (
        Index(
            "ix_centers_stale",
            "code",
            "sequence",
            sqlite_where=text(STALE),
            postgresql_where=text(STALE),
        ),
        Index(None, "lead_unit"),
        Index(None, "implementing_unit"),
        Index(None, "name", "code"),
        Index(None, "stage", "code"),
        Index(None, "next_deadline", "code"),
        Index(None, "updated_at", "code"),
    )

    state: dict[str, Any] = Field(sa_type=Document)
    snapshot: dict[str, Any] = Field(sa_type=Document)
    projected: int | None = Field(default=None)


_DOCUMENTED = "document_no IS NOT NULL"
_ACTED = "actor_role IS NOT NULL"


def _of_acts(name: str, *columns: str) -> Index:
    """An index of what people did, without the system's own events."""
    return Index(name, *columns, sqlite_where=text(_ACTED), postgresql_where=text(_ACTED))


class EventRecord(Stored, table=True):
    """One event, never changed. ``answer`` is the snapshot that its act was answered with."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("center", "sequence"),
        Index(None, "center", "decision_id"),
        _of_acts("ix_events_by_role", "actor_role", "recorded"),
        _of_acts("ix_events_by_center_and_role", "center", "actor_role", "recorded", "kind"),
        Index(
            "ix_events_document_no",
            "document_no",
            "center",
            sqlite_where=text(_DOCUMENTED),
            postgresql_where=text(_DOCUMENTED),
            postgresql_ops={"document_no": "text_pattern_ops"},
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    center: str = Field(foreign_key="centers.code")
    sequence: int
    kind: str
    article: str
    at: datetime = Field(sa_type=Instant)
    recorded: datetime = Field(sa_type=Instant)
    effective: date
    actor_user: str | None
    actor_name: str | None
    actor_role: str | None
    actor_unit: str | None
    document_no: str | None
    decision_id: str | None
    remarks: str | None
    data: dict[str, Any] = Field(sa_type=Document)
    schema_version: int
    answer: dict[str, Any] | None = Field(sa_type=Document)


class DeadlineRecord(Stored, table=True):
    """One deadline of a center as its last change left it; closed ones stay for good.

    ``instant`` is when it is past (due date 24:00 Beijing time), ``opens`` the moment at which
    an upcoming one opens. ``yellow_from`` is the moment from which one that is open, held or
    overdue is close. The explanations speak as of the center's last commit.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        Index(None, "status", "instant"),
        Index(
            "ix_deadlines_board", "status", "instant", "kind", "center", "deadline", "yellow_from"
        ),
    )

    center: str = Field(primary_key=True, foreign_key="centers.code")
    deadline: str = Field(primary_key=True)
    kind: str
    title: str
    article: str
    nominal: date
    due: date
    instant: datetime = Field(sa_type=Instant)
    rolled: bool
    provisional: bool
    status: str
    responsible: str
    explanation_zh: str
    explanation_en: str
    opens: datetime | None = Field(sa_type=Instant)
    yellow_from: datetime | None = Field(default=None, sa_type=Instant)


class MatterRecord(Stored, table=True):
    """One open matter of a center and one role that it waits for; gone once it is answered.

    ``unit`` is the unit that the role stands for at this center, empty for an assessor. ``due`` is
    when the deadline that bounds it is past, ``yellow_from`` from when that is close.
    """

    __tablename__ = "matters"
    __table_args__ = (
        Index("ix_matters_urgency", "role", "unit", "due", "center", "matter", "yellow_from"),
        Index("ix_matters_age", "role", "unit", "since", "center", "matter", "due"),
    )

    center: str = Field(primary_key=True, foreign_key="centers.code")
    matter: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    unit: str
    action: str
    subject: dict[str, Any] = Field(sa_type=Document)
    article: str
    since: date
    deadline: str | None
    due: datetime | None = Field(sa_type=Instant)
    yellow_from: datetime | None = Field(sa_type=Instant)


class ChangeRecord(Stored, table=True):
    """How often centers were written, counted in shards so that writers need not queue.

    Every transaction that writes centers, deadlines or matters adds one to some shard. The sum
    tells whoever keeps counts of them whether they still hold.
    """

    __tablename__ = "changes"

    shard: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(sa_type=BigInteger)


class RefusalRecord(Stored, table=True):
    """One refused message. ``number`` and ``life`` are the workflow's; a door has neither.

    ``message`` is what was sent, made printable. ``center`` may be a code that no center has.
    """

    __tablename__ = "refusals"
    __table_args__ = (UniqueConstraint("center", "life", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    center: str = Field(index=True)
    life: str | None
    number: int | None
    via: str
    action: str
    code: str
    article: str
    message_zh: str
    message_en: str
    message: str
    decision_id: str | None
    actor_user: str | None
    actor_role: str | None
    actor_unit: str | None
    recorded_at: datetime = Field(sa_type=Instant)


class NoticeRecord(Stored, table=True):
    """One notice for one unit, to be delivered once. ``event`` is the sequence that caused it."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("center", "key"), Index(None, "status", "id"))

    id: int | None = Field(default=None, primary_key=True)
    center: str = Field(foreign_key="centers.code")
    key: str
    kind: str
    role: str
    unit: str
    article: str
    deadline: str | None
    due: date | None
    rung: int | None
    status: str
    event: int | None
    created_at: datetime = Field(sa_type=Instant)


def table_of(record: type[Stored]) -> Table:
    """The table behind a record class."""
    table: Table = record.__table__  # type: ignore[attr-defined]
    return table


def columns_of(record: type[Stored], shown: type[Stored]) -> list[Column[Any]]:
    """The columns of a table that another model shows, in its order."""
    return [table_of(record).c[name] for name in shown.model_fields]
