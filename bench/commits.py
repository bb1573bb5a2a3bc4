"""What an act's commit writes, and whether it writes more for an old center than for a young one.

The law lives the thirty-year life and the records commit it, each act as the workflow would. In
each cycle of three years people send the same acts; the first whole one after the confirmation
is held beside the last.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Engine, event

from bench import long_life
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations.migrating import migrate
from neiic.models.messages import Commit
from neiic.statute.acts import Act, Event, Refused, TimePasses, read_act
from neiic.statute.deciding import decide, register, unfold
from neiic.statute.periods import Asks, CalendarAnswer, start_of
from neiic.statute.state import Center

ROWS = Must("commit-rows", "rows written per act, center of 30 years ÷ young one", "≤", 1.1)
STATEMENTS = Must("commit-statements", "statements per act, center of 30 years ÷ young one", "≤", 1)

YOUNG, OLD = 2035, 2056
CYCLE = 3
_WRITING = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class _Counted:
    """Of one commit: rows written, statements without BEGIN and COMMIT, the center's size."""

    rows: int = 0
    statements: int = 0


class _Taken(NamedTuple):
    """An act of a cycle, or the note between the acts, and its commit."""

    year: int
    action: str
    counted: _Counted
    size: int


def measure() -> Iterator[Row]:
    """Both counts over the same acts, some twenty years apart."""
    taken = _live()
    young, old = _cycle(taken, YOUNG), _cycle(taken, OLD)
    if [one.action for one in young] != [one.action for one in old]:
        raise ValueError("the two cycles do not have the same acts")
    sizes = (
        f"the center's own row is {young[-1].size / 1024:.1f} KiB and {old[-1].size / 1024:.1f} KiB"
    )
    for must, counts in (
        (ROWS, [[one.counted.rows for one in cycle] for cycle in (young, old)]),
        (STATEMENTS, [[one.counted.statements for one in cycle] for cycle in (young, old)]),
    ):
        before, after = (statistics.mean(numbers) for numbers in counts)
        yield must.measured(
            after / before,
            f"{before:.2f} young ({YOUNG}–{YOUNG + CYCLE - 1}), {after:.2f} old"
            f" ({OLD}–{OLD + CYCLE - 1}), over the same {len(young)} acts of a cycle, at most"
            f" {max(counts[0])} and {max(counts[1])}; supervision.note alone"
            f" {_of_note(young, counts[0])} and {_of_note(old, counts[1])}; {sizes}",
        )


def _cycle(taken: list[_Taken], first: int) -> list[_Taken]:
    return [one for one in taken if first <= one.year < first + CYCLE]


def _of_note(cycle: list[_Taken], numbers: list[int]) -> int:
    return next(
        number
        for one, number in zip(cycle, numbers, strict=True)
        if one.action == "supervision.note"
    )


def _live() -> list[_Taken]:
    """Live the life, with a note each year in December. Raises ValueError if one is refused."""
    with TemporaryDirectory(prefix="neiic-bench-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'neiic.db'}"
        migrate(url)
        engine = connect(url)
        try:
            return list(_Recorded(engine).live())
        finally:
            engine.dispose()


class _Recorded:
    """The life of one center and its records."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._records = Records(engine)
        self._rules = long_life.rules(reminders=True)
        self._calendar = HolidayCalendar()
        self._center: Center | None = None

    def live(self) -> Iterator[_Taken]:
        """Each act with what its commit counted; what passed before it is a commit of its own."""
        registration = long_life.registration("NEIIC-2031-001", long_life.START.date())
        self._commit((register(registration, long_life.START, self._rules.name),))
        for number, said in enumerate(_acts()):
            message = long_life.message(said.role, said.data, f"act-{number}")
            act = read_act(said.action, message)
            if isinstance(act, Refused):
                raise ValueError(f"{said.at} {said.action}: {act.message_en}")
            self._take(TimePasses(), said)
            counted = self._take(act, said)
            size = len(self._center.model_dump_json()) if self._center else 0
            yield _Taken(said.at.year, said.action, counted, size)

    def _take(self, act: Act | TimePasses, said: long_life.Said) -> _Counted:
        assert self._center is not None
        answers: dict[date, CalendarAnswer] = {}
        while True:
            outcome = decide(self._center, act, said.at, self._rules, answers)
            if not isinstance(outcome, Asks):
                break
            answers |= {day: self._calendar.resolve(day) for day in outcome.dates}
        if isinstance(outcome, Refused):
            raise ValueError(f"{said.at} {said.action}: {outcome.message_en}")
        return self._commit(outcome) if outcome else _Counted()

    def _commit(self, events: tuple[Event, ...]) -> _Counted:
        center, notices = unfold(self._center, events, self._rules)
        self._center = center
        with _counting(self._engine) as counted:
            self._records.commit(
                Commit(life="life", center=center, events=events, notices=tuple(notices))
            )
        return counted


def _acts() -> Iterator[long_life.Said]:
    notes = [
        long_life.Said(
            start_of(date(year, 12, 10)) + timedelta(hours=9),
            "ndrc",
            "supervision.note",
            {"text": "例行检查"},
        )
        for year in range(long_life.START.year, long_life.START.year + long_life.YEARS)
    ]
    yield from sorted([*long_life.acts(), *notes], key=lambda said: said.at)


@contextmanager
def _counting(engine: Engine) -> Iterator[_Counted]:
    """Count while the context lasts."""
    counted = _Counted()

    def count(_connection: Any, cursor: Any, statement: str, *_others: Any) -> None:
        if statement.startswith("BEGIN"):
            return
        counted.statements += 1
        if statement.startswith(_WRITING):
            counted.rows += cursor.rowcount

    event.listen(engine, "after_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(engine, "after_cursor_execute", count)
