"""The command line, end to end, against a whole stack that runs as its users run it."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.starter.whole_stack import CODE, PROJECT, Stack

#: One stack, and one story told by several tests: they stay on one worker, in order.
pytestmark = pytest.mark.xdist_group("one stack")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"))
    stack.start()
    yield stack
    assert stack.stop() == 0


def registration(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "field": "量子计算",
        "field_en": "Quantum Computing",
        "competent_unit": "安徽省发展和改革委员会",
        "lead_unit": "甲公司",
        "implementing_unit": {"name": "乙公司"},
        "recommendation": {"letter_no": "皖发改〔2026〕1号", "letter_date": "2026-03-03"},
        "requirements": dict.fromkeys(
            ("domain", "goals", "foundation", "scale", "organisation", "mechanism"), True
        ),
        "team_has_other_platform": False,
        **changes,
    }


def in_file(folder: Path, what: Any) -> str:
    path = folder / f"{time.monotonic_ns()}.yaml"
    path.write_text(json.dumps(what, ensure_ascii=False), encoding="utf-8")
    return str(path)


ASSESS = ("formation.assess", "--as", "assessor", "agency=丙", "conclusion=support", "opinion=可行")
APPROVE = (
    "formation.decide",
    "--as",
    "ndrc",
    "decision=approve",
    "document_no=发改高技〔2026〕310号",
    "document_date=2026-11-20",
)


def test_console_command_line_and_temporal_count_alike(stack: Stack) -> None:
    with stack.console("ndrc") as console:
        listed = stack.neiic("center", "list", "--json").json()
        centers = console.get("/centers").json()
        assert centers["count"] == len(listed)
        for stage, count in centers["stages"].items():
            assert count == sum(one["stage"] == stage for one in listed)
            running = f"CenterStage = '{stage}' AND ExecutionStatus = 'Running'"
            if not any(one["closed"] for one in listed if one["stage"] == stage):
                assert count == stack.counted(running)
        overdue = console.get("/centers", params={"overdue": True}).json()["count"]
        assert overdue == stack.counted("Overdue = true AND ExecutionStatus = 'Running'") > 0
        due = stack.neiic("center", "deadlines", "--json").json()
        board = console.get("/deadlines").json()
        assert board["count"] == len(due)
        for kind, count in board["kinds"].items():
            assert count == sum(one["kind"] == kind for one in due)
        assert board["lights"]["red"] == sum(one["status"] == "overdue" for one in due) > 0


def test_the_examples_are_there_when_it_is_ready(stack: Stack) -> None:
    listed = {one["code"]: one for one in stack.neiic("center", "list", "--json").json()}
    assert len(listed) == 20
    assert len({one["stage"] for one in listed.values()}) == 6
    assert listed["NEIIC-2026-016"]["waiting_for"] == ["customs", "tax"]
    shown = stack.neiic("center", "show", "NEIIC-2026-016")
    assert (shown.code, "demo-annual" in shown.out) == (0, True), "its rule set is known here too"


def test_an_example_started_again_does_nothing(stack: Stack) -> None:
    file = str(next((PROJECT / "examples").glob("09-*.yaml")))
    before = stack.neiic("center", "show", "NEIIC-2026-009", "--timeline", "--json").json()
    again = stack.neiic("center", "start", file)
    assert (again.code, "NEIIC-2026-009 is there already" in again.out) == (0, True), again.err
    assert before == stack.neiic("center", "show", "NEIIC-2026-009", "--timeline", "--json").json()


def test_an_example_is_started_with_its_acts(stack: Stack, tmp_path: Path) -> None:
    acts = [{"do": ASSESS[0], "by": "assessor", "with": {"agency": "丙", "conclusion": "support"}}]
    file = in_file(tmp_path, registration("NEIIC-2026-060") | {"acts": acts})
    refused = stack.neiic("center", "start", file)
    assert (refused.code, "acts.1 formation.assess is refused" in refused.err) == (1, True)
    acts[0]["with"]["opinion"] = "于<today>评估"  # type: ignore[index]
    file = in_file(tmp_path, registration("NEIIC-2026-060") | {"acts": acts})
    started = stack.neiic("center", "start", file, "--json")
    assert started.json()["snapshot"]["waiting_for"] == ["ndrc"], started.err


def test_from_application_to_preparation(stack: Stack) -> None:
    assert stack.neiic("center", "act", CODE, *ASSESS).code == 0
    early = stack.neiic("center", "act", CODE, "extension.apply", "--as", "competent", "reasons=x")
    assert early.code == 1
    assert "measures: is required" in early.err
    assert "data." not in early.err
    done = stack.neiic("center", "act", CODE, *APPROVE, "--json")
    assert done.code == 0, done.err
    snapshot = done.json()["snapshot"]
    assert snapshot["stage"] == "preparation"
    assert snapshot["name"] == "智能铸造国家新兴产业创新中心（筹）"
    assert stack.show(CODE)["deadlines"] == snapshot["deadlines"]
    listed = stack.neiic("center", "list", "--stage", "preparation", "--json").json()
    assert CODE in [one["code"] for one in listed]
    page = stack.neiic("center", "show", CODE, "--timeline")
    assert "决定是否同意组建" in page.out
    assert "2029" in stack.neiic("center", "deadlines", CODE).out


def test_a_preview_says_what_would_follow_and_sends_nothing(stack: Stack) -> None:
    words = ("center", "act", "NEIIC-2026-002", *APPROVE, "--preview")
    refused = stack.neiic(*words)
    assert (refused.code, "assessment_missing" in refused.err) == (1, True)
    words = ("center", "act", "NEIIC-2026-002", *ASSESS, "--preview")
    shown = stack.neiic(*words)
    assert shown.code == 0
    assert "nothing was sent" in shown.out
    assert "no deadline would change" in shown.out
    assert re.search(r"waits for\s+等待\s+assessor\s+ndrc", shown.out)
    events = stack.neiic("center", "show", "NEIIC-2026-002", "--timeline", "--json").json()
    assert [event["kind"] for event in events["timeline"]] == ["center.registered"]


def test_a_decision_sent_twice_acts_once(stack: Stack) -> None:
    code = "NEIIC-2026-002"
    words = ("center", "act", code, *ASSESS, "--decision-id", "once", "--json")
    first, again = stack.neiic(*words), stack.neiic(*words)
    assert first.json() == again.json()
    shown = stack.neiic("center", "show", code, "--timeline", "--json").json()
    assert [event["decision_id"] for event in shown["timeline"]].count("once") == 1


def test_data_comes_from_a_file_and_words_go_before_it(stack: Stack, tmp_path: Path) -> None:
    file = in_file(tmp_path, {"agency": "丙", "conclusion": "oppose", "opinion": "不可行"})
    code = "NEIIC-2026-003"
    words = ("formation.assess", "--as", "assessor", "--data", file, "conclusion=revise")
    assert stack.neiic("center", "act", code, *words).code == 0
    shown = stack.neiic("center", "show", code, "--timeline", "--json").json()
    assert shown["timeline"][-1]["data"]["conclusion"] == "revise"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"field": ""}, "field"),
        ({"lead_unit": None}, "lead_unit"),
        ({"surprise": 1}, "surprise"),
        ({"requirements": {"domain": "yes"}}, "requirements.domain"),
        ({"recommendation": {"letter_no": "1", "letter_date": "2026-02-30"}}, "letter_date"),
        ({"code": "a b"}, "code"),
        ({"rule_set": "nowhere"}, "rule_set"),
        ({"code": CODE}, "code"),
    ],
)
def test_a_bad_registration_starts_nothing(
    stack: Stack, tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    before = len(stack.neiic("center", "list", "--json").json())
    code = changes.get("code", "NEIIC-2026-077")
    file = in_file(tmp_path, registration(code) | changes)
    ran = stack.neiic("center", "start", file)
    assert ran.code == 1
    assert "invalid" in ran.err
    assert field in ran.err
    assert len(stack.neiic("center", "list", "--json").json()) == before
    if code != CODE:
        described = stack.temporal("workflow", "describe", "-w", f"center/{code}")
        assert described.code != 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("center", "act", "NOWHERE", *ASSESS), 1, "no center has the code NOWHERE"),
        (("center", "show", "NOWHERE"), 1, "no center has the code NOWHERE"),
        (("center", "act", CODE, "no.such", "--as", "ndrc"), 2, "All: neiic actions"),
        (
            ("center", "act", CODE, "formation.decied", "--as", "ndrc"),
            2,
            "did you mean formation.decide?",
        ),
        (("actions", "evaluation.gade"), 2, "did you mean evaluation.grade?"),
        (
            ("center", "act", CODE, "supervision.note", "--as", "asessor", "text=x"),
            2,
            "did you mean assessor? Roles: ndrc 国家发展改革委, competent 主管单位",
        ),
        (
            (
                "center",
                "act",
                CODE,
                "supervision.note",
                "--as",
                "competent",
                "--unit",
                "别",
                "text=x",
            ),
            1,
            "unit_not_allowed",
        ),
        (("center", "act", CODE, "supervision.note", "text=x"), 2, "--as"),
        (("center", "act", CODE, "supervision.note", "--as", "ndrc", "text"), 2, "field=value"),
        (
            ("center", "act", CODE, "supervision.note", "--as", "ndrc", "text=a", "text=b"),
            2,
            "twice",
        ),
        (("center", "list", "--stage", "limbo"), 2, "limbo"),
        (("center", "start", "/nowhere.yaml"), 2, "/nowhere.yaml"),
        (("simulate", "/nowhere.yaml"), 2, "/nowhere.yaml"),
        (("fly",), 2, "fly"),
    ],
)
def test_bad_use_says_what_and_where(
    stack: Stack, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = stack.neiic(*words)
    assert ran.code == code, ran.err
    assert said in ran.err


def test_refused_acts_are_recorded(stack: Stack) -> None:
    from neiic.activities.database import connect
    from neiic.activities.records import Records

    engine = connect(f"sqlite:///{stack.folder / 'neiic.db'}")
    before = len(Records(engine).refusals(CODE))
    stack.neiic("center", "act", CODE, "preparation.lapse", "--as", "tax", "reason=x")
    refused = Records(engine).refusals(CODE)[before:]
    assert [(one.code, one.via, one.action) for one in refused] == [
        ("invalid", "update", "preparation.lapse")
    ]
    engine.dispose()


def test_the_plain_temporal_client_does_the_first_ten_minutes(stack: Stack) -> None:
    code = "NEIIC-2026-050"
    where = ("-w", f"center/{code}")
    started = stack.temporal(
        "workflow",
        "start",
        "--type",
        "CenterWorkflow",
        "--task-queue",
        "centers",
        *where,
        "--input",
        json.dumps(registration(code)),
    )
    assert started.code == 0, started.err
    assess = {
        "decision_id": "t-1",
        "actor": {"user": "u1", "name": "王", "role": "assessor", "unit": "丙机构"},
        "data": {"agency": "丙机构", "conclusion": "support", "opinion": "可行"},
    }
    updated = stack.temporal(
        "workflow", "update", "execute", *where, "--name", "formation.assess",
        "--input", json.dumps(assess), "-o", "json",
    )  # fmt: skip
    assert updated.code == 0, updated.err
    ndrc = {"user": "u2", "name": "李", "role": "ndrc", "unit": "国家发展改革委"}
    too_bare = {"decision_id": "t-2", "actor": ndrc, "data": {"decision": "approve"}}
    refused = stack.temporal(
        "workflow", "update", "execute", *where, "--name", "formation.decide",
        "--input", json.dumps(too_bare),
    )  # fmt: skip
    assert refused.code != 0
    assert "data.document_no" in refused.err
    approve = {
        "decision_id": "t-3",
        "actor": ndrc,
        "data": {
            "decision": "approve",
            "document_no": "发改高技〔2026〕311号",
            "document_date": "2026-11-20",
        },
    }
    signalled = stack.temporal(
        "workflow", "signal", *where, "--name", "formation.decide", "--input", json.dumps(approve)
    )
    assert signalled.code == 0, signalled.err
    until(
        lambda: (
            "preparation" in stack.temporal("workflow", "query", *where, "--type", "snapshot").out
        )
    )
    query = "CenterStage = 'preparation' AND CompetentUnit = '安徽省发展和改革委员会'"
    until(lambda: f"center/{code}" in stack.temporal("workflow", "list", "-q", query).out)


def until(holds: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not come to hold in time"


def test_the_stack_killed_goes_on_where_it_was(stack: Stack) -> None:
    sent = [
        ("center", "act", "NEIIC-2026-003", *ASSESS, "--decision-id", f"kill-{n}")
        for n in range(4)
    ]  # fmt: skip
    assert stack.neiic(*sent[0]).code == 0
    assert stack.neiic(*sent[1]).code == 0
    stack.stop(signal.SIGKILL)
    away = stack.neiic(*sent[2])
    assert away.code == 1
    assert "neiic dev" in away.err
    stack.start()
    for words in sent:
        assert stack.neiic(*words).code == 0
    shown = stack.neiic("center", "show", "NEIIC-2026-003", "--timeline", "--json").json()
    ids = [event["decision_id"] for event in shown["timeline"] if event["decision_id"]]
    assert [one for one in ids if one.startswith("kill")] == [f"kill-{n}" for n in range(4)]


def test_settings_and_actions_are_listed(stack: Stack) -> None:
    assert "NEIIC_DATABASE_URL" in stack.neiic("settings").out
    assert len(stack.neiic("actions", "--json").json()) == 33
    assert "document_date" in stack.neiic("actions", "formation.decide").out
