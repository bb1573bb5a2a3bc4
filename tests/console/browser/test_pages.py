"""Every page for every eye: axe, both schemes, three widths, weight, and what the browser says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AxeBase
from playwright.async_api import Page, expect

from neiic.statute.periods import day_of
from tests.console.browser.conftest import Enter
from tests.console.browser.kinds import KINDS, Kind
from tests.console.browser.visitor import MARKS, Visitor

pytestmark = MARKS

WIDE, NARROW, ZOOMED = (1280, 900), (390, 844), (640, 450)
#: What a first visit may cost.
MOST_REQUESTS, MOST_BYTES = 8, 200 * 1024


@pytest_asyncio.fixture(loop_scope="package")
async def looking(
    request: pytest.FixtureRequest, comes: Enter, badges: dict[str | None, Any]
) -> tuple[Visitor, Kind]:
    """Somebody who looks at a page of the kind."""
    kind: Kind = request.param
    visitor = await comes(
        kind.who or "nobody", signed_in=False, size=WIDE, storage_state=badges[kind.who]
    )
    assert await visitor.open(kind.path) == kind.status
    return visitor, kind


class Eyes(AxeBase):
    """axe in a page: what hinders somebody seriously."""

    async def run(self, page: Page, only: str | None = None) -> list[str]:
        """Serious and critical violations as lines; of one rule only, if it is named."""
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(self.axe_script)
        options: dict[str, Any] = {"resultTypes": ["violations"]}
        if only is not None:
            options["runOnly"] = [only]
        found = await page.evaluate("options => axe.run(options)", options)
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"][:3]
        ]


async def hindrances(visitor: Visitor) -> dict[str, Any]:
    """What is wrong with the page that is open, by the way of looking at it."""
    page, eyes = visitor.page, Eyes()
    found: dict[str, Any] = {"wide": await eyes.run(page)}
    found["wide scrolls"] = await visitor.scrolls_sideways()
    await page.emulate_media(color_scheme="dark")
    found["dark"] = await eyes.run(page, "color-contrast")
    await page.emulate_media(color_scheme="light")
    await _sized(page, ZOOMED)
    found["at 200 % scrolls"] = await visitor.scrolls_sideways()
    await _sized(page, NARROW)
    found["narrow"] = await eyes.run(page)
    found["narrow scrolls"] = await visitor.scrolls_sideways()
    await _sized(page, WIDE)
    return {way: wrong for way, wrong in found.items() if wrong}


async def _sized(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})


async def pictured(page: Page, folder: Path, name: str) -> None:
    """The page as a whole, at both widths, to be looked at."""
    for size in ((1440, 900), NARROW):
        await _sized(page, size)
        await page.screenshot(path=folder / f"{name}-{size[0]}.png", full_page=True)
    await _sized(page, WIDE)


@pytest.mark.parametrize(
    "looking", KINDS, indirect=True, ids=[f"{kind.path} {kind.who}" for kind in KINDS]
)
async def test_nothing_hinders_anybody(looking: tuple[Visitor, Kind], screenshots: Path) -> None:
    visitor, kind = looking
    assert await hindrances(visitor) == {}
    if kind.picture is not None:
        await pictured(visitor.page, screenshots, kind.picture)


async def test_nothing_hinders_anybody_while_deciding(comes: Enter, screenshots: Path) -> None:
    visitor = await comes("ndrc.test")
    await visitor.open_task("NEIIC-2026-012", "审核决定重大调整")
    await visitor.press("审核决定重大调整")
    await expect(visitor.page.locator(".errors")).to_be_visible()
    assert await hindrances(visitor) == {}
    await pictured(visitor.page, screenshots, "5-act-with-errors")

    today = day_of(datetime.now(UTC))
    await visitor.fill({"同意调整": True, "文号": f"发改高技〔{today.year}〕9号"})
    await visitor.fill({"文件日期": today.isoformat()})
    await visitor.press("审核决定重大调整")
    await expect(visitor.heading).to_contain_text("请确认")
    assert await hindrances(visitor) == {}
    await pictured(visitor.page, screenshots, "5-confirm")

    await visitor.press("同意调整")
    await expect(visitor.heading).to_contain_text("已办理")
    assert await hindrances(visitor) == {}
    await pictured(visitor.page, screenshots, "5-decision")


@pytest.mark.parametrize(
    "path", ["/sign-in", "/tasks", "/centers/NEIIC-2026-011?tab=reports", "/deadlines"]
)
async def test_a_first_visit_is_light(
    path: str, comes: Enter, badges: dict[str | None, Any]
) -> None:
    badge = None if path == "/sign-in" else badges["ndrc.test"]
    visitor = await comes("ndrc.test", signed_in=False, storage_state=badge)
    await visitor.open(path)
    await visitor.page.wait_for_load_state("networkidle")
    sizes = [await request.sizes() for request in visitor.requests]
    carried = sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes)
    assert 0 < len(sizes) <= MOST_REQUESTS
    assert 0 < carried <= MOST_BYTES
