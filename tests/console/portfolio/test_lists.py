"""Lists agree with their counts and with the rows themselves, whatever the rows and the filter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine

from neiic.console.accounts.access import Scope
from neiic.console.portfolio import board as boards
from neiic.console.portfolio import centers as lists
from neiic.console.portfolio import tasks as todo
from neiic.console.portfolio.board import STANDINGS, BoardFilter, BoardRow, Month, board
from neiic.console.portfolio.centers import SORTS, CenterFilter, centers
from neiic.console.portfolio.cursors import CursorError, read, written
from neiic.console.portfolio.lights import LIGHTS
from neiic.console.portfolio.tallies import Tallies
from neiic.console.portfolio.tasks import TaskFilter, tasks
from neiic.statute.terms import NATIONAL_UNITS, Role
from tests.console.portfolio.conftest import engage
from tests.console.portfolio.random_rows import (
    ACTIONS,
    COMPETENT,
    FIELDS,
    KINDS,
    NOW,
    STAGES,
    Row,
    Rows,
    fill,
)

AGENCY = "丙机构"
SCOPES = (
    Scope(Role.NDRC, NATIONAL_UNITS[Role.NDRC], (NATIONAL_UNITS[Role.NDRC],)),
    Scope(Role.CUSTOMS, NATIONAL_UNITS[Role.CUSTOMS], (NATIONAL_UNITS[Role.CUSTOMS],)),
    Scope(Role.COMPETENT, COMPETENT[0], COMPETENT[:1]),
    Scope(Role.COMPETENT, COMPETENT[1], COMPETENT[1:]),
    Scope(Role.LEAD, "Lead 1", ("Lead 1",)),
    Scope(Role.IMPLEMENTING, "实施7", ("实施7", "实施8")),
    Scope(Role.ASSESSOR, AGENCY, (AGENCY,)),
    Scope(Role.OPERATOR, "运行", ("运行",)),
)
SEEDS = range(2)


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that cursors have work to do."""
    for module in (todo, boards, lists):
        monkeypatch.setattr(module, "PAGE", 4)


