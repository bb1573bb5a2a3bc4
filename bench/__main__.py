"""``python -m bench``: measure, print the table, exit 1 where a row falls short."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from bench import checks, commits, core, decisions, life, memory, pages, recovery, updates
from bench.table import Must, Row, show, show_json
from neiic.settings import load_settings
from neiic.starter.logs import set_up_logs


class Measurement(NamedTuple):
    """What is measured together."""

    musts: tuple[Must, ...]
    measure: Callable[[], Iterator[Row]]


def measurements(*, warm: bool = False) -> list[Measurement]:
    """All of them, in the table's order."""
    return [
        Measurement((core.LIVES,), core.measure),
        Measurement((life.SIMULATE, life.EVENTS, life.REPLAY, life.CARRIED), life.measure),
        Measurement((life.EVENTS_QUIET,), life.measure_quiet),
        Measurement((commits.ROWS, commits.STATEMENTS), commits.measure),
        Measurement((updates.RATIO, updates.TAIL), updates.measure),
        Measurement((decisions.RATIO,), decisions.measure),
        Measurement(
            (pages.TAIL, pages.SCALE, pages.WEIGHT, pages.REQUESTS, pages.STATEMENTS),
            pages.measure,
        ),
        Measurement((recovery.RECOVERY,), recovery.measure),
        Measurement((memory.MEMORY,), memory.measure),
        Measurement((memory.SCALE,), memory.measure_scale),
        Measurement((checks.CHECK,), partial(checks.measure, warm=warm)),
    ]


def run(measurement: Measurement) -> Iterator[Row]:
    """Its rows; what it could not measure falls short."""
    missing = list(measurement.musts)
    try:
        for row in measurement.measure():
            missing.remove(row.must)
            yield row
    except Exception as error:
        traceback.print_exc()
        for must in missing:
            yield must.failed(f"not measured: {type(error).__name__}: {error}")


def main() -> int:
    """Measure what was asked for; the exit code."""
    names = [must.name for one in measurements() for must in one.musts]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names, default=names,
                        help=f"only these rows: {', '.join(names)}")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--warm", action="store_true", help="make check ran a moment ago")
    chosen = parser.parse_args()
    # The test server is old and the SDK says so at every start; only its errors matter here.
    set_up_logs(load_settings(log_level="error"), core_level="ERROR")
    load = os.getloadavg()[0]
    rows = []
    for measurement in measurements(warm=chosen.warm):
        wanted = [must for must in measurement.musts if must.name in chosen.only]
        if wanted:
            print(f"measuring {', '.join(must.name for must in wanted)} …", file=sys.stderr)
            rows += [row for row in run(measurement) if row.must in wanted]
    if chosen.json:
        show_json(rows)
    else:
        show(rows, load)
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the Temporal SDK may abort while the interpreter shuts down
