"""The sandbox in which centers live and are replayed."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import Info

#: The law and the messages are pure and are shared with the sandbox: loading them anew for
#: each center would cost memory and time, and protect from nothing.
PASSED_THROUGH = ("neiic", "pydantic", "pydantic_core", "annotated_types", "yaml", "structlog")


class _Sandboxed(WorkflowInstance):
    """A sandboxed workflow that is not entered to ask for whom a payload is.

    The SDK asks that several times for each payload, and enters the sandbox each time, which
    took half of what an act costs. Only a codec or an external store could use the answer; ours
    are none.
    """

    def __init__(self, inner: WorkflowInstance) -> None:
        self._inner = inner

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._inner.activate(act)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()

    def get_serialization_context(
        self,
        command_info: object,  # noqa: ARG002
    ) -> SerializationContext | None:
        return None

    def get_external_store_context(
        self,
        command_info: object,  # noqa: ARG002
    ) -> StorageDriverStoreContext:
        return StorageDriverStoreContext()


@dataclass(frozen=True)
class CenterSandbox(SandboxedWorkflowRunner):
    """The SDK's sandbox, for clients whose data converter has no codec and no external store."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow of its own behind the sandbox's walls."""
        return _Sandboxed(super().create_instance(det))


def sandboxed() -> CenterSandbox:
    """The sandbox in which centers live and are replayed."""
    return CenterSandbox(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH)
    )
