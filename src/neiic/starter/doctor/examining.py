"""The order of the checks, what each needs before it, and the verdict.

No check ever raises out of here: one that cannot be made says why.
"""

from __future__ import annotations

import asyncio
import inspect
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError, RPCStatusCode

from neiic.settings import Settings
from neiic.starter.bounded import in_thread
from neiic.starter.doctor import agreement, database, law, lives, machine, server
from neiic.starter.doctor.ground import Check, Ground, ill, not_checked
from neiic.statute.periods import day_of

#: Seconds for one check; comparing all centers takes as long as it takes, within reason.
LONGEST, LONGEST_OF_ALL = 30.0, 3600.0

Made = Callable[[Ground], Check | Awaitable[Check]]


class Examination(NamedTuple):
    """A check and the checks without which it cannot be made."""

    name: str
    make: Made
    needs: tuple[str, ...] = ()


_SERVER = ("server", "namespace")
_RECORDS = ("database", "schema")

EXAMINATIONS = (
    Examination("server", server.server),
    Examination("namespace", server.namespace, ("server",)),
    Examination("retention", server.retention, _SERVER),
    Examination("search_attributes", server.search_attributes, _SERVER),
    Examination("workers", server.workers, _SERVER),
    # Before the records are looked into: it takes up the rule sets that their centers are under.
    Examination("rule_set", law.rule_set),
    Examination("database", database.database),
    Examination("schema", database.schema, ("database",)),
    Examination("outbox", database.outbox, _RECORDS),
    Examination("events", database.events, _RECORDS),
    Examination("projection", agreement.projection, _RECORDS),
    Examination("matters", agreement.matters, _RECORDS),
    Examination("workflows", lives.workflows, (*_SERVER, *_RECORDS)),
    Examination("records", lives.records_of_workflows, (*_SERVER, *_RECORDS)),
    Examination("stuck", lives.stuck, _SERVER),
    Examination("agreement", agreement.agreement, (*_SERVER, *_RECORDS, "workers")),
    Examination("rules_of_centers", law.rules_of_centers, _RECORDS),
    Examination("calendar", law.calendar),
    Examination("provisional", law.provisional, _RECORDS),
    Examination("disk", machine.disk),
    Examination("clock", machine.clock, _SERVER),
)

#: What stands in the way when one of these is ill, in the words of the checks that need it.
IN_THE_WAY = {
    "server": "server away",
    "namespace": "namespace missing",
    "database": "database away",
    "schema": "schema not of this release",
    "workers": "no worker that answers",
}
#: Checks whose very subject is whether something answers.
MUST_ANSWER = ("server", "namespace", "database")


class Report(BaseModel):
    """All checks in order. Well: no ill was found and every check could be made."""

    model_config = ConfigDict(frozen=True)

    well: bool
    checks: tuple[Check, ...]

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)


async def examine(settings: Settings, *, every: bool = False, today: date | None = None) -> Report:
    """Make all checks. ``every`` compares all centers, not a sample; ``today`` is a Beijing day."""
    now = datetime.now(UTC)
    ground = Ground(settings, now, today or day_of(now), every)
    found: dict[str, Check] = {}
    try:
        for examination in EXAMINATIONS:
            found[examination.name] = await _make(examination, ground, found)
    finally:
        if ground.opened is not None:
            ground.opened.engine.dispose()
    checks = tuple(found.values())
    well = all(check.level in ("ok", "warning") for check in checks)
    return Report(well=well, checks=checks)


async def _make(examination: Examination, ground: Ground, found: dict[str, Check]) -> Check:
    for need in examination.needs:
        # A database that can be read and not written is ill, and can be looked into.
        readable = need == "database" and ground.opened is not None
        if found[need].level not in ("ok", "warning") and not readable:
            return not_checked(examination.name, _in_the_way(need, found))
    try:
        return await _bounded(examination.make, ground)
    except TimeoutError:
        if examination.name in MUST_ANSWER:
            return ill(examination.name, f"no answer within {LONGEST:.0f} s", "start it again")
        return not_checked(examination.name, "it took too long")
    except RPCError as error:
        if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED):
            return not_checked(examination.name, f"server away ({error.message})")
        return not_checked(examination.name, f"the server says {error.message}")
    except (SQLAlchemyError, sqlite3.Error) as error:
        return not_checked(examination.name, f"database away ({database.reason(error)})")
    except Exception as error:
        return not_checked(examination.name, f"{type(error).__name__}: {error}")


def _in_the_way(need: str, found: dict[str, Check]) -> str:
    """What is at the bottom of it: a namespace that could not be seen for want of a server, say."""
    said = found[need]
    if said.level == "not_checked":
        return said.found.removeprefix("not checked: ")
    return IN_THE_WAY[need]


async def _bounded(make: Made, ground: Ground) -> Check:
    longest = LONGEST_OF_ALL if ground.every else LONGEST
    if inspect.iscoroutinefunction(make):
        async with asyncio.timeout(longest):
            made: Check = await make(ground)
            return made
    # A check that is no coroutine blocks on the database or the disk.
    return await in_thread(lambda: make(ground), longest)  # type: ignore[arg-type, return-value]
