"""The Dockerfile: what it copies exists and reaches the build, and it names no index."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.strip()
    for line in DOCKERFILE.replace("\\\n", " ").splitlines()
    if line.strip() and not line.startswith("#")
]
COPIED = [
    source
    for line in INSTRUCTIONS
    if line.startswith("COPY ") and "--from=" not in line
    for source in [word for word in line.split()[1:] if not word.startswith("--")][:-1]
]


def allowed() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line[1:] for line in lines if line.startswith("!")]


@pytest.mark.parametrize("source", COPIED)
def test_what_it_copies_exists_and_reaches_the_build(source: str) -> None:
    assert (ROOT / source).exists()
    assert any(fnmatch(source, pattern) for pattern in allowed())


def test_nothing_else_reaches_the_build() -> None:
    assert "*" in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert sorted(allowed()) == sorted(COPIED)


def test_it_names_no_index() -> None:
    assert not re.search(r"https?://|index-url|extra-index|trusted-host", DOCKERFILE)


def test_everything_fetched_has_its_hash_checked() -> None:
    fetching = [
        line for line in INSTRUCTIONS if re.search(r"\bpip (install|download|wheel)\b", line)
    ]
    assert len(fetching) == 2
    download, build = fetching
    assert "pip download --require-hashes --only-binary=:all:" in download
    steps = re.findall(r"\bpip (?:install|wheel)\b[^&]*", build)
    assert len(steps) == 3
    assert all("--no-index" in step for step in steps)


def test_it_runs_neiic_as_nobody_in_particular() -> None:
    last_stage = INSTRUCTIONS[
        max(n for n, line in enumerate(INSTRUCTIONS) if line.startswith("FROM ")) :
    ]
    assert last_stage[0] == "FROM python:3.12-slim"
    assert "USER 10001" in last_stage
    assert 'ENTRYPOINT ["neiic"]' in last_stage
    assert any(line.startswith("HEALTHCHECK ") for line in last_stage)
