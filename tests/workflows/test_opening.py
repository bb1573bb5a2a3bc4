"""A run that opens after one of its dates has gone by looks at the clock at once."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import WorkflowHistory

from tests.histories.fingerprint import HISTORIES, fingerprint, read

#: A run in preparation that goes on from the one before; its worker was there at once.
RUN = HISTORIES / "0.1.0" / "01-lapses-at-the-end-run2.json"


def opened_after(delay: timedelta) -> WorkflowHistory:
    """The same run as it stands when its first task is taken up so much later."""
    recorded = read(RUN)
    events = list(recorded.events[:3])
    assert events[2].HasField("workflow_task_started_event_attributes")
    for event in events[1:]:
        event.event_time.FromDatetime(event.event_time.ToDatetime() + delay)
    return WorkflowHistory(recorded.workflow_id, events)


async def test_a_run_that_opens_late_settles_what_has_passed() -> None:
    commands = await fingerprint(opened_after(timedelta(days=4 * 365)))
    assert [line.split()[0] for line in commands][:4] == [
        "upsert_workflow_search_attributes",
        "set_patch_marker",
        "start_timer",
        "schedule_local_activity",
    ]
    assert "settles-when-opened" in commands[1]


async def test_a_run_that_opens_in_time_rests() -> None:
    commands = await fingerprint(opened_after(timedelta(0)))
    assert {line.split()[0] for line in commands} == {"start_timer", "respond_to_query"}
