"""What the API says when it cannot do what was asked: RFC 9457 problem documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from neiic.console.accounts.faults import FaultError
from neiic.statute.acts import Refused

MEDIA_TYPE = "application/problem+json"
#: When to try again while the house does not answer, in seconds.
AGAIN = {"Retry-After": "10"}
#: What answers with problems, and not with pages.
API = "/api/"

#: The contract's statuses of refusals; every other code is a conflict with the center's state.
STATUS = {"invalid": 422, "role_not_allowed": 403, "unit_not_allowed": 403}
CONFLICT = 409

_NAMED = re.compile(r"([a-z_][\w.]*): (.+)", re.DOTALL)


class FieldError(BaseModel):
    """One field that does not fit: its path in the body, and why, in both languages."""

    field: str = Field(examples=["data.year"])
    message_zh: str = Field(examples=["必填"])
    message_en: str = Field(examples=["is required"])


class Problem(BaseModel):
    """RFC 9457, with the refusal's own four and the fields that do not fit."""

    type: str = Field(examples=["urn:neiic:refusal:assessment_missing"])
    title: str = Field(examples=["assessment_missing"])
    status: int = Field(examples=[409])
    detail: str
    code: str = Field(examples=["assessment_missing"])
    article: str | None = Field(default=None, examples=["第十五条"])
    message_zh: str
    message_en: str
    errors: list[FieldError] = []
    decision_id: str | None = None


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        zh: str,
        en: str,
        *,
        article: str | None = None,
        errors: Sequence[FieldError] = (),
        decision_id: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(en)
        kind = "refusal" if article else "problem"
        self.headers = headers
        self.problem = Problem(
            type=f"urn:neiic:{kind}:{code}",
            title=code,
            status=status,
            detail=f"{zh} / {en}",
            code=code,
            article=article,
            message_zh=zh,
            message_en=en,
            errors=list(errors),
            decision_id=decision_id,
        )


def refused(refusal: Refused, decision_id: str | None = None) -> ProblemError:
    """The problem in which a center's refusal is told."""
    return ProblemError(
        STATUS.get(refusal.code, CONFLICT),
        refusal.code,
        refusal.message_zh,
        refusal.message_en,
        article=refusal.article,
        errors=list(_fields_of(refusal)),
        decision_id=decision_id,
    )


def _fields_of(refusal: Refused) -> Iterator[FieldError]:
    """The fields that a refusal names: its messages say ``field：…；field：…。``"""
    said_zh = refusal.message_zh.rstrip("。").split("；")
    said_en = refusal.message_en.rstrip(".").split("; ")
    if len(said_zh) != len(said_en):
        said_zh, said_en = [refusal.message_zh], [refusal.message_en]
    for zh, en in zip(said_zh, said_en, strict=True):
        named = _NAMED.match(en)
        if named:
            text = zh.removeprefix(f"{named[1]}：")
            yield FieldError(field=named[1], message_zh=text, message_en=named[2])


def unknown_center(code: str) -> ProblemError:
    """The same answer for a code that nobody has and for a center that is not the asker's."""
    return ProblemError(
        404,
        "unknown",
        f"没有编号为 {code[:64]} 的中心，或不属于贵单位。",
        f"No center has the code {code[:64]}, or it is not your unit's.",
    )


def of_fault(fault: FaultError) -> ProblemError:
    """The problem in which the console's own data is found not to fit."""
    status = {"invalid": 422, "unknown": 404, "conflict": 409, "forbidden": 403}[fault.kind]
    named = FieldError(
        field=fault.fault.field, message_zh=fault.fault.zh, message_en=fault.fault.en
    )
    return ProblemError(status, fault.kind, fault.fault.zh, fault.fault.en, errors=[named])


def bad_cursor(said: str) -> ProblemError:
    """A cursor that was not made by this list."""
    zh = "不属于此列表或已损坏，请省略后从第一页开始"
    named = FieldError(field="cursor", message_zh=zh, message_en=said.partition(": ")[2])
    return ProblemError(422, "invalid", f"cursor：{zh}。", f"{said}.", errors=[named])


def answer(error: ProblemError) -> JSONResponse:
    """The document on its way out."""
    return JSONResponse(
        error.problem.model_dump(exclude_none=True),
        status_code=error.problem.status,
        media_type=MEDIA_TYPE,
        headers=error.headers,
    )


async def on_problem(request: Request, error: Exception) -> JSONResponse:
    """Handler for ProblemError."""
    del request
    assert isinstance(error, ProblemError)
    return answer(error)


async def on_unreadable(request: Request, error: Exception) -> JSONResponse:
    """Handler for what FastAPI found in path, query or body: ``invalid``, field by field."""
    del request
    assert isinstance(error, RequestValidationError)
    found = [_fault(one) for one in error.errors()][:20]
    said = "; ".join(f"{one.field}: {one.message_en}" for one in found)
    told = "；".join(f"{one.field}：{one.message_zh}" for one in found)
    return answer(ProblemError(422, "invalid", f"{told}。", f"{said}.", errors=found))


def _fault(found: dict[str, Any]) -> FieldError:
    place, *path = [str(part) for part in found["loc"]]
    name = ".".join(path) if path and found["type"] != "json_invalid" else place
    said = str(found["msg"])[:200]
    return FieldError(field=name[:120], message_zh=f"不符合要求（{said}）", message_en=said)


_SAID = {
    401: ("sign_in_needed", "请先登录。", "Sign in first."),
    403: ("forbidden", "无权进行此操作。", "You may not do this."),
    404: ("unknown", "没有这个地址。", "There is no such address."),
    405: ("method_not_allowed", "此地址不接受该方法。", "This address does not take that method."),
    413: ("too_large", "内容过大。", "The body is too large."),
}


def plain(error: HTTPException) -> JSONResponse:
    """Problem for an HTTP error that the framework raised."""
    code, zh, en = _SAID.get(
        error.status_code, ("failed", "请求未能处理。", "The request could not be dealt with.")
    )
    made = ProblemError(error.status_code, code, zh, en, headers=dict(error.headers or {}))
    return answer(made)


def away(error: SQLAlchemyError | None = None) -> JSONResponse:
    """Problem while the database or the server does not answer; nothing was done."""
    del error
    return answer(
        ProblemError(
            503,
            "away",
            "系统暂时无法应答，请稍后再试；没有任何内容因此丢失。",
            "The system does not answer just now: try again in a while. Nothing was lost.",
            headers=AGAIN,
        )
    )
