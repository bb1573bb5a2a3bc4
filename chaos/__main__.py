"""``python -m chaos``: the fault drill. Exit code 1 where a row of the table does not hold."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
from pathlib import Path

from chaos.databases import KINDS
from chaos.drill import FULL, SHORT, drill
from chaos.table import show
from neiic.settings import load_settings
from neiic.starter.logs import set_up_logs

#: Seconds for everything together.
LIMIT = 300.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument(
        "--seed", type=int, help="the same faults and wishes again; random if left out"
    )
    parser.add_argument("--database", nargs="+", choices=KINDS, default=list(KINDS),
                        help="on which databases, one after the other")  # fmt: skip
    parser.add_argument("--short", action="store_true", help="the form that the tests run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER",
                        help="keep databases, logs and losses there")  # fmt: skip
    return parser.parse_args()


def main() -> int:
    """Drill; the exit code."""
    asked = _arguments()
    set_up_logs(load_settings(log_level="error"), core_level="ERROR")
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"seed {seed}; the same again: python -m chaos --seed {seed}", flush=True)
    try:
        good = asyncio.run(_drill(asked, seed))
    except TimeoutError:
        print(f"not at rest within {LIMIT:.0f} s: some program hangs, or this machine is too slow")
        return 1
    return 0 if good else 1


async def _drill(asked: argparse.Namespace, seed: int) -> bool:
    """Whether all rows hold. Raises TimeoutError after :data:`LIMIT` seconds."""
    good = True
    async with asyncio.timeout(LIMIT):
        for kind in asked.database:
            outcome = await drill(kind, seed, SHORT if asked.short else FULL, asked.keep)
            print("\n".join(outcome.faults))
            show(f"{kind}, seed {seed}, {outcome.seconds:.0f} s", outcome.rows)
            sys.stdout.flush()
            good = good and outcome.ok
    return good


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the Temporal SDK may abort while the interpreter shuts down
