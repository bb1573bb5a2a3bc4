"""``neiic dev``, ``worker``, ``migrate``, ``setup``, ``settings``, ``actions``, ``simulate``."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table
from temporalio.client import Client

from neiic.door import Door
from neiic.migrations import head, migrate, revision
from neiic.settings import Settings, listed, load_settings, unknown_variables
from neiic.starter import StackError, console, metrics, namespace, printing
from neiic.starter.centers import AsJson
from neiic.starter.connecting import (
    connect_client,
    holiday_calendar,
    open_records,
    take_up_rule_sets,
)
from neiic.starter.demo import tell_demo_users
from neiic.starter.dev import run_stack
from neiic.starter.doctor.command import doctor
from neiic.starter.examples import Example, bring_rule_sets, play_all, read_example
from neiic.starter.field_values import FieldValueError, no_such_action
from neiic.starter.logs import set_up_logs
from neiic.starter.scenarios import read_scenario
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import schema_of

if TYPE_CHECKING:
    from neiic.starter.simulate import LifeResult


def dev(
    data: Annotated[
        Path | None, typer.Option(help="Folder of databases and logs.", show_default=".neiic")
    ] = None,
    temporal_port: Annotated[
        int | None, typer.Option(help="Temporal server.", show_default="7233")
    ] = None,
    ui_port: Annotated[
        int | None, typer.Option(help="Temporal Web UI.", show_default="8233")
    ] = None,
    console_port: Annotated[
        int | None, typer.Option(help="Reviewers' console.", show_default="8300")
    ] = None,
    examples: Annotated[
        Path | None, typer.Option(help="Start the examples in this folder too.")
    ] = None,
) -> None:
    """Run the whole stack on this machine until Ctrl-C; the next start goes on where it was."""
    address = f"127.0.0.1:{temporal_port}" if temporal_port else None
    settings = load_settings(
        data_dir=data, temporal_address=address, ui_port=ui_port, console_port=console_port
    )
    set_up_logs(settings, metrics=metrics.endpoint(settings))

    played: list[Example] = []
    if examples is not None:
        played = [read_example(file) for file in sorted(examples.glob("*.yaml"))]
        bring_rule_sets(examples, settings.data_dir)

    async def furnish(client: Client) -> None:
        await _play(client, settings, played)
        # Told last: what is told once must not scroll away behind the examples' log lines.
        await asyncio.to_thread(tell_demo_users, settings)

    asyncio.run(
        run_stack(
            settings,
            migrate=lambda: migrate(settings.database),
            start_worker=lambda client: working(client, settings),
            start_console=console.embedded,
            on_ready=furnish,
        )
    )


@contextlib.asynccontextmanager
async def working(client: Client, settings: Settings) -> AsyncIterator[None]:
    """A worker with the records and the calendar of the settings, while the context lasts."""
    from neiic.activities.observing import StuckActivities
    from neiic.projecting import projecting
    from neiic.watching import Watch, watching
    from neiic.worker import center_worker

    records, stuck = open_records(settings), StuckActivities()
    worker = center_worker(
        client,
        records,
        holiday_calendar(settings),
        settings=settings,
        stuck=stuck,
    )
    watch = Watch(client, records.engine, settings.task_queue, stuck)
    try:
        async with worker, watching(watch), projecting(records):
            yield
    finally:
        records.engine.dispose()


async def _play(client: Client, settings: Settings, played: list[Example]) -> None:
    if not played:
        return
    records = open_records(settings)
    try:
        await play_all(Door(client, records, task_queue=settings.task_queue), records, played)
    finally:
        records.engine.dispose()


def worker() -> None:
    """Serve centers from a Temporal server until stopped."""
    settings = load_settings()
    set_up_logs(settings, metrics=metrics.endpoint(settings))
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    client = await connect_client(settings)
    absent = await namespace.missing(client)
    if absent:
        raise StackError(
            f"the namespace {settings.temporal_namespace} lacks search attributes"
            f" ({', '.join(absent)}); without them centers would hang.\n"
            "Register them with: neiic setup"
        )
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with working(client, settings):
        print(
            f"ready: worker on {settings.temporal_address}, namespace"
            f" {settings.temporal_namespace}, task queue {settings.task_queue}",
            flush=True,
        )
        await stopped.wait()


def migrate_records(json: AsJson = False) -> None:
    """Bring the records database up to this release's schema."""
    settings = load_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    before = revision(settings.database)
    migrate(settings.database)
    now = revision(settings.database)
    projected = _project_stale(settings)
    if json:
        printing.as_json({"before": before, "now": now, "projected": projected})
    elif before == head():
        printing.out.print(f"records are up to date (revision {head()})")
    elif before == now:
        printing.out.print(
            f"records are at revision {now}, of a later release than this one ({head()});"
            " they serve it as they are"
        )
    else:
        printing.out.print(f"records migrated from {before or 'empty'} to revision {now}")
    if projected and not json:
        printing.out.print(f"matters of {projected} centers written anew from their states")


def _project_stale(settings: Settings) -> int:
    """How many centers were written anew, since a release before this one wrote them last."""
    records = open_records(settings)
    try:
        return records.project_stale()
    finally:
        records.engine.dispose()


def setup(json: AsJson = False) -> None:
    """Register search attributes and retention with the Temporal server; safe to repeat."""
    settings = load_settings()
    added = asyncio.run(_set_up(settings))
    if json:
        printing.as_json({"added": added, "retention_days": settings.retention_days})
    else:
        what = f"added {', '.join(added)}" if added else "all search attributes are there"
        printing.out.print(
            f"namespace {settings.temporal_namespace}: {what}; retention"
            f" {settings.retention_days} days"
        )


