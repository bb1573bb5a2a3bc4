"""Things in a column, each as near as can be to where it belongs, none upon another."""

from __future__ import annotations

from collections.abc import Sequence


def stacked(wanted: Sequence[float], heights: Sequence[float], first: float) -> list[float]:
    """The middles of things that would like to be at ``wanted`` (ascending), from ``first`` down.

    Neighbours that meet share the shift among them, so that none is moved further than it must.
    """
    blocks: list[tuple[float, float, int]] = []
    for want, height in zip(wanted, heights, strict=True):
        block = (want - height / 2, height, 1)
        while blocks and blocks[-1][0] + blocks[-1][1] > block[0]:
            top, tall, count = blocks.pop()
            share = (block[0] - tall) * block[2] + top * count
            block = (share / (count + block[2]), tall + block[1], count + block[2])
        blocks.append(block)
    return _middles(blocks, heights, first)


def _middles(
    blocks: Sequence[tuple[float, float, int]], heights: Sequence[float], first: float
) -> list[float]:
    middles: list[float] = []
    edge, index = first, 0
    for top, _tall, count in blocks:
        edge = max(edge, top)
        for height in heights[index : index + count]:
            middles.append(edge + height / 2)
            edge += height
        index += count
    return middles
