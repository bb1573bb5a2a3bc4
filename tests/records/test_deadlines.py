"""The deadlines that follow from a center: what is written, and how each one ends."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import event

from neiic.activities.records import Records
from neiic.statute.periods import end_of
from neiic.statute.terms import Role
from tests.records.lives import CODE, Life, approved, confirm, eventful


def write(records: Records, life: Life) -> None:
    for commit in life.commits:
        records.commit(commit)


def statuses(records: Records) -> dict[str, str]:
    return {row.deadline: row.status for row in records.deadlines(CODE)}


def test_every_deadline_of_a_life_is_kept_with_its_end(records: Records) -> None:
    write(records, eventful())
    assert statuses(records) == {
        "preparation_end": "met",
        "annual_report:2031": "met",
        "annual_report:2032": "met",
        "annual_report:2033": "waived",
        "annual_report:2034": "waived",
        "annual_report:2035": "waived",
        "annual_report:2036": "waived",
        "annual_report:2037": "waived",
        "rectification:1": "met",
        "evaluation_materials:2035": "met",
        "evaluation_close:2035": "met",
        "evaluation_materials:2038": "waived",
        "evaluation_close:2038": "lapsed",
    }
    for row in records.deadlines(CODE):
        assert row.explanation_zh.endswith(("已办结。", "已免除。", "已届满失效。"))


def test_a_live_deadline_says_all_that_explains_it(records: Records) -> None:
    write(records, approved())
    soonest, end = records.deadlines(CODE)
    assert (soonest.status, soonest.opens) == ("upcoming", datetime(2031, 12, 31, 16, tzinfo=UTC))
    assert (end.kind, end.title, end.article) == ("preparation_end", "筹建期届满", "第十七条")
    assert (end.nominal, end.due, end.rolled) == (date(2034, 6, 16), date(2034, 6, 16), False)
    assert (end.provisional, end.responsible, end.opens) == (True, "implementing", None)
    assert end.instant == end_of(date(2034, 6, 16))
    assert "满3年" in end.explanation_zh
    assert "3 years from the approval" in end.explanation_en


def test_the_next_deadline_is_the_soonest_open_end_else_the_soonest_opening(
    records: Records,
) -> None:
    life = Life()
    write(records, life)
    assert next_deadline(records) == (None, None, False)
    life = approved()
    write(records, life)
    # The report of 2031 opens sooner, but nothing of it is open yet.
    assert next_deadline(records) == ("preparation_end", end_of(date(2034, 6, 16)), False)
    life.wait("2032-01-05T09:00")
    write(records, life)
    assert next_deadline(records) == ("annual_report", end_of(date(2032, 2, 29)), False)
    life.wait("2032-03-02T09:00")
    write(records, life)
    assert next_deadline(records) == ("preparation_end", end_of(date(2034, 6, 16)), True)
    for year in (2031, 2032):
        life.wait(f"{year + 1}-03-05T09:00")
        life.act(
            f"{year + 1}-03-05T09:00",
            Role.COMPETENT,
            "report.submit",
            year=year,
            summary="补报",
            indicators={},
        )
    confirm(life)
    write(records, life)
    assert next_deadline(records) == (
        "annual_report",
        datetime(2033, 12, 31, 16, tzinfo=UTC),
        False,
    )


def next_deadline(records: Records) -> tuple[str | None, datetime | None, bool]:
    center = records.center(CODE)
    assert center is not None
    return center.next_deadline_kind, center.next_deadline, center.overdue


def returned_after_the_end() -> Life:
    life = approved()
    life.wait("2034-06-10T09:00")
    life.act(
        "2034-06-10T09:00",
        Role.IMPLEMENTING,
        "confirmation.apply",
        summary_report="总结报告",
        evidence=["材料一"],
    )
    life.act(
        "2034-06-12T09:00", Role.COMPETENT, "confirmation.evaluate", outcome="pass", comments="通过"
    )
    life.wait("2034-06-20T09:00")
    life.act(
        "2034-06-20T09:00",
        Role.NDRC,
        "confirmation.review",
        decision="return",
        document_no="发改高技〔2034〕9号",
        document_date="2034-06-20",
        reason="补充材料",
    )
    return life


def test_a_supplement_is_met_by_applying_again(records: Records) -> None:
    life = returned_after_the_end()
    write(records, life)
    assert statuses(records)["supplement"] == "open"
    assert statuses(records)["preparation_end"] == "held"
    life.act(
        "2034-07-01T09:00",
        Role.IMPLEMENTING,
        "confirmation.apply",
        summary_report="补充后的总结报告",
        evidence=["材料二"],
    )
    write(records, life)
    [supplement] = [row for row in records.deadlines(CODE) if row.deadline == "supplement"]
    assert (supplement.status, supplement.due) == ("met", date(2034, 7, 20))
    assert supplement.explanation_zh.endswith("；已办结。")
    assert supplement.explanation_en.endswith("; met.")


def test_a_supplement_lapses_with_the_preparation(records: Records) -> None:
    life = returned_after_the_end()
    life.wait("2034-07-25T09:00")
    write(records, life)
    found = statuses(records)
    assert (found["supplement"], found["preparation_end"]) == ("lapsed", "lapsed")


def test_a_round_that_is_next_no_more_is_not_listed_as_ended(records: Records) -> None:
    life = approved()
    life.act(
        "2032-01-05T09:00",
        Role.IMPLEMENTING,
        "confirmation.apply",
        summary_report="总结报告",
        evidence=["材料一"],
    )
    life.act(
        "2032-01-10T09:00", Role.COMPETENT, "confirmation.evaluate", outcome="pass", comments="通过"
    )
    life.act(
        "2032-01-20T09:00",
        Role.NDRC,
        "confirmation.review",
        decision="confirm",
        document_no="发改高技〔2032〕2号",
        document_date="2032-01-20",
    )
    write(records, life)
    assert statuses(records)["evaluation_close:2035"] == "upcoming"
    life.act("2032-01-25T09:00", Role.IMPLEMENTING, "evaluation.opt_in", year=2032)
    write(records, life)
    found = statuses(records)
    assert found["evaluation_close:2032"] == "upcoming"
    assert "evaluation_close:2035" not in found


def test_only_deadlines_that_changed_are_written(records: Records) -> None:
    life = approved()
    write(records, life)
    same_day = life.act("2031-06-16T11:00", Role.NDRC, "supervision.note", text="当日无变化")
    written: list[str] = []
    event.listen(
        records.engine,
        "before_cursor_execute",
        lambda conn, cursor, statement, *rest: written.append(statement),
    )
    records.commit(same_day)
    assert any("INSERT INTO events" in statement for statement in written)
    assert not any("INTO deadlines" in statement for statement in written)
