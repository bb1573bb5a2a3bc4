"""What operators are told of lives: each thing once, never on replay; and of those that are stuck."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog
from temporalio import workflow
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.client import WorkflowUpdateStage
from temporalio.runtime import (
    BufferedMetricUpdate,
    MetricBuffer,
    Runtime,
    TelemetryConfig,
)

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.observing import StuckActivities
from neiic.migrations.migrating import migrate
from neiic.models.messages import Commit, Committed
from neiic.settings import Settings
from neiic.starter.namespace import SEARCH_ATTRIBUTES
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer
from neiic.statute.rules import LIBRARY
from neiic.watching import STUCK, Watch
from neiic.worker import center_worker
from neiic.workflows import observing
from tests.workflows.house import (
    Center,
    House,
    approval,
    assessment,
    eventually,
    message,
    new_code,
    note,
    registration,
)
from tests.workflows.test_replay import RECORDED, read, replay
from tests.workflows.troubled import Troubled, Write

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: A stuck center must be told of within a minute.
A_MINUTE = 60.0


class Lines(logging.Handler):
    """Keeps every record, as a dictionary with the fields that its caller gave."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def of(self, center: str) -> list[dict[str, Any]]:
        """What was said of one center, in order."""
        told = [
            dict(record.msg)
            if isinstance(record.msg, dict)
            else {**record.__dict__, "event": record.getMessage()}
            for record in list(self.records)
        ]
        return [line for line in told if line.get("center") == center]

    def events(self, center: str) -> list[tuple[str, Any]]:
        return [(line["event"], line.get("sequence")) for line in self.of(center)]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All that is logged meanwhile."""
    kept, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    on_message = workflow.logger.workflow_info_on_message
    workflow.logger.workflow_info_on_message = False
    yield kept
    workflow.logger.workflow_info_on_message = on_message
    structlog.reset_defaults()
    root.setLevel(before)
    root.removeHandler(kept)


async def test_a_life_is_told_once_also_by_a_worker_that_replays_it(
    empty_house: House, lines: Lines
) -> None:
    house = empty_house
    async with house.worker():
        center = await house.approved()
        await center.update("supervision.note", note("一", "first"))
        await center.signal("supervision.note", message("tax", {"text": "二"}, "second"))
        await center.refusals_recorded(1)
    # Another worker has nothing in memory: it must replay before it can go on.
    async with house.worker():
        await center.update("supervision.note", note("一", "first"))
        await center.refused("formation.decide", approval("third"))
        await center.update("supervision.note", note("四", "fourth"))
    assert lines.events(center.code) == [
        ("life opened", 1),
        ("act accepted", 2),
        ("act accepted", 3),
        ("continued as new", 3),
        ("life goes on", 3),
        ("act accepted", 4),
        ("act refused", None),
        ("act repeated", None),
        ("act refused", None),
        ("act accepted", 5),
    ]
    by_signal, by_update = (one for one in lines.of(center.code) if one["event"] == "act refused")
    assert (by_signal["decision_id"], by_signal["role"], by_signal["code"]) == (
        "second",
        "tax",
        "role_not_allowed",
    )
    assert (by_update["decision_id"], by_update["unit"]) == ("third", "国家发展改革委")


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_a_replay_says_nothing(path: Path, lines: Lines) -> None:
    await replay(read(path))
    told = [record.getMessage() for record in lines.records]
    assert told == []


async def test_the_gate_on_replays_closes(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the check for a replay gone, the test above would see it; and what it would see."""
    monkeypatch.setattr(observing, "_replaying", lambda: False)
    monkeypatch.setattr(workflow.logger, "log_during_replay", True)
    lapsing = [path for path in RECORDED if "01-lapses-at-the-end" in path.name]
    for path in lapsing:
        await replay(read(path))
    told = [(record.getMessage(), record.__dict__) for record in lines.records]
    assert told[0][0] == "life opened"
    reminders = [line for event, line in told if event == "reminder"]
    assert reminders[0]["deadline"].startswith("annual_report")
    assert reminders[0]["rung"] < 0
    passed = [line["act"] for event, line in told if event == "deadline passed"]
    assert passed[-1] == "preparation.lapsed"


