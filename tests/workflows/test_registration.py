"""A registration that does not fit, started by a plain client, ends its workflow at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.common import RawValue, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError

from tests.workflows.house import (
    PATIENCE,
    House,
    approval,
    assessment,
    message,
    new_code,
    registration,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Seconds within which a workflow must have ended.
AT_ONCE = 5.0


async def ended(handle: WorkflowHandle[Any, Any]) -> ApplicationError:
    """The error with which this run ended at once."""
    try:
        async with asyncio.timeout(AT_ONCE):
            with pytest.raises(WorkflowFailureError) as caught:
                await handle.result(follow_runs=False)
    except TimeoutError:
        failed = [
            event.workflow_task_failed_event_attributes.failure.message
            async for event in handle.fetch_history_events()
            if event.HasField("workflow_task_failed_event_attributes")
        ]
        await handle.terminate()
        pytest.fail(f"the workflow did not end; its task failed with {failed[:1]}")
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    return cause


def check_invalid(error: ApplicationError, *fields: str) -> None:
    """Whether the error is the contract's refusal ``invalid`` and names these fields."""
    assert (error.type, error.non_retryable) == ("Refused", True)
    code, article, message_zh, message_en = error.details
    assert (code, article) == ("invalid", "第十五条")
    for field in fields:
        assert field in message_zh
        assert field in message_en
        assert field in error.message


def without(field: str) -> dict[str, Any]:
    return {key: value for key, value in registration("NEIIC-T-X").items() if key != field}


BAD: dict[str, tuple[Any, tuple[str, ...]]] = {
    "field missing": (without("field"), ("field",)),
    "unit missing": (without("competent_unit"), ("competent_unit",)),
    "several": (
        without("lead_unit") | {"field_en": 7, "extra": 1},
        ("lead_unit", "field_en", "extra"),
    ),
    "wrong type": (registration("NEIIC-T-X", team_has_other_platform="no"), ("team_has",)),
    "nested": (registration("NEIIC-T-X", requirements={"domain": 1}), ("requirements.domain",)),
    "no such date": (
        registration("NEIIC-T-X", recommendation={"letter_no": "1", "letter_date": "2031-02-30"}),
        ("recommendation.letter_date",),
    ),
    "empty": (registration("NEIIC-T-X", field="  "), ("field",)),
    "unprintable": (registration("NEIIC-T-X", field="a\x00b"), ("field",)),
    "code": (registration("a b/c"), ("code",)),
    "rule set": (registration("NEIIC-T-X", rule_set="cn-1949"), ("rule_set", "cn-2026")),
    "a list": ([registration("NEIIC-T-X")], ("registration",)),
    "a text": ("NEIIC-T-X", ("registration",)),
    "null": (None, ("registration",)),
    "huge number": (registration("NEIIC-T-X", field=10**4000), ("field",)),
    "bytes": (b"\x00\xff", ("registration",)),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_registration_ends_at_once(house: House, name: str) -> None:
    argument, fields = BAD[name]
    handle = await house.start(argument, id="center/NEIIC-T-X")
    check_invalid(await ended(handle), *fields)
    assert house.records.center("NEIIC-T-X") is None


async def test_no_argument_ends_at_once(house: House) -> None:
    check_invalid(await ended(await house.start(id="center/NEIIC-T-X")), "registration")


@pytest.mark.parametrize("id", ["NEIIC-T-Y", "center/NEIIC-T-X", "center/neiic-t-y", "centre"])
async def test_another_workflow_id_ends_at_once(house: House, id: str) -> None:
    handle = await house.start(registration("NEIIC-T-Y"), id=id)
    check_invalid(await ended(handle), "code", "center/NEIIC-T-Y")
    assert house.records.center("NEIIC-T-Y") is None


async def test_a_code_in_use_by_a_closed_center_ends_at_once(house: House) -> None:
    center = await house.center()
    await center.update("formation.withdraw", message("competent", {"reason": "撤回"}))
    result = await center.handle.result()
    assert (result["stage"], result["closed"]) == ("withdrawn", True)
    before = center.events()

    handle = await house.start(registration(center.code), id=f"center/{center.code}")

    check_invalid(await ended(handle), "code", center.code)
    assert center.events() == before
    assert house.records.snapshot(center.code).model_dump(mode="json") == result  # type: ignore[union-attr]


async def test_a_code_in_use_by_a_living_center_ends_at_once(house: House) -> None:
    center = await house.center()
    before = center.events()
    handle = await house.start(
        registration(center.code),
        id=f"center/{center.code}",
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
    )
    check_invalid(await ended(handle), "code", center.code)
    assert center.events() == before


async def test_signals_to_a_registration_that_does_not_fit_are_let_go(house: House) -> None:
    code = new_code()
    handle = await house.start(
        {"code": code},
        id=f"center/{code}",
        start_signal="formation.assess",
        start_signal_args=[assessment()],
    )
    check_invalid(await ended(handle), "field_en")
    assert house.records.refusals(code) == []


def raw(data: bytes, encoding: str = "json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding.encode()}, data=data))


UNREADABLE = {
    "no json": raw(b"{nope"),
    "lone surrogate": raw(json.dumps(registration("NEIIC-T-Z", field="\ud800")).encode()),
    "very deep": raw(b"[" * 500 + b"]" * 500),
    "very long number": raw(b'{"code": ' + b"9" * 5000 + b"}"),
    "no utf-8": raw(b'"\xff\xfe"'),
    "unknown encoding": raw(b"x", "strange/encoding"),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_an_unreadable_registration_ends_at_once(house: House, name: str) -> None:
    handle = await house.start(UNREADABLE[name], id="center/NEIIC-T-Z")
    error = await ended(handle)
    assert (error.type, error.details[0]) == ("Refused", "invalid")


@pytest.mark.parametrize("more", [({},), (None, 3), ({"center": 1}, 2, 3)], ids=str)
async def test_more_arguments_than_one_end_at_once(house: House, more: tuple[Any, ...]) -> None:
    code = new_code()
    handle = await house.start(registration(code), *more, id=f"center/{code}")
    error = await ended(handle)
    assert (error.type, error.details[0]) == ("Refused", "invalid")


async def test_a_state_cannot_be_handed_in_from_outside(house: House) -> None:
    """Only a run before may hand its state on: a plain client's second argument is no state."""
    center = await house.approved()
    state = house.records.state(center.code)
    assert state is not None
    code = new_code()
    forged = {"center": state.model_dump(mode="json") | {"code": code}, "refusals": 0}
    handle = await house.start(registration(code), forged, id=f"center/{code}")
    error = await ended(handle)
    assert (error.type, error.details[0]) == ("Refused", "invalid")


async def test_a_signal_that_comes_with_the_start_is_taken(house: House) -> None:
    code = new_code()
    await house.start(
        registration(code),
        id=f"center/{code}",
        start_signal="formation.assess",
        start_signal_args=[assessment("with-the-start")],
    )
    handle = house.client.get_workflow_handle(f"center/{code}")
    async with asyncio.timeout(PATIENCE):
        answer = await handle.execute_update("formation.decide", approval())
    assert answer["stage"] == "preparation"
    kinds = [event.kind for event in house.records.timeline(code)]
    assert kinds == ["center.registered", "formation.assess", "formation.decide"]
