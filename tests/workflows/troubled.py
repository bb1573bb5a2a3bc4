"""Records that fail as a test or the recorder says."""

from __future__ import annotations

from collections.abc import Callable

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.models.messages import Commit, Committed

Fault = Callable[[Commit, Callable[[Commit], Committed]], Committed]


class Troubled(Records):
    """Records of which a test says how they fail: ``fault`` stands between call and commit."""

    def __init__(self, url: str) -> None:
        super().__init__(connect(url))
        self.fault: Fault | None = None
        self.calls = 0

    def commit(self, commit: Commit) -> Committed:
        if self.fault is None:
            return super().commit(commit)
        self.calls += 1
        return self.fault(commit, super().commit)


def away() -> Committed:
    raise ConnectionError("the database is away")
