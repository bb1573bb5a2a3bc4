"""Connections to the Temporal server and the records, and what to say when one is away."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.migrations import head, needs_migration, revision
from neiic.settings import Settings
from neiic.starter import StackError, traces
from neiic.statute.forms import faults_of
from neiic.statute.rules import LIBRARY

if TYPE_CHECKING:
    from neiic.activities.calendar import HolidayCalendar

#: Folder of rule sets within a data folder: those that its examples brought along.
RULE_SETS = "rule_sets"
#: Seconds in which a server that is there accepts a connection.
KNOCK = 3.0


async def connect_client(settings: Settings) -> Client:
    """A client of the Temporal server. Raises StackError, naming the address, when it is away."""
    try:
        async with asyncio.timeout(KNOCK):
            _, writer = await asyncio.open_connection(
                settings.temporal_host, settings.temporal_port
            )
        writer.close()
        async with asyncio.timeout(settings.rpc_timeout):
            return await Client.connect(
                settings.temporal_address,
                namespace=settings.temporal_namespace,
                data_converter=pydantic_data_converter,
                plugins=traces.plugins(settings),
            )
    except (OSError, TimeoutError, RuntimeError, RPCError) as error:
        raise StackError(
            f"the Temporal server at {settings.temporal_address} does not answer"
            f" ({error or type(error).__name__}).\nStart one with: neiic dev"
            "   (or name another with NEIIC_TEMPORAL_ADDRESS)"
        ) from None


def open_records(settings: Settings) -> Records:
    """The records, with the rule sets that their centers may be under.

    Raises StackError when they are away or their schema is older than this release.
    """
    url = make_url(settings.database)
    where = url.render_as_string(hide_password=True)
    try:
        present = revision(settings.database)
    except SQLAlchemyError as error:
        if url.database and url.get_backend_name() == "sqlite" and not Path(url.database).exists():
            raise StackError(
                f"there is no records database at {where} yet.\n"
                "Make it with: neiic dev (the whole stack), or: neiic migrate"
            ) from None
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StackError(
            f"the records database {where} does not answer ({reason}).\n"
            "Start it, or name another with NEIIC_DATABASE_URL"
        ) from None
    take_up_rule_sets(settings)
    if needs_migration(present):
        state = f"is at revision {present}" if present else "has no tables yet"
        raise StackError(
            f"the records database {where} {state}; this release needs {head()}.\n"
            "Bring it up to date with: neiic migrate"
        )
    return Records(connect(settings.database))


def take_up_rule_sets(settings: Settings) -> None:
    """Add the rule sets of the operators' folder, and of the data folder, to this release's.

    Raises StackError, naming file and field, where one of those does not fit.
    """
    named = settings.rule_sets_folder
    if named is not None and not named.is_dir():
        raise StackError(f"NEIIC_RULE_SETS_FOLDER: {named} is no folder")
    folders = [settings.data_dir / RULE_SETS, *([named] if named else [])]
    for file in (file for folder in folders for file in sorted(folder.glob("*.yaml"))):
        try:
            LIBRARY.add(file.read_text(encoding="utf-8"))
        except ValidationError as error:
            raise StackError(
                f"{file}: {faults_of(error, '')[0].field}: {error.errors()[0]['msg']}"
            ) from None
        except (OSError, ValueError) as error:
            raise StackError(f"{file}: {error}") from None


def holiday_calendar(settings: Settings) -> HolidayCalendar:
    """The holiday calendar with the years that operators have added.

    Raises StackError, naming file and field, where one of those does not fit.
    """
    # Loading the holidays of the world takes a quarter of a second: only workers pay it.
    from neiic.activities.calendar import CalendarFileError, HolidayCalendar

    try:
        return HolidayCalendar(settings.calendar_folder)
    except CalendarFileError as error:
        raise StackError(str(error)) from None
