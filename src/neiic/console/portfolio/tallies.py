"""Counts that are kept while nothing has changed, exactly.

Counting thousands of rows for every page would cost more than the page. A count is kept in this
process under the *version* of the records that it was taken from, and both are read in one
snapshot (REPEATABLE READ on PostgreSQL, a read transaction on SQLite). The version is

- the sum of ``changes``, to which every transaction that writes centers, deadlines or matters adds
  one; and, for workers of a release that adds none, the number and the sum of the sequences of the
  stale centers: such a worker's commit makes a center stale, or raises a stale one's sequence.

Equal versions mean equal records. On one server each snapshot sees all that an earlier one saw and
perhaps more, in whatever order transactions were begun: what is committed becomes visible at one
moment for all, and stays. Both sums only grow with what becomes visible (a stale center is
written by a transaction that adds to ``changes``), so that the same sums mean that nothing came in
between. A highest id would not do: of two transactions the one with the lower id may commit last.

Lights turn at Beijing midnights only, so counts by light are kept for a day.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Engine, func, select, text

from neiic.console.accounts.access import Scope
from neiic.models.tables import STALE, CenterRecord, ChangeRecord, table_of
from neiic.statute.terms import Role

_CENTERS, _CHANGES = table_of(CenterRecord), table_of(ChangeRecord)

#: So many counts are kept; the one that was not asked for longest goes first.
KEPT = 512

Count = TypeVar("Count")


class Version(NamedTuple):
    """Which state of the records a count belongs to."""

    changes: int
    stale: int
    sequences: int


_STALE = text(f"({STALE})")
_VERSION = select(
    select(func.coalesce(func.sum(_CHANGES.c.number), 0)).scalar_subquery(),
    select(func.count()).select_from(_CENTERS).where(_STALE).scalar_subquery(),
    select(func.coalesce(func.sum(_CENTERS.c.sequence), 0)).where(_STALE).scalar_subquery(),
)


class Tallies:
    """Counts of one database; safe to use from many threads. One for the process is enough."""

    def __init__(self, engine: Engine) -> None:
        on_postgresql = engine.dialect.name == "postgresql"
        one_snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._engine = engine.execution_options(**one_snapshot) if on_postgresql else engine
        self._kept: OrderedDict[Hashable, tuple[Version, Any]] = OrderedDict()
        self._turn = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One snapshot of the database, for all queries of a page."""
        with self._engine.connect() as connection:
            yield Reading(self, connection)

    def find(self, key: Hashable, version: Version) -> tuple[bool, Any]:
        """Whether a count of this version is kept, and the count."""
        with self._turn:
            kept = self._kept.get(key)
            if kept is None or kept[0] != version:
                return False, None
            self._kept.move_to_end(key)
            return True, kept[1]

    def keep(self, key: Hashable, version: Version, count: Any) -> None:
        """Keep a count in the place of an older one."""
        with self._turn:
            self._kept[key] = (version, count)
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


class Reading:
    """A snapshot that is being read; ``version`` is asked for once, when it is first needed."""

    def __init__(self, tallies: Tallies, connection: Connection) -> None:
        self._tallies = tallies
        self.connection = connection
        self._version: Version | None = None

    def counted(self, scope: Scope, key: Hashable, count: Callable[[Connection], Count]) -> Count:
        """The count under this key: kept from before, or taken now. Nobody may alter it.

        An assessor's are taken each time: who is engaged is no part of the records.
        """
        if scope.role is Role.ASSESSOR:
            return count(self.connection)
        return self._kept((scope, key), count)

    def _kept(self, key: Hashable, count: Callable[[Connection], Count]) -> Count:
        if self._version is None:
            changes, stale, sequences = self.connection.execute(_VERSION).one()
            self._version = Version(int(changes), int(stale), int(sequences))
        found, kept = self._tallies.find(key, self._version)
        if found:
            return cast(Count, kept)
        fresh = count(self.connection)
        self._tallies.keep(key, self._version, fresh)
        return fresh
