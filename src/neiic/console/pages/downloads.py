"""Files that a page hands out."""

from __future__ import annotations

from urllib.parse import quote

from fastapi.responses import Response

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet_response(body: bytes, name: str) -> Response:
    """An Excel file under a name that may be Chinese (RFC 6266)."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(body, media_type=SHEET, headers=headers)
