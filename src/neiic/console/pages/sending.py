"""What a form sent: its fields, once its token has been found to be the session's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE, LARGEST_NUMBER, Visitor
from neiic.console.guarding import matches

#: More fields than any form of ours has.
MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form in their order, and the files."""

    fields: tuple[tuple[str, str], ...]
    files: dict[str, UploadFile]

    def one(self, name: str) -> str:
        """The first value of a field, without blanks around it; empty where there is none."""
        return next((value.strip() for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """All values of a field."""
        return [value for key, value in self.fields if key == name]

    def number(self, name: str) -> int:
        """A row's number, or another whole one; 0 for what is none."""
        said = self.one(name)
        read = int(said) if said.isdecimal() and len(said) <= len(str(LARGEST_NUMBER)) else 0
        return read if read <= LARGEST_NUMBER else 0

    def mapping(self) -> dict[str, list[str]]:
        """All fields with all their values, without the form's token."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            if name != "csrf":
                found.setdefault(name, []).append(value)
        return found


async def _sent(request: Request, person: Visitor) -> Sent:
    del person  # asked for first: without a session nobody's token counts
    form = await request.form(max_fields=MOST_FIELDS)
    fields = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
    files = {name: value for name, value in form.multi_items() if isinstance(value, UploadFile)}
    token = next((value for name, value in fields if name == "csrf"), "")
    if not matches(csrf_of(request.cookies[COOKIE]), token or request.headers.get("x-csrf", "")):
        raise HTTPException(403)
    return Sent(fields, files)


def checked() -> Any:
    """A dependency: the form's fields. A form without the session's own token is answered 403."""
    return Depends(_sent)
