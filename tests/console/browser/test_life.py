"""The life of a center from recommendation to second evaluation, by seven users in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, expect

from neiic.console.accounts.accounts import Accounts
from neiic.statute.terms import Role
from tests.console.browser.stage import Stage, StoodStillError, stage
from tests.console.browser.visitor import MARKS, PASSWORD, Visitor, enter, leave

pytestmark = MARKS

CODE = "NEIIC-LIFE-001"
COMPETENT, LEAD = "宁夏回族自治区发展和改革委员会", "贺兰稀土材料集团有限公司"
IMPLEMENTING, AGENCY = "国创稀材（宁夏）有限公司", "衡鉴产业技术评估有限公司"
PEOPLE: dict[str, tuple[Role, str | None]] = {
    "competent": (Role.COMPETENT, COMPETENT),
    "assessor": (Role.ASSESSOR, AGENCY),
    "ndrc": (Role.NDRC, None),
    "lead": (Role.LEAD, LEAD),
    "implementing": (Role.IMPLEMENTING, IMPLEMENTING),
    "customs": (Role.CUSTOMS, None),
    "tax": (Role.TAX, None),
}
#: How often the life is begun when the test server stands still (see neiic.starter.simulate).
ATTEMPTS = 3


@dataclass
class Life:
    """The center's life so far, and the people who have come for it."""

    browser: Browser
    stage: Stage
    parts: AsyncExitStack
    here: dict[str, Visitor] = field(default_factory=dict)
    signed_in: set[str] = field(default_factory=set)

    async def come(self, login: str) -> Visitor:
        """Somebody comes, and signs in where the session of last time has ended."""
        if login not in self.here:
            self.here[login] = await enter(self.browser, self.stage.address, login)
            self.parts.push_async_callback(leave, self.here[login])
        if login not in self.signed_in:
            await self.here[login].sign_in()
            self.signed_in.add(login)
        return self.here[login]

    async def until(self, year: int, month: int, day: int) -> None:
        """Time passes, and every session with it."""
        await self.stage.until(CODE, date(year, month, day))
        self.signed_in.clear()

    async def does(
        self,
        login: str,
        title: str,
        given: Mapping[str, Any],
        *,
        verb: str | None = None,
        confirm: str | None = None,
        waits: bool = True,
    ) -> str:
        """Sign in, find it in 待办 (or at the center), fill in, send; afterwards it is gone."""
        visitor = await self.come(login)
        if waits:
            await visitor.open_task(CODE, title)
        else:
            await visitor.open_act(CODE, title)
        changed = await visitor.decide(given, verb or title, confirm)
        await visitor.open(f"/tasks?q={CODE}")
        await expect(visitor.task(CODE, title)).to_have_count(0)
        await visitor.open(f"/centers/{CODE}")
        entry = visitor.page.locator(".timeline > li", has_text=title).first
        await expect(entry).to_contain_text(title)
        return changed


