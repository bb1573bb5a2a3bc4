"""What befalls people at work: no mouse, no script, no line, no session, somebody else first."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from playwright.async_api import Page, expect
from sqlalchemy import delete, func, select

from neiic.models.accounts import SessionRecord
from neiic.models.tables import EventRecord, table_of
from neiic.statute.periods import day_of
from tests.console.browser.conftest import Enter
from tests.console.browser.running import Running
from tests.console.browser.visitor import MARKS, PASSWORD, Visitor

pytestmark = MARKS

#: More stops of the Tab key than any page has before what is sought.
MOST_STOPS = 80
FOCUSED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const words = [...(one.labels || [])].map((label) => label.innerText).join(" ");
  return [one.type || one.tagName, (words || one.innerText || "").trim(),
          style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
}"""
AGENCY = "衡鉴产业技术评估有限公司"


async def _tab_to(page: Page, kind: str, words: str) -> None:
    """Press Tab until this has the focus; wherever it comes by, the focus is to be seen."""
    passed = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        found, text, visible = await page.evaluate(FOCUSED)
        if found == "BODY":
            continue  # the browser's own frame
        assert visible, f"no visible focus at {found} {text!r}"
        if found == kind and re.match(words, text):
            return
        passed.append(f"{found} {text[:20]}")
    raise AssertionError(f"no {kind} {words!r} among {passed}")


async def test_an_act_by_keyboard_alone(comes: Enter) -> None:
    visitor = await comes("assessor.test", signed_in=False)
    page, keys = visitor.page, visitor.page.keyboard
    await visitor.open("/sign-in")
    await expect(visitor.field("用户名")).to_be_focused()  # by itself, a moment after it is shown
    await keys.type("assessor.test")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await visitor.comes_to("待办")
    await keys.press("/")
    await expect(page.locator("#search")).to_be_focused()
    await visitor.open("/tasks?q=NEIIC-2026-002")
    await _tab_to(page, "A", "登记评估论证意见")
    await keys.press("Enter")
    await visitor.comes_to("登记评估论证意见")
    await _tab_to(page, "text", "第三方机构")
    await keys.type(AGENCY)
    await _tab_to(page, "radio", "支持组建")
    await keys.press("Space")
    await _tab_to(page, "textarea", "论证意见")
    await keys.type("建议支持组建。")
    await _tab_to(page, "submit", "登记评估论证意见")
    await keys.press("Enter")
    await expect(visitor.heading).to_have_text("已办理：登记评估论证意见")


async def test_an_act_without_a_script(comes: Enter) -> None:
    visitor = await comes("ndrc.test", java_script_enabled=False)
    await visitor.open_task("NEIIC-2026-005", "决定是否同意组建")
    today = day_of(datetime.now(UTC))
    await visitor.fill({"同意组建": True, "文号": f"发改高技〔{today.year}〕123号"})
    await visitor.field("批复日期").fill(today.isoformat())
    await visitor.page.get_by_role("button", name="查看办理后果").click()
    await expect(visitor.page.locator("#outlook")).to_contain_text("进入筹建期")
    changed = await visitor.decide({}, "决定是否同意组建", "同意组建")
    assert "筹建期" in changed


async def test_what_was_typed_outlives_a_lost_connection(comes: Enter) -> None:
    visitor = await comes("ndrc.test")
    await visitor.open_task("NEIIC-2026-009", "复核确认申请")
    await visitor.context.set_offline(True)
    await visitor.fill({"退回补充": True, "理由": "请补充验收材料。"})
    await visitor.press("复核确认申请")
    await visitor.page.wait_for_url("chrome-error://**")
    await visitor.context.set_offline(False)
    await visitor.open("/centers/NEIIC-2026-009/acts/confirmation.review")
    await expect(visitor.field("理由")).to_have_value("请补充验收材料。")
    await expect(visitor.page.get_by_label("退回补充")).to_be_checked()
    assert all("htmx:sendError" in one or "DISCONNECTED" in one for one in visitor.faults)
    visitor.faults.clear()


