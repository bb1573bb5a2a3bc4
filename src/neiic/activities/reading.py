"""Reading the records: centers, their events, deadlines, notices, refusals, first answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, RowMapping, String, cast, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_records

from neiic.models.messages import Carried
from neiic.models.tables import (
    CenterRecord,
    CenterSummary,
    DeadlineRecord,
    EventRecord,
    NoticeRecord,
    RefusalRecord,
    Stored,
    columns_of,
    table_of,
)
from neiic.statute.acts import Actor, Event
from neiic.statute.periods import beijing
from neiic.statute.snapshot import Snapshot
from neiic.statute.state import Center
from neiic.statute.terms import Role, Stage
from neiic.statute.versions import upcast

_CENTERS = table_of(CenterRecord)
_EVENTS = table_of(EventRecord)
_REFUSALS = table_of(RefusalRecord)
_SUMMARY = columns_of(CenterRecord, CenterSummary)

_Record = TypeVar("_Record", bound=Stored)


class RecordsReader:
    """The records as one may read them. Every method is one short transaction of its own.

    Raises SQLAlchemy's OperationalError where the database is away or was never migrated.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def ping(self) -> None:
        """Nothing, if the database answers."""
        with self.engine.connect() as connection:
            connection.execute(select(1))

    def center(self, code: str) -> CenterSummary | None:
        """One center; None where the records have no such code."""
        found = self._row(select(*_SUMMARY).where(_CENTERS.c.code == code))
        return None if found is None else CenterSummary.model_validate(dict(found))

    def centers(
        self,
        *,
        stage: Stage | str | None = None,
        competent_unit: str | None = None,
        lead_unit: str | None = None,
        implementing_unit: str | None = None,
        closed: bool | None = None,
        overdue: bool | None = None,
        waiting_for: Role | str | None = None,
        due_before: datetime | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[CenterSummary]:
        """Centers that fit every filter given, by code.

        ``due_before`` is an aware instant: those whose next deadline comes before it.
        """
        exact = {
            "stage": None if stage is None else str(stage),
            "competent_unit": competent_unit,
            "lead_unit": lead_unit,
            "implementing_unit": implementing_unit,
            "closed": closed,
            "overdue": overdue,
        }
        conditions: list[ColumnElement[bool]] = [
            _CENTERS.c[name] == wanted for name, wanted in exact.items() if wanted is not None
        ]
        if waiting_for is not None:
            # Roles are plain words, so the list's text can be searched on either database.
            roles = cast(_CENTERS.c.waiting_for, String)
            conditions.append(roles.contains(f'"{waiting_for!s}"', autoescape=True))
        if due_before is not None:
            conditions.append(_CENTERS.c.next_deadline < due_before)
        query = select(*_SUMMARY).where(*conditions).order_by(_CENTERS.c.code)
        with self.engine.connect() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).mappings()
            return [CenterSummary.model_validate(dict(row)) for row in rows]

    def state(self, code: str) -> Center | None:
        """The whole state as the last commit left it; None for an unknown code."""
        found = self._row(select(_CENTERS.c.state).where(_CENTERS.c.code == code))
        return None if found is None else Center.model_validate(upcast(Center, found["state"]))

    def carried(self, code: str) -> Carried | None:
        """All that a workflow needs to go on with a life; None for an unknown code."""
        found = self._row(select(_CENTERS.c.life, _CENTERS.c.state).where(_CENTERS.c.code == code))
        if found is None:
            return None
        numbers = select(func.max(_REFUSALS.c.number).label("latest")).where(
            _REFUSALS.c.center == code, _REFUSALS.c.life == found["life"]
        )
        counted = self._row(numbers)
        return Carried(
            center=Center.model_validate(upcast(Center, found["state"])),
            refusals=(counted["latest"] or 0) if counted else 0,
            life=found["life"],
        )

    def snapshot(self, code: str) -> Snapshot | None:
        """What the center showed at its last commit; None for an unknown code."""
        found = self._row(select(_CENTERS.c.snapshot).where(_CENTERS.c.code == code))
        if found is None:
            return None
        return Snapshot.model_validate(upcast(Snapshot, found["snapshot"]))

    def timeline(self, code: str, after: int = 0, *, limit: int | None = None) -> list[Event]:
        """A center's events in order, those after a sequence; none for an unknown code."""
        columns = [column for column in _EVENTS.c if column.name not in ("id", "center", "answer")]
        query = (
            select(*columns)
            .where(_EVENTS.c.center == code, _EVENTS.c.sequence > after)
            .order_by(_EVENTS.c.sequence)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [event_of(row) for row in connection.execute(query).mappings()]

    def deadlines(
        self, code: str | None = None, *, status: Sequence[str] | None = None
    ) -> list[DeadlineRecord]:
        """Deadlines of one center or of all, also closed ones, soonest end first."""
        query = select_records(DeadlineRecord)
        if code is not None:
            query = query.where(DeadlineRecord.center == code)
        if status is not None:
            query = query.where(col(DeadlineRecord.status).in_(status))
        order = (DeadlineRecord.instant, DeadlineRecord.center, DeadlineRecord.deadline)
        return self._records(query.order_by(*map(col, order)))

    def notices(
        self, code: str | None = None, after_id: int = 0, *, status: str | None = None
    ) -> list[NoticeRecord]:
        """Notices of one center or of all in the order of their writing, those after an id."""
        query = select_records(NoticeRecord).where(col(NoticeRecord.id) > after_id)
        if code is not None:
            query = query.where(NoticeRecord.center == code)
        if status is not None:
            query = query.where(NoticeRecord.status == status)
        return self._records(query.order_by(col(NoticeRecord.id)))

    def refusals(self, code: str | None = None, after_id: int = 0) -> list[RefusalRecord]:
        """Refused messages to one center or to all in the order of their writing."""
        query = select_records(RefusalRecord).where(col(RefusalRecord.id) > after_id)
        if code is not None:
            query = query.where(RefusalRecord.center == code)
        return self._records(query.order_by(col(RefusalRecord.id)))

    def refusal_of_decision(self, code: str, decision_id: str) -> RefusalRecord | None:
        """The latest refusal of a decision that was sent to a center; None where there is none."""
        query = (
            select_records(RefusalRecord)
            .where(RefusalRecord.center == code, RefusalRecord.decision_id == decision_id)
            .order_by(col(RefusalRecord.id).desc())
            .limit(1)
        )
        found: list[RefusalRecord] = self._records(query)
        return found[0] if found else None

    def recall(self, code: str, sequence: int) -> dict[str, Any] | None:
        """The snapshot that the act of this sequence was answered with; None if it was no act."""
        return self._answer(code, _EVENTS.c.sequence == sequence)

    def recall_by_decision(self, code: str, decision_id: str) -> dict[str, Any] | None:
        """The snapshot that the act with this decision id was answered with, if there was one."""
        return self._answer(code, _EVENTS.c.decision_id == decision_id)

    def _answer(self, code: str, which: ColumnElement[bool]) -> dict[str, Any] | None:
        found = self._row(select(_EVENTS.c.answer).where(_EVENTS.c.center == code, which))
        return None if found is None else found["answer"]

    def _row(self, query: Any) -> RowMapping | None:
        with self.engine.connect() as connection:
            return connection.execute(query).mappings().first()

    def _records(self, query: Any) -> list[_Record]:
        with Session(self.engine, expire_on_commit=False) as session:
            return list(session.exec(query))


def event_of(row: RowMapping) -> Event:
    """The event in a row of ``events``, on the Beijing clock like a fresh one.

    A row of an older version is lifted to the present one.
    """
    fields = {name: row[name] for name in Event.model_fields if name in row}
    if row["actor_user"] is not None:
        fields["actor"] = Actor(
            user=row["actor_user"],
            name=row["actor_name"],
            role=row["actor_role"],
            unit=row["actor_unit"],
        )
    fields |= {"at": beijing(row["at"]), "recorded": beijing(row["recorded"])}
    return Event.model_validate(upcast(Event, fields))


def now_utc() -> datetime:
    """The clock of this machine."""
    return datetime.now(UTC)
