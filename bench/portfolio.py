"""What the lists of the console cost, at 1,000 centers and at 10,000: queries alone, no pages."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, event

from bench.portfolio_data import NOW, competent, seed
from neiic.activities.database import connect
from neiic.console.accounts.access import Scope
from neiic.console.portfolio.acted import done, in_progress
from neiic.console.portfolio.board import BoardFilter, Month, board
from neiic.console.portfolio.centers import CenterFilter, centers, search
from neiic.console.portfolio.tallies import Tallies
from neiic.console.portfolio.tasks import TaskFilter, tasks
from neiic.migrations.migrating import migrate
from neiic.statute.terms import NATIONAL_UNITS, Role

SIZES = (1_000, 10_000)
TIMES = 100

NDRC = Scope(Role.NDRC, NATIONAL_UNITS[Role.NDRC], (NATIONAL_UNITS[Role.NDRC],))
PROVINCE = Scope(Role.COMPETENT, competent(0), (competent(0),))
Page = Callable[[Tallies], object]


def pages(scope: Scope) -> Iterator[tuple[str, Page]]:
    """Each page's queries as one call, with its usual filters."""
    month = Month(NOW.year, NOW.month)
    yield "tasks", lambda t: tasks(t, scope, TaskFilter(), NOW)
    yield "tasks, amber", lambda t: tasks(t, scope, TaskFilter(light="amber"), NOW)
    yield "tasks, field", lambda t: tasks(t, scope, TaskFilter(field="氢能"), NOW)
    yield "tasks, in progress", lambda t: in_progress(t, scope, NOW)
    yield "tasks, done", lambda t: done(t, scope)
    yield "board", lambda t: board(t, scope, BoardFilter(), NOW)
    yield "board, month", lambda t: board(t, scope, BoardFilter(month=month), NOW)
    yield "board, kind", lambda t: board(t, scope, BoardFilter(kind="annual_report"), NOW)
    yield "board, closed", lambda t: board(t, scope, BoardFilter(standing="closed"), NOW)
    yield "centers", lambda t: centers(t, scope, CenterFilter())
    yield "centers, by next", lambda t: centers(t, scope, CenterFilter(), sort="next_deadline")
    yield "centers, waiting", lambda t: centers(t, scope, CenterFilter(waiting_for="assessor"))
    yield "centers, text", lambda t: centers(t, scope, CenterFilter(text="氢能"))
    yield "centers, typing", lambda t: search(t, scope, "0042")
    yield "centers, document", lambda t: search(t, scope, "发改高技〔2031〕100-42号")


def measured(engine: Engine) -> dict[str, tuple[float, float, float, int]]:
    """Of each page: median and p99 with counts kept, the median without, and its statements.

    In processor time, as SQLite works in our own process: others on the machine do not count.
    """
    found = {}
    for scope in (NDRC, PROVINCE):
        for name, page in pages(scope):
            kept = Tallies(engine)
            page(kept)
            warm = [_seconds(page, kept) for _ in range(TIMES)]
            cold = [_seconds(page, Tallies(engine)) for _ in range(TIMES // 5)]
            p99 = statistics.quantiles(warm, n=100, method="inclusive")[-1]
            statements = _statements(engine, page)
            found[f"{scope.role}: {name}"] = (
                statistics.median(warm) * 1000,
                p99 * 1000,
                statistics.median(cold) * 1000,
                statements,
            )
    return found


def _seconds(page: Page, tallies: Tallies) -> float:
    begun = time.thread_time()
    page(tallies)
    return time.thread_time() - begun


def _statements(engine: Engine, page: Page) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(engine, "after_cursor_execute", note)
    page(Tallies(engine))
    event.remove(engine, "after_cursor_execute", note)
    return len(seen)


def main() -> None:
    """Print the table as JSON lines."""
    results = []
    for size in SIZES:
        with TemporaryDirectory(prefix="neiic-bench-", ignore_cleanup_errors=True) as folder:
            url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'neiic.db'}"
            migrate(url)
            engine = connect(url)
            begun = time.perf_counter()
            written = seed(engine, size)
            print(f"{size} centers in {time.perf_counter() - begun:.1f} s: {json.dumps(written)}")
            results.append(measured(engine))
            engine.dispose()
    small, large = results
    for name, (median, p99, cold, statements) in large.items():
        print(
            f"{name:30} {small[name][0]:6.1f} → {median:6.1f} ms ({median / small[name][0]:.2f}×),"
            f" p99 {small[name][1]:6.1f} → {p99:6.1f}, uncounted {small[name][2]:6.1f} → {cold:6.1f},"
            f" {statements} statements"
        )


if __name__ == "__main__":
    main()
