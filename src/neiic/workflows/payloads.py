"""Payloads taken as they come, so that no bad one fails a workflow's task for ever."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RawValue

_Handler = TypeVar("_Handler", bound=Callable[..., Any])


_KIND = inspect.Parameter.POSITIONAL_OR_KEYWORD
_MESSAGE = inspect.Parameter("message", _KIND, annotation=RawValue)
# Shared by all handlers: a hundred of them in each center's memory would be felt.
_OF_FUNCTION = inspect.Signature([_MESSAGE])
_OF_METHOD = inspect.Signature([inspect.Parameter("self", _KIND), _MESSAGE])
_ANNOTATIONS = {"message": RawValue}


def takes_any_payload(handler: _Handler) -> _Handler:
    """Let the SDK hand over one argument undecoded, and any number of them.

    It looks at the signature to decode, and a handler with too few parameters would fail the
    workflow's task for ever: so the handler takes all, and its signature says one raw value.
    """
    is_method = handler.__code__.co_varnames[:1] == ("self",)
    handler.__signature__ = _OF_METHOD if is_method else _OF_FUNCTION  # type: ignore[attr-defined]
    handler.__annotations__ = _ANNOTATIONS
    return handler


def decoded(one: Any) -> Any:
    """A payload as JSON; one that is none is its text, which no form will take."""
    if not isinstance(one, RawValue):
        return one
    try:
        return workflow.payload_converter().from_payload(one.payload)
    except Exception:
        return one.payload.data.decode("utf-8", "replace")


def one_said(arguments: Sequence[Any]) -> Any:
    """What the one argument says; none or several are a list, which no form will take."""
    said = [decoded(one) for one in arguments]
    return said[0] if len(said) == 1 else said
