"""The pages people open most, at 1,000 and at 10,000 centers, as a browser asks for them.

The whole console over HTTP on loopback, with its session, records on SQLite; the clock stands at
the data's own day. Time is from the request to the last byte.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import uvicorn
from sqlalchemy import Engine, event, select
from temporalio.client import Client

from bench.portfolio_data import NOW, competent, seed
from bench.table import Must, Row
from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import connect
from neiic.activities.records import Records
from neiic.console.accounts.accounts import Accounts
from neiic.console.app import create_app
from neiic.console.desk.desk import Desk
from neiic.console.house import House
from neiic.console.portfolio.tallies import Tallies
from neiic.console.rechecking import Rechecks
from neiic.door import Door
from neiic.migrations.migrating import migrate
from neiic.models.tables import CenterRecord, table_of
from neiic.settings import Settings
from neiic.starter.ports import free_port
from neiic.statute.terms import Role

TAIL = Must(
    "pages-p99", "to do, a center, the board at 10,000 centers, slowest p99", "≤", 100, "ms"
)
SCALE = Must("pages-scale", "the same p99s, 10,000 centers ÷ 1,000, worst", "≤", 1.5)
WEIGHT = Must("page-weight", "first visit over the wire, heaviest page", "≤", 200, "KB")
REQUESTS = Must("page-requests", "requests of a first visit, most", "≤", 8)
STATEMENTS = Must("page-statements", "SQL statements of a page at 10,000 centers, most", "≤", 12)

SIZES = (1_000, 10_000)
TIMES = 200
PASSWORD = "a password for measuring"
USERS = (("ndrc", Role.NDRC, None), ("competent", Role.COMPETENT, competent(0)))
#: So often the seconds of one size are taken, in turns with the other.
TURNS = 4

_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(slots=True)
class _Console:
    """A running console over so many centers, with a signed-in client for each user."""

    engine: Engine
    clients: dict[str, httpx.Client]
    paths: dict[str, Callable[[], str]]

    def seconds(self, login: str, page: str) -> float:
        begun = time.perf_counter()
        answer = self.clients[login].get(self.paths[f"{login} {page}"]())
        took = time.perf_counter() - begun
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.request.url} answered {answer.status_code}")
        return took

    def statements(self, login: str, page: str) -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        event.listen(self.engine, "after_cursor_execute", note)
        try:
            self.clients[login].get(self.paths[f"{login} {page}"]())
        finally:
            event.remove(self.engine, "after_cursor_execute", note)
        return len(seen)


def measure() -> Iterator[Row]:
    """p99 of each page over all turns; the worst page counts."""
    with _console(SIZES[0]) as small, _console(SIZES[1]) as large:
        names = list(large.paths)
        times: dict[tuple[str, int], list[float]] = {}
        for _ in range(TURNS):
            for name in names:
                login, page = name.split(" ", 1)
                for size, console in zip(SIZES, (small, large), strict=True):
                    taken = times.setdefault((name, size), [])
                    taken += [console.seconds(login, page) for _ in range(TIMES // TURNS)]
        tails = {key: _p99(taken) * 1000 for key, taken in times.items()}
        statements = {
            (name, size): console.statements(*name.split(" ", 1))
            for name in names
            for size, console in zip(SIZES, (small, large), strict=True)
        }
        first = {name: _first_visit(large, *name.split(" ", 1)) for name in names}
    yield from _rows(names, tails, statements, first)


def _rows(
    names: list[str],
    tails: dict[tuple[str, int], float],
    statements: dict[tuple[str, int], int],
    first: dict[str, tuple[float, int]],
) -> Iterator[Row]:
    few, many = SIZES
    told = ", ".join(
        f"{name} {tails[name, few]:.0f} → {tails[name, many]:.0f} ms" for name in names
    )
    yield TAIL.measured(max(tails[name, many] for name in names), told)
    ratios = {name: tails[name, many] / tails[name, few] for name in names}
    yield SCALE.measured(
        max(ratios.values()), ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    )
    heaviest = max(first, key=lambda name: first[name][0])
    yield WEIGHT.measured(first[heaviest][0], f"{heaviest}, compressed, with its files")
    yield REQUESTS.measured(
        max(number for _, number in first.values()), "page, styles, scripts, icon"
    )
    grown = [name for name in names if statements[name, many] > statements[name, few]]
    yield STATEMENTS.measured(
        max(statements.values()),
        "growing with the rows: " + (", ".join(grown) or "none"),
    )


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[-1]


def _first_visit(console: _Console, login: str, page: str) -> tuple[float, int]:
    """KB over the wire and requests of a browser that has nothing yet."""
    client = console.clients[login]
    answer = client.get(console.paths[f"{login} {page}"]())
    assets = sorted(set(_ASSET.findall(answer.text)))
    sizes = [_wire(answer)] + [_wire(client.get(asset)) for asset in assets]
    return sum(sizes) / 1000, len(sizes)


def _wire(answer: httpx.Response) -> int:
    return answer.num_bytes_downloaded + sum(len(k) + len(v) + 4 for k, v in answer.headers.raw)


@contextlib.contextmanager
def _console(centers: int) -> Iterator[_Console]:
    with TemporaryDirectory(prefix="neiic-bench-", ignore_cleanup_errors=True) as folder:
        url = f"sqlite:///{Path(folder) / 'neiic.db'}"
        migrate(url)
        engine = connect(url)
        try:
            seed(engine, centers)
            accounts = Accounts(engine)
            for login, role, unit in USERS:
                accounts.add_user(
                    login, login, role, unit, now=NOW, password=PASSWORD, must_change=False
                )
            with _served(engine, accounts) as address, contextlib.ExitStack() as clients:
                signed_in = {
                    login: clients.enter_context(_signed_in(address, login)) for login, *_ in USERS
                }
                yield _Console(engine, signed_in, dict(_paths(engine)))
        finally:
            engine.dispose()


def _paths(engine: Engine) -> Iterator[tuple[str, Callable[[], str]]]:
    """Where each page is; another center and another month each time."""
    dice, codes = random.Random(11), table_of(CenterRecord).c.code
    unit = table_of(CenterRecord).c.competent_unit
    with engine.connect() as connection:
        every = list(connection.execute(select(codes)).scalars())
        own = list(connection.execute(select(codes).where(unit == competent(0))).scalars())
    for login, seen in (("ndrc", every), ("competent", own)):
        yield f"{login} to do", lambda: "/tasks"
        yield f"{login} center", lambda seen=seen: f"/centers/{dice.choice(seen)}"  # type: ignore[misc]
        yield f"{login} board", lambda: f"/deadlines?month={_some_month(dice)}"


def _some_month(dice: random.Random) -> str:
    return f"{NOW + timedelta(days=dice.randrange(900)):%Y-%m}"


@contextlib.contextmanager
def _signed_in(address: str, login: str) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=address, timeout=30.0, headers={"accept-encoding": "gzip"}
    ) as client:
        given = {"login": login, "password": PASSWORD, "next": "/tasks"}
        answer = client.post("/sign-in", data=given)
        if answer.status_code != 303:
            raise RuntimeError(answer.text)
        yield client


@contextlib.contextmanager
def _served(engine: Engine, accounts: Accounts) -> Iterator[str]:
    """The console in a thread; the Temporal server is not asked by any page."""
    records, settings, port = Records(engine), Settings(), free_port()
    server: uvicorn.Server | None = None

    async def wired() -> None:
        client = await Client.connect("127.0.0.1:9", lazy=True)
        door = Door(client, records)
        house = House(
            settings=settings,
            records=records,
            door=door,
            rechecks=Rechecks(door, records),
            accounts=accounts,
            desk=Desk(engine),
            tallies=Tallies(engine),
            calendar=HolidayCalendar(),
            now=lambda: NOW,
        )
        nonlocal server
        config = uvicorn.Config(
            create_app(house), host="127.0.0.1", port=port, log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(wired()), daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while server is None or not server.started:
        if time.monotonic() > until or not thread.is_alive():
            raise RuntimeError("the console did not start")
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(15)
