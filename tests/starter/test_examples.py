"""The examples: their dates on whatever day, what becomes of them, and that playing adds once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from neiic.door import Door
from neiic.starter import StackError
from neiic.starter.examples import (
    Example,
    bring_rule_sets,
    play,
    play_all,
    read_example,
    resolved,
)
from neiic.starter.field_values import FieldValueError
from neiic.statute.acts import Refused
from neiic.statute.periods import BEIJING
from neiic.statute.registration import read_registration
from neiic.statute.rules import LIBRARY, RuleSet, read
from tests.starter.ward import Ward
from tests.statute.lives import PureLife

pytestmark = pytest.mark.xdist_group("examples")

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))
TODAY = date(2026, 11, 24)

#: Stage, whom it waits for, and what of the deadlines is past, on 24 November 2026.
OUTCOMES: dict[str, tuple[str, list[str], list[str]]] = {
    "001": ("application", ["assessor"], []),
    "002": ("application", ["assessor"], []),
    "003": ("application", ["assessor"], []),
    "004": ("application", ["competent"], []),
    "005": ("application", ["ndrc"], []),
    "006": ("preparation", [], []),
    "007": ("preparation", ["ndrc"], []),
    "008": ("preparation", ["competent"], []),
    "009": ("preparation", ["ndrc"], []),
    "010": ("preparation", ["competent"], ["annual_report:2024", "annual_report:2025"]),
    "011": ("operation", [], []),
    "012": ("operation", ["ndrc", "competent"], []),
    "013": ("operation", ["implementing"], []),
    "014": ("operation", ["competent"], ["evaluation_materials:2026"]),
    "015": ("operation", ["assessor"], []),
    "016": ("operation", ["customs", "tax"], []),
    "017": ("improvement", [], []),
    "018": ("cancelled", ["ndrc", "competent"], []),
    "019": ("preparation", ["ndrc"], []),
    "020": ("not_approved", [], []),
}


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> RuleSet:
    """The examples' own rule set, in this test alone."""
    rules = read((EXAMPLES / "rule_sets" / "demo-annual.yaml").read_text(encoding="utf-8"))
    monkeypatch.setitem(LIBRARY._by_name, rules.name, rules)
    return rules


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("today", "2026-11-24"),
        ("today-20d", "2026-11-04"),
        ("today-3y+16d", "2023-12-10"),
        ("today+3m", "2027-02-24"),
        ("today-9m", "2026-02-24"),
        ("year", 2026),
        ("year-3", 2023),
        ("year of today+40d", 2027),
        ("year of today-40d-1", 2025),
        ("<year-3>-12-31", "2023-12-31"),
        ("宁发改高技〔<year of today-11m>〕18号", "宁发改高技〔2025〕18号"),
        ("拟于<today+10d>前完成", "拟于2026年12月4日前完成"),
        ("todays and years", "todays and years"),
        ("a < b > c", "a < b > c"),
        ({"year": "year", "deep": ["today", 3, True, None]},) * 2,
    ],
)
def test_days_and_years_count_from_today(written: Any, meant: Any) -> None:
    if isinstance(written, dict):
        meant = {"year": 2026, "deep": ["2026-11-24", 3, True, None]}
    assert resolved(written, TODAY) == meant


def test_a_month_or_year_without_that_day_ends_on_its_last() -> None:
    assert resolved("today-1m", date(2027, 3, 31)) == "2027-02-28"
    assert resolved("today-1y", date(2028, 2, 29)) == "2027-02-28"


