"""The fault drill in its short form: every kind of fault once, on both databases."""

from __future__ import annotations

import asyncio
import random

import pytest

from chaos.databases import KINDS
from chaos.drill import SHORT, drill
from chaos.table import show

#: It starts servers and kills them: it has a worker of the tests for itself.
pytestmark = pytest.mark.xdist_group("chaos")


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_lost_and_nothing_happens_twice(kind: str) -> None:
    seed = random.SystemRandom().randrange(10**6)
    outcome = asyncio.run(drill(kind, seed, SHORT))
    print("\n".join(outcome.faults))
    show(f"{kind}, seed {seed}, {outcome.seconds:.0f} s", outcome.rows)
    wrong = [row.name for row in outcome.rows if not row.ok]
    assert not wrong, f"again with: python -m chaos --short --database {kind} --seed {seed}"
