"""Rule sets: the parameters of the Measures as dated data, each with its article (L2).

A rule set is a YAML file in ``rule_sets/``. A center is given one when it is registered
and keeps it; its name travels in the center's state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StrictInt, StringConstraints, field_validator, model_validator

from neiic.statute.forms import Frozen
from neiic.statute.terms import DeadlineKind

_Count = Annotated[StrictInt, Field(ge=0, le=20_000)]
_MonthDay = Annotated[str, StringConstraints(pattern=r"^\d{2}-\d{2}$")]
_OnLapse = Literal["automatic", "confirm"]


class RuleSet(Frozen):
    """One dated reading of the Measures. ``articles`` maps each parameter to its source."""

    name: str
    title_zh: str
    title_en: str
    valid_from: date
    valid_until: date
    articles: dict[str, str]

    preparation_years: Annotated[StrictInt, Field(ge=1, le=30)]
    extension_years: Annotated[StrictInt, Field(ge=0, le=30)]
    preparation_lapse: _OnLapse
    supplement_days: Annotated[StrictInt, Field(ge=1, le=3650)]
    roll_over: frozenset[DeadlineKind]
    report_due_month: Annotated[StrictInt, Field(ge=1, le=12)]
    evaluation_first_year: Annotated[StrictInt, Field(ge=2000, le=2900)]
    evaluation_every_years: Annotated[StrictInt, Field(ge=1, le=30)]
    evaluation_opens: _MonthDay
    evaluation_materials_due: _MonthDay
    evaluation_closes: _MonthDay
    non_participation: _OnLapse
    remind_before: dict[DeadlineKind, tuple[_Count, ...]]
    remind_after: tuple[_Count, ...]
    remind_after_every: _Count
    remind_after_at_most: _Count
    escalate_after: _Count

    @field_validator("evaluation_opens", "evaluation_materials_due", "evaluation_closes")
    @classmethod
    def _a_day_of_every_year(cls, value: str) -> str:
        date.fromisoformat(f"2001-{value}")
        return value

    @model_validator(mode="after")
    def _every_value_has_its_article(self) -> RuleSet:
        named = set(PARAMETERS) | {"valid_from", "valid_until"}
        missing = sorted(name for name in named if not self.articles.get(name))
        if missing:
            raise ValueError(f"no article for {', '.join(missing)}")
        return self

    def is_round_year(self, year: int) -> bool:
        """Whether a national evaluation round bears this year (Article 23)."""
        since = year - self.evaluation_first_year
        return since >= 0 and since % self.evaluation_every_years == 0

    def round_year_from(self, year: int) -> int:
        """The first round year that is not before ``year``."""
        since = max(0, year - self.evaluation_first_year)
        periods = -(-since // self.evaluation_every_years)
        return self.evaluation_first_year + periods * self.evaluation_every_years

    def in_force_on(self, day: date) -> bool:
        """Whether the rule set is in force on this day."""
        return self.valid_from <= day <= self.valid_until

    @cached_property
    def ladder_after(self) -> tuple[int, ...]:
        """Days after a due date on which someone is reminded."""
        days = list(self.remind_after[: self.remind_after_at_most])
        while self.remind_after_every and len(days) < self.remind_after_at_most:
            days.append((days[-1] if days else 0) + self.remind_after_every)
        return tuple(days)


PARAMETERS = tuple(
    name
    for name in RuleSet.model_fields
    if name not in ("name", "title_zh", "title_en", "valid_from", "valid_until", "articles")
)


def read(text: str) -> RuleSet:
    """A rule set from its YAML. Raises ValueError where a value or its article is missing."""
    try:
        raw = yaml.safe_load(text)
        if not isinstance(raw["parameters"], dict):
            raise ValueError("parameters must hold one `name: {value: …, article: …}` a line")
        dated = {key: raw[key] for key in ("valid_from", "valid_until")} | raw["parameters"]
        for key, entry in dated.items():
            _check_has_article(key, entry)
        return RuleSet(
            name=raw["name"],
            title_zh=raw["title_zh"],
            title_en=raw["title_en"],
            articles={key: entry["article"] for key, entry in dated.items()},
            **{key: entry["value"] for key, entry in dated.items()},
        )
    except KeyError as missing:
        raise ValueError(f"{missing.args[0]} is missing") from None
    except (TypeError, yaml.YAMLError) as error:
        raise ValueError(f"is no rule set: {error}") from None


def _check_has_article(key: str, entry: object) -> None:
    if not isinstance(entry, dict) or "article" not in entry:
        raise ValueError(f"{key} has no article; write {key}: {{value: …, article: 第…条}}")
    if "value" not in entry:
        raise ValueError(f"{key} has no value; write {key}: {{value: …, article: 第…条}}")


class UnknownRuleSetError(KeyError):
    """A center is under a rule set that this process does not know."""

    def __str__(self) -> str:
        return (
            f"rule set {self.args[0]} is unknown here: run a release that has it, or put its file"
            " into the folder that NEIIC_RULE_SETS_FOLDER names"
        )


class Library(Mapping[str, RuleSet]):
    """The rule sets that this process knows, by name."""

    def __init__(self, rule_sets: Iterator[RuleSet]) -> None:
        self._by_name = {rules.name: rules for rules in rule_sets}

    def __getitem__(self, name: str) -> RuleSet:
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownRuleSetError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def in_force(self, day: date) -> RuleSet:
        """The rule set in force on a day; where none is, the latest one (L2)."""
        released = [rules for rules in self._by_name.values() if "~" not in rules.name]
        valid = [rules for rules in released if rules.in_force_on(day)]
        return max(valid or released, key=lambda rules: rules.valid_from)

    def add(self, text: str) -> RuleSet:
        """Take up a rule set from its YAML, as a release or an operator's folder brings it.

        Raises ValueError where it does not fit, or where its name stands for another one:
        what a center was given never changes.
        """
        rules = read(text)
        if "~" in rules.name:
            raise ValueError("name: ~ marks variants made up for simulation")
        known = self._by_name.setdefault(rules.name, rules)
        if known != rules:
            raise ValueError(f"name: {rules.name} is another rule set already; give it a new name")
        return known

    def derive(self, base: RuleSet, changes: Mapping[str, Any], suffix: str) -> RuleSet:
        """Add a variant of a rule set under ``base~suffix``, for simulation and what-if.

        It is never the one in force. Raises ValueError for an unknown parameter or bad value.
        """
        unknown = sorted(set(changes) - set(PARAMETERS))
        if unknown:
            raise ValueError(
                f"unknown rule-set parameter {', '.join(unknown)}; known are {', '.join(PARAMETERS)}"
            )
        name = f"{base.name}~{suffix}"
        variant = RuleSet.model_validate(base.model_dump() | dict(changes) | {"name": name})
        self._by_name[name] = variant
        return variant


def _released() -> Iterator[RuleSet]:
    for entry in sorted(files("neiic.statute").joinpath("rule_sets").iterdir(), key=str):
        if entry.name.endswith(".yaml"):
            yield read(entry.read_text(encoding="utf-8"))


LIBRARY = Library(_released())
