"""Somebody at a browser: what one does with the console's pages, and what went wrong meanwhile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from tests.console.browser.chromium import missing

#: All tests of a browser: one Chromium and its stacks for the one process that runs them.
MARKS = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]
PASSWORD = "correct-horse-battery-31"
#: Milliseconds that anything on a page may take on a busy machine.
PATIENCE = 20_000
#: Answers that a browser notes as errors and that are meant: the page says what is wrong.
MEANT = re.compile(r"status of (401|403|404|409|422|503)")

expect.set_options(timeout=PATIENCE)


class Visitor:
    """One user in a browser context of their own. ``faults`` are told by the browser."""

    def __init__(self, context: BrowserContext, page: Page, base: str, login: str) -> None:
        self.context = context
        self.page = page
        self.base = base
        self.login = login
        self.faults: list[str] = []
        self.requests: list[Request] = []
        context.on("console", self._console)
        context.on("weberror", lambda wrong: self.faults.append(f"script: {wrong.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not MEANT.search(message.text):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        host = urlsplit(request.url).hostname
        if host not in ("127.0.0.1", None):
            self.faults.append(f"{self.page.url}: asks {request.url}")

    async def open(self, path: str) -> int:
        """Go to a page; answers its status."""
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        return answer.status

    async def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in by mouse and see the tasks."""
        await self.open("/sign-in")
        await self.page.get_by_label("用户名").fill(self.login)
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录").click()
        await self.comes_to("待办")

    @property
    def heading(self) -> Locator:
        """The page's title."""
        return self.page.locator("h1")

    def task(self, code: str, title: str) -> Locator:
        """The link by which 待办 opens this matter of this center."""
        row = self.page.locator("table.tasks tbody tr").filter(has_text=code)
        return row.get_by_role("link", name=re.compile(re.escape(title))).first

    async def open_task(self, code: str, title: str) -> None:
        """Find it among one's tasks, and open it."""
        await self.open(f"/tasks?q={code}")
        await self.task(code, title).click()
        await self.comes_to(title)

    async def open_act(self, code: str, title: str) -> None:
        """Open it from the center's page, where nothing waits for it."""
        await self.open(f"/centers/{code}")
        acts = self.page.get_by_role("region", name="现在可以办理")
        await acts.get_by_role("link", name=re.compile(re.escape(title))).first.click()
        await self.comes_to(title)

    def field(self, label: str) -> Locator:
        """The control with this label, optional or not."""
        exact = re.compile(rf"^\s*{re.escape(label)}\s*(（选填）|\(optional\))?\s*$")
        return self.page.get_by_label(exact)

    async def fill(self, given: Mapping[str, Any]) -> None:
        """Fill a form by its labels. True chooses; a tuple is an indicator; a list is selected."""
        for label, value in given.items():
            if value is True:
                await self.page.get_by_label(label, exact=True).check()
            elif isinstance(value, list):
                await self.field(label).select_option(label=value[0])
            elif isinstance(value, tuple):
                await self.page.get_by_label(f"{label} 1").fill(value[0])
                await self.page.get_by_label("数值 1").fill(value[1])
            else:
                await self.field(label).fill(str(value))

    async def press(self, button: str) -> None:
        """Press the main button, whose words are given."""
        await self.page.locator("button.primary", has_text=button).click()

    async def decide(self, given: Mapping[str, Any], verb: str, confirm: str | None = None) -> str:
        """Fill, send, confirm where one is asked to; answers what the page says that changed."""
        title = await self.heading.inner_text()
        await self.fill(given)
        await self.press(verb)
        if confirm is not None:
            await expect(self.heading).to_contain_text("请确认")
            await self.press(confirm)
        done = self.page.locator("h1, .errors h2").filter(
            has_text=re.compile(f"已办理：{title}|请先")
        )
        await expect(done).to_be_visible()
        assert await self.page.locator(".errors").all_inner_texts() == []
        return await self.page.locator(".note.done").inner_text()

    async def comes_to(self, heading: str) -> None:
        """Wait for the page with this title, and for its scripts: what is typed needs them."""
        await expect(self.heading).to_have_text(heading)
        await self.page.wait_for_load_state()

    async def scrolls_sideways(self) -> bool:
        """Whether the page is wider than its window."""
        wide: bool = await self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide


async def enter(browser: Browser, base: str, login: str, **how: Any) -> Visitor:
    """A visitor at the door, not signed in yet."""
    width, height = how.pop("size", (1280, 900))
    context = await browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", **how
    )
    context.set_default_timeout(PATIENCE)
    return Visitor(context, await context.new_page(), base, login)


async def leave(visitor: Visitor) -> None:
    """Close the visitor's windows; the test fails if the browser had something to complain of."""
    try:
        await visitor.context.close()
    except Error:
        visitor.faults.append("the browser died")
    assert visitor.faults == []
