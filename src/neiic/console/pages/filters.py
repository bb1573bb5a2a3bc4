"""Filters that stand in a page's address: read from it, written back into links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

T = TypeVar("T", bound=str)

#: Longest text that a filter takes.
LONGEST = 200


class Query:
    """A page's filters as its address has them; those left empty are not there."""

    def __init__(self, path: str, given: Mapping[str, str], known: tuple[str, ...]) -> None:
        self.path = path
        self._given = {
            name: given[name].strip()[:LONGEST]
            for name in known
            if given.get(name, "").strip() and given[name].isprintable()
        }

    def get(self, name: str) -> str | None:
        """A filter's value, None where it is not asked for."""
        return self._given.get(name)

    def one_of(self, name: str, known: tuple[T, ...]) -> T | None:
        """A value that must be one of these. 404 for another: such a list does not exist."""
        value = self._given.get(name)
        if value is None:
            return None
        for one in known:
            if one == value:
                return one
        raise HTTPException(404)

    def flag(self, name: str) -> bool | None:
        """A yes or no."""
        value = self.one_of(name, ("yes", "no"))
        return None if value is None else value == "yes"

    def but(self, **changes: Any) -> str:
        """The address of this page with some filters replaced, or taken away by None.

        A cursor belongs to one list: it is left behind unless it is given.
        """
        kept = {name: value for name, value in self._given.items() if name != "cursor"}
        kept |= {name: str(value) for name, value in changes.items() if value is not None}
        wanted = {n: v for n, v in kept.items() if not (n in changes and changes[n] is None)}
        return f"{self.path}?{urlencode(wanted)}" if wanted else self.path

    @property
    def given(self) -> dict[str, str]:
        """What is asked for, without the cursor."""
        return {name: value for name, value in self._given.items() if name != "cursor"}

    @property
    def text(self) -> str:
        """The same as it stands in an address."""
        return urlencode(self.given)
