"""What the door says when the server cannot take an act, or every connection breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RetryConfig

from chaos.acts import Wanted, registration
from chaos.proxy import Proxy
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.door import Door, UnansweredError
from neiic.migrations import migrate
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.statute.periods import day_of

CODE = "NEIIC-2026-001"
NOTE = Wanted("supervision.note", "ndrc", {"text": "巡查"})
#: By itself the client tries for ten seconds before it says what it has: ``transport error``.
SOON = RetryConfig(initial_interval_millis=10, max_retries=2)


@pytest_asyncio.fixture
async def network(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedServer, Proxy]]:
    """A server without a worker, and the network before it."""
    async with EmbeddedServer(tmp_path / "temporal", port=free_port(), in_memory=True) as server:
        network = Proxy(free_port(), server.port)
        await network.listen()
        yield server, network
        await network.close()


@pytest_asyncio.fixture
async def client_and_records(
    network: tuple[EmbeddedServer, Proxy], tmp_path: Path
) -> AsyncIterator[tuple[Client, Records]]:
    migrate(f"sqlite:///{tmp_path / 'neiic.db'}")
    records = Records(connect(f"sqlite:///{tmp_path / 'neiic.db'}"))
    client = await Client.connect(
        network[1].address, data_converter=pydantic_data_converter, retry_config=SOON
    )
    yield client, records
    records.engine.dispose()


async def send(door: Door, decision_id: str) -> None:
    await door.act(CODE, NOTE.action, NOTE.message(decision_id, 0))


async def test_an_act_whose_connections_break_is_unanswered(
    network: tuple[EmbeddedServer, Proxy], client_and_records: tuple[Client, Records]
) -> None:
    """The network takes connections and breaks them, since no server is behind it any more.

    The client calls that UNKNOWN. Whoever reads it knows neither whether the act was taken nor
    that it may be sent again.
    """
    door = Door(*client_and_records, patience=timedelta(seconds=1))
    await network[0].stop()
    with pytest.raises(UnansweredError):
        await send(door, "cut")
    with pytest.raises(UnansweredError, match="cut-signal"):
        await door.signal(CODE, NOTE.action, NOTE.message("cut-signal", 0))
    with pytest.raises(UnansweredError, match="may have been started or not"):
        await door.start(registration(CODE, day_of(datetime.now(UTC))))


async def test_more_acts_at_once_than_a_server_takes_are_unanswered(
    client_and_records: tuple[Client, Records],
) -> None:
    """A server refuses with RESOURCE_EXHAUSTED what is beyond ten updates for one center.

    The client tries that again for some seconds, however it was made.
    """
    door = Door(*client_and_records, patience=timedelta(seconds=6))
    await door.start(registration(CODE, day_of(datetime.now(UTC))))
    sent = (send(door, f"many-{number}") for number in range(14))
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {UnansweredError}
