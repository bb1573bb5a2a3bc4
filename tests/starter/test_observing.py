"""What operators see of a whole stack: its log lines, its metrics, its traces."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import ProxyHandler, build_opener

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from neiic.starter.ports import free_port
from tests.starter.whole_stack import CODE, Stack

pytestmark = pytest.mark.xdist_group("observed stack")

PATIENCE = 40.0

T = TypeVar("T")


class Collector:
    """A collector of OTLP traces over HTTP that keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        spans = self.spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    said = ExportTraceServiceRequest.FromString(body)
                    spans.extend(
                        span
                        for resource in said.resource_spans
                        for scope in resource.scope_spans
                        for span in scope.spans
                    )
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Observed(Stack):
    """The stack with JSON lines, metrics and traces."""

    def __init__(self, folder: Path, collector: Collector) -> None:
        super().__init__(folder)
        self.metrics = f"127.0.0.1:{free_port()}"
        self.collector = collector
        self.environment |= {
            "NEIIC_LOG_FORMAT": "json",
            "NEIIC_METRICS_ADDRESS": self.metrics,
            "NEIIC_OTLP_ENDPOINT": collector.address,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "NO_PROXY": "127.0.0.1",
        }

    def lines(self) -> list[dict[str, Any]]:
        said = (self.folder / "dev.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in said]

    def page(self) -> str:
        direct = build_opener(ProxyHandler({}))
        with direct.open(f"http://{self.metrics}/metrics", timeout=5) as answer:
            page: str = answer.read().decode()
        return page


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    """A stack on which one act was accepted and one refused."""
    collector = Collector()
    stack = Observed(tmp_path_factory.mktemp("observed"), collector)
    # The stack's process inherits the environment of ours.
    kept = {name: os.environ.get(name) for name in stack.environment}
    os.environ.update(stack.environment)
    try:
        stack.start()
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    assert assess(stack, "told-1").code == 0
    words = ("--as", "assessor", "--decision-id", "told-2", "text=x")
    assert stack.neiic("center", "act", CODE, "supervision.note", *words).code == 1
    yield stack
    assert stack.stop() == 0
    collector.close()


def eventually(look: Callable[[], T]) -> T:
    """The first true answer; fails with the last one when none comes in time."""
    give_up = time.monotonic() + PATIENCE
    while not (found := look()) and time.monotonic() < give_up:
        time.sleep(0.1)
    assert found, f"not within {PATIENCE:.0f} s: {found!r}"
    return found


def assess(stack: Stack, decision_id: str) -> Any:
    return stack.neiic(
        "center", "act", CODE, "formation.assess", "--as", "assessor", "--unit", "丙机构",
        "--user", "u-4711", "--name", "李某某", "--remarks", "私下的话", "--decision-id", decision_id,
        "agency=中咨公司", "conclusion=support", "opinion=机密的意见",
    )  # fmt: skip


def test_an_act_is_told_with_all_that_it_is_known_by(observed: Observed) -> None:
    [line] = eventually(
        lambda: [one for one in observed.lines() if one.get("decision_id") == "told-1"]
    )
    assert {name: line[name] for name in ("event", "level", "center", "act", "role")} == {
        "event": "act accepted",
        "level": "info",
        "center": CODE,
        "act": "formation.assess",
        "role": "assessor",
    }
    assert (line["workflow_id"], line["kinds"]) == (f"center/{CODE}", ["formation.assess"])
    assert line["unit"] == "丙机构"
    assert line["run_id"]
    assert line["sequence"] == 2


def test_a_refusal_is_told_with_its_code(observed: Observed) -> None:
    [line] = eventually(
        lambda: [one for one in observed.lines() if one.get("decision_id") == "told-2"]
    )
    assert (line["event"], line["level"]) == ("act refused", "info")
    assert (line["code"], line["role"]) == ("role_not_allowed", "assessor")


def test_no_line_says_more_than_it_must(observed: Observed) -> None:
    lines = eventually(lambda: (found := observed.lines())[4:] and found)
    for line in lines:
        assert list(line)[:3] == ["timestamp", "level", "event"]
        assert not {"data", "remarks", "user", "name", "actor"} & line.keys()
        if str(line.get("workflow_id", "")).startswith("center/"):
            assert line["center"] == line["workflow_id"].removeprefix("center/")
    said = json.dumps(lines, ensure_ascii=False)
    for secret in ("机密的意见", "私下的话", "u-4711", "李某某"):
        assert secret not in said


#: What the page tells once the worker has looked at the records: each in its own time.
MEASURED = (
    r'^neiic_centers\{stage="application"\} 5$',
    r'^neiic_acts_total\{action="formation.assess",.*outcome="accepted"',
    r'^neiic_refusals_total\{action="supervision.note",code="role_not',
    r'^neiic_commit_latency_seconds_bucket\{.*outcome="written".*le="0.0025"',
    r"^neiic_outbox_pending \d+$",
    # One center of the examples has not reported for two years.
    r'^neiic_deadlines_overdue\{kind="annual_report"\} [12]$',
    r'^neiic_stuck_centers\{reason="none"\} 0$',
    r'^temporal_num_pollers\{.*poller_type="workflow_task"',
)


def test_the_metrics_count_acts_and_show_the_records(observed: Observed) -> None:
    missing: list[str] = []

    def complete() -> bool:
        page = observed.page()
        missing[:] = [one for one in MEASURED if not re.search(one, page, re.M)]
        return not missing

    with contextlib.suppress(AssertionError):
        eventually(complete)
    assert missing == []


def test_no_label_names_a_center_or_a_unit(observed: Observed) -> None:
    ours = [line for line in observed.page().splitlines() if line.startswith("neiic_")]
    assert ours
    names = {name for line in ours for name in re.findall(r'[{,](\w+)="', line)}
    assert names == {
        "action", "activity_type", "code", "kind", "le", "namespace", "outcome", "reason",
        "stage", "task_queue", "workflow_type",
    }  # fmt: skip
    assert "NEIIC-" not in "".join(ours)


def test_one_trace_leads_from_the_act_to_its_commit(observed: Observed) -> None:
    assert assess(observed, "traced-1").code == 0

    def of_the_act() -> dict[str, Span]:
        found = {
            span.name: span
            for span in list(observed.collector.spans)
            if attributes(span).get("neiic.decision_id") == "traced-1"
        }
        return found if len(found) == 3 else {}

    spans = eventually(of_the_act)
    sent, turn, commit = (
        spans[name] for name in ("act formation.assess", "turn formation.assess", "commit")
    )
    assert sent.trace_id == turn.trace_id == commit.trace_id
    assert not sent.parent_span_id
    assert turn.parent_span_id == sent.span_id
    assert commit.parent_span_id == turn.span_id
    assert {attributes(span)["neiic.center"] for span in (sent, turn, commit)} == {CODE}
    assert turn.end_time_unix_nano > commit.end_time_unix_nano > commit.start_time_unix_nano


def attributes(span: Span) -> dict[str, Any]:
    return {one.key: one.value.string_value for one in span.attributes}


def test_a_port_that_is_taken_is_told(observed: Observed) -> None:
    done = observed.neiic("worker")
    assert done.code == 1
    assert f"the metrics cannot be served at {observed.metrics}" in done.err
    assert "NEIIC_METRICS_ADDRESS" in done.err


def test_a_foreign_address_is_told(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.environment["NEIIC_METRICS_ADDRESS"] = "192.0.2.1:9464"
    done = stack.neiic("worker")
    assert done.code == 1
    assert "the metrics cannot be served at 192.0.2.1:9464" in done.err


def test_nothing_of_opentelemetry_is_loaded_unless_asked_for() -> None:
    """Neither by the command line nor by what a worker is made of."""
    script = (
        "import sys, neiic.starter.main, neiic.worker, neiic.watching\n"
        "from neiic.settings import load_settings\n"
        "from neiic.starter import traces\n"
        "assert traces.plugins(load_settings()) == []\n"
        "traces.flush()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEIIC_")}
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=kept,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
