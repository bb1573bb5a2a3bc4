"""``python -m drill``: lives go from the previous release to today's and back; exit 1 if not."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from drill import DrillError
from drill.course import PATIENCE, Held, hold
from drill.environment import Release, prepared, todays
from drill.plan import draw, playable
from drill.releases import named_release, previous_release, today
from drill.table import rows, show
from neiic.settings import load_settings
from neiic.starter import StackError
from neiic.starter.logs import set_up_logs

PROJECT = Path(__file__).parents[1]
CACHE = PROJECT / ".drill"


def main() -> int:
    """Hold the drill as asked for; the exit code."""
    chosen = _arguments()
    set_up_logs(load_settings(log_level="warning"), core_level="ERROR")
    try:
        previous, now = _releases(chosen)
        began = time.monotonic()
        folder = Path(tempfile.mkdtemp(prefix="neiic-drill-"))
        held = _held(previous, now, chosen, folder)
    except (DrillError, StackError) as error:
        print(error, file=sys.stderr)
        return 1
    verdict = rows(held)
    title = (
        f"upgrade drill {previous.version} → {now.version} → {previous.version},"
        f" seed {chosen.seed}, {time.monotonic() - began:.0f} s"
    )
    show(held, verdict, title)
    good = all(row.ok is not False for row in verdict)
    if good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"the workers' logs and the records are kept in {folder}", file=sys.stderr)
    return 0 if good else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which lives rest where (default 1)")
    parser.add_argument("--each", type=int, default=2, metavar="N",
                        help="lives for every stage (default 2)")  # fmt: skip
    parser.add_argument("--previous", metavar="COMMIT",
                        help="the previous release, instead of asking the git history")  # fmt: skip
    parser.add_argument("--today", type=Path, metavar="FOLDER",
                        help="a working tree to be drilled instead of this one")  # fmt: skip
    return parser.parse_args()


def _releases(chosen: argparse.Namespace) -> tuple[Release, Release]:
    tree = chosen.today.resolve() if chosen.today else None
    now = todays(today(tree or PROJECT), tree)
    commit = (
        named_release(PROJECT, chosen.previous) if chosen.previous else previous_release(PROJECT)
    )
    print(f"previous release {commit.version} is {commit.sha[:12]}; its code and environment are"
          f" in {CACHE} (the first time takes a minute) …", file=sys.stderr)  # fmt: skip
    return prepared(PROJECT, commit, CACHE), now


def _held(previous: Release, now: Release, chosen: argparse.Namespace, folder: Path) -> Held:
    chance = Random(chosen.seed)
    plans = draw(playable(PROJECT / "tests" / "scenarios"), chance, chosen.each)
    print(f"{len(plans)} lives; logs in {folder} …", file=sys.stderr)
    return asyncio.run(hold(previous, now, plans, chance, folder, PATIENCE))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the Temporal SDK may abort while the interpreter shuts down
