"""Whatever is sent to a center, its workflow goes on, and what it refuses is recorded."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.converter import DataConverter

from neiic.workflows.refusals import refusal_of
from tests.workflows.house import Center, House, assessment, eventually, failures, message, note

pytestmark = pytest.mark.asyncio(loop_scope="session")

T = TypeVar("T")

EXAMPLES = 150

ACTIONS = (
    "formation.assess",
    "formation.decide",
    "supervision.note",
    "report.submit",
    "evaluation.concur",
    "revocation.decide",
    "followup.complete",
    "no.such.action",
    " ",
    "снимок",
    "𠮷\x00😀" * 30,
)
# No lone surrogates: a client that writes JSON by the rules cannot send them. See below.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["", "\x00", "😀" * 50, "‮", "2031-02-30", "ndrc", "approve", "a" * 3000, "null", "1e999"]
)
NUMBERS = st.integers() | st.sampled_from([10**300, -(10**4000), 2**63, 0]) | st.floats()
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
DEEP = st.integers(1, 150).map(lambda depth: json.loads("[" * depth + "]" * depth))
FIELDS = st.sampled_from(
    ["agency", "conclusion", "opinion", "decision", "document_no", "document_date", "text",
     "year", "summary", "indicators", "authority", "concur", "reason", "kind", "note", "until"]
)  # fmt: skip
NEARLY = st.fixed_dictionaries(
    {
        "decision_id": TEXTS | SCALARS | st.just("x" * 64),
        "actor": st.fixed_dictionaries(
            {"user": TEXTS | SCALARS, "role": st.sampled_from(["ndrc", "assessor", "tax"]) | JSON},
            optional={"name": SCALARS, "unit": SCALARS, "extra": JSON},
        )
        | JSON,
        "data": st.dictionaries(FIELDS | TEXTS, JSON, max_size=6) | JSON,
    },
    optional={"remarks": SCALARS, "action": TEXTS, "extra": JSON},
)
MESSAGES = NEARLY | JSON | DEEP


@dataclass
class Target:
    """The center that is shot at; a new one after a hit, so that Hypothesis can narrow it down."""

    center: Center
    sent: int = 0
    names: set[str] = field(default_factory=set)


async def test_any_json_by_update_and_by_signal(house: House) -> None:
    target = Target(await house.center())

    async def shoot(action: str, what: Any) -> None:
        nonlocal target
        before = len(target.center.events())
        try:
            await target.center.signal(action, what)
            refusal = await target.center.refused(action, what)
            assert refusal.code
            assert refusal.message_en
            target.sent += 1
            await target.center.refusals_recorded(target.sent)
            assert len(target.center.events()) == before
        except BaseException:
            target = Target(await house.center())
            raise

    await _with_many(shoot)

    center = target.center
    assert target.sent == EXAMPLES
    answer = await center.update("formation.assess", assessment())
    assert answer["sequence"] == 2
    shown = await center.check_whole()
    assert shown["stage"] == "application"
    rows = house.records.refusals(center.code)
    assert {row.via for row in rows} == {"signal"}
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert len([one for one in house.records.notices(center.code) if one.kind == "refused"]) == len(
        rows
    )


async def _with_many(shoot: Callable[[str, Any], Coroutine[Any, Any, None]]) -> None:
    """Let Hypothesis make the examples in a thread, while they are sent from this loop."""
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(ACTIONS), MESSAGES)
    def holds(action: str, what: Any) -> None:
        asyncio.run_coroutine_threadsafe(shoot(action, what), loop).result()

    await asyncio.to_thread(holds)


def raw(data: bytes, encoding: str | None = "json/plain") -> RawValue:
    metadata = {"encoding": encoding.encode()} if encoding else {}
    return RawValue(Payload(metadata=metadata, data=data))


#: An act that would be right but for what stands in its text.
def _odd(text: str) -> bytes:
    said = note("TEXT")
    return json.dumps(said).replace('"TEXT"', text).encode()


READABLE = {
    "binary": raw(b"\x00\xff\xfe", "binary/plain"),
    "nothing": raw(b"", "binary/null"),
    "not a number": raw(_odd("NaN")),
    "infinite": raw(_odd("-Infinity")),
    "large": raw(_odd(json.dumps("x" * 200_000))),
    "nested as deep as is read": raw(b"[" * 150 + b"]" * 150),
    "long number": raw(_odd("9" * 4000)),
}
UNREADABLE = {
    "lone surrogate": raw(_odd('"\\ud800"')),
    "lone surrogate as a key": raw(b'{"\\ud800": 1}'),
    "no json": raw(b"{nope"),
    "empty": raw(b""),
    "no utf-8": raw(b'"\xff\xfe"'),
    "very deep": raw(b"[" * 500 + b"]" * 500),
    "very long number": raw(_odd("9" * 5000)),
    "unknown encoding": raw(b"x", "strange/encoding"),
    "no encoding": raw(b"x", None),
    "protobuf": raw(b"{}", "json/protobuf"),
}


async def _still_alive(center: Center) -> None:
    """A valid act is accepted, and no workflow task failed."""
    try:
        async with asyncio.timeout(6):
            await center.handle.execute_update("formation.assess", assessment())
    except BaseException as error:
        failed = [one for history in await center.histories() for one in failures(history)]
        raise AssertionError(f"the workflow is stuck: {failed[:1]} ({error!r})") from None
    await center.check_whole()


@pytest.mark.parametrize("name", [*READABLE, *UNREADABLE])
async def test_raw_payloads_by_signal_are_refused_and_recorded(house: House, name: str) -> None:
    center = await house.center()
    payload = (READABLE | UNREADABLE)[name]
    await center.signal("supervision.note", payload)
    await center.signal("no.such.action", payload)
    await _still_alive(center)
    refused = house.records.refusals(center.code)
    assert sorted(one.action for one in refused) == ["no.such.action", "supervision.note"]
    assert {one.code for one in refused} == {"invalid"}


@pytest.mark.parametrize("name", [*READABLE, *UNREADABLE])
async def test_raw_payloads_by_update_are_refused(house: House, name: str) -> None:
    center = await house.center()
    payload = (READABLE | UNREADABLE)[name]
    before = await center.histories()
    for action in ("supervision.note", "no.such.action"):
        with pytest.raises(WorkflowUpdateFailedError) as caught:
            await center.update(action, payload)
        refusal = refusal_of(caught.value.cause)
        assert refusal is not None, f"not a refusal: {caught.value.cause!r}"
        assert refusal.code == "invalid"
    assert await center.histories() == before
    await _still_alive(center)


NUMBERS_OF_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "none": (),
    "two": (1, 2),
    "three": (None, None, None),
}


@pytest.mark.parametrize("number", NUMBERS_OF_ARGUMENTS)
@pytest.mark.parametrize("action", ["supervision.note", "no.such.action", "wake"])
async def test_another_number_of_arguments_by_signal(
    house: House, action: str, number: str
) -> None:
    center = await house.center()
    await center.handle.signal(action, args=NUMBERS_OF_ARGUMENTS[number])
    await _still_alive(center)
    refused = [one.action for one in house.records.refusals(center.code)]
    assert refused == ([] if action == "wake" else [action])


@pytest.mark.parametrize("number", NUMBERS_OF_ARGUMENTS)
@pytest.mark.parametrize("action", ["supervision.note", "no.such.action"])
async def test_another_number_of_arguments_by_update(
    house: House, action: str, number: str
) -> None:
    center = await house.center()
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await center.handle.execute_update(action, args=NUMBERS_OF_ARGUMENTS[number])
    refusal = refusal_of(caught.value.cause)
    assert refusal is not None, f"not a refusal: {caught.value.cause!r}"
    assert refusal.code == "invalid"
    await _still_alive(center)


async def test_a_client_with_another_data_converter_is_understood(house: House) -> None:
    """Plain JSON is the contract, whoever writes it; what is not written as JSON is refused."""
    center = await house.approved()
    plain = await Client.connect(house.address, data_converter=DataConverter())
    handle = plain.get_workflow_handle(f"center/{center.code}")
    answer = await handle.execute_update("supervision.note", note("巡查", "plain"))
    assert answer["sequence"] == 4
    await handle.signal("supervision.note", note("又巡查", "plain-signal"))
    await handle.signal("supervision.note", b"bytes")
    await center.recorded(lambda events: len(events) == 5)
    assert center.acts("supervision.note") == ["plain", "plain-signal"]
    assert [one.code for one in await center.refusals_recorded(1)] == ["invalid"]
    await center.check_whole()


async def test_of_a_flood_of_refused_signals_each_is_recorded(house: House) -> None:
    center = await house.approved()
    bad = [message("tax", {"text": uuid.uuid4().hex}) for _ in range(60)]
    await asyncio.gather(*(center.signal("supervision.note", one) for one in bad))

    async def all_recorded() -> bool:
        return len(house.records.refusals(center.code)) == 60

    await eventually(all_recorded)
    rows = house.records.refusals(center.code)
    assert {row.code for row in rows} == {"role_not_allowed"}
    assert sorted(row.decision_id or "" for row in rows) == sorted(
        str(one["decision_id"]) for one in bad
    )
    await center.check_whole()
