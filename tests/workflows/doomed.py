"""A worker process that is killed at the worst moment: ADDRESS QUEUE DATABASE_URL ACTION.

It serves centers until it has committed an act of this kind; then it dies at once, before its
server can know. It writes ``ready`` to standard output when it serves.
"""

import asyncio
import os
import signal
import sys

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.models.messages import Commit, Committed
from neiic.settings import Settings
from neiic.worker import center_worker


class Doomed(Records):
    """Records that take the whole process down once they hold a certain act."""

    action = ""

    def commit(self, commit: Commit) -> Committed:
        answer = super().commit(commit)
        if any(event.kind == self.action for event in commit.events):
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


async def main(address: str, queue: str, url: str, action: str) -> None:
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    records = Doomed(connect(url))
    records.action = action
    settings = Settings(task_queue=queue, graceful_shutdown=0)
    async with center_worker(client, records, HolidayCalendar(), settings):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
