"""What stands before every request: size, headers, and who may send a form.

A form carries the session's token, masked anew for each page, because a compressed page that
repeats a secret beside the visitor's own text would give it away little by little (BREACH).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from neiic.console.api import problems

#: Largest body of a form or an API call, in bytes; sheets may be larger.
LARGEST_BODY = 1024 * 1024
LARGEST_SHEET = 8 * 1024 * 1024
SHEETS = ("/centers/import",)

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_TURNED_AWAY = {403: "the form was sent from another site", 413: "the body is too large"}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def headers_for(https: bool) -> dict[str, str]:
    """The security headers of every answer."""
    strict = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
    return HEADERS | (strict if https else {})


class Guard:
    """ASGI middleware: security headers on every answer, no oversized body, no foreign form."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = headers_for(https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away with 413 or 403."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if not path.startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        limit = LARGEST_SHEET if path.startswith(SHEETS) else LARGEST_BODY
        if _declared(scope) > limit:
            await _turn_away(scope, receive, guarded, 413)
        elif _is_foreign(scope):
            await _turn_away(scope, receive, guarded, 403)
        else:
            await self._app(scope, _limited(receive, limit), guarded)


class TooLargeError(HTTPException):
    """A body that declared no length, or a smaller one, went on beyond the limit.

    An HTTP error, because the framework answers 400 to any other that reading a body raises.
    """

    def __init__(self) -> None:
        super().__init__(413)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _is_foreign(scope: Scope) -> bool:
    """Whether a browser says that another site made it send this."""
    if scope["method"] in _SAFE:
        return False
    headers = dict(scope["headers"])
    site = headers.get(b"sec-fetch-site", b"same-origin")
    if site not in (b"same-origin", b"none"):
        return True
    origin = headers.get(b"origin", b"")
    host = headers.get(b"host", b"")
    return bool(origin) and origin.partition(b"://")[2] != host


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLargeError
        return message

    return receiving


async def _turn_away(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """The answer to what goes no further; the connection ends, for its body is not read."""
    end = {"Connection": "close"}
    if scope["path"].startswith(problems.API):
        answer: Response = problems.plain(HTTPException(status, headers=end))
    else:
        answer = PlainTextResponse(f"{_TURNED_AWAY[status]}\n", status, headers=end)
    await answer(scope, receive, send)


def masked(token: str) -> str:
    """A session's form token in another dress for each page."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    mixed = bytes(a ^ b for a, b in zip(plain, pad, strict=True))
    return base64.urlsafe_b64encode(pad + mixed).decode()


def matches(token: str, sent: str) -> bool:
    """Whether a form came with its session's token."""
    try:
        raw = base64.urlsafe_b64decode(sent.encode())
    except (binascii.Error, ValueError):
        return False
    half = len(raw) // 2
    plain = bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=False))
    return len(raw) % 2 == 0 and hmac.compare_digest(plain, token.encode())
