"""Script that somebody writes into every text field there is, and what becomes of it on pages.

Lives are played at random on the core until every action has been taken with every field filled;
those acts are sent through the API, and then everything that shows a center is read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlencode

import openpyxl
import pytest

from neiic.console.pages.center import TABS
from neiic.migrations import migrate
from neiic.statute.periods import beijing, day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import UNIT_ROLES, Role
from tests.console.http.direct import Direct, direct
from tests.console.http.routes import lists
from tests.console.http.serving import WITHOUT_SERVER
from tests.statute import random_lives
from tests.statute.random_lives import RandomLife, Said

pytestmark = pytest.mark.xdist_group(WITHOUT_SERVER)

SCRIPT = "=1+1<script>alert`1`</script>'\"&<img src=x onerror=alert`2`>"
#: Lives that are tried, and acts of each.
LIVES, ACTS = 400, 60
START = beijing(datetime(2031, 3, 3, 9, 0))
#: What the office's calendar may date otherwise than the one on which the lives were played.
MAY_BE_MISSED: frozenset[str] = frozenset()


class Taken(NamedTuple):
    """An act that the law took."""

    at: datetime
    action: str
    role: str
    data: dict[str, Any]


class Written(RandomLife):
    """A random life in which every text is script and nearly every field is filled."""

    def __init__(self, seed: int) -> None:
        self.taken: list[Taken] = []
        super().__init__(seed)

    def _live_through(self, prelude: Iterable[Said]) -> None:
        for days, role, action, data in prelude:
            self.now += timedelta(days=days)
            self.take(action, role, {n: self._scripted(action, n, v) for n, v in data.items()})
            assert self.taken[-1].action == action

    def take(self, action: str, role: str, data: dict[str, Any]) -> None:
        """Send an act to the core; it is one of the life's if the law takes it."""
        self.sent += 1
        unit = random_lives.UNITS.get(role, "某单位")
        if role == "implementing":
            unit = self.life.center.implementing_unit.name
        actor = {"user": "u", "role": role, "unit": unit}
        message = {"decision_id": f"s{self.sent}", "actor": actor, "data": data}
        if self.life.act(action, message, self.now) is None:
            self.taken.append(Taken(self.now, action, role, data))

    def _scripted(self, action: str, name: str, value: Any) -> Any:
        schema = random_lives.SCHEMAS[action]
        shape = self._resolved(schema, schema["properties"][name])
        if value == "today":
            return day_of(self.now).isoformat()
        if shape.get("type") == "string" and not {"enum", "format"} & shape.keys():
            return SCRIPT
        return [SCRIPT] if isinstance(value, list) else value

    def _data(self, name: str) -> dict[str, Any]:
        schema = random_lives.SCHEMAS[name]
        required = schema.get("required", [])
        return {
            field: self._value(field, self._resolved(schema, shape))
            for field, shape in schema["properties"].items()
            if field in required or self.dice.random() < 0.9
        }

    def _value(self, field: str, shape: dict[str, Any]) -> Any:
        found = super()._value(field, shape)
        if isinstance(found, str) and found in ("文字", "x"):
            return SCRIPT
        if isinstance(found, list):
            return [SCRIPT]
        return {SCRIPT: 1.5} if isinstance(found, dict) else found


def lives() -> Iterator[Written]:
    """Lives that between them take every action there is, each with one that none before took."""
    missing = set(ACTIONS)
    for seed in range(LIVES):
        life = Written(seed)
        for action, message in life.play(ACTS):
            life.take(action, message["actor"]["role"], message["data"])
        found = {one.action for one in life.taken}
        if found & missing:
            missing -= found
            yield life
        if not missing:
            return
    raise AssertionError(f"no life took {sorted(missing)}: play more of them")


def registration(code: str, rule_set: str) -> dict[str, Any]:
    met = ("domain", "goals", "foundation", "scale", "organisation", "mechanism")
    return {
        "code": code,
        "field": SCRIPT,
        "field_en": SCRIPT,
        "competent_unit": SCRIPT,
        "lead_unit": SCRIPT,
        "implementing_unit": {"name": SCRIPT, "uscc": SCRIPT},
        "recommendation": {"letter_no": SCRIPT, "letter_date": "2031-03-03"},
        "requirements": dict.fromkeys(met, True),
        "team_has_other_platform": False,
        "rule_set": rule_set,
    }


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, light_hashes: None
) -> Iterator[tuple[Direct, list[str]]]:
    """Centers with script in all their fields, and the codes by which they are found."""
    folder = tmp_path_factory.mktemp("script")
    url = f"sqlite:///{folder / 'neiic.db'}"
    migrate(url)
    with direct(url, folder, START) as house:
        for role in Role:
            unit = SCRIPT if role in UNIT_ROLES or role is Role.ASSESSOR else None
            house.add(role.value, role, unit, SCRIPT, "en" if role in UNIT_ROLES else "zh")
        yield house, [_written(house, number, life) for number, life in enumerate(lives())]


