"""Opaque cursors: where a page ended, by the values that it was ordered by.

A cursor is no secret and no promise: it holds the last row's place, so that the next page begins
after it whatever came or went meanwhile. It is unsigned; what it may not see the scope withholds.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_

Place = tuple[Any, ...]


class CursorError(ValueError):
    """A cursor that was not made by this list, with what to do about it."""

    def __init__(self) -> None:
        super().__init__(
            "cursor: it does not belong to this list or is damaged; leave it out to begin at the"
            " first page"
        )


def written(kind: str, place: Sequence[Any]) -> str:
    """The cursor for a place in a list of this kind."""
    said = json.dumps([kind, *map(_encoded, place)], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def read(kind: str, cursor: str, types: Sequence[type]) -> Place:
    """The place that a cursor of this list holds. Raises CursorError for anything else.

    ``types`` are those of its values in order; a moment or a day may be None, as in the list.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said = json.loads(raw)
        if not isinstance(said, list) or said[0] != kind or len(said) != len(types) + 1:
            raise CursorError
        return tuple(_decoded(value, one) for value, one in zip(said[1:], types, strict=True))
    except (binascii.Error, UnicodeError, ValueError, IndexError, TypeError, RecursionError):
        raise CursorError from None


def after(
    columns: Sequence[ColumnElement[Any]], place: Place, *, descending: bool = False
) -> ColumnElement[bool]:
    """The condition on rows that come after a place, in the order of these columns.

    No value may be NULL. The first comparison is written apart, so that an index can be entered.
    """
    compared = [
        (column > value if not descending else column < value, column == value)
        for column, value in zip(columns, place, strict=True)
    ]
    later: ColumnElement[bool] = false()
    for further, same in reversed(compared):
        later = or_(further, and_(same, later))
    first, value = columns[0], place[0]
    return and_(first >= value if not descending else first <= value, later)


def _encoded(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _decoded(value: Any, wanted: type) -> Any:
    if wanted in (date, datetime):
        return None if value is None else _moment(value, wanted)
    if type(value) is not wanted or (isinstance(value, int) and abs(value) >= 2**63):
        raise CursorError
    return value


def _moment(value: Any, wanted: type) -> date:
    found: date = wanted.fromisoformat(value)  # type: ignore[attr-defined]
    if isinstance(found, datetime) and found.tzinfo is None:
        raise CursorError
    return found