async def test_what_was_typed_outlives_the_session(comes: Enter, stack: Running) -> None:
    visitor = await comes("competent.test")
    await visitor.open_task("NEIIC-2026-004", "报送完善后的组建方案")
    await visitor.page.locator("form[data-keep]").evaluate(
        "form => sessionStorage.clear()"  # what the browser keeps is not what is tried here
    )
    sessions = table_of(SessionRecord)
    user = stack.accounts.user("competent.test").id
    with stack.engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.user_id == user))
    await visitor.fill({"完善情况": "已补充中试验证安排。"})
    await visitor.press("报送完善后的组建方案")
    await expect(visitor.page.locator(".note.warn")).to_be_visible()
    await visitor.page.get_by_label("用户名").fill("competent.test")
    await visitor.page.get_by_label("密码").fill(PASSWORD)
    await visitor.page.get_by_role("button", name="登录").click()
    await expect(visitor.heading).to_have_text("报送完善后的组建方案")
    await expect(visitor.field("完善情况")).to_have_value("已补充中试验证安排。")
    await visitor.decide({}, "报送完善后的组建方案")


async def test_the_second_of_two_is_told_what_the_first_did(comes: Enter) -> None:
    one, other = await comes("ndrc.test"), await comes("ndrc.test")
    title = "决定是否延长筹建期"
    for visitor in (one, other):
        await visitor.open_task("NEIIC-2026-007", title)
    dated = {"文号": "发改高技〔2026〕77号", "文件日期": day_of(datetime.now(UTC)).isoformat()}
    given = {"不予延长": True, **dated, "理由": "进度已可保证。"}
    await one.decide(given, title, "不予延长")
    await other.fill(given | {"理由": "另一位的理由。"})
    await other.press(title)
    told = other.page.locator("main .note.warn").first
    await expect(told).to_contain_text(title)
    await expect(told).to_contain_text("周明远")
    await expect(other.page.locator(".errors")).to_be_visible()
    await expect(other.field("理由")).to_have_value("另一位的理由。")


async def test_a_double_click_acts_once(comes: Enter, stack: Running) -> None:
    visitor = await comes("assessor.test")
    title = "登记评估论证意见"
    await visitor.open_task("NEIIC-2026-003", title)
    await visitor.fill({"第三方机构": AGENCY, "支持组建": True, "论证意见": "建议支持。"})
    await visitor.page.locator("button.primary", has_text=title).dblclick()
    await expect(visitor.heading).to_have_text(f"已办理：{title}")
    assert _events(stack, "NEIIC-2026-003", "formation.assess") == 1


async def test_back_works_after_an_act_and_acts_no_second_time(
    comes: Enter, stack: Running
) -> None:
    visitor = await comes("customs.test")
    title = "对评价结果提出意见"
    await visitor.open_task("NEIIC-2026-016", title)
    await visitor.decide({"海关总署": True, "同意": True}, title)
    await visitor.page.go_back()
    await expect(visitor.heading).to_have_text(title)
    await visitor.page.go_back()
    await expect(visitor.heading).to_have_text("待办")
    await visitor.page.go_forward()
    await visitor.page.go_forward()
    await expect(visitor.heading).to_have_text(f"已办理：{title}")
    assert _events(stack, "NEIIC-2026-016", "evaluation.concur") == 1


async def test_english_is_one_button_away_and_stays(comes: Enter) -> None:
    visitor = await comes("tax.test")
    await visitor.page.get_by_role("button", name="English").click()
    await expect(visitor.heading).to_have_text("To do")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    await _opened_in_english(visitor)
    await visitor.page.get_by_role("button", name="中文").click()
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "zh-CN")


async def _opened_in_english(visitor: Visitor) -> None:
    row = visitor.page.locator("table.tasks tbody tr").filter(has_text="NEIIC-2026-016")
    await row.get_by_role("link").first.click()
    await expect(visitor.page.locator("main button.primary")).to_be_visible()
    await visitor.page.wait_for_load_state()
    labels = await visitor.page.locator("main label, main legend, main button").all_inner_texts()
    assert labels
    assert [text for text in labels if re.search(r"[\u4e00-\u9fff]", text)] == []


def _events(stack: Running, code: str, kind: str) -> int:
    events = table_of(EventRecord)
    with stack.engine.connect() as connection:
        return connection.execute(
            select(func.count()).where(events.c.center == code, events.c.kind == kind)
        ).scalar_one()