class House:
    """Random rows, and by hand what a scope sees of them."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self.rows: Rows = fill(engine, seed)
        self.dice = random.Random(seed)
        self.engaged: dict[str, set[str]] = {}
        for code in self.dice.sample(sorted(self.rows.centers), 20):
            for unit in self.dice.choice(((AGENCY,), ("戊机构",), (AGENCY, "戊机构"))):
                engage(engine, code, unit)
                self.engaged.setdefault(code, set()).add(unit)

    def sees(self, scope: Scope, center: Row) -> bool:
        if scope.role in (Role.NDRC, Role.CUSTOMS, Role.OPERATOR):
            return True
        if scope.role is Role.ASSESSOR:
            engaged = self.engaged.get(center["code"], set())
            return AGENCY in engaged or (not engaged and "assessor" in center["waiting_for"])
        return center[f"{scope.role}_unit"] in scope.names

    def seen(self, scope: Scope) -> dict[str, Row]:
        return {code: row for code, row in self.rows.centers.items() if self.sees(scope, row)}


@pytest.fixture(params=SEEDS)
def house(request: pytest.FixtureRequest, engine: Engine, tallies: Tallies) -> House:
    return House(engine, request.param)


def walked(ask: Callable[[str | None], Any]) -> Iterator[Any]:
    """All rows of a list, page after page."""
    cursor: str | None = None
    for _ in range(200):
        page = ask(cursor)
        assert len(page.rows) <= 4
        yield from page.rows
        cursor = page.next
        if cursor is None:
            return
        assert len(page.rows) == 4
    raise AssertionError("the pages do not end")


def maybe(dice: random.Random, *values: Any) -> Any:
    return dice.choice(values) if dice.random() < 0.4 else None


# Tasks ------------------------------------------------------------------------------------------


def task_filter(dice: random.Random) -> TaskFilter:
    return TaskFilter(
        field=maybe(dice, *FIELDS),
        competent_unit=maybe(dice, *COMPETENT),
        stage=maybe(dice, *STAGES),
        kind=maybe(dice, *ACTIONS, *ACTIONS.values(), "annual"),
        light=maybe(dice, *LIGHTS),
        text=maybe(dice, "n-1", "lead 2", "%_", "氢", "x"),
    )


def light(row: Row) -> str:
    if row["due"] is not None and row["due"] <= NOW:
        return "red"
    return "amber" if row["due"] is not None and row["yellow_from"] <= NOW else "green"


def fits_task(wanted: TaskFilter, row: Row, center: Row) -> bool:
    kind = wanted.kind in (None, row["action"], row["matter"].partition(":")[0])
    said = [center[name] or "" for name in ("code", "name", "field", *UNITS)]
    text = wanted.text is None or any(wanted.text.lower() in one.lower() for one in said)
    exact = all(
        getattr(wanted, name) in (None, center[name])
        for name in ("field", "competent_unit", "stage")
    )
    return kind and text and exact


UNITS = ("competent_unit", "lead_unit", "implementing_unit")


def task_order(row: Row) -> tuple[Any, ...]:
    group = 3 if row["due"] is None else LIGHTS.index(light(row))  # type: ignore[arg-type]
    return (group, row["due"] or row["since"], row["center"], row["matter"])


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: f"{scope.role}-{len(scope.names)}")
def test_tasks_are_the_matters_of_the_unit_by_urgency(
    house: House, tallies: Tallies, scope: Scope
) -> None:
    seen = house.seen(scope)
    mine = [
        row for row in house.rows.matters if row["role"] == scope.role and row["center"] in seen
    ]
    for _ in range(5):
        wanted = task_filter(house.dice)
        fitting = [row for row in mine if fits_task(wanted, row, seen[row["center"]])]
        lit = [row for row in fitting if wanted.light in (None, light(row))]
        found = list(walked(lambda c, w=wanted: tasks(tallies, scope, w, NOW, c)))
        expected = [(row["center"], row["matter"]) for row in sorted(lit, key=task_order)]
        assert [(row.center, row.matter) for row in found] == expected
        lights = Counter(light(row) for row in fitting)
        counts = tasks(tallies, scope, wanted, NOW).counts
        assert counts == {one: lights[one] for one in LIGHTS}
        by_key = {(row["center"], row["matter"]): row for row in lit}
        for row in found:
            assert row.light == light(by_key[row.center, row.matter])
            due = by_key[row.center, row.matter]["due"]
            assert row.due == (None if due is None else due.date() - timedelta(days=1))


# The board --------------------------------------------------------------------------------------


def board_filter(dice: random.Random) -> BoardFilter:
    return BoardFilter(
        month=maybe(dice, Month(2034, 5), Month(2034, 6), Month(2034, 7)),
        kind=maybe(dice, *KINDS),
        unit=maybe(dice, *COMPETENT, "Lead 0"),
        light=maybe(dice, *LIGHTS),
        standing=maybe(dice, *STANDINGS),
        field=maybe(dice, *FIELDS),
        day=maybe(dice, date(2034, 6, 19), date(2034, 6, 30)) if dice.random() < 0.2 else None,
    )


def standing(row: Row) -> str:
    if row["status"] in ("met", "waived", "lapsed"):
        return "closed"
    past = row["instant"] <= NOW and row["status"] == "open"
    return "overdue" if past else str(row["status"])


def board_light(row: Row) -> str | None:
    how = standing(row)
    if how != "open":
        return {"overdue": "red", "held": "amber", "upcoming": "green"}.get(how)
    return "amber" if row["yellow_from"] <= NOW else "green"


def fits_board(wanted: BoardFilter, row: Row, center: Row) -> bool:
    if wanted.standing is None and standing(row) == "closed":
        return False
    month = Month(row["due"].year, row["due"].month)
    return (
        wanted.standing in (None, standing(row))
        and wanted.light in (None, board_light(row))
        and wanted.kind in (None, row["kind"])
        and wanted.month in (None, month)
        and wanted.day in (None, row["due"])
        and wanted.field in (None, center["field"])
        and (wanted.unit is None or wanted.unit in [center[name] for name in UNITS])
    )


def board_order(row: Row) -> tuple[Any, ...]:
    first = standing(row) != "overdue"
    return (first, row["instant"], row["kind"], row["center"], row["deadline"])


def but(wanted: BoardFilter, **changes: Any) -> BoardFilter:
    return BoardFilter(**{name: getattr(wanted, name) for name in wanted.__slots__} | changes)


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: f"{scope.role}-{len(scope.names)}")
def test_the_boards_numbers_are_those_of_the_lists_they_open(
    house: House, tallies: Tallies, scope: Scope
) -> None:
    seen = house.seen(scope)
    mine = [row for row in house.rows.deadlines if row["center"] in seen]

    def fitting(wanted: BoardFilter) -> list[Row]:
        return [row for row in mine if fits_board(wanted, row, seen[row["center"]])]

    for _ in range(5):
        wanted = board_filter(house.dice)
        expected = sorted(fitting(wanted), key=board_order, reverse=wanted.standing == "closed")
        rows = list(walked(lambda c, w=wanted: board(tallies, scope, w, NOW, cursor=c)))
        assert [(row.center, row.deadline) for row in rows] == [
            (row["center"], row["deadline"]) for row in expected
        ]
        assert [(row.standing, row.light) for row in rows] == [
            (standing(row), board_light(row)) for row in expected
        ]
        month = wanted.month or Month(2034, 6)
        counts = board(tallies, scope, wanted, NOW).counts
        assert counts.total == len(rows)
        assert counts.kinds == Counter(row["kind"] for row in fitting(but(wanted, kind=None)))
        lights = Counter(map(board_light, fitting(but(wanted, light=None))))
        assert counts.lights == {one: lights[one] for one in LIGHTS}
        days: dict[date, Counter[str]] = {}
        for row in fitting(but(wanted, month=month, day=None)):
            days.setdefault(row["due"], Counter())[board_light(row) or "green"] += 1
        assert counts.days == days
        assert len(counts.months) == 36
        for one, number in counts.months.items():
            assert number == len(fitting(but(wanted, month=one, day=None)))


def test_days_left_are_beijing_days(house: House, tallies: Tallies) -> None:
    late = NOW.replace(hour=23, minute=59)
    for row in walked(lambda c: board(tallies, SCOPES[0], BoardFilter(), late, cursor=c)):
        assert isinstance(row, BoardRow)
        assert row.days_left == (row.due - date(2034, 6, 19)).days


# Centers ----------------------------------------------------------------------------------------


def center_filter(dice: random.Random) -> CenterFilter:
    return CenterFilter(
        text=maybe(dice, "n-1", "LEAD 2", "%_", "氢", "x"),
        stage=maybe(dice, *STAGES),
        field=maybe(dice, *FIELDS),
        unit=maybe(dice, *COMPETENT, "Lead 0", "实施3"),
        waiting_for=maybe(dice, "ndrc", "assessor"),
        overdue=maybe(dice, True, False),
        grade=maybe(dice, "qualified"),
        closed=maybe(dice, True, False),
    )


def fits_center(wanted: CenterFilter, row: Row) -> bool:
    said = [row[name] or "" for name in ("code", "name", "field", *UNITS)]
    return (
        (wanted.text is None or any(wanted.text.lower() in one.lower() for one in said))
        and wanted.stage in (None, row["stage"])
        and wanted.field in (None, row["field"])
        and (wanted.unit is None or wanted.unit in [row[name] for name in UNITS])
        and (wanted.waiting_for is None or wanted.waiting_for in row["waiting_for"])
        and wanted.overdue in (None, row["overdue"])
        and wanted.grade in (None, row["latest_grade"])
        and wanted.closed in (None, row["closed"])
    )


@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: f"{scope.role}-{len(scope.names)}")
def test_centers_are_sorted_and_counted_by_stage(
    house: House, tallies: Tallies, scope: Scope
) -> None:
    seen = house.seen(scope).values()
    for sort in SORTS:
        wanted, down = center_filter(house.dice), house.dice.random() < 0.5

        ask = partial(centers, tallies, scope, wanted, sort=sort, descending=down)
        fitting = [row for row in seen if fits_center(wanted, row)]
        rows = list(walked(lambda cursor, ask=ask: ask(cursor=cursor)))
        assert {row.code for row in rows} == {row["code"] for row in fitting}
        assert len(rows) == len(fitting) == ask().count
        valued = [row for row in rows if getattr(row, sort) is not None]
        assert rows[: len(valued)] == valued, "what has no value comes last"
        places = [(getattr(row, sort), row.code) for row in valued]
        assert places == sorted(places, reverse=down)
        by_stage = [row for row in seen if fits_center(_any_stage(wanted), row)]
        assert ask().stages == Counter(row["stage"] for row in by_stage)


def _any_stage(wanted: CenterFilter) -> CenterFilter:
    values: Mapping[str, Any] = {name: getattr(wanted, name) for name in wanted.__slots__}
    return CenterFilter(**{**values, "stage": None})


# Cursors ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "!!!!", "W10", "bnVsbA", "W1tbW1tb", "e30", "é", "a" * 5000,
        written("board", (0, NOW, "k", "c", "d")),
        written("tasks", (0, "2034-06-19", NOW.date(), "c", "m")),
        written("tasks", (0, None, NOW.date(), "c", "m")),
        written("tasks", ("0", NOW, NOW.date(), "c", "m")),
        written("tasks", (10**30, NOW, NOW.date(), "c", "m")),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_is_said_so(cursor: str, tallies: Tallies) -> None:
    if not cursor:
        return
    with pytest.raises(CursorError, match="leave it out"):
        tasks(tallies, SCOPES[0], TaskFilter(), NOW, cursor)


def test_a_cursor_of_another_sort_is_refused(house: House, tallies: Tallies) -> None:
    by_code = centers(tallies, SCOPES[0], CenterFilter()).next
    with pytest.raises(CursorError):
        centers(tallies, SCOPES[0], CenterFilter(), sort="name", cursor=by_code)
    with pytest.raises(CursorError):
        centers(tallies, SCOPES[0], CenterFilter(), descending=True, cursor=by_code)


def test_a_cursor_keeps_its_place() -> None:
    place = (3, NOW, None, "智能", True)
    types = (int, datetime, date, str, bool)
    assert read("x", written("x", place), types) == place
    assert all(one != other for one, other in pairwise(written("x", (n,)) for n in range(5)))
