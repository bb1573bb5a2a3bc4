"""Writing the records: one transaction for all that an act brings about, written once.

A commit may come twice: its answer may have been lost. Or the worker may have died between
writing and telling the server, and another act came first afterwards. What is there already
is not written again; what is there and says something else stands, and is answered.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    Connection,
    Engine,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from neiic.activities.comparing import Mended, in_all, mended, rows_of, totals
from neiic.activities.database import writing
from neiic.activities.projection import (
    Projection,
    Row,
    center_row,
    deadline_changes,
    event_row,
    matter_changes,
    notice_row,
    project,
    refusal_row,
    signal_refusal_row,
)
from neiic.activities.reading import RecordsReader, event_of, now_utc
from neiic.activities.stale import project_again, stale_codes
from neiic.models.messages import Commit, Committed
from neiic.models.tables import (
    CenterRecord,
    ChangeRecord,
    DeadlineRecord,
    EventRecord,
    MatterRecord,
    NoticeRecord,
    RefusalRecord,
    table_of,
)
from neiic.statute.acts import Event, Refused
from neiic.statute.deciding import unfold
from neiic.statute.notices import Notice
from neiic.statute.rules import LIBRARY
from neiic.statute.state import Center

_CENTERS = table_of(CenterRecord)
_EVENTS = table_of(EventRecord)
_DEADLINES = table_of(DeadlineRecord)
_MATTERS = table_of(MatterRecord)
_CHANGES = table_of(ChangeRecord)

#: Writers at once that add up their changes without waiting for one another, by and large.
SHARDS = 32
#: Stale centers written in one transaction.
BATCH = 20


class CodeTakenError(Exception):
    """The records hold another life under this code."""


class GapError(Exception):
    """Events are missing between what the records hold and what a commit brings."""


class Rewritten(NamedTuple):
    """A center's records written anew: up to which event, how many events, how many lack still,
    and what this has mended.

    Those that lack are older than the histories that the Temporal server keeps.
    """

    sequence: int
    written: int
    missing: int
    mended: Mended


class Records(RecordsReader):
    """The records of all centers; safe to use from many threads.

    ``now`` is the clock for what has no time of its own, such as a refusal.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(engine)
        self._now = now
        self._writing = writing(engine)
        on_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer at a time and makes others poll; here they queue instead.
        self._turn: AbstractContextManager[Any] = threading.Lock() if on_sqlite else nullcontext()
        self._statements = _Statements(sqlite.insert if on_sqlite else postgresql.insert)

    def commit(self, commit: Commit) -> Committed:
        """Write events, projection, deadlines, notices and refusals in one transaction.

        The same commit again writes nothing. Where the records hold anything else from the
        commit's first event on (another act, another time, more events), nothing is written
        either, and the answer's ``stored`` has all that they hold from there. Refusals that
        come without events are written in any case. All acts in one commit have its center's
        snapshot as their answer. Raises CodeTakenError or GapError, and writes nothing then.
        """
        projection = project(commit.center)
        try:
            return self._commit(commit, projection)
        except IntegrityError:
            # The same commit, tried twice at once, created the center between our look and
            # our write. Now it is there to be seen.
            return self._commit(commit, projection)

    def record_refusal(
        self,
        code: str,
        action: str,
        refusal: Refused,
        *,
        via: str,
        message: str,
        decision_id: str | None = None,
        actor_user: str | None = None,
        actor_role: str | None = None,
        actor_unit: str | None = None,
        notice: Notice | None = None,
    ) -> None:
        """Record what a door refused (``via`` names how: update, start, …), and who is told.

        There need be no such center. Texts are cut and made printable.
        """
        row = refusal_row(
            code,
            action,
            refusal,
            via,
            message,
            self._now(),
            decision_id=decision_id,
            actor_user=actor_user,
            actor_role=actor_role,
            actor_unit=actor_unit,
        )
        with self._turn, self._writing.begin() as connection:
            connection.execute(self._statements.add_refusal, row)
            if notice is not None:
                told = notice_row(code, notice, (), self._now())
                connection.execute(self._statements.add_notices, told)

    def _commit(self, commit: Commit, projection: Projection) -> Committed:
        code = commit.center.code
        with self._turn, self._writing.begin() as connection:
            known = connection.execute(self._statements.standing, {"sought": code}).one_or_none()
            if known is not None and known.life != commit.life:
                raise CodeTakenError(f"{code} belongs to the life {known.life}, not {commit.life}")
            recorded = 0 if known is None else known.sequence
            first = _first_sequence(commit, recorded)
            fresh = bool(commit.events) and first > recorded
            if fresh:
                self._write_events(connection, commit, projection, is_new=known is None)
            elif commit.events:
                stored = self._stored(connection, code, first)
                if stored != commit.events:
                    return Committed(sequence=recorded, already=False, stored=stored)
            others = self._write_others(connection, commit)
            if fresh:
                self._note_change(connection, code)
        sequence = max(recorded, commit.center.sequence)
        return Committed(sequence=sequence, already=not fresh and not in_all(others))

    def rewrite(self, life: str, base: Center | None, commits: Sequence[Commit]) -> Rewritten:
        """Write one center's records anew, by what its workflow has committed since ``base``.

        ``base`` is the center before the first commit, None where that is the registration.
        Notices and refusals that are there stay as they are, those that are not are added.
        Events before ``base`` stay, and so do later ones than the last commit's: a worker died
        after it had written them. All in one transaction. Raises CodeTakenError where the
        records hold another life under the code, ValueError with nothing to write from.
        """
        centers = [*([base] if base else []), *(commit.center for commit in commits)]
        if not centers:
            raise ValueError("neither a center nor commits to write from")
        code, begin, last = centers[0].code, base.sequence if base else 0, centers[-1].sequence
        with self._turn, self._writing.begin() as connection:
            known = connection.execute(self._statements.standing, {"sought": code}).one_or_none()
            if known is not None and known.life != life:
                raise CodeTakenError(f"{code} belongs to the life {known.life}, not {life}")
            before, added = rows_of(connection, code), []
            span = {"sought": code, "begin": begin, "last": last}
            connection.execute(self._statements.take_events_out, span)
            connection.execute(self._statements.take_deadlines_out, {"sought": code})
            connection.execute(self._statements.take_matters_out, {"sought": code})
            is_new = known is None
            if base is not None:
                self._write_center(connection, project(base), life, base.clock, is_new=is_new)
                is_new = False
            for commit in commits:
                if commit.events:
                    self._write_events(connection, commit, project(commit.center), is_new=is_new)
                    is_new = False
                added.append(self._write_others(connection, commit))
            beyond = self._stored(connection, code, last + 1)
            if beyond:
                center, _ = unfold(centers[-1], beyond, LIBRARY[centers[-1].rule_set])
                recorded = beyond[-1].recorded
                self._write_center(connection, project(center), life, recorded, is_new=False)
            kept = len(self._stored(connection, code, 1))
            self._note_change(connection, code)
            found = mended(before, rows_of(connection, code), totals(added))
        end = beyond[-1].sequence if beyond else last
        written = sum(len(commit.events) for commit in commits)
        return Rewritten(sequence=end, written=written, missing=end - kept, mended=found)

    def project_stale(self, limit: int | None = None) -> int:
        """Write matters and lights of stale centers from their states; how many were written.

        ``limit`` is how many at most, None for all. In small transactions, so that nobody waits
        for long; centers are taken by code, and one that this release cannot read is left out.
        """
        written, after = 0, ""
        while limit is None or written < limit:
            most = BATCH if limit is None else min(BATCH, limit - written)
            with self._turn, self._writing.begin() as connection:
                codes = stale_codes(connection, after, most)
                if not codes:
                    break
                done = [code for code in codes if self._project_again(connection, code)]
                if done:
                    self._note_change(connection, done[0])
            written, after = written + len(done), codes[-1]
        return written

    def _project_again(self, connection: Connection, code: str) -> bool:
        def write_matters(within: Connection, projection: Projection) -> None:
            self._write_matters(within, projection, is_new=False)

        put = self._statements.put_deadlines
        return project_again(connection, code, put, write_matters)

    def _stored(self, connection: Connection, code: str, first: int) -> tuple[Event, ...]:
        rows = connection.execute(self._statements.events, {"sought": code, "first": first})
        return tuple(event_of(row) for row in rows.mappings())

    def _write_events(
        self, connection: Connection, commit: Commit, projection: Projection, *, is_new: bool
    ) -> None:
        """A commit's events, and the projection that they lead to."""
        code, recorded = commit.center.code, commit.events[-1].recorded
        self._write_center(connection, projection, commit.life, recorded, is_new=is_new)
        events = [event_row(code, event, projection.shown) for event in commit.events]
        connection.execute(self._statements.add_events, events)

    def _write_center(
        self,
        connection: Connection,
        projection: Projection,
        life: str,
        updated_at: datetime,
        *,
        is_new: bool,
    ) -> None:
        code = projection.center.code
        row = center_row(projection, life, updated_at)
        known: dict[str, Row] = {}
        if is_new:
            connection.execute(self._statements.add_center, row)
        else:
            row["sought"] = row.pop("code")
            connection.execute(self._statements.move_center, row)
            found = connection.execute(self._statements.deadlines, {"sought": code}).mappings()
            known = {each["deadline"]: dict(each) for each in found}
        changes = deadline_changes(projection, known)
        if changes.put:
            connection.execute(self._statements.put_deadlines, changes.put)
        for deadline in changes.out:
            connection.execute(
                self._statements.take_deadline_out, {"sought": code, "gone": deadline}
            )
        self._write_matters(connection, projection, is_new=is_new)

    def _write_matters(
        self, connection: Connection, projection: Projection, *, is_new: bool
    ) -> None:
        code = projection.center.code
        known: dict[tuple[str, str], Row] = {}
        if not is_new:
            found = connection.execute(self._statements.matters, {"sought": code}).mappings()
            known = {(each["matter"], each["role"]): dict(each) for each in found}
        changes = matter_changes(projection, known)
        if changes.put:
            connection.execute(self._statements.put_matters, changes.put)
        if changes.out:
            gone = [{"sought": code, "gone": matter, "by": role} for matter, role in changes.out]
            connection.execute(self._statements.take_matter_out, gone)

    def _note_change(self, connection: Connection, code: str) -> None:
        """The last of a transaction: others with the same shard wait until it is committed."""
        shard = zlib.crc32(code.encode()) % SHARDS
        connection.execute(self._statements.note_change, {"shard": shard, "number": 1})

    def _write_others(self, connection: Connection, commit: Commit) -> dict[str, int]:
        """How many notices and refusals were new, by table."""
        code, now = commit.center.code, self._now()
        written: dict[str, int] = {}
        if commit.notices:
            notices = [notice_row(code, notice, commit.events, now) for notice in commit.notices]
            added = connection.execute(self._statements.add_notices, notices)
            written[table_of(NoticeRecord).name] = added.rowcount
        if commit.refusals:
            refusals = [
                signal_refusal_row(code, commit.life, refused, now) for refused in commit.refusals
            ]
            added = connection.execute(self._statements.add_refusals, refusals)
            written[table_of(RefusalRecord).name] = added.rowcount
        return written


