"""Records what a released schema holds: ``python -m tests.records.record``, once for a revision.

Lives are committed under the newest revision, in whatever values they may have; the rows and
what was read from them are kept in ``released/NNNN.json``, and the digests of that file and of
the migration's script in ``released/digests.json``. Neither is ever written again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from neiic import __version__
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations import head, migrate, scripts
from neiic.models.messages import Commit, RecordedRefusal
from neiic.statute.acts import Refused, invalid
from neiic.statute.forms import Fault
from neiic.statute.notices import notice_of_refusal
from neiic.statute.snapshot import snapshot
from neiic.statute.terms import Role
from tests.records.furnishing import furnish
from tests.records.lives import COMPETENT, RULES, Life, approved, eventful
from tests.records.rows import rows_of, unfilled

RELEASED = Path(__file__).parent / "released"
DIGESTS = RELEASED / "digests.json"

#: Signs that are easily lost: quotes, a backslash, line breaks, beyond the first plane, from
#: right to left, joined, and more of them than a page.
ODD = "“筹建”'\"\\ \n\t𠮷野家㊣ 👩‍🔬 שלום e\N{COMBINING ACUTE ACCENT} %s :x {} $1" + "长" * 3_000

_REFUSED: Refused = invalid((Fault("data.year", "必填", "is required"),))


def released() -> dict[str, dict[str, str]]:
    """Of each released revision: the release, and the digests of its script and its rows."""
    kept: dict[str, dict[str, str]] = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}
    return kept


def dump_path(revision: str) -> Path:
    return RELEASED / f"{revision}.json"


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lives() -> list[Life]:
    """Centers in several stages: mid-life, overdue, ended, hardly begun."""
    overdue = approved("NEIIC-2031-002", "run-2")
    overdue.act("2031-07-01T09:00", Role.NDRC, "supervision.note", text=ODD)
    overdue.wait("2033-04-02T09:00")
    begun = Life("NEIIC-2031-003", "run-3")
    lapsed = approved("NEIIC-2031-004", "run-4")
    lapsed.jump("2034-08-01T09:00")
    withdrawn = Life("NEIIC-2031-005", "run-5")
    withdrawn.act("2031-03-09T23:59:59.999999", Role.COMPETENT, "formation.withdraw", reason="另议")
    waiting = approved("NEIIC-2031-006", "run-6")
    waiting.act(
        "2033-09-01T09:00",
        Role.IMPLEMENTING,
        "confirmation.apply",
        summary_report="总结报告",
        evidence=["材料一", ODD],
    )
    return [eventful(), overdue, begun, lapsed, withdrawn, waiting]


def commits_of(life: Life) -> Iterator[Commit]:
    """A life's commits, and at its end two refused signals, one of a sender nobody knows."""
    yield from life.commits
    for number, said in enumerate(("{}", ODD[:2_000]), start=1):
        refused = RecordedRefusal(
            number=number,
            action="report.submit",
            refusal=_REFUSED,
            message=said,
            **({"decision_id": "d-1", "actor_user": "李四"} if number == 1 else {}),
        )
        notice = notice_of_refusal(_REFUSED, None, str(number))
        yield Commit(life=life.life, center=life.center, refusals=(refused,), notices=(notice,))


def contents() -> tuple[dict[str, Any], list[str]]:
    """The rows of lives committed under the newest revision with what they must read as, and
    the columns that no row fills.
    """
    written = lives()
    with TemporaryDirectory(prefix="neiic-record-") as folder:
        url = f"sqlite:///{Path(folder) / 'records.db'}"
        migrate(url)
        engine = connect(url)
        records = Records(engine, now=lambda: datetime(2031, 4, 1, 1, 2, 3, 456789, tzinfo=UTC))
        for life in written:
            for commit in commits_of(life):
                records.commit(commit)
        records.record_refusal(
            "没有\x00这个中心",
            "center.start",
            _REFUSED,
            via="start",
            message=ODD,
            actor_user="王五\ud800",
        )
        records.record_refusal(
            written[0].center.code,
            "x",
            _REFUSED,
            via="update",
            message="",
            actor_role=Role.COMPETENT.value,
            actor_unit=COMPETENT,
        )
        furnish(engine, written[0].center.code, odd=ODD)
        rows, empty = rows_of(engine), unfilled(engine)
        engine.dispose()
    return {"rows": rows, "read": read_of(written)}, empty


def read_of(written: list[Life]) -> dict[str, Any]:
    """What the records of these lives must read as, by code."""
    return {
        life.center.code: {
            "state": life.center.model_dump(mode="json"),
            "snapshot": snapshot(life.center, RULES).model_dump(mode="json"),
            "timeline": [event.model_dump(mode="json") for event in life.events],
        }
        for life in written
    }


def warning(empty: list[str]) -> str:
    """What to do about columns that no recorded row fills; empty where there are none."""
    if not empty:
        return ""
    return (
        f"warning: {', '.join(empty)}: NULL in every recorded row, so that a migration which loses"
        " it is not found. Let the lives in tests/records/record.py fill it, take out the"
        " recording (its file and its entry in digests.json) and record anew."
    )


def record() -> str:
    """Record the newest revision; answers what was done. Raises SystemExit if it was recorded."""
    revision, path = head(), dump_path(head())
    if path.exists() or revision in released():
        raise SystemExit(
            f"revision {revision} is recorded already and is never recorded again. If no release"
            f" has it yet, take out {path.name} and its entry in {DIGESTS.name} first."
        )
    RELEASED.mkdir(exist_ok=True)
    # A line for each row: nobody reads it, but git and editors have to bear it.
    kept_rows, empty = contents()
    said = json.dumps(kept_rows, ensure_ascii=False).replace('}, {"', '},\n{"')
    path.write_text(said + "\n", encoding="utf-8")
    kept = released() | {
        revision: {
            "release": __version__,
            "script": digest_of(scripts()[revision]),
            "rows": digest_of(path),
        }
    }
    DIGESTS.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return "\n".join(filter(None, (f"recorded revision {revision} in {path.name}", warning(empty))))


if __name__ == "__main__":
    sys.stdout.write(record() + "\n")
