"""A decision sent to the HTTP API, beside a bare update of an empty workflow.

The console is a process of its own, as it is where it runs; the worker of both kinds is in this
one, with the callers. Each decision goes its whole way: token, scope, update, judgement, commit.
A caller keeps one connection and costs as little as it can: it is measured with the product, and
a full client library took a third of the processor.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import statistics
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx

from bench.stack import Stack, stack
from bench.table import Must, Row
from bench.updates import AT_ONCE, ROUNDS, Call, Round, bare_calls, bare_worker, one_round, rates
from neiic.activities.calendar import HolidayCalendar
from neiic.console.accounts.accounts import Accounts
from neiic.settings import Settings
from neiic.starter.ports import free_port
from neiic.statute.terms import Role
from neiic.worker import center_worker

RATIO = Must("decisions", "decision over HTTP with commit ÷ bare update, 16 at once", "≥", 0.35)

PASSWORD = "a password for measuring"
#: Seconds in which the console's process is ready.
STARTING = 30.0


def measure() -> Iterator[Row]:
    """The median over the rounds of the ratio within a round."""
    rounds = asyncio.run(_measure())
    ratios, bare, decided = rates(rounds)
    yield RATIO.measured(
        statistics.median(ratios),
        f"supervision.note to {AT_ONCE} centers over HTTP {decided:.0f}/s, empty update"
        f" {bare:.0f}/s (medians); console in its own process, records on SQLite;"
        f" {len(rounds)} rounds, ratios {min(ratios):.2f} to {max(ratios):.2f}",
    )


async def _measure() -> list[tuple[Round, Round]]:
    settings = Settings()
    async with stack() as built:
        client = await built.connect()
        codes = [f"NEIIC-D-{number:03}" for number in range(AT_ONCE)]
        async with (
            center_worker(client, built.records, HolidayCalendar(), settings),
            bare_worker(client, settings),
            served(built) as address,
            httpx.AsyncClient(base_url=address, timeout=30.0) as signing,
        ):
            await built.prepare(codes, AT_ONCE)
            token = await signed_in(built, signing)
            bare = await bare_calls(built)
            decided = [_deciding(address, token, code) for code in codes]
            await one_round(bare, 1.0)
            await one_round(decided, 1.0)
            return [(await one_round(bare), await one_round(decided)) for _ in range(ROUNDS)]


def _deciding(address: str, token: str, code: str) -> Call:
    numbers = itertools.count(1)
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30.0)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = f"/api/v1/centers/{code}/actions/supervision.note"

    def decide() -> object:
        said = {"text": f"第{next(numbers)}次检查，进展正常"}
        sent = json.dumps({"data": said, "decision_id": uuid.uuid4().hex})
        connection.request("POST", path, sent, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body.decode())
        return body

    return lambda: asyncio.to_thread(decide)


async def signed_in(built: Stack, http: httpx.AsyncClient) -> str:
    """A token of an NDRC user."""
    accounts = Accounts(built.records.engine)
    accounts.add_user(
        "ndrc",
        "周明远",
        Role.NDRC,
        None,
        now=datetime.now(UTC),
        password=PASSWORD,
        must_change=False,
    )
    answer = await http.post("/api/v1/session", json={"name": "ndrc", "password": PASSWORD})
    token: str = answer.raise_for_status().json()["token"]
    return token


@contextlib.asynccontextmanager
async def served(built: Stack) -> AsyncIterator[str]:
    """The console over a stack's records, as a process; answers its address."""
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "neiic.starter",
        "console",
        env=os.environ
        | {
            "NEIIC_DATABASE_URL": built.url,
            "NEIIC_TEMPORAL_ADDRESS": built.address,
            "NEIIC_CONSOLE_PORT": str(port),
            "NEIIC_LOG_LEVEL": "warning",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        async with asyncio.timeout(STARTING):
            line = await child.stdout.readline()
        if not line.startswith(b"ready"):
            raise RuntimeError("the console did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()
