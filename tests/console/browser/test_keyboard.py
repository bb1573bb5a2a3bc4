"""Everything without a mouse: each kind of page, and the form of each act in the registry."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from neiic.starter.demo import USERS
from neiic.statute.registry import ACTIONS
from tests.console.browser.acting import REGISTRATION, Task, fill, pressed, task, to_mend
from tests.console.browser.conftest import Enter
from tests.console.browser.keyboard import WATCH, focused, hindered, skip_to_content, stops, tab
from tests.console.browser.kinds import KINDS, Kind
from tests.console.browser.running import Running
from tests.console.browser.visitor import MARKS, PASSWORD, Visitor, enter, leave

pytestmark = MARKS

#: Kinds of pages on which there is more to reach than on those that are looked at.
MORE = (
    Kind("/centers/NEIIC-2026-010", "competent.test"),
    Kind("/tasks?kind=evaluation.concur", "customs.test"),
    Kind("/profile/password"),
    Kind("/admin/units", "operator.test"),
    Kind("/admin/users/ndrc.test", "operator.test"),
    Kind("/admin/sign-ins", "operator.test"),
    Kind("/admin/rejected", "operator.test"),
    Kind("/admin/trail", "operator.test"),
)
ALL = KINDS + MORE


@pytest.mark.parametrize("who", dict.fromkeys(kind.who for kind in ALL))
async def test_each_control_of_each_kind_of_page_is_reached(
    who: str | None, comes: Enter, badges: dict[str | None, Any]
) -> None:
    visitor = await comes(
        who or "nobody", signed_in=False, storage_state=badges[who], reduced_motion="reduce"
    )
    await visitor.context.add_init_script(WATCH)
    wrong: dict[str, list[str]] = {}
    for kind in ALL:
        if kind.who == who:
            assert await visitor.open(kind.path) == kind.status
            # The frame is the same on all of one's pages: once is enough.
            wrong[kind.path] = await hindered(visitor.page, whole=not wrong or who is None)
    assert {path: found for path, found in wrong.items() if found} == {}


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def at_work(
    browser: Browser, stack: Running
) -> AsyncIterator[Callable[[str], Awaitable[Visitor]]]:
    """Users whose typing nobody else finds in the forms; each in one window for all acts."""
    here: dict[str, Visitor] = {}

    async def come(role: str) -> Visitor:
        if role not in here:
            user = next(one for one in USERS if one.role == role)
            login, now = f"{user.login}.keys", datetime.now(UTC)
            stack.accounts.add_user(
                login, user.name, user.role, user.unit,
                now=now, password=PASSWORD, must_change=False,
            )  # fmt: skip
            here[role] = await enter(browser, stack.address, login, reduced_motion="reduce")
            await here[role].context.add_init_script(WATCH)
            await here[role].sign_in()
        return here[role]

    yield come
    for visitor in here.values():
        await leave(visitor)


@pytest.mark.parametrize("action", [*ACTIONS, REGISTRATION])
async def test_each_act_can_be_done_by_keys_alone(
    action: str, stack: Running, at_work: Callable[[str], Awaitable[Visitor]]
) -> None:
    found = task(stack, action)
    visitor, wrong = await at_work(found.role), list[str]()
    page, form = visitor.page, found.form
    assert await visitor.open(found.path) == 200
    if found.empty_is_wrong:
        await _send_nothing(page, found)
        await to_mend(page, wrong)
    else:
        await skip_to_content(page)
    if any(field.kind == "pairs" for field in form.fields):
        await _more_rows(page, found, wrong)
    await fill(page, form, wrong)
    await _send(page, found, wrong)
    assert wrong == []
    assert visitor.faults == []


async def _send_nothing(page: Page, found: Task) -> None:
    """Every control is passed on the way to the button, and Enter on it sends."""
    wrong = await hindered(page, whole=False)
    assert wrong == []
    await page.locator("main").focus()
    async for stop in stops(page, wrong):
        if stop.primary:
            break
    assert await pressed(page) == 422


async def _more_rows(page: Page, found: Task, wrong: list[str]) -> None:
    rows = page.locator("table.pairs tbody tr")
    before = await rows.count()
    stop = await fill(page, found.form, wrong, more=True)
    assert stop.name == "more"
    assert await pressed(page) == 200
    assert await rows.count() > before
    await skip_to_content(page)


async def _send(page: Page, found: Task, wrong: list[str]) -> None:
    """Enter on the button: the law asks once more, or says why not.

    The stack is that of all tests here: what would be done at once is looked at in advance.
    """
    if found.offered and not found.asks:
        await tab(page)  # to what shows the consequences
    status = await pressed(page)
    # 422 is the form's own answer: offered, it must be readable as it was typed.
    if status == 409 or (status == 422 and not found.offered):
        await expect(page.locator(".errors")).to_be_focused()
        return
    assert (status, await page.locator(".errors").all_inner_texts()) == (200, [])
    if found.asks:
        await expect(page.locator("h1")).to_be_focused()
        await expect(page.locator("h1")).to_contain_text("请确认")
        wrong += await hindered(page)


async def test_a_list_is_gone_through_before_it_filters(comes: Enter) -> None:
    """Each arrow changes the list: what it comes by is not yet what is meant."""
    visitor = await comes("ndrc.test")
    page, keys = visitor.page, visitor.page.keyboard
    await visitor.open("/tasks")
    kind = page.locator("#filter-kind")
    await kind.focus()
    values = await kind.locator("option").evaluate_all("all => all.map((one) => one.value)")
    for value in values[1:4]:
        await keys.press("ArrowDown")
        await expect(kind).to_have_value(value)
        await expect(kind).to_be_focused()
    await _to(page, "submit", [])
    assert await pressed(page) == 200
    await expect(kind).to_have_value(values[3])
    assert f"kind={values[3]}" in page.url


async def test_no_head_of_a_table_covers_what_has_the_focus(comes: Enter) -> None:
    visitor = await comes("ndrc.test", size=(1280, 450), reduced_motion="reduce")
    await visitor.open("/documents")
    await visitor.page.locator("main a").last.focus()
    covered = []
    for _ in range(30):
        await visitor.page.keyboard.press("Shift+Tab")
        stop = await focused(visitor.page)
        assert stop is not None
        if not stop.clear:
            covered.append(stop.words)
    assert covered == []


async def test_claim_remark_and_batch_by_keys_alone(
    at_work: Callable[[str], Awaitable[Visitor]],
) -> None:
    visitor = await at_work("customs")
    page, keys, wrong = visitor.page, visitor.page.keyboard, list[str]()
    await visitor.open("/centers/NEIIC-2026-016")
    await _to(page, "take", wrong)
    assert await pressed(page) == 200
    await _to(page, "text", wrong)
    await keys.type("请先看第三方评价意见。")
    await keys.press("Tab")
    assert await pressed(page) == 200
    await expect(page.locator("#desk .remark")).to_contain_text("请先看")
    await visitor.open("/tasks?kind=evaluation.concur")
    await _to(page, "row", wrong)
    await keys.press("Space")
    await keys.press("Shift+Tab")  # the box for all
    await keys.press("Shift+Tab")
    assert await pressed(page) == 200
    await expect(visitor.heading).to_contain_text("批量")
    wrong += await hindered(page, whole=False)
    await visitor.open("/centers/NEIIC-2026-016")
    await _to(page, "release", wrong)
    assert await pressed(page) == 200
    assert wrong == []


async def _to(page: Page, what: str, wrong: list[str]) -> None:
    """Tab on to a control of this name or kind, or to a button that does this step."""
    async for stop in stops(page, wrong):
        if what in (stop.name, stop.value, stop.kind):
            return
    raise AssertionError(f"no {what} on the way round")
