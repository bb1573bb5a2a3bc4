"""The law's outcomes are as they were kept: a change of them is meant, read and declared."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from neiic.statute import reporting
from tests.golden.files import FOLDER, SCENARIOS, golden_of, strays
from tests.golden.rendering import render

#: A longer file nobody reads: better two scenarios.
LARGEST_FILE = 80_000
#: Lines of a difference that a failure shows.
SHOWN_LINES = 80

WHAT_TO_DO = """\
The outcome of {name} is no longer what tests/golden/{name}.txt says.
Read the difference. If the law was not meant to change, mend the code.
If it was: run `make golden`, read and commit the diff of tests/golden, and declare in
docs/changes.md which centers are treated otherwise from now on, and by which article.
"""


def fault(scenario: Path, now: str) -> str | None:
    """What to do about an outcome that is not the one kept; None when it is."""
    path = golden_of(scenario)
    if not path.exists():
        return f"{path.name} is missing: run `make golden`, read the new file and commit it"
    kept = path.read_text(encoding="utf-8")
    if kept == now:
        return None
    diff = list(
        unified_diff(kept.splitlines(), now.splitlines(), path.name, "this code", lineterm="")
    )
    more = len(diff) - SHOWN_LINES
    shown = diff[:SHOWN_LINES] + ([f"… and {more} more lines"] if more > 0 else [])
    return WHAT_TO_DO.format(name=scenario.stem) + "\n".join(shown)


def close(found: str | None) -> None:
    """The gate: fails with what to do."""
    if found is not None:
        pytest.fail(found, pytrace=False)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.stem)
def test_the_outcome_is_the_one_kept(scenario: Path) -> None:
    close(fault(scenario, render(scenario)))


def test_every_golden_file_has_its_scenario() -> None:
    names = ", ".join(path.name for path in strays())
    close(f"no scenario for {names}: put it back, or run `make golden`" if names else None)


def test_the_files_stay_readable() -> None:
    long = [path.name for path in FOLDER.glob("*.txt") if path.stat().st_size > LARGEST_FILE]
    close(f"too long to be read: {', '.join(long)}; split the scenario" if long else None)


ANNUAL = next(path for path in SCENARIOS if path.stem == "06-annual-reports")


def test_the_gate_closes_on_another_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "ARTICLE", "第九十九条")
    found = fault(ANNUAL, render(ANNUAL))
    assert found is not None
    assert "第九十九条" in found
    assert "make golden" in found
    assert "docs/changes.md" in found


def test_the_gate_closes_on_a_scenario_without_a_file() -> None:
    found = fault(ANNUAL.with_name("99-new.yaml"), "anything")
    assert found is not None
    assert "make golden" in found
