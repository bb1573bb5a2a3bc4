"""The table of a drill: one row for each thing that must hold."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

_PIPE_WIDTH = 120
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """What was counted, what it must be, and the findings, each a sentence that names its center.

    ``least`` is None where nothing is asked (a row to read) or where it must be 0.
    """

    name: str
    measured: int
    must_be_none: bool = False
    least: int | None = None
    findings: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        if self.must_be_none:
            return self.measured == 0
        return self.least is None or self.measured >= self.least

    @property
    def must(self) -> str:
        """What it must be, in words."""
        if self.must_be_none:
            return "0"
        return "" if self.least is None else f"≥ {self.least}"


def none_of(name: str, findings: Sequence[str]) -> Row:
    """A row of which there must be none."""
    return Row(name, len(findings), must_be_none=True, findings=tuple(findings))


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the table, then the first findings of each row that does not hold."""
    console = Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
    table = Table(title=title, title_justify="left", header_style="bold")
    table.add_column("what")
    table.add_column("must", justify="right")
    table.add_column("found", justify="right")
    table.add_column("ok")
    for row in rows:
        verdict = "[green]✓[/]" if row.ok else "[bold red]✗[/]"
        table.add_row(row.name, row.must, str(row.measured), verdict if row.must else "")
    console.print(table)
    for row in rows:
        if row.ok:
            continue
        for finding in row.findings[:_SHOWN]:
            console.print(f"  {row.name}: {finding}", markup=False)
        if len(row.findings) > _SHOWN:
            console.print(f"  {row.name}: and {len(row.findings) - _SHOWN} more", markup=False)
