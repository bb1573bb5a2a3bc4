from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
PASSED_THROUGH = ("neiic", "pydantic", "pydantic_core", "annotated_types", "yaml")
def sandboxed() -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
