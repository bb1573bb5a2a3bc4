"""The drill in small: it passes where nothing changed, and sees a change that replay forbids.

Both releases are today's code here, so that no environment needs to be made; the mutated one is
a copy of the tree with one change in it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from drill.course import Held, hold
from drill.environment import todays
from drill.plan import draw, playable
from drill.swap import Traffic
from drill.table import complaints, rows
from neiic import __version__
from neiic.migrations import head, revision

PROJECT = Path(__file__).parents[2]
SCENARIOS = PROJECT / "tests" / "scenarios"

#: Enough for every kind of act on one life.
FEW = Traffic(before=15, together=30, after=20)

#: A migration of a later release, which adds as they all do.
WIDER = f"""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head()}"


def upgrade() -> None:
    op.add_column("events", sa.Column("of_a_later_release", sa.String()))
"""

#: Two drills at once would only wait for each other.
pytestmark = pytest.mark.xdist_group("drill")


async def drilled(tree: Path, folder: Path) -> Held:
    chance = Random(5)
    scenarios = folder / "scenarios"
    scenarios.mkdir()
    shutil.copy(SCENARIOS / "10-plan-adjusted.yaml", scenarios)
    plans = draw(playable(scenarios), chance, 1, ("preparation",))
    before, now = todays(__version__), todays(f"{__version__}+", tree)
    return await hold(before, now, plans, chance, folder, patience=25, traffic=FEW)


def copied(folder: Path) -> Path:
    """A copy of the sources."""
    shutil.copytree(PROJECT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def mutated(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the sources with one change."""
    path = copied(folder) / "src" / "neiic" / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has changed: choose another mutation"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def failed(held: Held) -> list[str]:
    return [row.what.strip() for row in rows(held) if row.ok is False]


async def test_the_same_code_with_a_wider_table_goes_there_and_back(tmp_path: Path) -> None:
    tree = copied(tmp_path / "tree")
    versions = tree / "src" / "neiic" / "migrations" / "versions"
    (versions / "9999_wider.py").write_text(WIDER, encoding="utf-8")
    held = await drilled(tree, tmp_path)
    assert failed(held) == [], list(complaints(held))
    assert held.down is not None
    assert held.up.told.acknowledged > 0
    assert held.down.told.acknowledged > 0
    assert revision(f"sqlite:///{tmp_path / 'neiic.db'}") == "9999"


async def test_a_timer_that_is_gone_is_seen(tmp_path: Path) -> None:
    tree = mutated(
        tmp_path / "tree", "workflows/timers.py", "    if rung is not None:", "    if rung == ():"
    )
    held = await drilled(tree, tmp_path)
    assert "tasks failed by nondeterminism" in failed(held)
    assert "lives stuck" in failed(held)
    assert any("Nondeterminism" in line for line in complaints(held))


async def test_a_guarded_change_keeps_its_lives_on_the_new_release(tmp_path: Path) -> None:
    guarded = '        workflow.patched("of-today")\n        now = workflow.now()\n'
    turn = "        async with self._turn:\n            await self._open()\n            if"
    tree = mutated(
        tmp_path / "tree",
        "workflows/life.py",
        f"        now = workflow.now()\n{turn}",
        f"{guarded}{turn}",
    )
    held = await drilled(tree, tmp_path)
    assert failed(held) == [], list(complaints(held))
    assert held.stay
    assert all(held.found[life.code].patched for life in held.stay)
    assert not any(held.found[life.code].patched for life in held.back)
