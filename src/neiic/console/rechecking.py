"""Acts whose answer did not come: sent again until it does, and what is known of them so far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog

from neiic.activities.reading import RecordsReader
from neiic.door import Door, UnansweredError, UnknownCenterError
from neiic.statute.acts import RefusedActError

_log = structlog.get_logger(__name__)

#: How long one act is sent again, and how long it rests in between.
LONGEST = timedelta(hours=1)
PAUSE = 2.0
#: In place of a decision id, what a center's start is known by.
START = "start"


@dataclass(frozen=True, slots=True)
class Known:
    """What the records say of a decision: done with its snapshot, refused, or nothing yet."""

    status: str
    snapshot: dict[str, Any] | None = None
    refusal: dict[str, str] | None = None


class Rechecks:
    """Sends acts again in the background. Their ids make sure that each acts once.

    Nothing is kept beyond this process: after a restart the sender, or whoever looks the
    decision up, finds what the records say, and may send it again.
    """

    def __init__(self, door: Door, records: RecordsReader) -> None:
        self._door = door
        self._records = records
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}

    def begin(self, code: str, action: str, message: Mapping[str, Any]) -> None:
        """Begin to send this act again, unless that is under way."""
        self._begin(
            code, str(message["decision_id"]), lambda: self._door.act(code, action, dict(message))
        )

    def begin_start(self, code: str, registration: Mapping[str, Any]) -> None:
        """Begin to send a center's registration again: its code makes sure that it starts once."""
        self._begin(code, START, lambda: self._door.start(dict(registration)))

    def _begin(self, code: str, decision_id: str, send: Callable[[], Awaitable[object]]) -> None:
        key = (code, decision_id)
        if key not in self._under_way:
            task = asyncio.get_running_loop().create_task(self._again(key, send))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))

    def is_under_way(self, code: str, decision_id: str) -> bool:
        """Whether this process still sends it again."""
        return (code, decision_id) in self._under_way

    def known(self, code: str, decision_id: str) -> Known:
        """What the records say of a decision: ``done``, ``refused`` or ``unknown``."""
        snapshot = self._records.recall_by_decision(code, decision_id)
        if snapshot is not None:
            return Known("done", snapshot=snapshot)
        refused = self._records.refusal_of_decision(code, decision_id)
        if refused is None:
            return Known("unknown")
        four = ("code", "article", "message_zh", "message_en")
        return Known("refused", refusal={name: getattr(refused, name) for name in four})

    async def close(self) -> None:
        """Stop sending: the acts that are still unanswered stay so."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again(self, key: tuple[str, str], send: Callable[[], Awaitable[object]]) -> None:
        code, decision_id = key
        try:
            async with asyncio.timeout(LONGEST.total_seconds()):
                while True:
                    try:
                        await send()
                    except UnansweredError:
                        await asyncio.sleep(PAUSE)
                    else:
                        return
        except RefusedActError:
            return  # a start that had been taken after all finds its code in use
        except (TimeoutError, UnknownCenterError):
            _log.warning("act_unanswered", center=code, decision_id=decision_id)
