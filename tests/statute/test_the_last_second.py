"""The second before and the second at each kind of deadline (T1)."""

from __future__ import annotations

from neiic.statute.terms import Stage
from tests.statute.begun import (
    CONFIRMING,
    DOCUMENT,
    applied,
    approved,
    at,
    confirmed,
    extend,
)

LAST, LATE = "T23:59:59", "T00:00:00"


def test_preparation_end() -> None:
    in_time, late = approved(), approved()
    assert extend(in_time, f"2034-06-16{LAST}") is None
    refused = extend(late, f"2034-06-17{LATE}")
    assert refused is not None
    assert refused.code == "wrong_stage"
    late.wait(at(f"2034-06-17{LATE}"))
    assert late.center.stage is Stage.CANCELLED
    assert late.center.since.isoformat() == "2034-06-17"


def test_preparation_end_where_ndrc_confirms_the_lapse() -> None:
    life = approved(CONFIRMING)
    lapse = ("ndrc", "preparation.lapse")
    early = life.do(f"2034-06-16{LAST}", *lapse, document_no="1", reason="期满")
    assert early is not None
    assert early.code == "too_early"
    assert extend(life, f"2034-06-17{LATE}").code == "too_late"  # type: ignore[union-attr]
    assert life.do(f"2034-06-17{LATE}", *lapse, document_no="1", reason="期满") is None
    assert life.center.stage is Stage.CANCELLED


def test_supplement() -> None:
    def returned() -> object:
        life = approved()
        applied(life, f"2034-06-16{LAST}")
        life.must("2034-06-20", "competent", "confirmation.evaluate", outcome="pass", comments="好")
        life.must(
            "2034-07-20", "ndrc", "confirmation.review",
            decision="return", document_date="2034-07-20", reason="补", **DOCUMENT,
        )  # fmt: skip
        return life

    in_time, late = returned(), returned()
    applied(in_time, f"2034-08-21{LAST}")  # type: ignore[arg-type]
    late.wait(at(f"2034-08-21{LAST}"))  # type: ignore[attr-defined]
    assert late.center.stage is Stage.PREPARATION  # type: ignore[attr-defined]
    late.wait(at(f"2034-08-22{LATE}"))  # type: ignore[attr-defined]
    assert late.center.stage is Stage.CANCELLED  # type: ignore[attr-defined]


def test_annual_report_opens_and_is_due() -> None:
    life = approved()
    report = {"year": 2031, "summary": "情况", "indicators": {}}
    early = life.do(f"2031-12-31{LAST}", "competent", "report.submit", **report)
    assert early is not None
    assert early.code == "too_early"
    life.wait(at(f"2032-01-01{LATE}"))
    assert life.snapshot()["reports"] == {"2031": "open"}
    life.wait(at(f"2032-02-29{LAST}"))
    assert life.status("annual_report:2031") == "open"
    life.wait(at(f"2032-03-01{LATE}"))
    assert life.status("annual_report:2031") == "overdue"


def test_evaluation_opens_materials_and_close() -> None:
    life = confirmed()
    materials = {"year": 2035, "materials": "材料", "indicators": {}}
    early = life.do(f"2035-02-28{LAST}", "implementing", "evaluation.submit", **materials)
    assert early is not None
    assert early.code == "too_early"
    life.wait(at(f"2035-06-30{LAST}"))
    assert life.status("evaluation_materials:2035") == "open"
    life.wait(at(f"2035-07-01{LATE}"))
    assert life.status("evaluation_materials:2035") == "overdue"
    life.must(f"2035-12-31{LAST}", "implementing", "evaluation.submit", **materials)
    life.wait(at(f"2036-01-01{LATE}"))
    assert life.center.stage is Stage.OPERATION
    assert life.status("evaluation_close:2035") == "overdue"


def test_a_round_closes_without_a_submission() -> None:
    life = confirmed()
    life.wait(at(f"2035-12-31{LAST}"))
    assert life.center.stage is Stage.OPERATION
    life.wait(at(f"2036-01-01{LATE}"))
    assert life.center.stage is Stage.ABANDONED
    assert 2035 not in life.center.reports, "ends come before openings (T3a)"


def test_rectification() -> None:
    life = approved()
    life.must(
        "2032-03-01", "ndrc", "discipline.open",
        facts="不实", severity="ordinary", rectify_by="2032-06-30", document_no="1",
    )  # fmt: skip
    life.wait(at(f"2032-06-30{LAST}"))
    assert life.status("rectification:1") == "open"
    life.wait(at(f"2032-07-01{LATE}"))
    assert life.status("rectification:1") == "overdue"
