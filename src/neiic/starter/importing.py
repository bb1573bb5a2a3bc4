"""``neiic center import``: the centers of a sheet, checked row by row, then started."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from neiic.activities.records import Records
from neiic.console.guarding import LARGEST_SHEET
from neiic.console.import_columns import template
from neiic.console.importing import Checked, Row, checked_sheet
from neiic.console.sheet_reading import SheetError
from neiic.door import Door, UnansweredError
from neiic.settings import Settings, load_settings
from neiic.starter import printing
from neiic.starter.connecting import connect_client, open_records
from neiic.starter.field_values import FieldValueError
from neiic.statute.acts import RefusedActError
from neiic.statute.periods import day_of

REFUSED = 1


def run(file: Path, *, check: bool, yes_warnings: bool, write_template: bool, json: bool) -> None:
    """Check a sheet and start its centers; leaves with 1 where something stops it.

    Raises FieldValueError for a file that is no sheet.
    """
    today = day_of(datetime.now(UTC))
    if write_template:
        _write(file, template(today))
        return
    settings = load_settings()
    body = _read(file)
    records = open_records(settings)
    try:
        found = checked_sheet(body, records.engine, None, "en", today)
    except SheetError as error:
        raise FieldValueError(f"{file}: {error.told('en')}") from None
    stops = bool(found.all_errors) or bool(found.all_warnings and not yes_warnings and not check)
    started: dict[int, str] = {}
    if not check and not stops:
        started = asyncio.run(_start(settings, records, found.to_start))
    _tell(found, started, json=json, check=check)
    if stops or "not started" in " ".join(started.values()):
        raise typer.Exit(REFUSED)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            body = opened.read(LARGEST_SHEET + 1)
    except OSError as error:
        raise FieldValueError(f"{file} cannot be read: {error.strerror}") from None
    if len(body) > LARGEST_SHEET:
        raise FieldValueError(f"{file}: larger than {LARGEST_SHEET // 1024 // 1024} MiB; split it")
    return body


def _write(file: Path, body: bytes) -> None:
    if file.exists():
        raise FieldValueError(f"{file} is there already; name another file")
    try:
        file.write_bytes(body)
    except OSError as error:
        raise FieldValueError(f"{file} cannot be written: {error.strerror}") from None
    printing.out.print(f"wrote {file}; fill it in, then: neiic center import {file} --check")


async def _start(settings: Settings, records: Records, rows: tuple[Row, ...]) -> dict[int, str]:
    """What became of each row, one after another; broken off where the server goes away."""
    done: dict[int, str] = {}
    if not rows:
        return done
    door = Door(await connect_client(settings), records, task_queue=settings.task_queue)
    for row in rows:
        try:
            async with asyncio.timeout(settings.rpc_timeout):
                await door.start(row.data)
            done[row.number] = "started"
        except RefusedActError as error:
            done[row.number] = f"not started: {error.refusal.message_en}"
        except (UnansweredError, TimeoutError):
            done[row.number] = "not started: no answer; send the same sheet again"
            break
    return done


def _tell(found: Checked, started: dict[int, str], *, json: bool, check: bool) -> None:
    if json:
        printing.as_json(_plain(found, started))
        return
    for mark in found.errors:
        printing.problem(f"{mark.cell}: {mark.message}" if mark.cell else mark.message)
    for mark in found.warnings:
        printing.remark(f"{mark.cell}: {mark.message}")
    made = printing.table("row", "code", "field", "outcome", "cell", "what the check says")
    for row in found.rows:
        marks = [
            *(("[red]error[/]", *mark) for mark in row.errors),
            *(("[yellow]warning[/]", *mark) for mark in row.warnings),
        ]
        outcome = _outcome(row, started)
        first = (str(row.number), escape(row.code), escape(row.field), escape(outcome))
        for place, (word, cell, said) in enumerate(marks or [("in order", "", "")]):
            head = first if place == 0 else ("", "", "", "")
            made.add_row(*head, cell, f"{word} {escape(said)}".rstrip())
    printing.show(made)
    for number in found.left_out:
        printing.out.print(f"row {number} is the example and was left out")
    if found.all_errors:
        printing.problem("nothing was started: mend the sheet and send it again")
    elif found.all_warnings and not started and not check and found.to_start:
        printing.problem("nothing was started: --yes-warnings starts all the same")


def _outcome(row: Row, started: dict[int, str]) -> str:
    return "there already" if row.there else started.get(row.number, "not started")


def _plain(found: Checked, started: dict[int, str]) -> dict[str, Any]:
    return {
        "errors": [mark._asdict() for mark in found.errors],
        "warnings": [mark._asdict() for mark in found.warnings],
        "left_out": list(found.left_out),
        "rows": [
            {
                "row": row.number,
                "code": row.code,
                "outcome": _outcome(row, started),
                "errors": [mark._asdict() for mark in row.errors],
                "warnings": [mark._asdict() for mark in row.warnings],
            }
            for row in found.rows
        ],
    }