async def test_rules_that_are_past_are_told_once_a_run(
    house: House, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = LIBRARY.in_force(LIBRARY["cn-2026"].valid_from)
    past = rules.model_copy(update={"valid_until": rules.valid_from})
    monkeypatch.setitem(LIBRARY._by_name, rules.name, past)
    center = await house.approved()
    told = [one for one in lines.of(center.code) if one["event"] == "rule set past its validity"]
    assert [one["levelname"] for one in told] == ["WARNING", "WARNING"]
    assert {one["rule_set"] for one in told} == {rules.name}


class Watched:
    """A house with troubled records, a worker and its watch, which shows gauges in a buffer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.records = Troubled(house.url)
        self.stuck = StuckActivities()
        self.buffer = MetricBuffer(10_000)
        runtime = Runtime(telemetry=TelemetryConfig(metrics=self.buffer, attach_service_name=False))
        self.watch = Watch(
            house.client, self.records.engine, house.queue, self.stuck, runtime.metric_meter
        )

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        client = await self.house.new_client()
        settings = Settings(task_queue=self.house.queue)
        async with center_worker(
            client, self.records, HolidayCalendar(), settings, stuck=self.stuck
        ):
            yield
        self.watch.close()
        self.records.engine.dispose()

    def shown(self, gauge: str) -> dict[str, float]:
        """The gauge's latest values by its label, of those set since the last call."""
        updates: list[BufferedMetricUpdate] = list(self.buffer.retrieve_updates())
        return {
            "".join(map(str, update.attributes.values())): update.value
            for update in updates
            if update.metric.name == gauge
        }


@pytest_asyncio.fixture(loop_scope="session")
async def watched(empty_house: House) -> AsyncIterator[Watched]:
    watched = Watched(empty_house)
    async with watched.working():
        yield watched
        watched.records.fault = None


async def test_a_commit_that_keeps_failing_is_told_as_stuck(watched: Watched, lines: Lines) -> None:
    center = await watched.house.approved()
    await watched.watch.round()
    assert watched.shown(STUCK) == {"none": 0}
    mended = threading.Event()

    def fault(commit: Commit, write: Write) -> Committed:
        if mended.is_set():
            return write(commit)
        raise ConnectionError("the database is away")

    watched.records.fault = fault
    sending = await center.handle.start_update(
        "supervision.note", note("巡查", "stuck-1"), wait_for_stage=WorkflowUpdateStage.ACCEPTED
    )

    async def told() -> list[dict[str, Any]]:
        return [one for one in lines.of(center.code) if one.get("attempt") == 2 and "since" in one]

    [line] = await eventually(told)
    assert line["level"] == "error"
    assert line["event"].startswith("stuck since 20")
    assert line["because"] == "ConnectionError: the database is away"
    assert line["decision_id"] == "stuck-1"
    assert (line["act"], line["activity"]) == ("supervision.note", "commit")

    await watched.watch.round()
    assert watched.shown(STUCK) == {"commit_fails": 1}
    assert lines.of(center.code)[-1]["reason"] == "commit_fails"
    said = len(lines.of(center.code))
    await watched.watch.round()
    assert len(lines.of(center.code)) == said, "the watch says the same again"

    mended.set()
    await sending.result()
    await watched.watch.round()
    assert watched.shown(STUCK) == {"commit_fails": 0}
    assert lines.of(center.code)[-1]["event"] == "no longer stuck"


async def test_a_local_attempt_that_fails_is_a_warning_and_nothing_is_stuck(
    watched: Watched, lines: Lines
) -> None:
    center = await watched.house.approved()
    watched.records.fails(1)
    await center.update("supervision.note", note("巡查", "once"))
    [line] = [one for one in lines.of(center.code) if one["event"].startswith("commit failed")]
    assert (line["level"], line["attempt"], line["decision_id"]) == ("warning", 1, "once")
    await watched.watch.round()
    assert watched.shown(STUCK) == {"none": 0}


async def test_an_activity_that_hangs_is_stuck_and_forgotten_in_the_end() -> None:
    now = [0.0]
    stuck = StuckActivities(lambda: now[0])
    stuck.note(_Info())  # type: ignore[arg-type]
    assert stuck.now() == []
    now[0] = 11
    assert [one.reason for one in stuck.now()] == ["commit_hangs"]
    now[0] = 101
    assert stuck.now() == []


class _Info:
    """As much of an activity's info as is looked at."""

    workflow_id = "center/A"
    workflow_run_id = "r"
    activity_id = "1"
    activity_type = "commit"
    attempt = 1
    scheduled_time = None


async def test_a_search_attribute_that_is_not_registered_is_told_within_a_minute(
    tmp_path: Path, lines: Lines
) -> None:
    url = f"sqlite:///{tmp_path / 'records.db'}"
    migrate(url)
    async with EmbeddedServer(tmp_path / "temporal", port=free_port(), in_memory=True) as server:
        house = await House(server.address, url).open()
        lacking = ["CenterField"]
        await house.client.operator_service.remove_search_attributes(
            RemoveSearchAttributesRequest(namespace="default", search_attributes=lacking)
        )
        watched = Watched(house)
        async with watched.working():
            code = new_code()
            handle = await house.start(registration(code), id=f"center/{code}")

            async def told() -> list[dict[str, Any]]:
                watched.shown(STUCK)
                await watched.watch.round()
                return [one for one in lines.of(code) if one.get("reason")]

            [line] = await eventually(told, A_MINUTE)
            assert (line["level"], line["reason"]) == ("error", "BadSearchAttributes")
            assert "CenterField" in line["because"]
            assert watched.shown(STUCK)["BadSearchAttributes"] == 1

            kind = SEARCH_ATTRIBUTES["CenterField"]
            await house.client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace="default", search_attributes={"CenterField": kind.value}
                )
            )

            async def free() -> bool:
                watched.shown(STUCK)
                await watched.watch.round()
                return lines.of(code)[-1]["event"] == "no longer stuck"

            await eventually(free, A_MINUTE)
            assert watched.shown(STUCK)["BadSearchAttributes"] == 0
            center = Center(house, code, handle.first_execution_run_id or "")
            await center.update("formation.assess", assessment())
        house.close()


async def test_a_server_or_database_that_is_away_does_not_end_the_watch(
    watched: Watched, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*given: object, **options: object) -> Any:
        raise ConnectionError("nobody answers")

    monkeypatch.setattr(watched.house.client, "list_workflows", away)
    monkeypatch.setattr("neiic.watching.standing", away)
    await watched.watch.round()
    await watched.watch.round()
    told = [record.msg for record in lines.records if record.levelname == "WARNING"]
    assert [one["event"] for one in told if isinstance(one, dict)] == [
        "the watch has no answer from the server",
        "the watch has no answer from the records",
    ]
