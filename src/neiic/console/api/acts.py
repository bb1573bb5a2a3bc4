"""Acts on centers: ``POST /centers``, ``POST /centers/{code}/actions/{action}``, decisions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from neiic.console.accounts.access import Person
from neiic.console.acting import (
    Conflict,
    Done,
    Drafted,
    NotSeenError,
    Proposed,
    Unknown,
    new_decision_id,
    propose,
)
from neiic.console.api.problems import (
    FieldError,
    ProblemError,
    refused,
    unknown_center,
)
from neiic.console.asking import Wired, may
from neiic.console.starting import started
from neiic.statute.acts import Refused
from neiic.statute.registry import ACTIONS

router = APIRouter(tags=["acts"])


class Sent(BaseModel):
    """An act as it is sent. Who acts comes from the token, never from here."""

    model_config = ConfigDict(extra="forbid")

    decision_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    data: dict[str, Any] = {}
    remarks: Annotated[str | None, Field(min_length=1, max_length=20_000)] = None
    conflict_reason: Annotated[str | None, Field(min_length=1, max_length=2_000)] = None


class Answered(BaseModel):
    """What became of an act: ``done`` with the snapshot after it, ``unknown`` while that is being
    found out, ``drafted`` where the unit wants a second person's signature first.
    """

    status: str = Field(examples=["done"])
    code: str
    decision_id: str
    snapshot: dict[str, Any] | None = None
    draft: int | None = None
    refusal: dict[str, str] | None = None
    recheck: str | None = Field(
        default=None, description="Where to look for the outcome of an unknown act."
    )


IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=64)]


@router.post(
    "/centers/{code}/actions/{action}",
    responses={202: {"model": Answered, "description": "unknown, or drafted"}},
)
async def act(
    code: str,
    action: str,
    sent: Annotated[Sent, Body()],
    response: Response,
    house: Wired,
    person: Annotated[Person, may("act")],
    idempotency_key: IdempotencyKey = None,
) -> Answered:
    """Send an act: it is answered once its center has accepted and recorded it.

    The decision id (in the body or as ``Idempotency-Key``) makes the act happen once: sent
    again, it answers the first result. Without one the answer names the one it was given.
    """
    decision_id = _decision_id(sent.decision_id, idempotency_key)
    if action not in ACTIONS:
        raise ProblemError(
            404,
            "unknown_action",
            f"没有 {action[:64]} 这一事项。",
            f"There is no action {action[:64]}.",
        )
    _check_text(sent.data)
    proposed = Proposed(code, action, sent.data, sent.remarks, decision_id, sent.conflict_reason)
    try:
        outcome = await propose(house, person, proposed)
    except NotSeenError:
        raise unknown_center(code) from None
    if isinstance(outcome, Refused):
        raise refused(outcome, decision_id)
    if isinstance(outcome, Conflict):
        raise conflict_problem(outcome, decision_id)
    response.headers["Idempotency-Key"] = decision_id
    if isinstance(outcome, Done):
        return Answered(
            status="done", code=code, decision_id=decision_id, snapshot=outcome.snapshot
        )
    response.status_code = 202
    if isinstance(outcome, Drafted):
        return Answered(status="drafted", code=code, decision_id=decision_id, draft=outcome.draft)
    assert isinstance(outcome, Unknown)
    return unknown_yet(code, decision_id)


@router.get(
    "/centers/{code}/decisions/{decision_id}",
    responses={202: {"model": Answered, "description": "unknown, still"}},
)
def decision(
    code: str,
    decision_id: str,
    response: Response,
    house: Wired,
    person: Annotated[Person, may("read")],
) -> Answered:
    """What became of a decision. ``unknown`` may be sent again with the same id: it acts once."""
    if not house.accounts.may_see(person.scope, code):
        raise unknown_center(code)
    known = house.rechecks.known(code, decision_id)
    if known.status == "unknown":
        response.status_code = 202
        return unknown_yet(code, decision_id)
    return Answered(
        status=known.status,
        code=code,
        decision_id=decision_id,
        snapshot=known.snapshot,
        refusal=known.refusal,
    )


@router.post(
    "/centers",
    status_code=201,
    responses={202: {"model": Answered, "description": "sent, and not recorded yet"}},
)
async def start(
    registration: Annotated[Any, Body()],
    response: Response,
    house: Wired,
    person: Annotated[Person, may("act")],
) -> Answered:
    """Start a center from its registration, on a competent unit's recommendation (Article 15)."""
    outcome = await started(house, person, registration)
    if isinstance(outcome, Refused):
        raise refused(outcome)
    code, snapshot = outcome
    response.headers["Location"] = f"/api/v1/centers/{code}"
    if snapshot is None:
        response.status_code = 202
    return Answered(
        status="unknown" if snapshot is None else "done",
        code=code,
        decision_id=f"start-{code}",
        snapshot=snapshot,
    )


def _decision_id(in_body: str | None, as_header: str | None) -> str:
    if in_body and as_header and in_body != as_header:
        raise ProblemError(
            422,
            "invalid",
            "decision_id：与 Idempotency-Key 不一致。",
            "decision_id: differs from the Idempotency-Key.",
            errors=[
                FieldError(
                    field="decision_id",
                    message_zh="与 Idempotency-Key 不一致",
                    message_en="differs from the Idempotency-Key",
                )
            ],
        )
    return in_body or as_header or new_decision_id()


def _check_text(data: dict[str, Any]) -> None:
    """JSON can name half a character, which nothing beyond here can carry."""
    try:
        to_json(data)
    except ValueError:
        zh, en = "含有不成字符的编码（孤立代理项）", "holds a lone surrogate, which is no text"
        named = FieldError(field="data", message_zh=zh, message_en=en)
        raise ProblemError(
            422, "invalid", f"data：{zh}。", f"data: {en}.", errors=[named]
        ) from None


def unknown_yet(code: str, decision_id: str) -> Answered:
    """The answer while it is being found out what became of an act."""
    return Answered(
        status="unknown",
        code=code,
        decision_id=decision_id,
        recheck=f"/api/v1/centers/{code}/decisions/{decision_id}",
    )


def conflict_problem(conflict: Conflict, decision_id: str) -> ProblemError:
    """The problem that asks why a tied agency assesses all the same."""
    return ProblemError(
        409,
        "conflict_of_interest",
        f"{conflict.agency} 与 {conflict.unit} 存在关联（{conflict.note}），"
        "如仍由其论证，请填写说明 conflict_reason。",
        f"{conflict.agency} is tied to {conflict.unit} ({conflict.note}): to go on, "
        "say why in conflict_reason.",
        article="第十五条、第二十三条",
        decision_id=decision_id,
    )
