"""Keeps matters and lights of all centers written while a worker runs.

At its start it finds what an earlier release or a migration left without them; a worker of the
release before, still running beside it during a change of releases, leaves more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from neiic.activities.records import Records

#: Time between two looks; a look at nothing costs one read of an empty index.
EVERY = timedelta(minutes=1)
#: Centers in one go, after which a worker that is to stop can stop.
AT_A_TIME = 100

_log = structlog.stdlib.get_logger("neiic.records")


@contextlib.asynccontextmanager
async def projecting(records: Records, every: timedelta = EVERY) -> AsyncIterator[None]:
    """Write what is stale, at once and then from time to time, while the context lasts."""
    stop = asyncio.Event()
    running = asyncio.create_task(_project(records, every, stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def _project(records: Records, every: timedelta, stop: asyncio.Event) -> None:
    while not stop.is_set():
        written = 0
        try:
            written = await asyncio.to_thread(records.project_stale, AT_A_TIME)
        except SQLAlchemyError as error:
            # It is tried again: a worker must not fall for want of what only lists show.
            _log.warning("matters not written", reason=type(error).__name__)
        if written:
            _log.info("matters written anew", centers=written)
        if written < AT_A_TIME:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), every.total_seconds())
