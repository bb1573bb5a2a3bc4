"""The records database: reachable and writable, its schema, gaps in its events, its outbox."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations import head, revision
from neiic.models.tables import CenterRecord, EventRecord, NoticeRecord, table_of
from neiic.starter.doctor.ground import Check, Ground, for_each, ill, ok, some, warning
from neiic.statute.periods import beijing

_CENTERS, _EVENTS, _OUTBOX = (table_of(one) for one in (CenterRecord, EventRecord, NoticeRecord))

#: Notices tell units of legal dates: one that has waited longer has not done so in time.
LONGEST_IN_OUTBOX = timedelta(days=1)
#: Milliseconds for which a writer on SQLite is waited for.
LOCKED = 3_000

_SEE = "start it, or see NEIIC_DATABASE_URL"


def database(ground: Ground) -> Check:
    """Whether the records' database answers and can be written."""
    url = make_url(ground.settings.database)
    where = url.render_as_string(hide_password=True)
    on_sqlite = url.get_backend_name() == "sqlite"
    if on_sqlite and not Path(url.database or "").exists():
        return ill("database", f"there is none at {where}", "make it: neiic migrate (or neiic dev)")
    engine = connect(ground.settings.database)
    try:
        refuses = _locked(engine) if on_sqlite else _read_only(engine)
    except (SQLAlchemyError, sqlite3.Error) as error:
        engine.dispose()
        return ill("database", f"{where} does not answer: {reason(error)}", _SEE)
    ground.opened = Records(engine)
    if refuses is None:
        return ok("database", where)
    mend = f"find who holds it: fuser -v {url.database}" if on_sqlite else _SEE
    return ill("database", f"{where} can be read and not written: {refuses}", mend)


def reason(error: Exception) -> str:
    """A database's complaint in one line, without what was to be written."""
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0] if said else type(error).__name__


def _locked(engine: Engine) -> str | None:
    """Why SQLite lets nobody write; None where it does."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOCKED}")
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("ROLLBACK")
    except Exception as error:
        return f"{reason(error)}; another program holds it, or the file system is read-only"
    finally:
        raw.invalidate()  # its patience was changed: nobody else should have it
    return None


def _read_only(engine: Engine) -> str | None:
    """Why PostgreSQL lets nobody write; None where it does."""
    with engine.connect() as connection:
        said = connection.exec_driver_sql("SHOW transaction_read_only").scalar_one()
    return "it is a standby or set to read only" if said == "on" else None


def schema(ground: Ground) -> Check:
    """Whether the database has the tables of this release."""
    present = revision(ground.settings.database)
    if present == head():
        return ok("schema", f"revision {present}, as this release needs it")
    state = f"is at revision {present}" if present else "has no tables"
    return ill(
        "schema",
        f"the database {state}; this release needs {head()}",
        "bring it up to date: neiic migrate (a newer database needs a newer release)",
    )


def events(ground: Ground) -> Check:
    """Whether every center's events are there from the first to the last, by counting them."""
    counted = (
        select(
            _EVENTS.c.center,
            func.count().label("counted"),
            func.max(_EVENTS.c.sequence).label("last"),
        )
        .group_by(_EVENTS.c.center)
        .subquery()
    )
    query = (
        select(_CENTERS.c.code, _CENTERS.c.sequence, counted.c.counted, counted.c.last)
        .join(counted, counted.c.center == _CENTERS.c.code, isouter=True)
        .order_by(_CENTERS.c.code)
    )
    with ground.records.engine.connect() as connection:
        rows = connection.execute(query).all()
    wrong = [row for row in rows if not row.sequence == row.counted == row.last]
    if not wrong:
        return ok(
            "events", f"{sum(row.sequence for row in rows)} events of {len(rows)} centers, no gap"
        )
    codes = [row.code for row in wrong]
    said = [f"{row.code} has {row.counted or 0} of {row.sequence}" for row in wrong]
    return ill(
        "events",
        f"events are missing, or are more than the center knows of: {some(said)}",
        f"rebuild them from the workflow: {for_each('neiic reconcile {code}', codes)}",
        codes,
    )


def outbox(ground: Ground) -> Check:
    """How many notices wait to be delivered, and for how long."""
    pending = _OUTBOX.c.status == "pending"
    delivered = _OUTBOX.c.status.not_in(("pending", "skipped"))
    with ground.records.engine.connect() as connection:
        count, oldest = connection.execute(
            select(func.count(), func.min(_OUTBOX.c.created_at)).where(pending)
        ).one()
        ever = connection.execute(select(_OUTBOX.c.id).where(delivered).limit(1)).first()
    if not count:
        return ok("outbox", "no notice waits")
    waiting = ground.now - oldest
    said = f"{count} notices wait to be delivered, the oldest since {_ago(oldest, waiting)}"
    if waiting <= LONGEST_IN_OUTBOX:
        return ok("outbox", said)
    if ever is None:
        return warning(
            "outbox",
            f"{said}; none was ever delivered from here",
            "units are not told yet: let a program deliver the pending rows of the table outbox",
        )
    return ill(
        "outbox",
        said,
        "delivery has stopped: start what delivers the pending rows of the table outbox",
    )


def _ago(moment: datetime, waiting: timedelta) -> str:
    hours = int(waiting.total_seconds() // 3600)
    return f"{beijing(moment):%Y-%m-%d %H:%M} Beijing time ({hours} h)"
