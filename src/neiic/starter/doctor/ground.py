"""What every check stands on: the settings, the connections that could be made, the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from temporalio.client import Client

from neiic.activities.records import Records
from neiic.settings import Settings

Level = Literal["ok", "warning", "ill", "not_checked"]

#: So many codes or lines stand in a sentence; ``--json`` has them all.
NAMED = 5
#: So many living centers are compared whole, unless all are asked for.
SAMPLE = 20
#: So many running workflows are asked whether they are stuck, unless all are asked for.
ASKED = 1_000


class Check(BaseModel):
    """One check: what was looked at, how well it is, what was found, how to mend it.

    ``codes`` are the centers that it is about, all of them.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    level: Level
    found: str
    mend: str | None = None
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunningLife:
    """A center's workflow that the server lists as running. ``started`` is its present run's."""

    code: str
    started: datetime


@dataclass
class Ground:
    """The settings and the moment; the connections are set by the checks that made them.

    ``today`` is the Beijing day by which law and calendar are judged. ``every`` asks for all
    centers instead of a sample.
    """

    settings: Settings
    now: datetime
    today: date
    every: bool = False
    reached: Client | None = None
    opened: Records | None = None
    listed: list[RunningLife] | None = None
    stuck: set[str] = field(default_factory=set)

    @property
    def client(self) -> Client:
        """The connection to the server; only checks that need the server may ask for it."""
        assert self.reached is not None, "a check that needs the server names it"
        return self.reached

    @property
    def records(self) -> Records:
        """The records; only checks that need the database may ask for them."""
        assert self.opened is not None, "a check that needs the database names it"
        return self.opened

    def sample(self, codes: Sequence[str]) -> list[str]:
        """All codes where all are asked for, else :data:`SAMPLE` of them, spread evenly."""
        if self.every or len(codes) <= SAMPLE:
            return list(codes)
        # Another part of them each minute, so that a doctor who comes often sees them all.
        step = len(codes) / SAMPLE
        shift = int(self.now.timestamp() // 60)
        return [codes[(int(number * step) + shift) % len(codes)] for number in range(SAMPLE)]


def ok(name: str, found: str) -> Check:
    """Nothing to do."""
    return Check(name=name, level="ok", found=found)


def warning(name: str, found: str, mend: str, codes: Sequence[str] = ()) -> Check:
    """Works today; somebody should look at it."""
    return Check(name=name, level="warning", found=found, mend=mend, codes=tuple(codes))


def ill(name: str, found: str, mend: str, codes: Sequence[str] = ()) -> Check:
    """Does not work, or is wrong."""
    return Check(name=name, level="ill", found=found, mend=mend, codes=tuple(codes))


def not_checked(name: str, why: str) -> Check:
    """Could not be looked at; ``why`` says what stood in the way."""
    return Check(name=name, level="not_checked", found=f"not checked: {why}")


def some(said: Sequence[str]) -> str:
    """The first :data:`NAMED` of them in a sentence, and how many more there are."""
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return ", ".join(said[:NAMED]) + more


def for_each(command: str, codes: Sequence[str]) -> str:
    """A command that is to be given for each of these centers, whose code it takes as {code}."""
    first = command.format(code=codes[0])
    return first if len(codes) == 1 else f"{first}  (and so for each of {some(codes)})"
