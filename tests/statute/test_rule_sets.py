"""Rule sets: every value has its article; one is in force; variants are never in force (L2)."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import pytest
import yaml

from neiic.statute.rules import LIBRARY, PARAMETERS, read

TEXT = files("neiic.statute").joinpath("rule_sets/cn-2026.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(name for name in LIBRARY if "~" not in name))
def test_every_value_stands_beside_its_article(name: str) -> None:
    rules = LIBRARY[name]
    for parameter in (*PARAMETERS, "valid_from", "valid_until"):
        assert re.search(r"第[一二三四五六七八九十百零]+条", rules.articles[parameter]), parameter


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_a_value_without_an_article_does_not_load(parameter: str) -> None:
    raw = yaml.safe_load(TEXT)
    raw["parameters"][parameter]["article"] = ""
    with pytest.raises(ValueError, match=parameter):
        read(yaml.safe_dump(raw, allow_unicode=True))


@pytest.mark.parametrize("entry", ["2031-02-01", {"value": "2031-02-01"}, None])
def test_a_bare_value_is_told_how_to_be_written(entry: object) -> None:
    raw = yaml.safe_load(TEXT)
    raw["valid_from"] = entry
    with pytest.raises(ValueError, match=r"^valid_from has no article; write valid_from: \{value:"):
        read(yaml.safe_dump(raw, allow_unicode=True))
    raw = yaml.safe_load(TEXT)
    raw["parameters"]["supplement_days"] = 30
    with pytest.raises(ValueError, match=r"^supplement_days has no article"):
        read(yaml.safe_dump(raw, allow_unicode=True))


def test_a_rule_set_without_parameters_says_so() -> None:
    raw = yaml.safe_load(TEXT) | {"parameters": None}
    with pytest.raises(ValueError, match="parameters must hold"):
        read(yaml.safe_dump(raw, allow_unicode=True))


def test_the_one_in_force_and_after_its_validity_the_latest() -> None:
    assert LIBRARY.in_force(date(2026, 11, 24)).name == "cn-2026"
    assert LIBRARY.in_force(date(2055, 1, 1)).name == "cn-2026"


def test_a_variant_is_never_in_force() -> None:
    variant = LIBRARY.derive(LIBRARY["cn-2026"], {"preparation_years": 5}, "longer")
    assert LIBRARY[variant.name].preparation_years == 5
    assert LIBRARY.in_force(date(2030, 1, 1)).name == "cn-2026"


@pytest.mark.parametrize(
    "changes", [{"no_such": 1}, {"preparation_years": "drei"}, {"preparation_lapse": "never"}]
)
def test_a_bad_variant_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(changes))):
        LIBRARY.derive(LIBRARY["cn-2026"], changes, "bad")


def test_rounds() -> None:
    rules = LIBRARY["cn-2026"]
    assert [year for year in range(2026, 2040) if rules.is_round_year(year)] == [
        2029,
        2032,
        2035,
        2038,
    ]
    assert [rules.round_year_from(year) for year in (2020, 2029, 2030, 2033)] == [
        2029,
        2029,
        2032,
        2035,
    ]
