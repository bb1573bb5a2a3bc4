"""A center's life as a durable workflow. Start reading here.

Everything that can happen to a center reaches ``Life``: a deadline's timer, or a human act as
an update or a signal. The law (``neiic.statute``) decides what follows, one commit records it,
and the life goes on, for decades, through continue-as-new.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from neiic.workflows import observing
    from neiic.workflows.doors import Doors
    from neiic.workflows.life import begin
    from neiic.workflows.payloads import takes_any_payload
    from neiic.workflows.refusals import unless_refused


@workflow.defn(name="CenterWorkflow")
class CenterWorkflow(Doors):
    """One center from its registration to the end of its follow-ups (id ``center/{code}``).

    The one argument that users give is the registration; a run hands a second one, the life so
    far, to the next. They are taken as they come and checked here, so that a bad one is
    answered with ``invalid`` instead of failing a workflow task for ever.
    """

    @workflow.init
    @takes_any_payload
    def __init__(self, *arguments: Any) -> None:
        self.life = begin(arguments)

    @workflow.run
    @takes_any_payload
    async def run(self, *arguments: Any) -> Any:
        """Live until closed; answers the last snapshot. An invalid registration fails at once."""
        life = unless_refused(self.life)
        await life.open()
        while not life.closed:
            await life.next_moment()
            await life.let_time_pass()
            if life.outgrew_this_run:
                await workflow.wait_condition(workflow.all_handlers_finished)
                if not life.closed:
                    observing.renewing(life.center)
                    workflow.continue_as_new(args=[arguments[0], life.carried()])
        await workflow.wait_condition(workflow.all_handlers_finished)
        return life.snapshot()
