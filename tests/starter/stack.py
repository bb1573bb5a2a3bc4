"""A program like ``neiic dev``, with a worker for one small workflow: FOLDER PORT UI_PORT.

It writes what happens, in order, to standard output.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from logging import getLogger

from temporalio import workflow
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from neiic.settings import load_settings
from neiic.starter import StackError
from neiic.starter.dev import run_stack


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


@workflow.defn
class Waiting:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.query
    def waits(self) -> bool:
        return True


@asynccontextmanager
async def start_worker(client: Client) -> AsyncIterator[None]:
    try:
        async with Worker(
            client,
            task_queue="waiting",
            workflows=[Waiting],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ):
            say("worker started")
            try:
                yield
            finally:
                say("worker stopping")
    finally:
        say("worker stopped")


async def on_ready(client: Client) -> None:
    await client.count_workflows()
    say("server answers")


def keep_the_core_off_standard_output() -> None:
    """The SDK's core writes its log there unless it is sent elsewhere."""
    logging = LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=getLogger("core")),
    )
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=logging)))


async def main(folder: str, port: str, ui_port: str) -> None:
    keep_the_core_off_standard_output()
    settings = load_settings(
        data_dir=folder, temporal_address=f"127.0.0.1:{port}", ui_port=int(ui_port)
    )
    try:
        await run_stack(
            settings,
            migrate=lambda: say("migrated"),
            start_worker=start_worker,
            on_ready=on_ready,
        )
    except StackError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
