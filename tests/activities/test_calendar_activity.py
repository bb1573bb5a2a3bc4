"""The calendar as the activity that workflows ask."""

from __future__ import annotations

from datetime import date

from temporalio import activity
from temporalio.testing import ActivityEnvironment

from neiic.activities.calendar import CalendarActivities, HolidayCalendar
from neiic.models.messages import RESOLVE_DATES, DatesToResolve

ACTIVITIES = CalendarActivities(HolidayCalendar())


def test_it_answers_each_date_in_order() -> None:
    asked = (date(2034, 8, 19), date(2034, 6, 17), date(2034, 6, 16))
    resolved = ActivityEnvironment().run(ACTIVITIES.resolve, DatesToResolve(dates=asked))
    assert tuple(answer.nominal for answer in resolved.answers) == asked
    assert [answer.due for answer in resolved.answers] == [
        date(2034, 8, 21),
        date(2034, 6, 19),
        date(2034, 6, 16),
    ]


def test_nothing_asked_nothing_answered() -> None:
    assert ActivityEnvironment().run(ACTIVITIES.resolve, DatesToResolve(dates=())).answers == ()


def test_it_is_registered_under_the_name_that_workflows_know() -> None:
    definition = activity._Definition.must_from_callable(ACTIVITIES.resolve)
    assert definition.name == RESOLVE_DATES
    assert not definition.is_async
