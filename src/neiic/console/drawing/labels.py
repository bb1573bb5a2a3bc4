"""Where labels stand above the line: each in the lowest lane where it touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from neiic.console.drawing.svg import Box

LANES = 4
LANE = 38.0
_PAD = 8.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A label that would like to stand at ``x``; the sooner in the list the sooner placed.

    ``foot`` is where its leader ends above its mark, counted upwards from the line.
    """

    x: float
    width: float
    foot: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A label's lane (0 is the lowest) and whether it stands to the left of its leader."""

    lane: int
    leftwards: bool


@dataclass(slots=True)
class Flags:
    """Labels on leaders, like flags on poles, between two coordinates.

    Heights count upwards here, so a box's ``top`` is its lower edge.
    """

    left: float
    right: float
    base: float
    #: Where no text may stand, though poles may.
    walls: list[Box] = field(default_factory=list)
    texts: list[Box] = field(default_factory=list)
    poles: list[Box] = field(default_factory=list)

    def place(self, wanted: Sequence[Wanted]) -> list[Placed | None]:
        """A place for each label; None where there is no room left."""
        return [self._first_fit(one) for one in wanted]

    def _first_fit(self, one: Wanted) -> Placed | None:
        for lane in range(LANES):
            low = self.base + lane * LANE
            pole = Box(one.x - 1, one.foot, one.x + 1, low + LANE - 6)
            if _meets(pole, self.texts):
                return None
            for leftwards in (False, True):
                text = self._text(one, low, leftwards)
                inside = self.left <= text.left and text.right <= self.right
                if inside and not _meets(text, [*self.texts, *self.poles, *self.walls]):
                    self.texts.append(text)
                    self.poles.append(pole)
                    return Placed(lane, leftwards)
        return None

    @staticmethod
    def _text(one: Wanted, low: float, leftwards: bool) -> Box:
        if leftwards:
            return Box(one.x - one.width - _PAD, low, one.x - 5, low + LANE - 4)
        return Box(one.x + 5, low, one.x + one.width + _PAD, low + LANE - 4)


def _meets(box: Box, others: Iterable[Box]) -> bool:
    return any(box.meets(other) for other in others)
