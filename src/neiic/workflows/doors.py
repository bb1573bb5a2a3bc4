"""The doors of a center's workflow: each action as update and signal, queries, ``wake``.

Handlers take the payload as it came and read it themselves: one that a typed handler could not
decode would be dropped without a trace. They raise nothing but ``Refused``, so that bad input never
fails the workflow.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from neiic.statute.acts import Refused, invalid
from neiic.statute.forms import Fault
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import Role
from neiic.workflows import observing
from neiic.workflows.life import Life
from neiic.workflows.payloads import decoded, one_said, takes_any_payload
from neiic.workflows.refusals import refusal_error, unless_refused


class Doors:
    """The handlers of a center's workflow; ``life`` is the life they open to, or its refusal.

    They stand on the class: handlers that an instance sets up take waiting messages in the
    order of their setting up, and not in that of their arrival.
    """

    life: Life | Refused

    @workflow.signal(name="wake")
    @takes_any_payload
    def wake(self, *message: Any) -> None:
        """Look at the clock again."""
        del message
        if not isinstance(self.life, Refused):
            self.life.wake()

    @workflow.signal(dynamic=True)
    async def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """Record a signal that is no action."""
        if isinstance(self.life, Refused):
            return
        said = [decoded(raw) for raw in args]
        observing.refused(self.life.center, name, said, _no_such(name))
        await self.life.record_refusal(name, said, _no_such(name))

    @workflow.update(dynamic=True)
    async def unknown_update(self, name: str, args: Sequence[RawValue]) -> Any:
        """Never reached: the validator refuses."""
        del args
        raise refusal_error(_no_such(name))

    @unknown_update.validator
    def unknown_update_validator(self, name: str, args: Sequence[RawValue]) -> None:
        """Refuse an update that is no action."""
        if not isinstance(self.life, Refused):
            said = [decoded(raw) for raw in args]
            observing.refused(self.life.center, name, said, _no_such(name))
        raise refusal_error(_no_such(name))

    @workflow.query(name="snapshot")
    def snapshot(self) -> Any:
        """The whole state."""
        return unless_refused(self.life).snapshot()

    @workflow.query(name="deadlines")
    def deadlines(self) -> Any:
        """The snapshot's deadlines."""
        return unless_refused(self.life).snapshot()["deadlines"]

    @workflow.query(name="timeline")
    def timeline(self) -> Any:
        """What happened since the run began."""
        events = unless_refused(self.life).timeline
        return [event.model_dump(mode="json") for event in events]

    @workflow.query(name="actions")
    def actions(self, role: Any = None) -> Any:
        """What a role may do now."""
        life = unless_refused(self.life)
        if role not in list(Role):
            known = ", ".join(Role)
            fault = Fault("role", f"须为 {known} 之一", f"must be one of {known}")
            raise refusal_error(invalid((fault,)))
        offered = actions_for(life.center, Role(role), workflow.now(), life.rules)
        return [action.model_dump(mode="json", by_alias=True) for action in offered]


def _open_door(name: str) -> None:
    """Make an action an update and a signal of this name, once for all centers."""

    @takes_any_payload
    async def update(self: Doors, *message: Any) -> Any:
        life, said = unless_refused(self.life), one_said(message)
        outcome = await life.act(name, said)
        if isinstance(outcome, Refused):
            observing.refused(life.center, name, said, outcome)
        return unless_refused(outcome)

    @takes_any_payload
    def validate(self: Doors, *message: Any) -> None:
        life, said = unless_refused(self.life), one_said(message)
        refusal = life.preview(name, said)
        if refusal is not None:
            observing.refused(life.center, name, said, refusal)
            raise refusal_error(refusal)

    @takes_any_payload
    async def signal(self: Doors, *message: Any) -> None:
        if isinstance(self.life, Refused):
            return
        said = one_said(message)
        outcome = await self.life.act(name, said)
        if isinstance(outcome, Refused):
            observing.refused(self.life.center, name, said, outcome)
            await self.life.record_refusal(name, said, outcome)

    updating = workflow.update(name=name)(update)
    updating.validator(validate)
    setattr(Doors, f"update {name}", updating)
    setattr(Doors, f"signal {name}", workflow.signal(name=name)(signal))


def _no_such(name: str) -> Refused:
    return invalid((Fault("action", f"没有 {name[:80]} 这一事项", f"{name[:80]} is no action"),))


for _name in ACTIONS:
    _open_door(_name)
