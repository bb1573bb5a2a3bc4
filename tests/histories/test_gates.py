"""Release gates on recorded lives: a set for each release, sealed, and going the way it went."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache

import pytest

from neiic import __version__
from tests.histories.declared import (
    CHANGES,
    Difference,
    declared_differences,
    declared_patches,
    patches_in_code,
)
from tests.histories.fingerprint import HISTORIES, Lines, fingerprint, kept_in, parsed, read
from tests.histories.sealing import recorded_releases, seal, seals

RELEASES = [path.name for path in recorded_releases()]
RECORDED = [(path.name, one.stem) for path in recorded_releases() for one in path.glob("*.json")]


@cache
def kept(release: str) -> dict[str, Lines]:
    return parsed(kept_in(release).read_text(encoding="utf-8"))


@cache
def differences_allowed() -> list[Difference]:
    return declared_differences(CHANGES.read_text(encoding="utf-8"))


def test_this_release_has_a_set() -> None:
    assert __version__ in RELEASES, (
        f"release {__version__} has no recorded histories: run `make record` once its workflow"
        " code is as it will be released, and commit tests/histories"
    )


@pytest.mark.parametrize("release", RELEASES)
def test_a_set_is_sealed_and_never_edited(release: str) -> None:
    assert release in seals(), f"{release} has no seal in tests/histories/SEALS: run `make record`"
    assert seal(release) == seals()[release], (
        f"tests/histories/{release} or its fingerprints were edited since they were recorded."
        f" Bring them back (git checkout -- tests/histories); a change of behaviour is declared"
        f" in docs/changes.md instead"
    )


@pytest.mark.parametrize(("release", "name"), sorted(RECORDED))
async def test_a_recorded_life_goes_the_way_it_went(release: str, name: str) -> None:
    history = read(HISTORIES / release / f"{name}.json")
    faults = list(undeclared(f"{release}/{name}", kept(release)[name], await fingerprint(history)))
    assert faults == [], _explained(release, name, faults)


def undeclared(history: str, before: Lines, now: Lines) -> Iterator[str]:
    """The lines that differ and that no row of docs/changes.md declares."""
    for line in difflib.ndiff(before, now):
        if line[0] not in "+-":
            continue
        rows = [one for one in differences_allowed() if one.covers(history, line[2:])]
        if not any(one.patch in patches_in_code() for one in rows):
            yield line


def _explained(release: str, name: str, faults: list[str]) -> str:
    shown = "\n  ".join(faults[:20])
    return (
        f"a life begun under {release} ({name}) would go another way today:\n  {shown}\n"
        'Make the change hang on `workflow.patched("…")` so that recorded lives go on as they'
        " did, or, where a difference is meant and guarded, declare it in docs/changes.md"
        " (table `histories | commands | patch | why`). docs/changing.md walks through it"
    )


def test_each_patch_is_declared() -> None:
    declared = declared_patches(CHANGES.read_text(encoding="utf-8"))
    assert patches_in_code() == declared, (
        "docs/changes.md must name each patch that workflow code asks for, and no other"
        " (table `patch | since | what it guards`)"
    )
