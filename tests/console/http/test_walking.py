"""Walking a list page by page while it changes: what stays is seen once, nothing is seen twice."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from neiic.console.portfolio.centers import SORTS
from neiic.migrations import migrate
from neiic.statute.periods import beijing
from neiic.statute.terms import Role, Stage
from tests.console.http.direct import Direct, direct
from tests.console.http.serving import WITHOUT_SERVER
from tests.records.lives import Life, approved

pytestmark = pytest.mark.xdist_group(WITHOUT_SERVER)

#: Centers at first: three pages of them.
CENTERS = 120
MORNING = beijing(datetime(2031, 6, 30, 9))


class Office:
    """Centers in a console; some of them go on while somebody reads."""

    def __init__(self, house: Direct, lives: Mapping[str, Life]) -> None:
        self.house = house
        self.lives = {code: life.but_at(len(life.commits)) for code, life in lives.items()}
        self.sent = {code: len(life.commits) for code, life in lives.items()}
        self.changed: set[str] = set()
        self.steps = 0

    def write(self) -> None:
        for code, life in self.lives.items():
            for commit in life.commits[self.sent.get(code, 0) :]:
                self.house.records.commit(commit)
            self.sent[code] = len(life.commits)

    def go_on(self) -> None:
        """New centers before, between and behind the others; some of the others take a step."""
        self.steps += 1
        for number in (-1, CENTERS, CENTERS * 3):
            code = code_of(1000 + number + 2 * self.steps)
            self.lives.setdefault(code, _life(code))
        for code in list(self.lives)[self.steps : CENTERS : 9]:
            life = self.lives[code]
            if life.center.stage is Stage.APPLICATION:
                self.changed.add(code)
                life.act(
                    "2031-06-17T09:00",
                    Role.ASSESSOR,
                    "formation.assess",
                    agency="丙机构",
                    conclusion="support",
                    opinion="可行",
                )
        self.write()


def code_of(number: int) -> str:
    return f"NEIIC-W-{number:05}"


def _life(code: str) -> Life:
    if int(code[-5:]) % 3:
        return Life(code, f"run-{code}", "2031-03-03T09:00")
    return approved(code, f"run-{code}")


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory, light_hashes: None
) -> tuple[Path, dict[str, Life]]:
    """A database with centers and people, to copy."""
    folder = tmp_path_factory.mktemp("walking")
    path = folder / "neiic.db"
    migrate(f"sqlite:///{path}")
    lives = {code: _life(code) for code in map(code_of, range(0, CENTERS * 2, 2))}
    with direct(f"sqlite:///{path}", folder, MORNING) as house:
        house.add("ndrc", Role.NDRC, None, "周", "zh")
        house.add("assessor", Role.ASSESSOR, "丁机构", "丁", "zh")
        for life in lives.values():
            for commit in life.commits:
                house.records.commit(commit)
    return path, lives


@pytest.fixture
def office(filled: tuple[Path, dict[str, Life]], tmp_path: Path) -> Iterator[Office]:
    path, lives = filled
    shutil.copy(path, tmp_path / "neiic.db")
    with direct(f"sqlite:///{tmp_path / 'neiic.db'}", tmp_path, MORNING) as house:
        yield Office(house, lives)


def walked(
    api: TestClient, path: str, between: Callable[[], None], **asked: str
) -> list[dict[str, Any]]:
    """All items of a list, with something happening after each page."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    for _ in range(100):
        page = api.get(path, params={**asked, **cursor})
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        if page.json()["next"] is None:
            return items
        cursor = {"cursor": page.json()["next"]}
        between()
    raise AssertionError("the list has no end")


def test_centers_by_what_never_changes(office: Office) -> None:
    """By code every center that was there is met once, whatever happens to it."""
    api = office.house.api("ndrc")
    for order in ("asc", "desc"):
        before = set(office.lives)
        met = Counter(
            one["code"]
            for one in walked(api, "/api/v1/centers", office.go_on, sort="code", order=order)
        )
        assert set(met.values()) == {1}
        assert before <= met.keys()


@pytest.mark.parametrize("sort", SORTS)
def test_centers_in_any_order(office: Office, sort: str) -> None:
    api, before = office.house.api("ndrc"), set(office.lives)
    met = Counter(one["code"] for one in walked(api, "/api/v1/centers", office.go_on, sort=sort))
    stayed = before - office.changed
    assert len(stayed) > CENTERS // 2
    assert all(met[code] == 1 for code in stayed)


@pytest.mark.parametrize(
    ("login", "path", "key"),
    [
        ("assessor", "/api/v1/tasks", ("center", "matter", "action")),
        ("ndrc", "/api/v1/deadlines", ("center", "deadline")),
    ],
)
def test_tasks_and_deadlines(office: Office, login: str, path: str, key: tuple[str, ...]) -> None:
    api = office.house.api(login)

    def keys(items: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        return [tuple(str(one[name]) for name in key) for one in items]

    before = keys(walked(api, path, lambda: None))
    assert len(before) > 70
    assert len(set(before)) == len(before)
    assert api.get(path).json()["count"] == len(before)
    met = Counter(keys(walked(api, path, office.go_on)))
    stayed = {one for one in before if one[0] not in office.changed}
    assert all(met[one] == 1 for one in stayed)
    assert office.changed


def test_a_timeline_in_small_steps(office: Office) -> None:
    api = office.house.api("ndrc")
    code = next(code for code, life in office.lives.items() if len(life.events) > 2)
    seen: list[int] = []
    after = 0
    while True:
        page = api.get(
            f"/api/v1/centers/{code}/timeline", params={"after": after, "limit": 1}
        ).json()
        seen += [one["sequence"] for one in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == list(range(1, len(office.lives[code].events) + 1))


def test_cursors_that_were_made_up(office: Office) -> None:
    api = office.house.api("ndrc")
    real = api.get("/api/v1/centers").json()["next"]
    for path in ("/api/v1/centers", "/api/v1/tasks", "/api/v1/deadlines"):
        for cursor in ("x", "🙂", real[:-3], real[::-1], "W10", "bnVsbA", "A" * 1001, real + "x"):
            answer = api.get(path, params={"cursor": cursor})
            assert answer.status_code == 422, (path, cursor)
            assert answer.headers["content-type"] == "application/problem+json"
    assert api.get("/api/v1/tasks", params={"cursor": real}).status_code == 422
    other = api.get("/api/v1/centers", params={"cursor": real, "sort": "stage"})
    assert other.status_code in (200, 422)
