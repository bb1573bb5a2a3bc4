"""The holiday calendar: on which day a period ends whose last day is a day off (T3, T4).

A day off is a statutory public holiday or a weekend day that is no make-up workday
(Civil Code 203). Three sources, each named in the answer's ``version``:

- years that the State Council has announced: YAML files in ``calendars/`` and in an optional
  folder of the operator's, which wins where both have a year;
- all other years to 2100: package ``holidays``. Years before the first announced file are
  settled, since nothing will be announced for them any more; later ones are provisional;
- beyond 2100, where no lunar calendar reaches: holidays of fixed date and weekends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

import holidays
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from temporalio import activity

from neiic.models.messages import RESOLVE_DATES, DatesToResolve, ResolvedDates
from neiic.statute.forms import FIRST_YEAR, LAST_YEAR
from neiic.statute.periods import CalendarAnswer

PACKAGED = Path(__file__).parent / "calendars"

_SATURDAY = 5
_WEEKEND = {_SATURDAY: ("星期六", "Saturday"), _SATURDAY + 1: ("星期日", "Sunday")}

#: The holidays that the solar calendar fixes (全国年节及纪念日放假办法, as revised for 2025).
_FIXED = {
    (1, 1): ("元旦", "New Year's Day"),
    (5, 1): ("劳动节", "Labor Day"),
    (5, 2): ("劳动节", "Labor Day"),
    (10, 1): ("国庆节", "National Day"),
    (10, 2): ("国庆节", "National Day"),
    (10, 3): ("国庆节", "National Day"),
}
#: Those which every year's notice has named since 2000: a file without one was cut short.
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))

#: A reason in Chinese and in English.
Reason = tuple[str, str]


class CalendarFileError(ValueError):
    """A calendar file cannot be used. The message names the file, the field and what is wrong."""

    def __init__(self, path: Path, field: str, problem: str) -> None:
        super().__init__(f"{path}: {field}: {problem}")
        self.path = path
        self.field = field


class HolidayCalendar:
    """Answers where nominal dates fall. Any year from 2000 to 2999; safe to share by threads.

    Raises CalendarFileError when made, if a file is malformed or ``extra_folder`` is no folder.
    Files are read once: a new one counts from the next start.
    """

    def __init__(self, extra_folder: Path | None = None) -> None:
        packaged = _announced(PACKAGED)
        self._settled_before = min(packaged)
        self._announced = packaged | (_announced(extra_folder) if extra_folder else {})
        self._years: dict[int, _Year] = {}
        self._lock = Lock()

    @property
    def official_years(self) -> tuple[int, ...]:
        """The years for which an announced calendar is at hand, ascending."""
        return tuple(sorted(self._announced))

    def resolve(self, nominal: date) -> CalendarAnswer:
        """The day that holds for this nominal date: itself, or the next that is no day off."""
        due, looked_at = nominal, [self._year(nominal.year)]
        reason = looked_at[0].reason(nominal)
        while looked_at[-1].reason(due):
            due += timedelta(days=1)
            if due.year != looked_at[-1].year:
                looked_at.append(self._year(due.year))
        reason_zh, reason_en = reason or ("", "")
        return CalendarAnswer(
            nominal=nominal,
            due=due,
            reason_zh=reason_zh,
            reason_en=reason_en,
            provisional=any(year.provisional for year in looked_at),
            version=" + ".join(dict.fromkeys(year.version for year in looked_at)),
        )

    def is_off(self, day: date) -> bool:
        """Whether nobody works on this day: a holiday, or a weekend that is no make-up workday."""
        return self._year(day.year).reason(day) is not None

    def _year(self, number: int) -> _Year:
        with self._lock:
            year = self._years.get(number)
            if year is None:
                provisional = number >= self._settled_before
                year = self._announced.get(number) or _projected(number, provisional)
                self._years[number] = year
            return year


class CalendarActivities:
    """The calendar as an activity: a workflow asks it and keeps the answer (T4)."""

    def __init__(self, calendar: HolidayCalendar) -> None:
        self._calendar = calendar

    @activity.defn(name=RESOLVE_DATES)
    def resolve(self, asked: DatesToResolve) -> ResolvedDates:
        """The answers for the dates asked, in the same order."""
        return ResolvedDates(answers=tuple(self._calendar.resolve(day) for day in asked.dates))


@dataclass(frozen=True)
class _Year:
    """One calendar year: days off beside the weekends, and weekend days that are worked."""

    year: int
    holidays: Mapping[date, Reason]
    workdays: frozenset[date]
    version: str
    provisional: bool

    def reason(self, day: date) -> Reason | None:
        """Why this day is off; None when it is not."""
        holiday = self.holidays.get(day)
        if holiday or day in self.workdays:
            return holiday
        return _WEEKEND.get(day.weekday())


# Projected years -----------------------------------------------------------------------------


def _projected(year: int, provisional: bool) -> _Year:
    zh = holidays.country_holidays("CN", years=year, language="zh_CN")
    if not zh.start_year <= year <= zh.end_year:
        return _fixed(year, provisional)
    en = holidays.country_holidays("CN", years=year, language="en_US")
    return _Year(
        year=year,
        holidays={
            day: (name.replace("; ", "、"), en[day].replace("; ", " and "))
            for day, name in zh.items()
        },
        # Known for years gone by only; the package also lists other years' here.
        workdays=frozenset(day for day in zh.weekend_workdays if day.year == year),
        version=f"holidays {version('holidays')}",
        provisional=provisional,
    )


def _fixed(year: int, provisional: bool) -> _Year:
    off = {date(year, month, day): reason for (month, day), reason in _FIXED.items()}
    # A holiday that meets a weekend is made up for on the next working day.
    for day, (zh, en) in tuple(off.items()):
        if day.weekday() < _SATURDAY:
            continue
        substitute = day
        while substitute.weekday() >= _SATURDAY or substitute in off:
            substitute += timedelta(days=1)
        off[substitute] = (f"{zh}（补假）", f"{en} (observed)")
    return _Year(year, off, frozenset(), "fixed dates without lunar holidays", provisional)


# Announced years -----------------------------------------------------------------------------

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Break(BaseModel):
    """One break as a notice announces it, both days included."""

    model_config = ConfigDict(extra="forbid", strict=True)

    zh: _Text
    en: _Text
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    def days(self) -> Iterator[date]:
        for offset in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=offset)


class _Notice(BaseModel):
    """A calendar file. ``revision`` counts up when the State Council changes a year later on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    source: _Text
    revision: Annotated[int, Field(ge=1)] = 1
    days_off: Annotated[list[_Break], Field(min_length=1)]
    workdays: list[date]


