"""Rule sets made for tests.

``cn-2031.yaml`` is one that comes into force; it must never stay in the library of a process
whose other tests live beyond 2031. ``OTHER`` is a variant, which is never in force: recorded
histories and workflow tests move centers to it.
"""

from neiic.statute.rules import LIBRARY

OTHER = LIBRARY.derive(
    LIBRARY["cn-2026"],
    {
        "preparation_years": 4,
        "report_due_month": 3,
        "evaluation_every_years": 2,
        "remind_before": {"preparation_end": [200, 60], "annual_report": [20]},
    },
    "other",
)
