"""Scenario files: a center's life in steps with what is expected of it, and how they are read.

A scenario is read strictly; whatever does not parse is named with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from neiic.statute.acts import RefusalCode, Refused
from neiic.statute.forms import Day, Frozen, faults_of
from neiic.statute.periods import beijing, day_of
from neiic.statute.registration import Registration, read_registration
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.snapshot import ReportStatus
from neiic.statute.terms import FollowUp, Grade, Role, Stage


class ScenarioError(Exception):
    """A scenario that does not parse: the file, the line, and what is wrong there."""

    def __init__(self, path: Path, line: int, what: str) -> None:
        super().__init__(f"{path}:{line}: {what}")


def _moment(value: object) -> object:
    if isinstance(value, str):
        return beijing(datetime.fromisoformat(value))
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]


class Expectation(Frozen):
    """What a step expects; only the keys that it names are compared."""

    stage: Stage | None = None
    name: str | None = None
    closed: bool | None = None
    waiting_for: tuple[Role, ...] | None = None
    extension: Literal["none", "pending", "granted", "refused", "moot"] | None = None
    confirmation: Literal["none", "applied", "evaluated"] | None = None
    latest_grade: Grade | None = None
    strikes: int | None = None
    reports: dict[int, ReportStatus | None] | None = None
    followups: tuple[FollowUp, ...] | None = None
    deadlines: dict[str, Day | None] | None = None
    overdue: tuple[str, ...] | None = None
    notices: tuple[str, ...] | None = None


class Step(Frozen):
    """One moment of a life: an act, an expectation, or both."""

    at: Moment
    by: str | None = None
    do: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, alias="with")
    unit: str | None = None
    decision_id: str | None = None
    remarks: str | None = None
    via: Literal["update", "signal"] = "update"
    expect: Expectation | None = None
    refuse: RefusalCode | None = None

    @model_validator(mode="after")
    def _an_act_is_whole(self) -> Step:
        if (self.by is None) != (self.do is None):
            raise ValueError("by and do belong together")
        if self.do is None and self.refuse is not None:
            raise ValueError("refuse needs an act (by and do)")
        return self


class Scenario(Frozen):
    """A whole scenario with its registration and rule set, ready to be played."""

    title: str
    path: Path
    registration: Registration
    rules: RuleSet
    start: datetime
    steps: tuple[Step, ...]


class _File(Frozen):
    title: str
    rules: dict[str, Any] = Field(default_factory=dict)
    center: dict[str, Any] = Field(default_factory=dict)
    start: Moment
    steps: tuple[Step, ...]


class _Loader(yaml.SafeLoader):
    """Safe, and leaves dates as the text that messages carry."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_yaml(text: str) -> Any:
    """YAML as plain JSON values; dates stay text. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises ScenarioError naming the line of the first fault."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(path, 1, f"cannot be read: {error}") from None
    try:
        raw, tree = load_yaml(text), yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error)
        raise ScenarioError(path, mark.line + 1 if mark else 1, what) from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(path, 1, str(error) or "is nested too deeply") from None
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        location = error.errors()[0]["loc"]
        fault = faults_of(error, "")[0]
        detail = fault.en.removeprefix("does not fit: ")
        raise ScenarioError(path, _line(tree, location), f"{fault.field} {detail}") from None
    _check_order(path, tree, file)
    return Scenario(
        title=file.title,
        path=path,
        registration=_registration(path, tree, file),
        rules=_rules(path, tree, file),
        start=file.start,
        steps=file.steps,
    )


def _check_order(path: Path, tree: yaml.Node | None, file: _File) -> None:
    if file.start <= datetime.now(UTC):
        line = _line(tree, ("start",))
        raise ScenarioError(path, line, "start is past: a simulation's dates lie in the future")
    before = file.start
    for number, step in enumerate(file.steps):
        if step.at < before:
            line = _line(tree, ("steps", number, "at"))
            raise ScenarioError(path, line, f"steps.{number}.at is before the step it follows")
        before = step.at


def _rules(path: Path, tree: yaml.Node | None, file: _File) -> RuleSet:
    base = LIBRARY.in_force(day_of(file.start))
    named = file.center.get("rule_set")
    if isinstance(named, str) and named in LIBRARY:
        base = LIBRARY[named]
    if not file.rules:
        return base
    try:
        return LIBRARY.derive(base, file.rules, f"{path.stem}")
    except ValidationError as error:
        fault = faults_of(error, "rules")[0]
        raise ScenarioError(path, _line(tree, ("rules",)), f"{fault.field} {fault.en}") from None
    except ValueError as error:
        raise ScenarioError(path, _line(tree, ("rules",)), str(error)) from None


def _registration(path: Path, tree: yaml.Node | None, file: _File) -> Registration:
    """The scenario's center; what it leaves out takes a valid default."""
    day = day_of(file.start).isoformat()
    default: dict[str, Any] = {
        "code": f"NEIIC-{file.start.year}-001",
        "field": "智能铸造",
        "field_en": "Smart Casting",
        "competent_unit": "宁夏回族自治区发展和改革委员会",
        "lead_unit": "甲公司",
        "implementing_unit": {"name": "乙公司"},
        "recommendation": {"letter_no": f"发改〔{file.start.year}〕1号", "letter_date": day},
        "requirements": dict.fromkeys(
            ("domain", "goals", "foundation", "scale", "organisation", "mechanism"), True
        ),
        "team_has_other_platform": False,
    }
    merged = dict(default)
    for key, value in file.center.items():
        both = isinstance(value, Mapping) and isinstance(default.get(key), Mapping)
        merged[key] = {**default[key], **value} if both else value
    read = read_registration(merged)
    if isinstance(read, Refused):
        raise ScenarioError(path, _line(tree, ("center",)), f"center: {read.message_en}")
    return read


