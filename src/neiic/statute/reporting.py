"""Annual reports and achievements (Article 22)."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from neiic.statute.acts import Event, RefusedActError, refuse
from neiic.statute.deadlines import Deadline, Status
from neiic.statute.forms import Day, Fault, Indicators, ShortText, Text, Year, said
from neiic.statute.periods import Due, fixed, start_of
from neiic.statute.registry import (
    ActionForm,
    Draft,
    Outcome,
    Situation,
    action,
    agenda_of,
    closed_agenda_of,
    evolves,
    on_due,
    on_opening,
)
from neiic.statute.rules import RuleSet
from neiic.statute.state import Center, Report
from neiic.statute.terms import STANDING, Role

ARTICLE = "第二十二条"


def report_due(year: int, month: int) -> date:
    """The last day of a month of the year after; by Article 22 of February."""
    after = date(year + 1, month + 1, 1) if month < 12 else date(year + 2, 1, 1)
    return after - timedelta(days=1)


def next_report_year(center: Center) -> int | None:
    """The year whose report opens next; none before approval (R1)."""
    if center.preparation is None or center.stage not in STANDING:
        return None
    return max(center.reports) + 1 if center.reports else center.preparation.start.year


def _deadline(year: int, due: Due, status: Status, report: Report | None) -> Deadline:
    return Deadline(
        id=f"annual_report:{year}",
        kind="annual_report",
        number=year,
        article=ARTICLE,
        due=due,
        status=status,
        responsible=Role.COMPETENT,
        basis=lambda: (
            f"{year}年度情况于次年{due.nominal.month}月底前报送",
            f"the report on {year}, due by the end of {month_name[due.nominal.month]} {year + 1}",
        ),
        live_since=report.live_since if report else None,
        opens=None if report else start_of(date(year + 1, 1, 1)),
        fires=report is not None and not report.overdue,
    )


@agenda_of
def reports_agenda(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Reports owed, and the one that opens next."""
    for year, report in center.reports.items():
        if report.status in ("open", "returned"):
            status: Status = "overdue" if report.overdue else "open"
            yield _deadline(year, report.due, status, report)
    upcoming = next_report_year(center)
    if upcoming is not None:
        yield _ahead(upcoming, rules.report_due_month)


@lru_cache(maxsize=1024)
def _ahead(year: int, month: int) -> Deadline:
    """A report's deadline before it opens; asked for at every step of a life, hence kept."""
    day = report_due(year, month)
    return _deadline(year, fixed(day, day), "upcoming", None)


@closed_agenda_of
def reports_closed(center: Center, rules: RuleSet) -> Iterator[Deadline]:
    """Reports submitted or waived."""
    del rules
    for year, report in center.reports.items():
        if report.status in ("submitted", "waived"):
            status: Status = "met" if report.status == "submitted" else "waived"
            yield _deadline(year, report.due, status, report)


@on_opening("annual_report")
def report_opens(s: Situation, deadline: Deadline) -> Draft:
    """R1: from 1 January the past year's report can be made."""
    due = s.due("annual_report", deadline.due.anchor, deadline.due.nominal)
    data = {"deadline": deadline.id, "year": deadline.number, "due": due.model_dump(mode="json")}
    return Draft("report.opened", ARTICLE, data)


@evolves("report.opened")
def report_opened(center: Center, event: Event) -> Center:
    """The report is owed."""
    report = Report(due=Due.model_validate(event.data["due"]), live_since=event.at)
    return center.but(reports=center.reports | {event.data["year"]: report})


@on_due("annual_report")
def report_passes(s: Situation, deadline: Deadline) -> Draft:
    """Late is accepted, but marked overdue and urged."""
    del s
    return Draft("deadline.overdue", ARTICLE, {"deadline": deadline.id})


def report_overdue(center: Center, year: int) -> Center:
    """Note that the report's date went by."""
    report = center.reports[year].but(overdue=True)
    return center.but(reports=center.reports | {year: report})


