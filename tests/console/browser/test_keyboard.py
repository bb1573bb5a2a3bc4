"""Everything without a mouse: each kind of page, and the form of each act in the registry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.browser.conftest import Enter
from tests.console.browser.keyboard import WATCH, hindered
from tests.console.browser.kinds import KINDS, Kind
from tests.console.browser.visitor import MARKS

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