def _written(house: Direct, number: int, life: Written) -> str:
    """One life sent through the API; answers its center's code."""
    code = f"NEIIC-SCRIPT-{number}"
    house.now = START
    begun = house.api("ndrc").post(
        "/api/v1/centers", json=registration(code, life.life.events[0].data["rule_set"])
    )
    assert begun.status_code == 201, begun.text
    for one in life.taken:
        house.now = one.at
        said = {"data": one.data, "remarks": SCRIPT, "conflict_reason": SCRIPT}
        house.api(one.role).post(f"/api/v1/centers/{code}/actions/{one.action}", json=said)
    return code


def test_every_action_was_taken_through_the_api(written: tuple[Direct, list[str]]) -> None:
    """Otherwise what follows would look for what nobody wrote."""
    house, codes = written
    kinds = {event.kind for code in codes for event in house.records.timeline(code)}
    assert set(ACTIONS) - kinds <= MAY_BE_MISSED
    said = {
        (event.kind, name)
        for code in codes
        for event in house.records.timeline(code)
        for name, value in event.data.items()
        if "<script>" in str(value)
    }
    assert len(said) > 30


def test_no_page_runs_it(written: tuple[Direct, list[str]]) -> None:
    house, codes = written
    shown = 0
    for role in (Role.NDRC, Role.COMPETENT, Role.IMPLEMENTING, Role.ASSESSOR, Role.CUSTOMS):
        browser = house.browser(role.value)
        for path in _addresses(house, role, codes):
            answer = browser.get(path)
            assert answer.status_code in (200, 303), (path, answer.status_code)
            if "spreadsheetml" in answer.headers.get("content-type", ""):
                _check_sheet(path, answer.content)
            elif answer.status_code == 200:
                _check_page(path, answer.text)
                shown += "alert`1`" in answer.text
    assert shown > 50, "the script is nowhere to be seen"


def _addresses(house: Direct, role: Role, codes: list[str]) -> Iterator[str]:
    """All that shows centers: lists, and each page of some centers with all that one may do."""
    for route in lists(house.app):
        if not route.is_api and (route.roles is None or role in route.roles):
            yield route.path
            yield f"{route.path}?{urlencode({'q': SCRIPT, 'field': SCRIPT, 'unit': SCRIPT})}"
    for code in codes if role is Role.NDRC else codes[:3]:
        if not house.house.accounts.may_see(house.scope(role.value), code):
            continue
        yield from (f"/centers/{code}?tab={tab}" for tab in TABS)
        center = house.records.state(code)
        assert center is not None
        for view in actions_for(center, role, house.now, LIBRARY[center.rule_set]):
            yield f"/centers/{code}/acts/{view.action}"
        events = house.records.timeline(code)
        decided = [one.decision_id for one in events if one.decision_id]
        yield from (f"/centers/{code}/decisions/{one}" for one in decided[-2:])


class _Reader(HTMLParser):
    """Finds what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.runs.append(f"<script {given}>")
        if tag in ("img", "iframe", "object", "embed", "style", "base"):
            self.runs.append(f"<{tag} {given}>")
        for name, value in attrs:
            goes = name in ("href", "src", "action", "formaction", "xlink:href")
            elsewhere = goes and not re.match(r"/(?!/)|#|\?|$", value or "")
            if name.startswith("on") or name == "style" or elsewhere:
                self.runs.append(f"<{tag} {name}={value}>")


def _check_page(path: str, text: str) -> None:
    reader = _Reader()
    reader.feed(text)
    assert not reader.runs, (path, reader.runs[:3])
    assert "<script>alert" not in text, path


def _check_sheet(path: str, content: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert not [cell.value for cell in row if cell.data_type == "f"], path


def test_a_page_that_runs_it_is_found() -> None:
    for bad in (f"<p>{SCRIPT}</p>", '<a href="javascript:x">', '<p onclick="x">', "<img src=/x>"):
        with pytest.raises(AssertionError):
            _check_page("bad", bad)
    _check_page("good", '<p>&lt;script&gt;</p><a href="/tasks">x</a><script src="/static/x.js">')
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"  # type: ignore[index]
    kept = io.BytesIO()
    book.save(kept)
    with pytest.raises(AssertionError):
        _check_sheet("bad", kept.getvalue())
