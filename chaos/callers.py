"""The callers: each a thread with its own connection and clock, which notes what it is told."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from chaos.acts import Wanted, choose, registration
from chaos.notes import Note, Told, Via
from neiic.activities.records import Records
from neiic.door import Door, UnansweredError
from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.periods import day_of

#: How often an act is a signal, is sent twice at once, is an old one sent again.
SIGNALS, TWICE, AGAIN = 0.2, 0.12, 0.1
#: How often one that is in doubt comes before a new one.
DOUBTS = 0.3
#: How often one that was not answered is sent again at once; else other acts come first.
AT_ONCE = 0.2
#: Acts that a caller has under way at once.
HANDS = 4
#: Beyond so many seconds a clock counts as wrong.
WRONG = 60.0


@dataclass(slots=True)
class Board:
    """What all callers share: what was told, and what was last seen of each center."""

    notes: list[Note] = field(default_factory=list)
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Centers that the server has acknowledged.
    started: list[str] = field(default_factory=list)

    def saw(self, code: str, snapshot: dict[str, Any]) -> None:
        """A caller was shown a center; an older sight does not replace a newer one."""
        before = self.seen.get(code)
        if before is None or before["sequence"] < snapshot.get("sequence", 0):
            self.seen[code] = snapshot


@dataclass(frozen=True, slots=True)
class Habits:
    """How callers behave; moments are ``time.monotonic``'s."""

    begun: float
    acts_until: float
    knows_until: float
    #: Longest pause between two acts.
    pause: float
    #: Acts at most, spread over the whole time.
    most: int
    #: Of which each caller has one, for every answer.
    patience: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """An act with its decision id, ready to be sent as often as it takes."""

    code: str
    wanted: Wanted
    decision_id: str
    via: Via


