"""A worker process of the drill: ADDRESS URL SEED LOSES DIES FILE.

It is the real worker over records that, by lot, lose the answer of a commit after its effect:
the activity fails (chance LOSES), or the whole process dies (chance DIES). Each loss is a line
in FILE; once a file ``calm`` lies beside it, nothing is lost by lot any more. It writes ``ready``
to standard output when it serves.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from random import Random

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.models.messages import Commit, Committed
from neiic.settings import load_settings
from neiic.starter.logs import set_up_logs
from neiic.worker import center_worker

#: So few that centers are dropped from memory and replayed all through the drill.
CACHED = 20
#: The commit of each process whose answer is lost whatever the lot says and however late it
#: comes, so that a drill on a busy machine, which writes little before the calm, loses one too.
ALWAYS_LOST = 2
#: The file that ends the losses by lot.
CALM = "calm"
#: Seconds for the server to be there.
CONNECTING = 60.0


class LossyRecords(Records):
    """Records that write, and by lot do not live to tell."""

    def __init__(self, url: str, seed: str, loses: float, dies: float, losses: Path) -> None:
        super().__init__(connect(url))
        self._chance = Random(seed)
        self._drawing = threading.Lock()
        self._loses, self._dies = loses, dies
        self._losses = losses
        self._commits = 0

    def commit(self, commit: Commit) -> Committed:
        """Write, then answer or not."""
        answer = super().commit(commit)
        calm = self._losses.with_name(CALM).exists()
        with self._drawing:
            lot = 1.0 if calm else self._chance.random()
            self._commits += 1
            if self._commits == ALWAYS_LOST:
                lot = self._dies
        if lot < self._dies:
            self._say(f"died {commit.center.code} {commit.center.sequence}")
            os.kill(os.getpid(), signal.SIGKILL)
        if lot < self._dies + self._loses:
            self._say(f"lost {commit.center.code} {commit.center.sequence}")
            raise ConnectionError("the answer was lost on its way")
        return answer

    def _say(self, line: str) -> None:
        with self._losses.open("a") as file:
            file.write(f"{line}\n")


async def _connected(address: str) -> Client:
    async with asyncio.timeout(CONNECTING):
        while True:
            try:
                return await Client.connect(address, data_converter=pydantic_data_converter)
            except RuntimeError:
                await asyncio.sleep(0.1)


async def main(address: str, url: str, seed: str, loses: str, dies: str, losses: str) -> None:
    """Serve until killed."""
    settings = load_settings(
        log_format="json", log_level="warning", max_cached_workflows=CACHED, graceful_shutdown=0.0
    )
    set_up_logs(settings)
    records = LossyRecords(url, seed, float(loses), float(dies), Path(losses))
    client = await _connected(address)
    async with center_worker(client, records, HolidayCalendar(), settings):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
