"""What the console is wired with, made once at its start and handed to every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.reading import RecordsReader
from neiic.console.accounts.accounts import Accounts
from neiic.console.desk.desk import Desk
from neiic.console.portfolio.tallies import Tallies
from neiic.console.rechecking import Rechecks
from neiic.door import Door
from neiic.settings import Settings
from neiic.statute.periods import day_of


@dataclass(frozen=True, slots=True)
class House:
    """Records to read, the door by which acts go out, the console's own data, the clock."""

    settings: Settings
    records: RecordsReader
    door: Door
    rechecks: Rechecks
    accounts: Accounts
    desk: Desk
    tallies: Tallies
    calendar: HolidayCalendar
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def today(self) -> date:
        """The Beijing day."""
        return day_of(self.now())
