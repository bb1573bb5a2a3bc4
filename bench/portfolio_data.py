"""Many centers at once, for what lists over them cost: real states, copied under other codes.

A few lives are lived through the law, one for each stage that a center can be in; their rows are
then written in bulk under as many codes as asked for, each for one of a few dozen units and moved
by whole weeks in time, so that dates spread over the year. The copies' documents still bear the
first life's code: nothing of lists looks into them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Engine, insert

from bench import long_life
from neiic.activities.calendar import HolidayCalendar
from neiic.activities.database import writing
from neiic.activities.projection import (
    Row,
    center_row,
    deadline_changes,
    event_row,
    matter_rows,
    project,
)
from neiic.models.tables import (
    CenterRecord,
    DeadlineRecord,
    EventRecord,
    MatterRecord,
    table_of,
)
from neiic.statute.acts import Act, Event, Refused, TimePasses, read_act
from neiic.statute.deciding import decide, register, unfold
from neiic.statute.periods import Asks, CalendarAnswer, start_of
from neiic.statute.state import Center

#: Until when each of the lives is lived; together a center's ten deadlines on average.
ENDS = (
    date(2031, 3, 20), date(2031, 5, 20), date(2032, 1, 20), date(2034, 6, 20), date(2034, 7, 10),
    date(2035, 4, 20), date(2035, 6, 20), date(2036, 2, 1), date(2038, 2, 20), date(2038, 6, 1),
    date(2038, 10, 20), date(2050, 5, 1),
)  # fmt: skip
#: The moment at which all of them are looked at: lives are moved to end within weeks before it.
NOW = start_of(date(2038, 6, 1)) + timedelta(hours=9)
FIELDS = (
    "智能铸造",
    "量子信息",
    "氢能",
    "生物制造",
    "低空经济",
    "脑机接口",
    "人形机器人",
    "深海装备",
)
#: Centers of one competent unit, however many there are in all: provinces do not grow.
OF_ONE_UNIT = 300
_AT_A_TIME = 500


class _Lived(NamedTuple):
    """A center as it stands, and its rows."""

    center: Row
    events: list[Row]
    deadlines: list[Row]
    matters: list[Row]
    ended: date


def seed(engine: Engine, centers: int) -> dict[str, int]:
    """Write so many centers; how many rows there are of each kind."""
    dice, lives = random.Random(7), [_live(end) for end in ENDS]
    tables = [
        table_of(record) for record in (CenterRecord, EventRecord, DeadlineRecord, MatterRecord)
    ]
    written = dict.fromkeys((table.name for table in tables), 0)
    for begin in range(0, centers, _AT_A_TIME):
        rows: list[list[Row]] = [[], [], [], []]
        for number in range(begin, min(begin + _AT_A_TIME, centers)):
            for kind, copied in zip(rows, _copies(lives, number, centers, dice), strict=True):
                kind += copied
        with writing(engine).begin() as connection:
            for table, some in zip(tables, rows, strict=True):
                connection.execute(insert(table), some)
                written[table.name] += len(some)
    with writing(engine).begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    return written


def _copies(
    lives: list[_Lived], number: int, centers: int, dice: random.Random
) -> Iterator[list[Row]]:
    lived = lives[number % len(lives)]
    days = (NOW.date() - lived.ended).days - 7 * dice.randrange(0, 26)
    moved = timedelta(days=days)
    units = {
        "competent_unit": competent(number % max(1, centers // OF_ONE_UNIT)),
        "lead_unit": f"牵头单位{number // 3}",
        "implementing_unit": f"实施单位{number}",
    }
    code, field = f"NEIIC-{number:05}", FIELDS[number % len(FIELDS)]
    name = lived.center["name"] and f"{field}{number}国家新兴产业创新中心"
    center = _moved(lived.center, moved)
    yield [center | units | {"code": code, "field": field, "name": name, "life": f"run-{number}"}]
    yield [_numbered(_moved(row, moved), code, number) for row in lived.events]
    yield [_moved(row, moved) | {"center": code} for row in lived.deadlines]
    by_role = {name.removesuffix("_unit"): unit for name, unit in units.items()}
    yield [
        _moved(row, moved) | {"center": code, "unit": by_role.get(row["role"], row["unit"])}
        for row in lived.matters
    ]


def competent(number: int) -> str:
    """The name of a competent unit."""
    return f"第{number + 1}省发展和改革委员会"


def _numbered(row: Row, code: str, number: int) -> Row:
    document = row["document_no"] and row["document_no"].replace("号", f"-{number}号")
    return row | {"center": code, "document_no": document}


def _moved(row: Row, by: timedelta) -> Row:
    return {
        name: value + by if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


def _live(end: date) -> _Lived:
    """Live until a day, with all acts that fall before it."""
    rules, calendar = long_life.rules(reminders=True), HolidayCalendar()
    first = register(
        long_life.registration("NEIIC-2031-001", long_life.START.date()),
        long_life.START,
        rules.name,
    )
    events: list[Event] = [first]
    center, _ = unfold(None, events, rules)
    until = start_of(end)

    def take(act: Act | TimePasses, now: datetime) -> None:
        nonlocal center
        answers: dict[date, CalendarAnswer] = {}
        while isinstance(outcome := decide(center, act, now, rules, answers), Asks):
            answers |= {day: calendar.resolve(day) for day in outcome.dates}
        if isinstance(outcome, Refused):
            raise ValueError(outcome.message_en)
        center, _ = unfold(center, outcome, rules)
        events.extend(outcome)

    for number, said in enumerate(long_life.acts()):
        if said.at >= until:
            break
        act = read_act(said.action, long_life.message(said.role, said.data, f"act-{number}"))
        if isinstance(act, Refused):
            raise ValueError(act.message_en)
        take(act, said.at)
    take(TimePasses(), until)
    return _rows(center, events, end)


def _rows(center: Center, events: list[Event], end: date) -> _Lived:
    projection = project(center)
    recorded: Any = events[-1].recorded
    row = center_row(projection, "run", recorded)
    shown = {name: row[name].model_dump(mode="json") for name in ("state", "snapshot")}
    deadlines = deadline_changes(projection, {}).put
    made = [event_row(center.code, one, projection.shown) | {"answer": None} for one in events]
    return _Lived(row | shown, made, deadlines, list(matter_rows(projection)), end)
