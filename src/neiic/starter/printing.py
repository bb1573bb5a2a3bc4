"""What people read on the terminal: tables, panels, refusals. Programs get JSON instead."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from neiic.statute.acts import Event, Refused
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import Snapshot
from neiic.statute.terms import FOLLOWUP_ZH, GRADE_ZH, ROLE_ZH, STAGE_ZH, Role

#: A pipe has no width of its own; a table cut to 80 columns helps nobody.
PIPE_WIDTH = 160
out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH)

STATUS_STYLE = {
    "overdue": "bold red",
    "held": "yellow",
    "open": "green",
    "returned": "yellow",
    "upcoming": "dim",
    "met": "dim",
    "waived": "dim",
    "lapsed": "dim",
    "submitted": "dim",
}
LIVE = ("open", "held", "overdue")


def as_json(value: Any) -> None:
    """One JSON document on standard output."""

    def plain(one: Any) -> Any:
        return one.model_dump(mode="json") if isinstance(one, BaseModel) else str(one)

    print(json.dumps(value, ensure_ascii=False, indent=2, default=plain))


def refusal(refused: Refused) -> None:
    """Why something was refused, in both languages, on standard error."""
    err.print(f"[bold red]refused[/] [bold]{refused.code}[/] · {refused.article}")
    err.print(f"  {escape(refused.message_zh)}")
    err.print(f"  {escape(refused.message_en)}")


def problem(message: str) -> None:
    """What went wrong and the way out, on standard error."""
    err.print(f"[bold red]error:[/] {escape(message)}")


def remark(message: str) -> None:
    """What a reader has to know about the answer, on standard error."""
    err.print(f"[yellow]{escape(message)}[/]", soft_wrap=True)


def stuck(line: str, how_to_mend: str) -> None:
    """That a center is stuck and how it is mended, each on one line that programs can search."""
    out.print(f"[bold red]{escape(line)}[/]", soft_wrap=True)
    out.print(f"  mend: {escape(how_to_mend)}", soft_wrap=True)


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the house's style."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def roles(waiting: Iterable[str]) -> str:
    """Roles as people name them."""
    return "、".join(ROLE_ZH[Role(role)] for role in waiting) or "—"


def center(snapshot: Snapshot, today: date) -> None:
    """A center on one page."""
    name = snapshot.name or f"{snapshot.field}（现无名称）"
    out.print(f"[bold]{escape(name)}[/]  [dim]{escape(snapshot.code)}[/]")
    if snapshot.name_en:
        out.print(f"[dim]{escape(snapshot.name_en)}[/]")
    state = f"{STAGE_ZH[snapshot.stage]} ({snapshot.stage}) since {snapshot.since}"
    facts: list[tuple[str, str]] = [
        ("stage", state + (", closed" if snapshot.closed else "")),
        ("waits for", roles(snapshot.waiting_for)),
        ("competent unit", snapshot.competent_unit),
        ("lead unit", snapshot.lead_unit),
        ("implementing unit", snapshot.implementing_unit.name),
        ("rule set", snapshot.rule_set),
    ]
    if snapshot.extension != "none":
        facts.append(("extension", snapshot.extension))
    if snapshot.confirmation != "none":
        facts.append(("confirmation", snapshot.confirmation))
    if snapshot.latest_grade:
        grade = f"{GRADE_ZH[snapshot.latest_grade]} ({snapshot.latest_grade})"
        facts.append(("latest grade", f"{grade}, strikes {snapshot.strikes}"))
    for followup in snapshot.followups:
        done = "done" if followup.done else "open"
        facts.append(("follow-up", f"{FOLLOWUP_ZH[followup.kind]} ({followup.kind}): {done}"))
    for case in snapshot.cases:
        facts.append((f"{case.matter} {case.case}", f"{case.kind}, {case.status}"))
    for warning in snapshot.warnings:
        facts.append(("warning", warning))
    grid = Table.grid(padding=(0, 2))
    for label, value in facts:
        grid.add_row(f"[dim]{label}[/]", escape(value))
    out.print(grid)
    live = [one.model_dump() for one in snapshot.deadlines if one.status in LIVE]
    ahead = [one.model_dump() for one in snapshot.deadlines if one.status == "upcoming"]
    if live or ahead:
        out.print()
        deadlines([*live, *ahead], today, explain=True)


def deadlines(rows: Sequence[Mapping[str, Any]], today: date, *, explain: bool = False) -> None:
    """Deadlines, the soonest first; each with its own explanation where asked."""
    with_center = bool(rows) and "center" in rows[0]
    columns = ("due", "left", "status", *(("center",) if with_center else ()), "deadline", "who")
    made = table(*columns, "article")
    for row in sorted(rows, key=lambda one: str(one["due"])):
        status = row["status"]
        days = (row["due"] - today).days
        mark = "?" if row["provisional"] else ""
        made.add_row(
            f"{row['due']}{mark}",
            f"{days} d",
            f"[{STATUS_STYLE[status]}]{status}[/]",
            *((row["center"],) if with_center else ()),
            row.get("deadline") or row.get("id"),
            ROLE_ZH[Role(row["responsible"])],
            row["article"],
        )
    out.print(made)
    if explain:
        out.print()
        for row in sorted(rows, key=lambda one: str(one["due"])):
            out.print(f"[dim]{row.get('deadline') or row['id']}[/] {escape(row['explanation_zh'])}")
    if any(row["provisional"] for row in rows):
        out.print("[dim]? provisional: that year's holidays are not announced yet[/]")


def timeline(events: Sequence[Event]) -> None:
    """What happened, in order."""
    made = table("#", "effective", "what", "who", "document", "article")
    for event in events:
        action = ACTIONS.get(event.kind)
        title = f"{action.zh} " if action else ""
        late = f" [dim](recorded {event.recorded:%Y-%m-%d})[/]"
        made.add_row(
            str(event.sequence),
            str(event.effective) + (late if event.recorded.date() != event.effective else ""),
            f"{title}[dim]{event.kind}[/]{_detail(event)}",
            f"{ROLE_ZH[event.actor.role]} {escape(event.actor.name or event.actor.user)}"
            if event.actor
            else "[dim]system[/]",
            escape(event.document_no or ""),
            event.article,
        )
    out.print(made)


def _detail(event: Event) -> str:
    data = event.data
    words = [
        str(data[key])
        for key in ("decision", "outcome", "conclusion", "grade", "deadline", "year", "case")
        if key in data
    ]
    if event.kind == "reminder":
        words.append(f"{data['rung']:+d} d")
    return f" {escape(' '.join(words))}" if words else ""
