import pytest
from tests.workflows.test_registration import *
@pytest.mark.parametrize("n", range(25))
async def test_x(house, n):
    try: await test_a_signal_that_comes_with_the_start_is_taken(house)
    except Exception as e:
        [h] = [h async for h in house.client.list_workflows(f"TaskQueue='{house.queue}'")]
        hist = [e async for e in house.client.get_workflow_handle(h.id).fetch_history_events()]
        from tests.workflows.house import kinds, summaries
        print(n, kinds(hist), summaries(hist, "MARKER_RECORDED"), [ (e.event_id, e.workflow_execution_update_accepted_event_attributes.accepted_request_sequencing_event_id) for e in hist if e.HasField("workflow_execution_update_accepted_event_attributes")])
