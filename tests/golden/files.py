"""Where the golden files lie, and how they are written: ``python -m tests.golden`` (``make golden``)."""

from __future__ import annotations

from pathlib import Path

from tests.golden.rendering import render

FOLDER = Path(__file__).parent
SCENARIOS = sorted((FOLDER.parent / "scenarios").glob("*.yaml"))


def golden_of(scenario: Path) -> Path:
    return FOLDER / f"{scenario.stem}.txt"


def strays() -> list[Path]:
    """Golden files of no scenario."""
    known = {golden_of(scenario) for scenario in SCENARIOS}
    return sorted(path for path in FOLDER.glob("*.txt") if path not in known)


def write_all() -> list[str]:
    """Write every file anew and take out those of no scenario; answers what changed."""
    changed = []
    for scenario in SCENARIOS:
        path, text = golden_of(scenario), render(scenario)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(f"wrote {path.name}")
    for path in strays():
        path.unlink()
        changed.append(f"took out {path.name}")
    return changed
