"""The files that pages refer to: our own css and script, and those that came from packages.

Each is served under an address with its digest, so that a browser keeps it for good and asks
again only when it has changed.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from neiic.console import assets

OURS = Path(__file__).parent / "static"


class _File(NamedTuple):
    body: bytes
    packed: bytes
    media_type: str
    digest: str


@cache
def _files() -> dict[str, _File]:
    paths = {path.name: path for path in OURS.iterdir() if path.is_file()} | assets.FILES
    return {name: _read(name, path) for name, path in paths.items()}


def _read(name: str, path: Path) -> _File:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise RuntimeError(
            f"{path} is missing; fetch the front-end files with: python -m neiic.console.assets"
        ) from error
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    digest = hashlib.sha256(body).hexdigest()[:12]
    return _File(body, gzip.compress(body, 9), media_type, digest)


def address(name: str) -> str:
    """The address of a file in pages. Raises KeyError for one that is not served."""
    return f"/static/{name}?v={_files()[name].digest}"


class StaticFiles:
    """ASGI application that serves exactly the known files, from memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope)
        known = _files().get(scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/"))
        if known is None or request.method not in ("GET", "HEAD"):
            await PlainTextResponse("not found\n", 404)(scope, receive, send)
            return
        packs = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Vary": "Accept-Encoding",
        }
        if packs:
            headers["Content-Encoding"] = "gzip"
        body = known.packed if packs else known.body
        await Response(body, media_type=known.media_type, headers=headers)(scope, receive, send)