class Caller(threading.Thread):
    """One caller. It begins at once when started, and ends when it knows all its answers."""

    def __init__(
        self,
        number: int,
        seed: str,
        board: Board,
        habits: Habits,
        address: str,
        engine: Engine,
        codes: Sequence[str],
    ) -> None:
        super().__init__(name=f"caller-{number}", daemon=True)
        self.number = number
        self.broken: BaseException | None = None
        self._seed = seed
        self._chance = Random(f"{seed}/caller/{number}")
        self._board, self._habits = board, habits
        self._address, self._engine, self._codes = address, engine, codes
        self._skew = _skew(self._chance)
        self._doubts: list[Sent] = []
        self._known: list[Sent] = []
        self._count = 0

    def now(self) -> datetime:
        """This caller's clock, which is wrong."""
        return datetime.now(UTC) + timedelta(seconds=self._skew)

    def run(self) -> None:
        """Live; what breaks this program (not the product) is kept in :attr:`broken`."""
        try:
            asyncio.run(self._live())
        except BaseException as error:
            self.broken = error

    async def _live(self) -> None:
        client = await self._connected()
        patience = timedelta(seconds=self._chance.choice(self._habits.patience))
        records = Records(self._engine, now=self.now)
        self._door = Door(client, records, patience=patience, now=self.now)
        self._patience = patience.total_seconds()
        await asyncio.gather(self._start_centers(), *(self._act() for _ in range(HANDS)))
        while self._doubts and time.monotonic() < self._habits.knows_until:
            await self._send(self._doubts.pop(0))
            await asyncio.sleep(0.1)

    async def _start_centers(self) -> None:
        for code in self._codes:
            await self._start_center(code)

    async def _act(self) -> None:
        while (now := time.monotonic()) < self._habits.acts_until:
            await asyncio.sleep(self._chance.uniform(0, self._habits.pause))
            habits = self._habits
            lived = (now - habits.begun) / (habits.acts_until - habits.begun)
            await self._one_act(new=self._count < habits.most * lived)

    async def _connected(self) -> Client:
        while True:
            try:
                return await Client.connect(self._address, data_converter=pydantic_data_converter)
            except RuntimeError:
                if time.monotonic() > self._habits.acts_until:
                    raise
                await asyncio.sleep(0.2)

    async def _start_center(self, code: str) -> None:
        """Start a center, again and again until its start is known."""
        doubtful = False
        while time.monotonic() < self._habits.knows_until:
            told: Told = "acknowledged"
            refused: str | None = None
            raised: Exception | None = None
            try:
                async with asyncio.timeout(self._patience):
                    await self._door.start(registration(code, day_of(datetime.now(UTC))))
            except RefusedActError as error:
                # Whoever was not answered the first time finds its own center there.
                refused = error.refusal.code
                told = "acknowledged" if doubtful and refused == "invalid" else "refused"
            except Exception as error:
                told, raised = "unanswered", error
            self._board.notes.append(
                Note(
                    code,
                    self.number,
                    "start",
                    code,
                    "start",
                    told,
                    refused,
                    error=_named(raised) if raised else None,
                    foul=raised is not None and _is_foul(raised),
                )
            )
            if told != "unanswered":
                self._board.started.append(code)
                return
            doubtful = True
            await asyncio.sleep(0.2)

    async def _one_act(self, *, new: bool) -> None:
        if self._doubts and self._chance.random() < DOUBTS:
            await self._send(self._doubts.pop(0))
            return
        if self._known and self._chance.random() < AGAIN:
            await self._send(self._chance.choice(self._known))
            return
        if not (new and self._board.started):
            return
        code = self._choose_center()
        self._count += 1
        wanted = choose(self._chance, self._board.seen.get(code), day_of(self.now()))
        via: Via = "signal" if self._chance.random() < SIGNALS else "update"
        sent = Sent(code, wanted, f"{self._seed}/{self.number}/{self._count}", via)
        if self._chance.random() < TWICE:
            await asyncio.gather(self._send(sent), self._send(sent))
        else:
            await self._send(sent)

    def _choose_center(self) -> str:
        """Any center; one that is known to have ended less often."""
        code = self._chance.choice(self._board.started)
        if self._board.seen.get(code, {}).get("closed") and self._chance.random() < 0.7:
            return self._chance.choice(self._board.started)
        return code

    async def _send(self, sent: Sent) -> None:
        """Send it, and note the answer; where none comes, send it again now or later."""
        while True:
            note = await self._told(sent)
            self._board.notes.append(note)
            if note.told == "acknowledged":
                self._known.append(sent)
                if note.answer:
                    self._board.saw(sent.code, note.answer)
            if note.told != "unanswered":
                return
            if self._chance.random() > AT_ONCE or time.monotonic() > self._habits.acts_until:
                self._doubts.append(sent)
                return
            await asyncio.sleep(self._chance.uniform(0, 0.5))

    async def _told(self, sent: Sent) -> Note:
        at = time.monotonic()
        told: Told = "acknowledged"
        outcome: object = None
        raised: Exception | None = None
        try:
            outcome = await self._outcome(sent)
        except Exception as error:  # which of them are right is the checker's to say
            told, raised = "unanswered", error
        if isinstance(outcome, Refused):
            told = "refused"
        return Note(
            center=sent.code,
            caller=self.number,
            action=sent.wanted.action,
            decision_id=sent.decision_id,
            via=sent.via,
            told=told,
            code=outcome.code if isinstance(outcome, Refused) else None,
            answer=outcome if isinstance(outcome, dict) else None,
            error=_named(raised) if raised else None,
            foul=raised is not None and _is_foul(raised),
            skew=self._skew,
            at=round(at - self._habits.begun, 2),
            took=round(time.monotonic() - at, 2),
        )

    async def _outcome(self, sent: Sent) -> object:
        """The snapshot or refusal of an update; None or a refusal of a signal."""
        message = sent.wanted.message(sent.decision_id, self.number)
        if sent.via == "update":
            return await self._door.act(sent.code, sent.wanted.action, message)
        async with asyncio.timeout(self._patience):
            return await self._door.signal(sent.code, sent.wanted.action, message)


def _skew(chance: Random) -> float:
    """By how many seconds a clock is wrong: some are right, many by hours, some by years."""
    lot = chance.random()
    if lot < 0.25:
        return 0.0
    if lot < 0.75:
        return chance.uniform(-6, 6) * 3600
    return chance.uniform(-4, 4) * 365 * 86400


def _is_foul(error: Exception) -> bool:
    """Whether no caller should see this, whatever is away.

    The Door promises UnansweredError where no answer comes; a server that is away is
    UNAVAILABLE, records that are away are the database driver's own error.
    """
    if isinstance(error, RPCError):
        return error.status is not RPCStatusCode.UNAVAILABLE
    away = (UnansweredError, TimeoutError, DBAPIError, PoolTimeoutError)
    return not isinstance(error, away)


def _named(error: Exception) -> str:
    if isinstance(error, RPCError):
        return f"RPCError {error.status.name}: {error.message}"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