class _Statements:
    """The statements of a commit, built once."""

    def __init__(self, upsert: Callable[[Table], Any]) -> None:
        sought: BindParameter[str] = bindparam("sought")
        self.standing = (
            select(_CENTERS.c.life, _CENTERS.c.sequence)
            .where(_CENTERS.c.code == sought)
            .with_for_update()
        )
        self.add_center = insert(_CENTERS)
        self.move_center = update(_CENTERS).where(_CENTERS.c.code == sought)
        self.add_events = insert(_EVENTS).inline()
        self.events = (
            select(_EVENTS)
            .where(_EVENTS.c.center == sought, _EVENTS.c.sequence >= bindparam("first"))
            .order_by(_EVENTS.c.sequence)
        )
        self.deadlines = select(_DEADLINES).where(_DEADLINES.c.center == sought)
        self.put_deadlines, self.put_matters = (
            _put(upsert, table) for table in (_DEADLINES, _MATTERS)
        )
        self.take_deadline_out = delete(_DEADLINES).where(
            _DEADLINES.c.center == sought, _DEADLINES.c.deadline == bindparam("gone")
        )
        self.matters = select(_MATTERS).where(_MATTERS.c.center == sought)
        self.take_matters_out = delete(_MATTERS).where(_MATTERS.c.center == sought)
        self.take_matter_out = self.take_matters_out.where(
            _MATTERS.c.matter == bindparam("gone"), _MATTERS.c.role == bindparam("by")
        )
        self.note_change = (
            upsert(_CHANGES)
            .inline()
            .on_conflict_do_update(index_elements=["shard"], set_={"number": _CHANGES.c.number + 1})
        )
        # Without the option PostgreSQL's driver is not asked how many rows were new.
        counted = {"preserve_rowcount": True}
        self.add_notices, self.add_refusals = (
            upsert(table_of(record)).inline().on_conflict_do_nothing().execution_options(**counted)
            for record in (NoticeRecord, RefusalRecord)
        )
        self.take_events_out = delete(_EVENTS).where(
            _EVENTS.c.center == sought,
            _EVENTS.c.sequence > bindparam("begin"),
            _EVENTS.c.sequence <= bindparam("last"),
        )
        self.take_deadlines_out = delete(_DEADLINES).where(_DEADLINES.c.center == sought)
        self.add_refusal = insert(table_of(RefusalRecord)).inline()


def _put(upsert: Callable[[Table], Any], table: Table) -> Any:
    """Insert a row, or replace all of the one that has its key."""
    insertion = upsert(table)
    replaced = {c.name: insertion.excluded[c.name] for c in table.c if not c.primary_key}
    keys = [column.name for column in table.primary_key]
    return insertion.on_conflict_do_update(index_elements=keys, set_=replaced)


def _first_sequence(commit: Commit, recorded: int) -> int:
    """The sequence at which a commit's events begin. Raises GapError unless they join on."""
    code, end = commit.center.code, commit.center.sequence
    first = end - len(commit.events) + 1
    if [event.sequence for event in commit.events] != list(range(first, end + 1)):
        raise GapError(f"{code}: the commit's events do not lead to its sequence {end}")
    if first > recorded + 1:
        raise GapError(f"{code} is recorded up to event {recorded}; the commit begins at {first}")
    return first
