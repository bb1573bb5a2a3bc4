"""``neiic center …``: start centers, look at them, act on them."""

from __future__ import annotations

import asyncio
import getpass
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from neiic.activities.records import Records
from neiic.door import Door, UnknownCenterError
from neiic.models.tables import DeadlineRecord
from neiic.settings import Settings, load_settings
from neiic.starter import previewing, printing
from neiic.starter.connecting import connect_client, open_records
from neiic.starter.examples import Example, play, read_example
from neiic.starter.field_values import (
    FieldValueError,
    no_such_action,
    no_such_role,
    read_data,
)
from neiic.starter.standing import standing
from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.notices import unit_of
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import Snapshot, snapshot
from neiic.statute.terms import ROLE_ZH, Role, Stage

app = typer.Typer(no_args_is_help=True, help="Start centers, look at them, act on them.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Code = Annotated[str, typer.Argument(help="The center's code, e.g. NEIIC-2031-001.")]

#: Seconds in which a running worker has recorded a center that was just started.
TAKEN_UP = 10.0


@app.command()
def start(
    file: Annotated[Path, typer.Argument(help="The registration, a YAML or JSON file.")],
    json: AsJson = False,
) -> None:
    """Start a center from its registration (Article 15), and play the acts of an example."""
    settings = load_settings()
    example = read_example(file)
    records = open_records(settings)
    code, shown, sent = asyncio.run(_start(settings, records, example))
    if json:
        printing.as_json({"code": code, "snapshot": shown})
    elif shown is None:
        printing.out.print(f"started {code}; no worker has taken it up yet (neiic worker)")
    else:
        started = f"started [bold]{code}[/], workflow center/{code}"
        there = f"[bold]{code}[/] is there already, and nothing was sent"
        printing.out.print(started if sent else there)
        printing.center(shown, day_of(datetime.now(UTC)))


@app.command("import")
def import_sheet(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.xlsx",
            help="The filled-in sheet; with --template, where to write an empty one.",
        ),
    ],
    check: Annotated[bool, typer.Option("--check", help="Only check; start nothing.")] = False,
    yes_warnings: Annotated[
        bool, typer.Option("--yes-warnings", help="Start although the check warns.")
    ] = False,
    template: Annotated[
        bool, typer.Option("--template", help="Write the sheet to fill in to FILE.xlsx.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Start the centers of an Excel sheet (Article 15), a row for each.

    Every row is checked before anything starts. An error anywhere stops the whole sheet. A
    warning stops it unless --yes-warnings is given: a requirement not met, another platform, a
    field that has a living center, a unit that nobody acts for.

    A center that is there already, just so, is left out: the same sheet may be sent again.

    Exit codes: 0 started or in order, 1 something stops it, 2 no sheet that can be read.
    """
    # Reading sheets takes a fifth of a second to load: other commands do without.
    from neiic.starter.importing import run

    run(file, check=check, yes_warnings=yes_warnings, write_template=template, json=json)


async def _start(
    settings: Settings, records: Records, example: Example
) -> tuple[str, Snapshot | None, int]:
    door = Door(await connect_client(settings), records, task_queue=settings.task_queue)
    if example.acts:
        sent = await play(door, records, example)
        return example.code, await _taken_up(records, example.code), sent
    handle = await door.start(example.registration)
    code = handle.id.removeprefix("center/")
    return code, await _taken_up(records, code), 1


async def _taken_up(records: Records, code: str) -> Snapshot | None:
    """The new center's snapshot once a worker has recorded it; None where none does."""
    for _ in range(int(TAKEN_UP / 0.1)):
        shown = records.snapshot(code)
        if shown is not None:
            return shown
        await asyncio.sleep(0.1)
    return None


@app.command("list")
def list_centers(
    stage: Annotated[Stage | None, typer.Option(help="Only centers in this stage.")] = None,
    unit: Annotated[str | None, typer.Option(help="Only this competent unit's.")] = None,
    waiting_for: Annotated[Role | None, typer.Option(help="Only what waits for a role.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only with something overdue.")
    ] = False,
    json: AsJson = False,
) -> None:
    """List centers, by code."""
    records = open_records(load_settings())
    found = records.centers(
        stage=stage, competent_unit=unit, waiting_for=waiting_for, overdue=overdue or None
    )
    if json:
        printing.as_json(found)
        return
    if not found:
        printing.out.print("no center fits; start one with: neiic center start FILE.yaml")
        return
    made = printing.table("code", "name", "stage", "waits for", "next deadline", "competent unit")
    first = _listed_first(records)
    for one in found:
        made.add_row(
            one.code,
            one.name or one.field,
            str(one.stage),
            printing.roles(one.waiting_for),
            _next(first.get(one.code)),
            one.competent_unit,
        )
    printing.show(made)


def _listed_first(records: Records) -> dict[str, DeadlineRecord]:
    """By center, the deadline that ``center show`` lists first: the soonest due that still counts."""
    first: dict[str, DeadlineRecord] = {}
    for row in records.deadlines(status=(*printing.LIVE, "upcoming")):
        first.setdefault(row.center, row)
    return first


def _next(row: DeadlineRecord | None) -> str:
    """A due date with what is due then; of what cannot be done yet, when it opens, and said so."""
    if row is None:
        return ""
    if row.status == "upcoming" and row.opens is not None:
        return f"[dim]opens {day_of(row.opens)}[/] {row.title}"
    said = f"{row.due} {row.title}"
    return f"[red]{said}[/]" if row.status == "overdue" else said


@app.command()
def show(
    code: Code,
    timeline: Annotated[bool, typer.Option("--timeline", help="Also all that happened.")] = False,
    json: AsJson = False,
) -> None:
    """Show a center: where it stands, whom it waits for, what is due, whether it is stuck."""
    stands = asyncio.run(standing(load_settings(), code, with_timeline=timeline))
    if json:
        dump: dict[str, Any] = (
            stands.shown.model_dump(mode="json") if stands.shown else {"code": code}
        )
        dump["stuck"] = stands.stuck.model_dump(mode="json") if stands.stuck else None
        dump["remarks"] = list(stands.remarks)
        if timeline:
            dump["timeline"] = [event.model_dump(mode="json") for event in stands.timeline]
        printing.as_json(dump)
        return
    for remark in stands.remarks:
        printing.remark(remark)
    if stands.stuck is not None:
        printing.stuck(stands.stuck.line, stands.stuck.how_to_mend)
    if stands.shown is not None:
        printing.center(stands.shown, day_of(datetime.now(UTC)))
    if timeline:
        printing.out.print()
        printing.timeline(stands.timeline)


def _shown(records: Records, code: str) -> Snapshot:
    center = records.state(code)
    if center is None:
        raise UnknownCenterError(code)
    return snapshot(center, LIBRARY[center.rule_set], datetime.now(UTC))


@app.command()
def deadlines(
    code: Annotated[str | None, typer.Argument(help="One center; all, if left out.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also met, waived and lapsed ones.")] = False,
    json: AsJson = False,
) -> None:
    """List deadlines of one center or of all, the soonest first."""
    records = open_records(load_settings())
    today = day_of(datetime.now(UTC))
    if code is not None:
        rows = [one.model_dump() for one in _shown(records, code).deadlines]
    else:
        rows = [one.model_dump() for one in records.deadlines()]
    if not every:
        rows = [row for row in rows if row["status"] in (*printing.LIVE, "upcoming")]
    if json:
        printing.as_json(rows)
    elif rows:
        printing.deadlines(rows, today, explain=code is not None)
    else:
        printing.out.print("no deadlines")


@app.command(epilog=f"Actions: {', '.join(ACTIONS)}. Their fields: neiic actions ACTION")
def act(
    code: Code,
    action: Annotated[str, typer.Argument(help="The action, e.g. formation.decide.")],
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FIELD=VALUE",
            help="The action's data. For a list give the field again (evidence=一 evidence=二),"
            " for a map its keys after a dot (indicators.研发投入=120).",
        ),
    ] = None,
    role: Annotated[str, typer.Option("--as", help=f"The role: {', '.join(Role)}.")] = "",
    unit: Annotated[
        str | None, typer.Option(help="The acting unit; the center's own, if left out.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="The action's data, a YAML or JSON file.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="Who acts; you, if left out.")] = None,
    name: Annotated[str | None, typer.Option(help="The person's name.")] = None,
    remarks: Annotated[str | None, typer.Option(help="Remarks for the record.")] = None,
    decision_id: Annotated[
        str | None, typer.Option(help="The decision's id: sent again, it acts once.")
    ] = None,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="Only show what would follow, as this machine's code and records have it; send nothing.",
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Act on a center: what follows, or the refusal with its article."""
    if not role:
        raise typer.BadParameter(f"say who acts: --as {'|'.join(Role)}")
    if role not in ROLE_ZH:
        raise FieldValueError(no_such_role(role))
    if action not in ACTIONS:
        raise FieldValueError(no_such_action(action))
    settings = load_settings()
    fields = read_data(action, words or [], data)
    records = open_records(settings)
    actor = {
        "user": user or getpass.getuser(),
        "name": name,
        "role": role,
        "unit": unit or _own_unit(records, code, role),
    }
    message: dict[str, Any] = {
        "decision_id": decision_id or f"cli-{uuid.uuid4()}",
        "actor": {key: value for key, value in actor.items() if value is not None},
        "data": fields,
    }
    if remarks is not None:
        message["remarks"] = remarks
    if preview:
        shown = previewing.preview(settings, records, code, action, message)
        if json:
            printing.as_json(shown.found)
        else:
            previewing.show(shown)
        return
    before = records.timeline(code)
    answer = asyncio.run(_act(settings, records, code, action, message))
    if isinstance(answer, Refused):
        raise RefusedActError(answer)
    if json:
        printing.as_json({"decision_id": message["decision_id"], "snapshot": answer})
        return
    title = ACTIONS[action].zh
    printing.out.print(f"[bold green]done[/] {title} [dim]{message['decision_id']}[/]")
    printing.timeline(records.timeline(code, after=before[-1].sequence if before else 0))
    printing.out.print()
    printing.center(Snapshot.model_validate(answer), day_of(datetime.now(UTC)))


async def _act(
    settings: Settings, records: Records, code: str, action: str, message: dict[str, Any]
) -> dict[str, Any] | Refused:
    door = Door(
        await connect_client(settings),
        records,
        task_queue=settings.task_queue,
        patience=timedelta(seconds=settings.rpc_timeout),
    )
    return await door.act(code, action, message)


def _own_unit(records: Records, code: str, role: str) -> str | None:
    center = records.state(code)
    if center is None:
        raise UnknownCenterError(code)
    return unit_of(center, Role(role)) or None
