"""The drill's tables, and whether every must was kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from drill.course import Held
from drill.expected import STAGES
from drill.lives import Life
from drill.swap import Swapped
from drill.workers import WorkerProcess

_PIPE_WIDTH = 130
_LONGEST_LINE = 400
#: What a worker's log says when code and history do not fit each other.
_COMPLAINTS = ("nondeterminism", "TMPRL1100")


class Row(NamedTuple):
    """A line of the verdict; ``ok`` is None where nothing is demanded."""

    what: str
    must: str
    upgrade: str
    rollback: str
    ok: bool | None


class Direction(NamedTuple):
    """A swap and the lives that ended under the release that came."""

    swapped: Swapped | None
    lives: Sequence[Life]


def rows(held: Held) -> list[Row]:
    """The verdict, line by line."""
    up = Direction(held.up, [*held.forward, *held.stay])
    down = Direction(held.down, held.back)
    return [*_acts(up, down), *_served(held), *_lives(up, down), *_failures(held)]


def _acts(up: Direction, down: Direction) -> Iterator[Row]:
    def each(name: str) -> list[int | None]:
        told = [one.swapped.told if one.swapped else None for one in (up, down)]
        found = [getattr(one, name) if one else None for one in told]
        return [len(one) if isinstance(one, tuple) else one for one in found]

    for what, name, none in (
        ("acts sent during the swap", "sent", False),
        ("  acknowledged", "acknowledged", False),
        ("  refused, as the law says", "refused", False),
        ("  sent as signals", "signalled", False),
        ("  lost", "lost", True),
        ("  doubled", "doubled", True),
        ("  refused and yet recorded", "recorded_though_refused", True),
        ("  never answered", "unanswered", True),
    ):
        found = each(name)
        ok = not any(found) if none else None
        yield Row(what, "0" if none else "", _said(found[0]), _said(found[1]), ok)
    waits = [one.swapped.told.longest_wait if one.swapped else None for one in (up, down)]
    yield Row("longest wait for an answer, s", "", _said(waits[0]), _said(waits[1]), None)


def _served(held: Held) -> Iterator[Row]:
    """Both releases must have served, else nothing was drilled."""
    served = [
        tuple(_tasks(held, worker) for worker in (one.leaving, one.coming)) if one else None
        for one in (held.up, held.down)
    ]
    said = [f"{one[0]:,} → {one[1]:,}" if one else "—" for one in served]
    ok = all(one is None or all(one) for one in served)
    yield Row("workflow tasks by the release before → after", "> 0", said[0], said[1], ok)
    seconds = [one.seconds if one else None for one in (held.up, held.down)]
    yield Row("the swap took, s", "", _said(seconds[0]), _said(seconds[1]), None)


def _lives(up: Direction, down: Direction) -> Iterator[Row]:
    ended = [sum(life.as_its_scenario_says for life in one.lives) for one in (up, down)]
    alls = [len(one.lives) for one in (up, down)]
    said = [f"{done} / {every}" for done, every in zip(ended, alls, strict=True)]
    what = "lives that ended as their scenario says"
    yield Row(what, "all", said[0], said[1], ended == alls)
    stuck = [sum(life.stuck is not None for life in one.lives) for one in (up, down)]
    yield Row("lives stuck", "0", str(stuck[0]), str(stuck[1]), not any(stuck))


def _failures(held: Held) -> Iterator[Row]:
    yield Row("lives that stay on the new release (patched)", "", str(len(held.stay)), "", None)
    wrong = sum(len(_wrong(held, life)) for life in held.lives)
    given_back = sum(len(held.found[life.code].nondeterminism) for life in held.lives) - wrong
    failed = sum(len(found.failed) for found in held.found.values())
    logs = [held.up.coming, *([held.down.coming] if held.down else [])]
    if given_back:
        what = "  their tasks that the old worker gave back meanwhile"
        yield Row(what, "", str(given_back), "", None)
    else:
        logs.append(held.up.leaving)
    ok = wrong == 0 and not any(_complains(worker) for worker in logs)
    yield Row("tasks failed by nondeterminism", "0", str(wrong), "", ok)
    yield Row("tasks failed otherwise", "0", str(failed), "", failed == 0)


def _wrong(held: Held, life: Life) -> list[str]:
    """Tasks of a life that failed by nondeterminism and should not have.

    While both releases serve, the one before cannot do the tasks of a life that took a patch: it
    gives them back until the other takes them.
    """
    found = held.found[life.code]
    excused = found.patched and life not in held.back and life.stuck is None
    return [] if excused else found.nondeterminism


def _tasks(held: Held, worker: WorkerProcess) -> int:
    return sum(found.tasks[worker.pid] for found in held.found.values())


def _complains(worker: WorkerProcess) -> bool:
    return any(worker.says(what) for what in _COMPLAINTS)


def _said(value: float | int | None) -> str:
    if value is None:
        return "—"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def show(held: Held, verdict: Sequence[Row], title: str) -> None:
    """Print where the lives were at the swaps, the verdict, and what was not as expected."""
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    console.print(f"[bold]{escape(title)}[/]")
    where = Table("lives by stage", "at the upgrade", "at the rollback", header_style="bold")
    counts = [one.stages if one else {} for one in (held.up, held.down)]
    for stage in (*STAGES, "closed"):
        if any(stage in one for one in counts):
            where.add_row(stage, *(str(one.get(stage, 0)) for one in counts))
    moved = [one.moved if one else 0 for one in (held.up, held.down)]
    where.add_row("(of them taking steps meanwhile)", *map(str, moved))
    console.print(where)
    table = Table("what", "must", "upgrade", "rollback", "ok", header_style="bold")
    for row in verdict:
        mark = "" if row.ok is None else "[green]✓[/]" if row.ok else "[bold red]✗[/]"
        table.add_row(row.what, row.must, row.upgrade, row.rollback, mark)
    console.print(table)
    for line in complaints(held):
        console.print(f"  [red]✗[/] {escape(line[:_LONGEST_LINE])}")


def complaints(held: Held) -> Iterator[str]:
    """Each thing that was not as it must be, in a sentence."""
    for life in held.lives:
        name = f"{life.code} ({life.plan.scenario.path.name})"
        if life.stuck is not None:
            yield f"{name} is stuck at {life.stuck}"
        yield from (f"{name} {fault}" for fault in life.faults)
        yield from (f"{name} {said}" for said in _wrong(held, life))
        yield from (f"{name} {said}" for said in held.found[life.code].failed)
    for swapped in filter(None, (held.up, held.down)):
        told = swapped.told
        yield from (f"{act} was acknowledged or signalled and is not recorded" for act in told.lost)
        yield from (f"{act} is recorded more than once" for act in told.doubled)
        yield from (f"{act} was refused and is recorded" for act in told.recorded_though_refused)
        yield from (f"{act} was never answered" for act in told.unanswered)
