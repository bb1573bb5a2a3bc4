"""The doors of a center's workflow: each action as update and signal, queries, ``wake``.

Handlers take the payload as it came and read it themselves: one that a typed handler could not
decode would be dropped without a trace. They raise nothing but ``Refused``, so that bad input never
fails the workflow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

from neiic.statute.acts import Refused, invalid
from neiic.statute.forms import Fault
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import Role
from neiic.workflows.life import Life
from neiic.workflows.payloads import decoded, one_said, takes_any_payload
from neiic.workflows.refusals import refusal_error, unless_refused


def open_doors(life: Life | Refused) -> None:
    """Register every handler of a center's workflow."""
    for name in ACTIONS:
        workflow.set_update_handler(name, _update(life, name), validator=_validator(life, name))
        workflow.set_signal_handler(name, _signal(life, name))
    workflow.set_dynamic_update_handler(_unknown_update, validator=_unknown_update_validator)
    workflow.set_dynamic_signal_handler(_unknown_signal(life))
    workflow.set_signal_handler("wake", _wake(life))
    _open_queries(life)


def _update(life: Life | Refused, name: str) -> Callable[[Any], Awaitable[Any]]:
    @takes_any_payload
    async def handle(*message: Any) -> Any:
        return unless_refused(await unless_refused(life).act(name, one_said(message)))

    return handle


def _validator(life: Life | Refused, name: str) -> Callable[[Any], None]:
    @takes_any_payload
    def validate(*message: Any) -> None:
        refusal = unless_refused(life).preview(name, one_said(message))
        if refusal is not None:
            raise refusal_error(refusal)

    return validate


def _signal(life: Life | Refused, name: str) -> Callable[[Any], Awaitable[None]]:
    @takes_any_payload
    async def handle(*message: Any) -> None:
        if isinstance(life, Refused):
            return
        said = one_said(message)
        outcome = await life.act(name, said)
        if isinstance(outcome, Refused):
            await life.record_refusal(name, said, outcome)

    return handle


def _wake(life: Life | Refused) -> Callable[[Any], None]:
    @takes_any_payload
    def handle(*message: Any) -> None:
        del message
        if not isinstance(life, Refused):
            life.wake()

    return handle


def _no_such(name: str) -> Refused:
    return invalid((Fault("action", f"没有 {name[:80]} 这一事项", f"{name[:80]} is no action"),))


async def _unknown_update(name: str, args: Sequence[RawValue]) -> Any:
    del args
    raise refusal_error(_no_such(name))


def _unknown_update_validator(name: str, args: Sequence[RawValue]) -> None:
    del args
    raise refusal_error(_no_such(name))


def _unknown_signal(life: Life | Refused) -> Callable[[str, Sequence[RawValue]], Awaitable[None]]:
    async def handle(name: str, args: Sequence[RawValue]) -> None:
        if isinstance(life, Refused):
            return
        said = [decoded(raw) for raw in args]
        await life.record_refusal(name, said, _no_such(name))

    return handle


def _open_queries(life: Life | Refused) -> None:
    def snapshot() -> Any:
        return unless_refused(life).snapshot()

    def deadlines() -> Any:
        return unless_refused(life).snapshot()["deadlines"]

    def timeline() -> Any:
        return [event.model_dump(mode="json") for event in unless_refused(life).timeline]

    def actions(role: Any = None) -> Any:
        living = unless_refused(life)
        if role not in list(Role):
            known = ", ".join(Role)
            fault = Fault("role", f"须为 {known} 之一", f"must be one of {known}")
            raise refusal_error(invalid((fault,)))
        offered = actions_for(living.center, Role(role), workflow.now(), living.rules)
        return [action.model_dump(mode="json", by_alias=True) for action in offered]

    for name, answer in (("snapshot", snapshot), ("deadlines", deadlines), ("timeline", timeline)):
        workflow.set_query_handler(name, answer)
    workflow.set_query_handler("actions", actions)
