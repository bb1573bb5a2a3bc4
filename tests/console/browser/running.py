"""``neiic dev`` as people run it, with some of the example centers and users of every role."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from neiic.activities.database import connect
from neiic.console.accounts.accounts import Accounts
from neiic.starter.demo import USERS
from neiic.starter.ports import free_port
from tests.console.browser.visitor import PASSWORD

EXAMPLES = Path(__file__).parents[3] / "examples"
#: Those that have something for each page, and for each user.
SHOWN = ("02", "03", "04", "05", "07", "09", "10", "11", "12", "13", "14", "15", "16", "18")
#: Seconds that the stack may take to come up on a busy machine.
PATIENCE = 120.0


class Running:
    """The console's address, and the database behind it."""

    def __init__(self, address: str, engine: Engine) -> None:
        self.address = address
        self.engine = engine
        self.accounts = Accounts(engine)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    """The stack in a folder, until the context ends."""
    examples, data, port = folder / "examples", folder / "data", free_port()
    examples.mkdir()
    shutil.copytree(EXAMPLES / "rule_sets", examples / "rule_sets")
    for file in EXAMPLES.glob("*.yaml"):
        if file.name.startswith(SHOWN):
            shutil.copy(file, examples)
    with (folder / "dev.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).parent / "neiic"),
            *("dev", "--data", str(data), "--examples", str(examples)),
            *("--temporal-port", str(free_port()), "--ui-port", str(free_port())),
            *("--console-port", str(port)),
            env={**os.environ, "NEIIC_DATA_DIR": str(data)},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
    try:
        await _until_ready(process, folder / "dev.log")
        one = Running(f"http://127.0.0.1:{port}", connect(f"sqlite:///{data / 'neiic.db'}"))
        _give_passwords(one.accounts)
        yield one
        one.engine.dispose()
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, log: Path) -> None:
    assert process.stdout is not None
    how = "ended"
    try:
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                if line.startswith(b"ready: Temporal"):
                    return
    except TimeoutError:
        how = f"was not ready in {PATIENCE:.0f} s"
    raise AssertionError(f"neiic dev {how}: {log.read_text(errors='replace')[-3000:]}")


def _give_passwords(accounts: Accounts) -> None:
    """The demo users get a password that the tests know."""
    now = datetime.now(UTC)
    for user in USERS:
        accounts.add_user(
            f"{user.login}.test",
            user.name,
            user.role,
            user.unit,
            now=now,
            password=PASSWORD,
            must_change=False,
        )
