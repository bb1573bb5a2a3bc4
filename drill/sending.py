"""Sending an act as any client does: again with the same decision id until it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from temporalio.client import (
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.service import RPCError, RPCStatusCode

from drill.stage import Stage
from neiic.door import AGAIN_AFTER, TAKEN_NO_NOTICE_OF
from neiic.statute.acts import Refused
from neiic.workflows.refusals import refusal_of


async def send_update(
    stage: Stage, code: str, action: str, message: Mapping[str, Any], moment: datetime
) -> dict[str, Any] | Refused:
    """The snapshot after the act, or its refusal. Raises TimeoutError after the patience."""
    handle = stage.client.get_workflow_handle(f"center/{code}")
    async with asyncio.timeout(stage.patience):
        while True:
            try:
                update = await handle.start_update(
                    action, message, wait_for_stage=WorkflowUpdateStage.ACCEPTED
                )
                answer: dict[str, Any] = await update.result()
            except WorkflowUpdateFailedError as error:
                refusal = refusal_of(error)
                return refusal or await stage.door(moment).act(code, action, dict(message))
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                raise TimeoutError from None  # what the client makes of the end of our patience
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return await stage.door(moment).act(code, action, dict(message))
                if error.status not in TAKEN_NO_NOTICE_OF:
                    raise
                await asyncio.sleep(AGAIN_AFTER)
            else:
                return answer


async def query(handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    """The snapshot that the workflow shows.

    It is asked again between two runs, and where no worker can tell: until the caller gives up.
    """
    while True:
        try:
            answer: dict[str, Any] = await handle.query("snapshot")
        except WorkflowQueryFailedError:
            await asyncio.sleep(AGAIN_AFTER)
        except RPCError as error:
            if error.status not in (*TAKEN_NO_NOTICE_OF, RPCStatusCode.DEADLINE_EXCEEDED):
                raise
            await asyncio.sleep(0.02)
        else:
            return answer
