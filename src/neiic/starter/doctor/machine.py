"""The machine: space for the embedded stack's files, and clocks."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType

from neiic.starter.doctor.ground import Check, Ground, ill, ok, warning
from neiic.starter.looking import queue
from neiic.starter.stuck import instant

GIB = 1024**3
LITTLE, TOO_LITTLE = 2 * GIB, GIB // 4
#: An act is judged by the server's clock; documents are dated by people's.
APART = timedelta(seconds=5)


def disk(ground: Ground) -> Check:
    """Whether the data folder of the embedded stack has room to grow."""
    folder = ground.settings.data_dir
    if not folder.is_dir():
        return ok("disk", "no data folder of an embedded stack here")
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:.1f} GiB free for {folder}"
    if free < TOO_LITTLE:
        return ill("disk", said, "make room: a database that cannot grow stops every center")
    if free < LITTLE:
        return warning("disk", said, "make room, or move the folder (NEIIC_DATA_DIR)")
    return ok("disk", said)


async def clock(ground: Ground) -> Check:
    """Whether this machine's clock is behind the server's, or differs from PostgreSQL's.

    The server tells no time by itself; it does tell when a worker last asked for a task, and
    that lies in the future only for a clock that is slow.
    """
    answer = await queue(
        ground.client,
        ground.settings.task_queue,
        TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    here = datetime.now(UTC)
    ahead = max((instant(one.last_access_time) - here for one in answer.pollers), default=None)
    mend = "set the clocks by NTP on every machine of the house"
    if ahead is not None and ahead > APART:
        said = f"this machine is at least {ahead.total_seconds():.0f} s behind the server"
        return warning("clock", said, mend)
    records = ground.opened
    if records is None or records.engine.dialect.name == "sqlite":
        return ok("clock", "not behind the server's")
    with records.engine.connect() as connection:
        there = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    apart = abs(there - datetime.now(UTC))
    if apart > APART:
        said = f"this machine and the records database are {apart.total_seconds():.0f} s apart"
        return warning("clock", said, mend)
    return ok("clock", "not behind the server's, and the records database's")
