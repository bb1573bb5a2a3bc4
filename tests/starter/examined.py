"""What the doctor says of a ward, and what is not ok in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

from neiic.starter.doctor.examining import EXAMINATIONS, Report, examine
from neiic.starter.doctor.ground import Check
from tests.starter.ward import Ward

THE_DAY = date(2026, 11, 24)


@contextmanager
def by_hand(ward: Ward) -> Iterator[sqlite3.Connection]:
    """The database as somebody who knows SQL and no better opens it."""
    with closing(sqlite3.connect(ward.folder / "records.db")) as connection:
        yield connection
        connection.commit()


async def examined(ward: Ward, today: date = THE_DAY, **changes: Any) -> Report:
    report = await examine(ward.settings(**changes), every=True, today=today)
    assert [check.name for check in report.checks] == [one.name for one in EXAMINATIONS]
    for check in report.checks:
        assert (check.mend is not None) == (check.level in ("warning", "ill"))
        assert check.found.startswith("not checked: ") == (check.level == "not_checked")
    return report


def only(report: Report, *names: str, level: str = "ill") -> Check:
    """The first of these checks; they are all that is not ok."""
    unwell = {check.name: check.found for check in report.checks if check.level != "ok"}
    assert set(unwell) == set(names), unwell
    assert report[names[0]].level == level, report[names[0]]
    return report[names[0]]
