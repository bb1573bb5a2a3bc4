"""The table: one row for each must, whether it was kept, and how it was measured."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 130


@dataclass(frozen=True, slots=True)
class Must:
    """What a row is held to; ``name`` is the one that ``--only`` takes."""

    name: str
    what: str
    sense: Literal["≥", "≤"]
    bound: float
    unit: str = ""

    def kept_by(self, value: float) -> bool:
        """Whether a measured value is good enough."""
        return value >= self.bound if self.sense == "≥" else value <= self.bound

    def shown(self, value: float) -> str:
        """A value with its unit, to three digits."""
        digits = max(0, 2 - len(str(int(abs(value))).lstrip("0")) + (abs(value) >= 1))
        return f"{value:,.{digits}f} {self.unit}".strip()

    def measured(self, value: float, how: str) -> Row:
        """The row of a value."""
        return Row(self, value, self.kept_by(value), how)

    def failed(self, why: str) -> Row:
        """The row of a measurement that did not come about, or does not count."""
        return Row(self, None, False, why)


@dataclass(frozen=True, slots=True)
class Row:
    """One measured must. ``value`` is None where there is none."""

    must: Must
    value: float | None
    ok: bool
    how: str


def show(rows: Sequence[Row], load: float) -> None:
    """Print the table, then a line for each row on how it was measured."""
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    table = Table(header_style="bold")
    for column in ("what", "must", "measured", "ok"):
        table.add_column(column, justify="right" if column in ("must", "measured") else "left")
    for row in rows:
        value = "—" if row.value is None else row.must.shown(row.value)
        bound = f"{row.must.sense} {row.must.bound:g} {row.must.unit}".strip()
        table.add_row(row.must.what, bound, value, "[green]✓[/]" if row.ok else "[bold red]✗[/]")
    console.print(table)
    for row in rows:
        console.print(f"[bold]{row.must.name}[/]: ", end="")
        console.print(row.how, markup=False)
    console.print(f"[dim]{machine(load)}[/]")


def machine(load: float) -> str:
    """What else ran when we began: times and ratios of a busy machine say little."""
    busy = "; it was BUSY WITH OTHER THINGS: measure again" if load > 1 else ""
    return f"{os.cpu_count()} cores, load average {load:.1f} at the start{busy}"


def show_json(rows: Sequence[Row]) -> None:
    """The same as one JSON document."""
    said = [asdict(row.must) | {"value": row.value, "ok": row.ok, "how": row.how} for row in rows]
    print(json.dumps(said, ensure_ascii=False, indent=2))
