"""The last few results of a pure function, found again by the identity of its arguments.

What ``decide`` has evolved, its caller evolves once more, and looks at the same agenda: with
the very same objects, so the work need not be done twice.
"""

from __future__ import annotations

from typing import Generic, TypeVar

Result = TypeVar("Result")


class Recent(Generic[Result]):
    """Keeps ``most`` results with their arguments, so that an identity stays what it is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[tuple[int, int], tuple[object, object, Result]] = {}

    def find(self, one: object, other: object) -> Result | None:
        """The result for just these two objects, if it is kept."""
        found = self._kept.get((id(one), id(other)))
        return None if found is None else found[2]

    def keep(self, one: object, other: object, result: Result) -> Result:
        """Keep a result and answer it. Workers' threads may share this: a miss does no harm."""
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[id(one), id(other)] = (one, other, result)
        return result
