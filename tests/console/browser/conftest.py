"""One Chromium for all, and the stack with example centers that most tests look at."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from neiic.starter.demo import USERS
from tests.console.browser.chromium import find
from tests.console.browser.running import Running, running
from tests.console.browser.visitor import Visitor, enter, leave

Enter = Callable[..., Awaitable[Visitor]]


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=find(),
            args=["--no-sandbox", "--disable-gpu", "--lang=zh-CN"],
            env={**os.environ, "LANGUAGE": "zh_CN"},
        )
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    async with running(tmp_path_factory.mktemp("stack")) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="package")
async def comes(browser: Browser, stack: Running) -> AsyncIterator[Enter]:
    """Somebody comes to the console; at the end nobody's browser may have complained."""
    here: list[Visitor] = []

    async def come(login: str, *, signed_in: bool = True, **how: object) -> Visitor:
        visitor = await enter(browser, stack.address, login, **how)
        here.append(visitor)
        if signed_in:
            await visitor.sign_in()
        return visitor

    yield come
    for visitor in here:
        await leave(visitor)


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def badges(browser: Browser, stack: Running) -> AsyncIterator[dict[str | None, Any]]:
    """Each user's cookies, got by signing in once."""
    found: dict[str | None, Any] = {None: None}
    for who in (f"{user.login}.test" for user in USERS):
        visitor = await enter(browser, stack.address, who)
        await visitor.sign_in()
        found[who] = await visitor.context.storage_state()
        await leave(visitor)
    yield found


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the pages go to be looked at; git ignores it."""
    folder = Path(__file__).parents[3] / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
