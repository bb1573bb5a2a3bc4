"""``neiic doctor`` as a command: the report as a table or as JSON, and the exit code."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.markup import escape

from neiic.settings import load_settings
from neiic.starter import printing
from neiic.starter.doctor.examining import Report, examine
from neiic.starter.doctor.ground import Check

_SHOWN = {
    "ok": "[green]ok[/]",
    "warning": "[yellow]warning[/]",
    "ill": "[bold red]ill[/]",
    "not_checked": "[magenta]not checked[/]",
}


def doctor(
    every: Annotated[
        bool, typer.Option("--all", help="Compare all centers, also ended ones, not a sample.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Look at everything that can be ill, and say how to mend it; changes nothing.

    Exit code 0 when all is well (warnings allowed), 1 when something is ill or could not be looked
    at.
    """
    report = asyncio.run(examine(load_settings(), every=every))
    if json:
        printing.as_json(report)
    else:
        _print(report)
    if not report.well:
        raise typer.Exit(1)


def _print(report: Report) -> None:
    made = printing.table("check", "", "found")
    for check in report.checks:
        made.add_row(check.name.replace("_", " "), _SHOWN[check.level], _said(check))
    printing.show(made)
    counts = {
        level: sum(check.level == level for check in report.checks)
        for level in ("ill", "not_checked", "warning")
    }
    said = ", ".join(f"{n} {level.replace('_', ' ')}" for level, n in counts.items() if n)
    verdict = "[green]well[/]" if report.well else "[bold red]not well[/]"
    printing.out.print(f"\n{verdict}: {len(report.checks)} checks" + (f", {said}" if said else ""))


def _said(check: Check) -> str:
    found = check.found.removeprefix("not checked: ")
    if check.mend is None:
        return escape(found)
    lines = check.mend.splitlines()
    return "\n".join([escape(found), *(f"[bold]mend[/] {escape(line)}" for line in lines)])
