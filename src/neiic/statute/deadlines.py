"""A deadline of a center: what it counts from, when it holds, who answers for it (T5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Literal, NamedTuple

from neiic.statute.periods import Due, date_zh, end_of
from neiic.statute.terms import DEADLINE_EN, DEADLINE_ZH, DeadlineKind, Role

Status = Literal["upcoming", "open", "held", "met", "overdue", "waived", "lapsed"]
LIVE: frozenset[Status] = frozenset({"open", "held", "overdue"})


class Deadline(NamedTuple):
    """One line of a center's agenda: derived, never stored.

    ``basis`` answers what it counts from, in Chinese and English, when someone asks. ``opens`` is set while it is upcoming, ``live_since`` once it is not. ``fires`` says that passing ``due`` has not been
    dealt with yet. ``number`` is the year or case that its id carries.
    """

    id: str
    kind: DeadlineKind
    article: str
    due: Due
    status: Status
    responsible: Role
    basis: Callable[[], tuple[str, str]]
    number: int = 0
    opens: datetime | None = None
    live_since: datetime | None = None
    fires: bool = False

    @property
    def instant(self) -> datetime:
        """The instant at which it is past: due date 24:00 Beijing time (T1)."""
        return end_of(self.due.due)

    @property
    def title_zh(self) -> str:
        """Its name with the year or case number."""
        return titled_zh(self.kind, self.number)

    @property
    def title_en(self) -> str:
        """Its name with the year or case number, in English."""
        return f"{DEADLINE_EN[self.kind]} {self.number or ''}".strip()

    def explained_zh(self, today: date) -> str:
        """The deadline in one sentence that a clerk understands."""
        due = self.due
        said = f"{self.basis()[0]}（{self.article}）"
        if due.rolled:
            said += f"；名义届满日{date_zh(due.nominal)}为{due.reason_zh}，顺延至{date_zh(due.due)}（民法典第二百零三条）"
        else:
            said += f"，期限为{date_zh(due.due)}24时"
        if due.provisional:
            said += f"；该年放假安排尚未公布，按{due.calendar}推算，暂定"
        elif due.calendar:
            said += "；放假安排已公布，确定"
        return said + f"；{self._left_zh(today)}。"

    def explained_en(self, today: date) -> str:
        """The same sentence in English."""
        due = self.due
        said = f"{self.basis()[1]} ({self.article})"
        if due.rolled:
            said += (
                f"; the nominal day {due.nominal} is {due.reason_en},"
                f" so it moves to {due.due} (Civil Code Art. 203)"
            )
        else:
            said += f", due at the end of {due.due}"
        if due.provisional:
            said += f"; provisional: that year's holidays are projected ({due.calendar})"
        elif due.calendar:
            said += "; final: that year's holidays are announced"
        return said + f"; {self._left_en(today)}."

    def _left_zh(self, today: date) -> str:
        days = (self.due.due - today).days
        closed = {"met": "已办结", "waived": "已免除", "lapsed": "已届满失效"}.get(self.status)
        if closed:
            return closed
        if self.status == "held":
            return "届满已过，申请在审期间暂不取消"
        return f"还剩{days}天" if days >= 0 else f"逾期{-days}天"

    def _left_en(self, today: date) -> str:
        days = (self.due.due - today).days
        if self.status in ("met", "waived", "lapsed"):
            return self.status
        if self.status == "held":
            return "past, held by an application that is being decided"
        return f"{days} days left" if days >= 0 else f"{-days} days overdue"


def titled_zh(kind: DeadlineKind, number: int) -> str:
    """A deadline's Chinese name: 2031年度报告, 2032年运行评价材料, 整改期限（1）."""
    title = DEADLINE_ZH[kind]
    if not number:
        return title
    if kind == "rectification":
        return f"{title}（{number}）"
    return f"{number}年{title.removeprefix('年')}"
