"""Records that fail as a test or the recorder says."""

from __future__ import annotations

from collections.abc import Callable

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.models.messages import Commit, Committed

Write = Callable[[Commit], Committed]
Fault = Callable[[Commit, Write], Committed]


class Troubled(Records):
    """Records whose ``fault`` stands between each call and its commit, and counts the calls."""

    def __init__(self, url: str) -> None:
        super().__init__(connect(url))
        self.fault: Fault | None = None
        self.calls = 0

    def commit(self, commit: Commit) -> Committed:
        if self.fault is None:
            return super().commit(commit)
        self.calls += 1
        return self.fault(commit, super().commit)

    def fails(self, times: int) -> None:
        """From now on so many calls fail before anything is written."""

        def fault(commit: Commit, write: Write) -> Committed:
            return away() if self.calls <= times else write(commit)

        self.calls, self.fault = 0, fault

    def loses_its_answer(self, times: int) -> None:
        """From now on so many calls write, and fail all the same."""

        def fault(commit: Commit, write: Write) -> Committed:
            answer = write(commit)
            return away() if self.calls <= times else answer

        self.calls, self.fault = 0, fault


def away() -> Committed:
    raise ConnectionError("the database is away")