@pytest.mark.parametrize("slip", ["today-20", "year-x", "〔<year3 >〕", "<today-1w>", "year of 3"])
def test_a_slip_is_named_with_its_file(tmp_path: Path, slip: str) -> None:
    file = tmp_path / "slip.yaml"
    file.write_text(f"code: A\nfield: '{slip}'\n", encoding="utf-8")
    if slip == "〔<year3 >〕":
        assert read_example(file).registration["field"] == slip, "no year is meant"
        return
    with pytest.raises(FieldValueError, match=r"slip\.yaml: .* write today-20d"):
        read_example(file)


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ("[{do: formation.asess, by: assessor}]", "did you mean formation.assess"),
        ("[{do: formation.assess, by: asessor}]", "acts.1.by is none of the allowed values"),
        ("[{do: formation.assess}]", "acts.1.by is required"),
        ("[{do: formation.assess, by: ndrc, at: today}]", "acts.1.at is not a field"),
        ("formation.assess", "acts: must be a list"),
    ],
)
def test_an_act_that_does_not_fit_is_named(tmp_path: Path, acts: str, said: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(f"code: A\nacts: {acts}\n", encoding="utf-8")
    with pytest.raises(FieldValueError, match=f"wrong.yaml: .*{said}"):
        read_example(file)


def played(example: Example, day: date) -> PureLife:
    """An example on the pure core, in the last minute of a day."""
    registration = read_registration(example.registration)
    assert not isinstance(registration, Refused), registration
    now = datetime(day.year, day.month, day.day, 23, 59, tzinfo=BEIJING)
    rules = LIBRARY[registration.rule_set] if registration.rule_set else LIBRARY.in_force(day)
    life = PureLife(registration, rules, now)
    for number, step in enumerate(example.acts, start=1):
        refused = life.act(step.do, example.message(number), now)
        assert refused is None, f"{example.file.name} {number} {step.do}: {refused}"
    life.wait(now + timedelta(seconds=1))
    return life


@pytest.mark.parametrize(
    "day",
    [
        TODAY,
        date(2027, 1, 1),
        date(2027, 2, 28),
        date(2028, 2, 29),
        date(2027, 3, 1),
        date(2029, 7, 1),
        date(2027, 12, 31),
        date(2033, 6, 15),
    ],
    ids=str,
)
def test_they_stand_where_they_should_on_whatever_day(day: date, demo: RuleSet) -> None:
    assert len(FILES) == len(OUTCOMES)
    for file in FILES:
        example = read_example(file, day)
        shown = played(example, day).snapshot()
        stage, waiting, overdue = OUTCOMES[example.code[-3:]]
        assert shown["stage"] == stage, example.code
        assert set(waiting) <= set(shown["waiting_for"]), example.code
        if day == TODAY:
            assert shown["waiting_for"] == waiting, example.code
            assert shown["overdue"] == overdue, example.code
            assert shown["warnings"] == [] or stage == "application", example.code


def test_there_is_something_for_each_kind_of_page(demo: RuleSet) -> None:
    lives = {file.name[:2]: played(read_example(file, TODAY), TODAY) for file in FILES}
    units = [life.center.competent_unit for life in lives.values()]
    assert units.count("宁夏回族自治区发展和改革委员会") >= 3
    due = {one["id"]: one["due"] for one in lives["07"].snapshot()["deadlines"]}
    assert due["preparation_end"] == "2026-12-14", "within the rung of thirty days"
    submitted = [one for one in lives["11"].events if one.kind == "report.submit"]
    assert [one.data["year"] for one in submitted] == [2023, 2024, 2025]
    assert len({tuple(one.data["indicators"]) for one in submitted}) == 1, "lines to be drawn"
    assert [
        life.center.rounds[2026].status for name, life in lives.items() if name in "14 15 16"
    ] == [
        "submitted",
        "endorsed",
        "graded",
    ]
    assert lives["18"].snapshot()["followups"] == [{"kind": "disposition", "done": False}]
    assert lives["19"].center.revocation is not None


def test_their_rule_set_is_never_in_force(demo: RuleSet) -> None:
    for day in (date(2026, 2, 1), TODAY, date(2031, 1, 31), date(2040, 1, 1)):
        assert LIBRARY.in_force(day).name == "cn-2026"


def test_rule_sets_come_along_and_stay_as_they_were(tmp_path: Path) -> None:
    bring_rule_sets(EXAMPLES, tmp_path)
    kept = tmp_path / "rule_sets" / "demo-annual.yaml"
    assert read(kept.read_text(encoding="utf-8")).evaluation_every_years == 1
    kept.write_text("mine", encoding="utf-8")
    bring_rule_sets(EXAMPLES, tmp_path)
    assert kept.read_text(encoding="utf-8") == "mine"
    (tmp_path / "blocked").write_text("", encoding="utf-8")
    with pytest.raises(StackError, match="blocked"):
        bring_rule_sets(EXAMPLES, tmp_path / "blocked")


# Played on a real stack -----------------------------------------------------------------------

asynchronous = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def chosen(demo: RuleSet) -> list[Example]:
    """A waiting one, one with a round, one that is cancelled at once, one that ends."""
    return [read_example(file) for file in FILES if file.name[:2] in ("01", "16", "18", "20")]


def door_of(ward: Ward) -> Door:
    return Door(ward.client, ward.records, task_queue=ward.queue)


@asynchronous
async def test_played_twice_they_act_once(apart: Ward, chosen: list[Example]) -> None:
    async with apart.working():
        await play_all(door_of(apart), apart.records, chosen)
        before = {one.code: apart.records.timeline(one.code) for one in chosen}
        assert [len(before[one.code]) > len(one.acts) for one in chosen] == [True] * 4
        await play_all(door_of(apart), apart.records, chosen)
        for one in chosen:
            acts = [event.decision_id for event in before[one.code] if event.decision_id]
            assert acts == [one.decision_id(n) for n in range(1, len(one.acts) + 1)]
            after = apart.records.timeline(one.code)
            assert [event.decision_id for event in after if event.decision_id] == acts
        assert apart.records.refusals() == []


@asynchronous
async def test_one_that_was_broken_off_goes_on(apart: Ward, chosen: list[Example]) -> None:
    whole = chosen[1]
    begun = whole.but(acts=whole.acts[:4])
    async with apart.working():
        assert await play(door_of(apart), apart.records, begun) == 5
        assert await play(door_of(apart), apart.records, whole) == len(whole.acts) - 4
        summary = apart.records.center(whole.code)
        assert summary is not None
        assert (summary.stage, summary.waiting_for) == ("operation", ["customs", "tax"])


@asynchronous
async def test_one_that_was_started_and_not_recorded_is_waited_for(
    apart: Ward, chosen: list[Example]
) -> None:
    await door_of(apart).start(chosen[3].registration)
    assert apart.records.center(chosen[3].code) is None
    async with apart.working():
        assert await play(door_of(apart), apart.records, chosen[3]) == len(chosen[3].acts)


@asynchronous
async def test_one_on_which_somebody_acted_is_left_alone(
    apart: Ward, chosen: list[Example]
) -> None:
    example = chosen[3]
    async with apart.working():
        await play(door_of(apart), apart.records, example.but(acts=()))
        withdrawn = example.message(1) | {
            "decision_id": "mine",
            "actor": {
                "user": "u",
                "role": "competent",
                "unit": example.registration["competent_unit"],
            },
            "data": {"reason": "另行申报"},
        }
        assert not isinstance(
            await door_of(apart).act(example.code, "formation.withdraw", withdrawn), Refused
        )
        assert await play(door_of(apart), apart.records, example) == 0
        assert apart.records.refusals() == []


@asynchronous
async def test_an_act_that_is_refused_is_named_with_its_file(
    apart: Ward, chosen: list[Example]
) -> None:
    early = chosen[3].but(acts=chosen[1].acts[1:2])
    async with apart.working():
        with pytest.raises(StackError, match=r"20-.*yaml: acts\.1 formation\.decide is refused: "):
            await play_all(door_of(apart), apart.records, [early])
