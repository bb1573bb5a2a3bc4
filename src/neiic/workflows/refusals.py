"""Refusals as Temporal errors: type ``Refused``, not retryable, the four parts as details."""

from __future__ import annotations

from typing import TypeVar

from temporalio.exceptions import ApplicationError

from neiic.statute.acts import Refused

REFUSED = "Refused"

T = TypeVar("T")


def refusal_error(refusal: Refused) -> ApplicationError:
    """The error by which an update or an invalid registration is refused."""
    return ApplicationError(
        f"{refusal.code}: {refusal.message_zh} {refusal.message_en}",
        refusal.code,
        refusal.article,
        refusal.message_zh,
        refusal.message_en,
        type=REFUSED,
        non_retryable=True,
    )


def refusal_of(error: BaseException | None) -> Refused | None:
    """The refusal inside an error that came back from Temporal; None when it is another error."""
    while error is not None:
        if isinstance(error, ApplicationError) and error.type == REFUSED:
            code, article, message_zh, message_en = error.details
            return Refused(code=code, article=article, message_zh=message_zh, message_en=message_en)
        error = error.__cause__
    return None


def unless_refused(value: T | Refused) -> T:
    """The value; raises its error when it is a refusal."""
    if isinstance(value, Refused):
        raise refusal_error(value)
    return value