@action(
    "report.submit",
    by=(Role.COMPETENT,),
    at=STANDING,
    article=ARTICLE,
    zh="报送年度报告",
    en="Submit the annual report",
    tells=(Role.NDRC, Role.IMPLEMENTING),
)
class ReportSubmit(ActionForm):
    """The competent unit's report on one calendar year."""

    year: Year = said("年度", "Year")
    summary: Text = said("建设运行情况", "Summary")
    indicators: Indicators = said("关键指标", "Indicators")

    def rule(self, s: Situation) -> Outcome | None:
        """R1: a year that is open, returned or overdue."""
        report = s.center.reports.get(self.year)
        if report is None:
            raise _no_report(s.center, self.year)
        if report.status == "submitted":
            raise refuse(
                "not_pending",
                ARTICLE,
                f"data.year：{self.year} 年度报告已报送；须经退回方可再报。",
                f"data.year: the report on {self.year} is in; it can be sent again if it is returned.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """The years that are owed."""
        return [
            {"year": year}
            for year, report in s.center.reports.items()
            if report.status in ("open", "returned")
        ]


def _no_report(center: Center, year: int) -> RefusedActError:
    approved = center.preparation.start.year if center.preparation else year
    if year < approved:
        return refuse(
            "not_pending",
            ARTICLE,
            f"data.year：{year} 年早于批复年度 {approved}，无需报告。",
            f"data.year: {year} is before the approval year {approved}; no report is owed.",
        )
    return refuse(
        "too_early",
        ARTICLE,
        f"data.year：{year} 年度报告自 {year + 1} 年 1 月 1 日起报送。",
        f"data.year: the report on {year} opens on {year + 1}-01-01.",
    )


@evolves("report.submit")
def report_submitted(center: Center, event: Event) -> Center:
    """The report is in."""
    return _with_status(center, event, "submitted")


@action(
    "report.return",
    by=(Role.NDRC,),
    at=STANDING,
    article=ARTICLE,
    zh="退回年度报告",
    en="Return the annual report",
    tells=(Role.COMPETENT, Role.IMPLEMENTING),
)
class ReportReturn(ActionForm):
    """NDRC sends a report back; it is owed again."""

    year: Year = said("年度", "Year")
    comments: Text = said("退回意见", "Comments")

    def rule(self, s: Situation) -> Outcome | None:
        """Only a submitted report can be returned."""
        report = s.center.reports.get(self.year)
        if report is None or report.status != "submitted":
            raise refuse(
                "not_pending",
                ARTICLE,
                f"data.year：{self.year} 年度报告尚未报送，无可退回。",
                f"data.year: no submitted report on {self.year} to return.",
            )
        return None

    @classmethod
    def choices(cls, s: Situation) -> Iterable[dict[str, int]]:
        """The years whose report is in."""
        return [
            {"year": year}
            for year, report in s.center.reports.items()
            if report.status == "submitted"
        ]


@evolves("report.return")
def report_returned(center: Center, event: Event) -> Center:
    """The report is owed again, on its old date."""
    return _with_status(center, event, "returned")


def _with_status(center: Center, event: Event, status: str) -> Center:
    year = event.data["year"]
    report = center.reports[year].but(status=status, live_since=event.at)
    return center.but(reports=center.reports | {year: report})


@action(
    "achievement.report",
    by=(Role.COMPETENT,),
    at=STANDING,
    article=ARTICLE,
    zh="报送重大科技成果",
    en="Report a major achievement",
    tells=(Role.NDRC, Role.IMPLEMENTING),
)
class AchievementReport(ActionForm):
    """A major achievement, reported at once (R2)."""

    title: ShortText = said("成果名称", "Title")
    description: Text = said("成果说明", "Description")
    date: Day = said("取得日期", "Date")

    def check(self, s: Situation) -> Iterable[Fault]:
        """An achievement is not dated in the future."""
        if self.date > s.today:
            yield Fault("date", f"不能晚于今日 {s.today}", f"must not be after today, {s.today}")

    def rule(self, s: Situation) -> Outcome | None:
        """Any time while the center stands."""
        return None


@evolves("achievement.report")
def achieved(center: Center, event: Event) -> Center:
    """For the record only."""
    del event
    return center
