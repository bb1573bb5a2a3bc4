"""How long ``make check`` takes when nothing has changed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Must, Row

CHECK = Must("check", "make check, warm", "≤", 60, "s")

ROOT = Path(__file__).parent.parent
_LAST_LINES = 30


def measure(*, warm: bool) -> Iterator[Row]:
    """Time it; once before, for the caches, unless they are ``warm``. It has to pass, too."""
    if not warm:
        _check()
    begun = time.perf_counter()
    done = _check()
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        print("\n".join(done.stdout.splitlines()[-_LAST_LINES:]), file=sys.stderr)
        yield CHECK.failed(f"make check FAILED after {seconds:.0f} s; its last lines are above")
        return
    how = "as it is" if warm else "the second of two runs"
    yield CHECK.measured(seconds, f"{how}; it passed: {done.stdout.strip().splitlines()[-1]}")


def _check() -> subprocess.CompletedProcess[str]:
    # As from a shell, whoever called us: a make above us must not lend it its jobs or flags.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    return subprocess.run(
        ["make", "check"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