async def test_seven_users_take_a_center_from_recommendation_to_its_second_evaluation(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    for attempt in range(ATTEMPTS):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        try:
            async with stage(folder) as (played, accounts), AsyncExitStack() as parts:
                _settle(accounts, played)
                await _live(Life(browser, played, parts))
                return
        except StoodStillError as still:
            told = f"the time-skipping server stood still {ATTEMPTS} times, at last: {still}"
    raise AssertionError(told)


def _settle(accounts: Accounts, played: Stage) -> None:
    for login, (role, unit) in PEOPLE.items():
        accounts.add_user(
            login, login, role, unit, now=played.now(), password=PASSWORD, must_change=False
        )


async def _live(life: Life) -> None:
    approved = life.stage.today.year
    # The first national round after the approval; they come every three years from 2029 on.
    first = approved + 1 + (2029 - approved - 1) % 3
    await _formed(life)
    await life.until(approved + 1, 1, 12)
    await _reports(life, approved)
    await _confirmed(life, first)
    await _rounds_dates(life, first)
    await life.until(first, 3, 20)
    changed = await _evaluated(life, first, "不合格")
    assert "进入优化提升" in changed
    await life.until(first + 3, 3, 20)
    changed = await _evaluated(life, first + 3, "合格")
    assert "进入运行" in changed


async def _formed(life: Life) -> None:
    today = life.stage.today
    await _registered(life)
    opinion = {"第三方机构": AGENCY, "支持组建": True, "论证意见": "目标清晰，建议支持组建。"}
    await life.does("assessor", "登记评估论证意见", opinion)
    await life.does("ndrc", "要求完善组建方案", {"完善意见": "请补充中试验证安排。"}, waits=False)
    revised = {"完善情况": "已补充中试验证安排。"}
    await life.does("lead", "报送完善后的组建方案", revised, waits=False)
    changed = await life.does(
        "ndrc",
        "决定是否同意组建",
        {
            "同意组建": True,
            "文号": f"发改高技〔{today.year}〕123号",
            "批复日期": today.isoformat(),
        },
        confirm="同意组建",
    )
    assert "筹建" in changed


async def _registered(life: Life) -> None:
    visitor, today = await life.come("competent"), life.stage.today
    await visitor.open("/centers")
    await visitor.page.get_by_role("link", name="登记推荐申报").click()
    await expect(visitor.heading).to_have_text("登记申报")
    met = ("符合建设领域", "目标定位明确", "基础条件良好", "规模优势突出", "组织体系清晰")
    await visitor.fill(
        {
            "编号": CODE,
            "领域": "稀土新材料",
            "领域（英文）": "Rare Earth Materials",
            "牵头单位": LEAD,
            "名称": IMPLEMENTING,
            "函号": f"宁发改高技〔{today.year}〕63号",
            "函件日期": today.isoformat(),
            **dict.fromkeys((*met, "运行机制健全", "否"), True),
        }
    )
    await visitor.press("登记申报")
    await visitor.page.wait_for_url(f"**/centers/{CODE}*")
    await expect(visitor.heading).to_contain_text("稀土新材料")


async def _reports(life: Life, year: int) -> None:
    report = {"建设运行情况": "建成中试线一条。", "指标": ("研发投入（万元）", "2100")}
    await life.does("competent", "报送年度报告", report)


async def _confirmed(life: Life, year: int) -> None:
    """Applied for while the preparation runs, confirmed early in the year of a round."""
    if life.stage.today < date(year, 1, 20):
        await life.until(year, 1, 20)
    await life.does(
        "implementing",
        "申请正式确认",
        {"筹建期总结报告": "筹建任务全部完成。", "证明材料": "验收报告\n审计报告"},
        waits=False,
    )
    passed = {"评估通过": True, "评估意见": "达到确认条件。"}
    await life.does("competent", "评估确认申请", passed, confirm="评估通过")
    changed = await life.does(
        "ndrc",
        "复核确认申请",
        {
            "正式确认": True,
            "文号": f"发改高技〔{year}〕45号",
            "文件日期": life.stage.today.isoformat(),
        },
        confirm="正式确认",
    )
    assert "运行" in changed


async def _rounds_dates(life: Life, year: int) -> None:
    dates = {
        "评价年度": year,
        "开始日期": f"{year}-03-15",
        "材料截止日期": f"{year}-07-31",
        "评价截止日期": f"{year}-12-20",
    }
    await life.does("ndrc", "设定评价日程", dates, waits=False)
    await life.does("implementing", "自愿参加当年评价", {}, confirm="自愿参加当年评价", waits=False)


async def _evaluated(life: Life, year: int, grade: str) -> str:
    indicators = ("研发投入（万元）", "2600")
    await life.does("implementing", "报送评价材料", {"评价材料": "见附件。", "指标": indicators})
    await life.does("competent", "审核评价材料", {"审核通过": True, "审核意见": "材料齐全。"})
    opinion = {"第三方机构": AGENCY, "得分": "61.5", "评价意见": "成果转化不足。"}
    await life.does("assessor", "登记第三方评价意见", opinion)
    await life.does("ndrc", "提出评价等次", {grade: True, "理由": "综合评价。"})
    await life.does("customs", "对评价结果提出意见", {"海关总署": True, "同意": True})
    await life.does("tax", "对评价结果提出意见", {"税务总局": True, "同意": True})
    decision = {
        "文号": f"发改高技〔{year}〕300号",
        "文件日期": life.stage.today.isoformat(),
    }
    return await life.does("ndrc", "确认评价结果", decision, confirm="确认评价结果")