def _announced(folder: Path) -> dict[int, _Year]:
    """All announced years in a folder, by year."""
    if not folder.is_dir():
        raise CalendarFileError(folder, "folder", "there is no such folder")
    years = (_read(path) for path in sorted(folder.glob("*.y*ml")))
    return {year.year: year for year in years}


def _read(path: Path) -> _Year:
    notice = _parse(path)
    if path.name != f"{notice.year}.yaml":
        raise CalendarFileError(
            path, "year", f"a calendar of {notice.year} is named {notice.year}.yaml"
        )
    off = _days_off(path, notice)
    _check_workdays(path, notice, off)
    name = f"official {notice.year}"
    if notice.revision > 1:
        name += f" revision {notice.revision}"
    return _Year(notice.year, off, frozenset(notice.workdays), name, provisional=False)


def _parse(path: Path) -> _Notice:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CalendarFileError(path, "file", f"cannot be read as text ({error})") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date like 2026-02-30
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        problem = getattr(error, "problem", None) or error
        raise CalendarFileError(path, where, f"is no valid YAML ({problem})") from error
    try:
        return _Notice.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        raise CalendarFileError(path, _field(first["loc"]), first["msg"]) from error


def _field(loc: tuple[int | str, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return "".join(steps).lstrip(".") or "file"


def _days_off(path: Path, notice: _Notice) -> dict[date, Reason]:
    off: dict[date, Reason] = {}
    for index, period in enumerate(notice.days_off):
        field = f"days_off[{index}]"
        for name, day in (("from", period.first), ("to", period.last)):
            if day.year != notice.year:
                raise CalendarFileError(path, f"{field}.{name}", f"{day} is not in {notice.year}")
        if period.last < period.first:
            raise CalendarFileError(path, f"{field}.to", f"{period.last} is before {period.first}")
        for day in period.days():
            if day in off:
                raise CalendarFileError(path, field, f"{day} stands in another break already")
            off[day] = (period.zh, period.en)
    for month, day_of_month in _ALWAYS_OFF:
        if (day := date(notice.year, month, day_of_month)) not in off:
            name = _FIXED[month, day_of_month][1]
            raise CalendarFileError(path, "days_off", f"{day} ({name}) is missing")
    return off


def _check_workdays(path: Path, notice: _Notice, off: Mapping[date, Reason]) -> None:
    for index, day in enumerate(notice.workdays):
        if day.year != notice.year:
            problem = f"{day} is not in {notice.year}"
        elif day.weekday() < _SATURDAY:
            problem = f"{day} is a {day:%A}; a make-up workday is a Saturday or a Sunday"
        elif day in off:
            problem = f"{day} is a day off as well"
        elif day in notice.workdays[:index]:
            problem = f"{day} stands here twice"
        else:
            continue
        raise CalendarFileError(path, f"workdays[{index}]", problem)
