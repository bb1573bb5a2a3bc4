"""What people read on the terminal: tables, panels, refusals. Programs get JSON instead."""

from __future__ import annotations

import json
import re
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
from neiic.statute.terms import EVENT_ZH, FOLLOWUP_ZH, GRADE_ZH, ROLE_ZH, STAGE_ZH, Role, Stage

#: A pipe has no width of its own; a table cut to 80 columns helps nobody.
PIPE_WIDTH = 160
# Rich's own highlighter colours numbers and dates wherever they stand, also within an id.
out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
err = Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH, highlight=False)

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
    err.print(f"  {escape(_by_field(refused.message_zh))}")
    err.print(f"  {escape(_by_field(refused.message_en))}")


def _by_field(message: str) -> str:
    """A refusal that names fields as they are written on the command line: year, not data.year."""
    return re.sub(r"\bdata\.(?=[a-z_])", "", message)


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


def show(made: Table) -> None:
    """A table on standard output; in a pipe no line ends in blanks."""
    if out.is_terminal:
        out.print(made)
        return
    with out.capture() as captured:
        out.print(made)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def roles(waiting: Iterable[str]) -> str:
    """Roles as people name them."""
    return "、".join(ROLE_ZH[Role(role)] for role in waiting) or "—"


def nameless(field: str, stage: Stage) -> str:
    """What to call a center that has no name yet, or may use its name no more (F3)."""
    if stage is Stage.APPLICATION:
        return f"{field}（申报中，尚未批复名称）"
    if stage in (Stage.NOT_APPROVED, Stage.WITHDRAWN):
        return f"{field}（{STAGE_ZH[stage]}，未获名称）"
    return f"{field}（{STAGE_ZH[stage]}，名称停用）"


def center(snapshot: Snapshot, today: date) -> None:
    """A center on one page."""
    name = snapshot.name or nameless(snapshot.field, snapshot.stage)
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
    show(grid)
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
    show(made)
    if explain:
        out.print()
        grid = Table.grid(padding=(0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for row in sorted(rows, key=lambda one: str(one["due"])):
            grid.add_row(
                f"[dim]{row.get('deadline') or row['id']}:[/]", escape(row["explanation_zh"])
            )
        show(grid)
    if any(row["provisional"] for row in rows):
        out.print("[dim]? provisional: that year's holidays are not announced yet[/]")


def timeline(events: Sequence[Event]) -> None:
    """What happened, in order."""
    made = table("#", "effective", "what", "who", "document", "article")
    for event in events:
        title = titled(event.kind)
        late = f" [dim](recorded {event.recorded:%Y-%m-%d})[/]"
        made.add_row(
            str(event.sequence),
            str(event.effective) + (late if event.recorded.date() != event.effective else ""),
            f"{title} [dim]{event.kind}[/]{_detail(event)}",
            f"{ROLE_ZH[event.actor.role]} {escape(event.actor.name or event.actor.user)}"
            if event.actor
            else "[dim]system[/]",
            escape(event.document_no or ""),
            event.article,
        )
    show(made)


def titled(kind: str) -> str:
    """What an event of this kind is called."""
    return ACTIONS[kind].zh if kind in ACTIONS else EVENT_ZH.get(kind, "")


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