async def _set_up(settings: Settings) -> list[str]:
    client = await connect_client(settings)
    return await namespace.set_up(client, timedelta(days=settings.retention_days))


def show_settings(json: AsJson = False) -> None:
    """List every setting, its value and its environment variable."""
    rows = listed(load_settings())
    if json:
        printing.as_json([row._asdict() for row in rows])
        return
    made = printing.table("variable", "value", "what it is")
    for row in rows:
        value = escape(row.value)
        made.add_row(row.variable, f"[bold]{value}[/]" if row.given else value, row.description)
    printing.show(made)
    for name in unknown_variables():
        printing.err.print(f"[yellow]unknown variable {name}: it sets nothing[/]")


def actions(
    action: Annotated[str | None, typer.Argument(help="One action; all, if left out.")] = None,
    json: AsJson = False,
) -> None:
    """List the actions, or one action's fields, as the law has them."""
    if action is not None and action not in ACTIONS:
        raise FieldValueError(no_such_action(action))
    if json:
        chosen = [action] if action else list(ACTIONS)
        printing.as_json(
            [
                {
                    "action": name,
                    "title_zh": ACTIONS[name].zh,
                    "title_en": ACTIONS[name].en,
                    "roles": sorted(ACTIONS[name].roles),
                    "stages": sorted(ACTIONS[name].stages),
                    "article": ACTIONS[name].article,
                    "irreversible": ACTIONS[name].irreversible,
                    "schema": schema_of(name),
                }
                for name in chosen
            ]
        )
    else:
        printing.show(_fields(action) if action else _all_actions())


def _all_actions() -> Table:
    made = printing.table("action", "事项", "what it does", "who", "article")
    for one in ACTIONS.values():
        made.add_row(one.name, one.zh, one.en, ", ".join(sorted(one.roles)), one.article)
    return made


def _fields(action: str) -> Table:
    schema = schema_of(action)
    required = schema.get("required", [])
    title = f"{action} {ACTIONS[action].zh} ({ACTIONS[action].article})"
    made = printing.table("field", "字段", "what it is", "values", title=title)
    if ACTIONS[action].irreversible:
        made.caption = f"Cannot be undone. {ACTIONS[action].lasting_en}"
    for name, field in schema["properties"].items():
        options = field.get("anyOf", [field])
        values = [_value(name, one) for one in options if one.get("type") != "null"]
        made.add_row(
            name if name in required else f"{name} [dim](optional)[/]",
            field.get("title", ""),
            field.get("title_en", ""),
            ", ".join(values),
        )
    return made


def _value(name: str, schema: dict[str, Any]) -> str:
    """What a field takes; where it takes several, how they are written."""
    if schema.get("type") == "array":
        return f"words: {name}=… {name}=…"
    if schema.get("type") == "object":
        return f"map: {name}.KEY=…"
    choices = "|".join(map(str, schema.get("enum", [])))
    return choices or str(schema.get("format") or schema.get("type", "word"))


def simulate_files(
    files: Annotated[list[Path], typer.Argument(help="Scenario files.")],
    json: AsJson = False,
) -> None:
    """Play scenarios on the real workflow, worker and records; exit 0 if all expectations held."""
    from neiic.starter.simulate import simulate

    # The test server is old, and scenarios live beyond every rule set: only errors matter here.
    settings = load_settings(log_level="error")
    set_up_logs(settings, core_level="ERROR")
    take_up_rule_sets(settings)
    scenarios = [read_scenario(file) for file in files]
    lives = []
    for scenario in scenarios:
        life = asyncio.run(simulate(scenario))
        lives.append(life)
        if not json:
            _print_life(life)
    if json:
        printing.as_json(lives)
    failed = [life for life in lives if not life.held]
    if not json:
        verdict = f"[red]{len(failed)} failed[/]" if failed else "[green]all held[/]"
        count = "1 scenario" if len(lives) == 1 else f"{len(lives)} scenarios"
        printing.out.print(f"{count}, {verdict}")
    if failed:
        raise typer.Exit(1)


def _print_life(life: LifeResult) -> None:
    made = printing.table(
        "", "when", "who", "act", "stage", "waits for", "next deadline", "notices", title=life.title
    )
    for step in life.steps:
        act = step.do or ""
        if step.refused:
            act += f" [yellow]{step.refused.code}[/]"
        kinds = list(dict.fromkeys(step.notices))
        more = f" +{len(kinds) - 3}" if len(kinds) > 3 else ""
        made.add_row(
            "[red]✗[/]" if step.differences else "[green]✓[/]",
            f"{step.at:%Y-%m-%d %H:%M}",
            step.by or "",
            act,
            step.stage,
            ", ".join(step.waiting_for),
            step.next_deadline or "",
            ", ".join(kinds[:3]) + more,
        )
    printing.show(made)
    for step in life.steps:
        for found in step.differences:
            printing.out.print(
                f"  [red]✗ step {step.number}[/] {step.at:%Y-%m-%d %H:%M} {found.key}:"
                f" expected {escape(str(found.expected))}, was {escape(str(found.actual))}"
            )
        if step.refused and any(found.key == "refuse" for found in step.differences):
            printing.out.print(f"    {escape(step.refused.message_en)}")
    printing.out.print()


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    app.command()(dev)
    app.command()(worker)
    app.command("console")(console.console)
    app.command("migrate")(migrate_records)
    app.command()(setup)
    app.command("settings")(show_settings)
    app.command()(actions)
    app.command("simulate")(simulate_files)
    app.command()(doctor)
