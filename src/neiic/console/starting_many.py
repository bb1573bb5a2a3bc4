"""The centers of a sheet, started one after another, while their page is looked at.

What has been started stands in the records: a sheet that was broken off goes on where it
stopped, whoever broke it off. Only why a row did not start is kept here, until the console stops.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from neiic.console.accounts.access import Person
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.importing import Checked, Row
from neiic.console.starting import started
from neiic.console.translating import translator
from neiic.door import UnansweredError
from neiic.statute.acts import Refused

Outcome = Literal["waiting", "started", "there", "sent", "refused"]

#: Characters of a sheet that are kept in one drawer; its packed rows may need several.
_DRAWER = 100_000
#: A sheet never unpacks to more: a thousand rows of the longest texts that the form takes.
_LARGEST = 32 * 1024 * 1024


class Result(NamedTuple):
    """What became of one row; ``message`` says why where it did not start."""

    outcome: Outcome
    message: str = ""


@dataclass(slots=True)
class Run:
    """One sheet on its way: results by row, and why it stopped before its end."""

    results: dict[int, Result] = field(default_factory=dict)
    stopped: str = ""
    task: asyncio.Task[None] | None = None

    @property
    def going_on(self) -> bool:
        """Whether rows are still being started."""
        return self.task is not None and not self.task.done()


class Runs:
    """The sheets that are being started by this console, by user and key."""

    def __init__(self) -> None:
        self._runs: dict[tuple[int, str], Run] = {}

    def of(self, person: Person, key: str) -> Run | None:
        """The run of this person's sheet, if it was begun."""
        return self._runs.get((person.user_id, key))

    def begin(self, house: House, person: Person, key: str, rows: tuple[Row, ...]) -> Run:
        """Start these rows in the background; a sheet that is on its way already goes on."""
        run = self.of(person, key)
        if run is not None and run.going_on:
            return run
        # Finished ones are only remembered for those who look at them.
        self._runs = {
            who: one for who, one in self._runs.items() if one.going_on or who[0] != person.user_id
        }
        run = self._runs[person.user_id, key] = Run()
        run.task = asyncio.create_task(_start(house, person, rows, run))
        return run


async def _start(house: House, person: Person, rows: tuple[Row, ...], run: Run) -> None:
    told = translator(person.language)
    for row in rows:
        try:
            outcome = await started(house, person, row.data)
        except UnansweredError:
            run.stopped = told(N_("The system that keeps the centers does not answer just now."))
            return
        if isinstance(outcome, Refused):
            zh = person.language == "zh"
            message = outcome.message_zh if zh else outcome.message_en
            run.results[row.number] = Result("refused", message)
        elif outcome[1] is None:
            run.results[row.number] = Result("sent")
            run.stopped = told(N_("What was sent is not being recorded just now."))
            return
        else:
            run.results[row.number] = Result("started")


# Keeping a checked sheet until it starts --------------------------------------------------------


def lay_by(house: House, person: Person, checked: Checked) -> str:
    """Keep a checked sheet for this person; the key under which it lies."""
    key = secrets.token_urlsafe(12)
    plain = json.dumps(checked.kept(), ensure_ascii=False).encode()
    packed = base64.b64encode(zlib.compress(plain)).decode()
    parts = [packed[at : at + _DRAWER] for at in range(0, len(packed), _DRAWER)]
    for place, text in enumerate(parts):
        drawer = {"part": text, "parts": len(parts)}
        house.desk.keep(person.user_id, _drawer(key, place), drawer, house.now())
    return key


def laid_by(house: House, person: Person, key: str) -> dict[str, Any] | None:
    """What was kept under this key; None where there is nothing of this person's."""
    first = house.desk.kept(person.user_id, _drawer(key, 0))
    if first is None:
        return None
    text = first.fields["part"]
    for place in range(1, first.fields["parts"]):
        more = house.desk.kept(person.user_id, _drawer(key, place))
        if more is None:
            return None
        text += more.fields["part"]
    found: dict[str, Any] = json.loads(
        zlib.decompressobj().decompress(base64.b64decode(text), _LARGEST)
    )
    return found


def throw_away(house: House, person: Person, key: str) -> None:
    """The sheet is not wanted any more."""
    first = house.desk.kept(person.user_id, _drawer(key, 0))
    for place in range(first.fields["parts"] if first else 0):
        house.desk.forget(person.user_id, _drawer(key, place))


def _drawer(key: str, place: int) -> str:
    # No address begins so: what a form sends back after signing in can never land here.
    return f"sheet:{key}:{place}"
