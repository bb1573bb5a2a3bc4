"""One development server for all tests here, each with a task queue and records of its own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from neiic.migrations.migrating import migrate
from neiic.starter.ports import free_port
from neiic.starter.server import DYNAMIC_CONFIG, EmbeddedServer
from tests.workflows.house import House

#: A run is only deleted once the server has noted that its closing was dealt with: every 30 s
#: by default, which is as long as a test waits.
NOTED_AT_ONCE = {"history.transferProcessorUpdateAckInterval": '"1s"'}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a server in memory that lives as long as the tests."""
    folder = tmp_path_factory.mktemp("temporal")
    async with EmbeddedServer(
        folder, port=free_port(), in_memory=True, dynamic_config={**DYNAMIC_CONFIG, **NOTED_AT_ONCE}
    ) as embedded:
        yield embedded.address


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    path = tmp_path_factory.mktemp("migrated") / "records.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest_asyncio.fixture(loop_scope="session")
async def empty_house(server: str, migrated: Path, tmp_path: Path) -> AsyncIterator[House]:
    """Records and a queue without a worker."""
    path = tmp_path / "records.db"
    shutil.copy(migrated, path)
    house = await House(server, f"sqlite:///{path}").open()
    yield house
    house.close()


@pytest_asyncio.fixture(loop_scope="session")
async def house(empty_house: House) -> AsyncIterator[House]:
    """Records and a queue with a worker."""
    async with empty_house.worker():
        yield empty_house
