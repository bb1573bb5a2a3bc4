"""The API's OpenAPI document: what every operation may answer, and examples from real runs.

What routes have in common is said here once, by rule, so that a new route is documented with all
of it: problems of whoever asks, of what is asked, and of a house that does not answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from neiic.console.api.problems import MEDIA_TYPE, Problem

EXAMPLES = "examples.json"
_SAID = {
    400: "the request cannot be read as HTTP",
    401: "no token, or one that no longer holds",
    403: "the token's scope, role or unit does not include this",
    404: "no such thing, or not one of the asker's unit",
    409: "the center's state does not allow it, or a reason is needed",
    413: "the body is larger than 1 MiB",
    415: "the body is not JSON",
    422: "what was sent does not fit; `errors` name the fields",
    429: "too many failures: try again after `Retry-After` seconds",
    503: "database or server do not answer; nothing was done, try again after `Retry-After`",
}
_UNREFERENCED = ("HTTPValidationError", "ValidationError")
_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string"}}}
_ETAG = {"ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}}}


def documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The function that makes the app's document; made once, at the first request for it."""

    @cache
    def made() -> dict[str, Any]:
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            tags=app.openapi_tags,
        )
        _complete(document)
        return document

    return made


def recorded() -> dict[str, Any]:
    """Examples by operation (``GET /api/v1/tasks``): ``request``, and answers by status."""
    text = resources.files(__package__).joinpath(EXAMPLES).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _complete(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    told = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(told.pop("$defs", {}))
    schemas["Problem"] = told
    examples = recorded()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _answers(path, method, operation)
            _exemplify(operation, examples.get(f"{method.upper()} {path}", {}))
    for name in _UNREFERENCED:
        schemas.pop(name, None)


def _answers(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for status in _statuses(path, method, operation):
        responses[str(status)] = {
            "description": _SAID[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        } | ({"headers": _AFTER} if status in (429, 503) else {})
    names = [one["name"].lower() for one in operation.get("parameters", ())]
    if "if-none-match" in names:
        responses["200"]["headers"] = _ETAG
        responses["304"] = {"description": "what the asker has already", "headers": _ETAG}
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    """Problems that an operation may answer."""
    signed_in, sends = "security" in operation, "requestBody" in operation
    yield from (400, 503)
    yield from (401, 403) if signed_in else (401, 403, 429)
    if "{" in path:
        yield 404
    if method == "post" and signed_in:
        yield 409
    if sends:
        yield 413
    if sends or operation.get("parameters"):
        yield 422


def _exemplify(operation: dict[str, Any], examples: dict[str, Any]) -> None:
    for status, answer in examples.items():
        if status == "request":
            content = operation["requestBody"]["content"]
        else:
            content = operation["responses"][status].get("content", {})
        for media in content.values():
            media["examples"] = {"run": {"summary": "From a real run.", "value": answer}}