def _line(tree: yaml.Node | None, location: Sequence[str | int]) -> int:
    """The line on which the deepest part of this location stands."""
    node = tree
    for part in location:
        following = next(_children(node, part), None)
        if following is None:
            break
        node = following
    return node.start_mark.line + 1 if node is not None else 1


def _children(node: yaml.Node | None, part: str | int) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(part):
                yield value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        yield node.value[part]


class Difference(Frozen):
    """An expectation that did not hold."""

    key: str
    expected: Any
    actual: Any


_LIVE = ("open", "held", "overdue")


def differences(
    expected: Expectation, snapshot: Mapping[str, Any], notices: Sequence[str]
) -> list[Difference]:
    """What an expectation says and a snapshot (JSON values) does not; lists without order."""
    wanted = expected.model_dump(mode="json")
    return [
        difference
        for key in expected.model_fields_set
        for difference in _compare(key, wanted[key], snapshot, notices)
    ]


def _compare(
    key: str, wanted: Any, snapshot: Mapping[str, Any], notices: Sequence[str]
) -> Iterator[Difference]:
    if key == "notices":
        missing = [kind for kind in wanted or () if kind not in notices]
        if missing:
            yield Difference(key=key, expected=wanted, actual=sorted(set(notices)))
    elif key == "deadlines":
        listed = {one["id"]: one for one in snapshot["deadlines"]}
        for name, day in (wanted or {}).items():
            yield from _compare_deadline(name, day, listed.get(name))
    elif key == "reports":
        for year, status in (wanted or {}).items():
            actual = snapshot["reports"].get(str(year))
            holds = actual not in _LIVE if status is None else actual == status
            if not holds:
                yield Difference(key=f"reports.{year}", expected=status, actual=actual)
    else:
        actual = snapshot[key]
        if key == "followups":
            actual = [one["kind"] for one in actual if not one["done"]]
        same = sorted(actual) == sorted(wanted) if isinstance(wanted, list) else actual == wanted
        if not same:
            yield Difference(key=key, expected=wanted, actual=actual)


def _compare_deadline(
    name: str, day: str | None, listed: Mapping[str, Any] | None
) -> Iterator[Difference]:
    live = listed is not None and listed["status"] in _LIVE
    if day is None:
        holds = not live
    else:
        holds = listed is not None and (live or listed["status"] == "upcoming")
        holds = holds and listed is not None and listed["due"] == day
    if not holds:
        actual = f"{listed['due']} ({listed['status']})" if listed else None
        yield Difference(key=f"deadlines.{name}", expected=day, actual=actual)
