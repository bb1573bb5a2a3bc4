"""One development server for the tests of a module that need a house to be ill in."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from neiic.migrations import migrate
from neiic.starter.namespace import set_up
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from tests.starter.ward import Ward
from tests.workflows.house import new_code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hospital(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Address of a server whose default namespace is fit for centers."""
    folder = tmp_path_factory.mktemp("temporal")
    async with EmbeddedServer(folder, port=free_port(), in_memory=True) as embedded:
        ward = await Ward(embedded.address, f"sqlite:///{folder / 'unused.db'}", folder).open()
        await set_up(ward.client)
        ward.close()
        yield embedded.address


@pytest.fixture(scope="session")
def migrated_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("migrated") / "records.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest_asyncio.fixture(loop_scope="module")
async def ward(hospital: str, migrated_once: Path, tmp_path: Path) -> AsyncIterator[Ward]:
    """Records and a queue of its own in the default namespace; nothing serves it yet."""
    ward = await _opened(hospital, migrated_once, tmp_path, "default")
    yield ward
    ward.close()


@pytest_asyncio.fixture(loop_scope="module")
async def apart(hospital: str, migrated_once: Path, tmp_path: Path) -> AsyncIterator[Ward]:
    """A ward in a namespace of its own, fit for centers, which may be made unfit."""
    ward = await _opened(hospital, migrated_once, tmp_path, new_code())
    await set_up(ward.client)
    yield ward
    ward.close()


async def _opened(hospital: str, migrated: Path, folder: Path, namespace: str) -> Ward:
    shutil.copy(migrated, folder / "records.db")
    return await Ward(hospital, f"sqlite:///{folder / 'records.db'}", folder, namespace).open()
