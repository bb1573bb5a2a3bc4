"""``neiic console``: serve the reviewers' pages and the HTTP API, alone or beside ``neiic dev``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator

from neiic.settings import PREFIX, Settings, load_settings
from neiic.starter import StackError, metrics
from neiic.starter.child import dies_with_its_parent
from neiic.starter.logs import set_up_logs
from neiic.starter.ports import require_free

#: Seconds that the start of the console may take.
STARTING = 30.0


def console() -> None:
    """Serve the reviewers' console and the HTTP API until stopped."""
    # The web server and what it needs take half a second to load: other commands do without.
    from neiic.starter.console_server import serve

    settings = load_settings()
    set_up_logs(settings, metrics=metrics.endpoint(settings))
    require_free(settings.console_port, "the console", "NEIIC_CONSOLE_PORT")
    asyncio.run(serve(settings))


@contextlib.asynccontextmanager
async def embedded(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The console as a child process with these settings, which ends with the context.

    A process of its own: pages stay quick while the worker is busy. Raises StackError when it
    does not come up.
    """
    require_free(settings.console_port, "the console", "--console-port")
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "neiic.starter",
        "console",
        env=os.environ | _environment(settings),
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C goes to the whole group: the stack stops its parts in order by itself.
        start_new_session=True,
        **dies_with_its_parent(),
    )
    try:
        await _until_ready(child)
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
            await child.wait()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        f"{PREFIX}{name}": str(value)
        for name, value in {
            "DATA_DIR": settings.data_dir,
            "DATABASE_URL": settings.database,
            "TEMPORAL_ADDRESS": settings.temporal_address,
            "CONSOLE_PORT": settings.console_port,
            # The worker beside it has taken the address for metrics.
            "METRICS_ADDRESS": "",
        }.items()
    }


async def _until_ready(child: asyncio.subprocess.Process) -> None:
    assert child.stdout is not None
    try:
        async with asyncio.timeout(STARTING):
            line = await child.stdout.readline()
    except TimeoutError:
        line = b""
    if not line.startswith(b"ready"):
        raise StackError("the console did not start; its messages stand above")
