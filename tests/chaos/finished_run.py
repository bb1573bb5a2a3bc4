"""A small run without faults, for the checker to look at: three centers and what was told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from chaos.acts import Wanted, registration
from chaos.databases import TABLES, rows_of_file
from chaos.evidence import Evidence, Life, at_rest, lives_of
from chaos.notes import Note, Via
from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.door import Door
from neiic.migrations import migrate
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.statute.acts import Refused
from neiic.statute.periods import day_of
from neiic.worker import center_worker

STANDING, WITHDRAWN, APPLYING = "NEIIC-2026-001", "NEIIC-2026-002", "NEIIC-2026-003"


@dataclass(frozen=True)
class Finished:
    """What a run has left: the database file, the notes, the lives, and the same lives spoilt.

    In ``spoilt`` one workflow was terminated, and one was sent a signal while no worker ran.
    """

    path: Path
    notes: tuple[Note, ...]
    lives: dict[str, Life]
    spoilt: dict[str, Life]

    def evidence(self, path: Path | None = None, lives: dict[str, Life] | None = None) -> Evidence:
        """The evidence, with the tables of another file or with other lives."""
        tables = {table: rows_of_file(path or self.path, table) for table in TABLES}
        return Evidence(lives or self.lives, tables)


def finished(folder: Path) -> Finished:
    """Play the run."""
    return asyncio.run(_finished(folder))


async def _finished(folder: Path) -> Finished:
    path = folder / "neiic.db"
    migrate(f"sqlite:///{path}")
    records = Records(connect(f"sqlite:///{path}"))
    async with EmbeddedServer(folder / "temporal", port=free_port()) as server:
        client = await Client.connect(server.address, data_converter=pydantic_data_converter)
        sender = _Sender(Door(client, records))
        codes = (STANDING, WITHDRAWN, APPLYING)
        async with center_worker(client, records, HolidayCalendar()):
            for code in codes:
                await sender.start(code)
            await _play(sender)
            await at_rest(client, codes, 30)
            lives, absent = await lives_of(client, codes)
            assert not absent
        await client.get_workflow_handle(f"center/{STANDING}").terminate()
        await sender.send(APPLYING, "late", _assessment(), via="signal")
        notes = tuple(sender.notes[:-1])
        spoilt, _ = await lives_of(client, codes, answering=2)
    records.engine.dispose()
    return Finished(path, notes, lives, spoilt)


class _Sender:
    def __init__(self, door: Door) -> None:
        self.notes: list[Note] = []
        self._door = door

    async def start(self, code: str) -> None:
        await self._door.start(registration(code, day_of(datetime.now(UTC))))
        self.notes.append(Note(code, 0, "start", code, "start", "acknowledged"))

    async def send(self, code: str, decision_id: str, wanted: Wanted, via: Via = "update") -> None:
        message = wanted.message(decision_id, 0)
        outcome: Any = (
            await self._door.signal(code, wanted.action, message)
            if via == "signal"
            else await self._door.act(code, wanted.action, message)
        )
        refused = isinstance(outcome, Refused)
        self.notes.append(
            Note(
                code, 0, wanted.action, decision_id, via,
                "refused" if refused else "acknowledged",
                outcome.code if refused else None,
                None if refused else outcome,
            )
        )  # fmt: skip


async def _play(sender: _Sender) -> None:
    approved = {
        "decision": "approve",
        "document_no": "发改高技〔2026〕310号",
        "document_date": str(day_of(datetime.now(UTC)) - timedelta(days=1)),
    }
    await sender.send(STANDING, "too-early", Wanted("formation.decide", "ndrc", approved))
    await sender.send(STANDING, "assess", _assessment())
    await sender.send(STANDING, "approve", Wanted("formation.decide", "ndrc", approved))
    await sender.send(STANDING, "note", _note("ndrc"))
    await sender.send(STANDING, "note", _note("ndrc"))
    await sender.send(STANDING, "note-by-signal", _note("competent"), via="signal")
    await sender.send(STANDING, "refused-signal", _note("tax"), via="signal")
    withdrawal = Wanted("formation.withdraw", "competent", {"reason": "条件有变"})
    await sender.send(WITHDRAWN, "withdraw", withdrawal)
    await sender.send(WITHDRAWN, "after-the-end", _assessment())
    await sender.send(APPLYING, "assess", _assessment())


def _assessment() -> Wanted:
    said = {"agency": "中咨公司", "conclusion": "support", "opinion": "方案可行"}
    return Wanted("formation.assess", "assessor", said)


def _note(role: str) -> Wanted:
    return Wanted("supervision.note", role, {"text": "巡查"})
