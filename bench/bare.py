"""The empty workflows beside which centers are measured."""

from __future__ import annotations

from temporalio import workflow


@workflow.defn(name="Bare")
class Bare:
    """Waits, and answers an update at once."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def nothing(self) -> None:
        """Do nothing."""


@workflow.defn(name="Brief")
class Brief:
    """Completes as soon as it has started."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""
