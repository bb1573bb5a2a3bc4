"""Writing SVG: escaped by ElementTree, measured before it is placed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

#: Characters that XML cannot carry, and those that turn the direction of what follows them.
_UNFIT = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)
_NARROW, _WIDE_LATIN, _CJK = 0.55, 0.72, 1.0
ELLIPSIS = "…"


class Box(NamedTuple):
    """A rectangle on the drawing; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two have an inner point in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def drawing(name: str, width: float, height: float, title: str, about: str) -> Element:
    """An empty picture that says to screen readers what it shows; ``name`` is unique on a page."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"drawing {name}",
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "role": "img",
            "aria-labelledby": f"{name}-title {name}-about",
        },
    )
    node(root, "title", title, id=f"{name}-title")
    node(root, "desc", about, id=f"{name}-about")
    return root


def node(parent: Element, tag: str, text: str | None = None, **attributes: object) -> Element:
    """A new last child. ``class_`` becomes class, ``stroke_width`` becomes stroke-width."""
    written = {
        name.rstrip("_").replace("_", "-"): _number(value)
        if isinstance(value, int | float)
        else clean(str(value))
        for name, value in attributes.items()
    }
    child = SubElement(parent, tag, written)
    child.text = None if text is None else clean(text)
    return child


def write(parent: Element, text: str, x: float, y: float, size: float, **more: object) -> Element:
    """Text whose baseline begins at a point (or ends or is centred there: ``text_anchor``)."""
    return node(parent, "text", text, x=x, y=y, font_size=size, **more)


def marked(root: Element) -> Markup:
    """The drawing as a string that templates need not escape again."""
    return Markup(tostring(root, encoding="unicode"))


def clean(text: str) -> str:
    """The text with a replacement character for each that XML or the eye cannot take."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def width(text: str, size: float) -> float:
    """How wide the text is at most, in the units of ``size``: CJK is one em, Latin about half."""
    return size * sum(map(_em, text))


def fitted(text: str, size: float, room: float) -> str:
    """The text, shortened with an ellipsis where it is wider than the room; may come out empty."""
    text = " ".join(clean(text).split())
    if width(text, size) <= room:
        return text
    left, kept = room - width(ELLIPSIS, size), ""
    for char in text:
        left -= width(char, size)
        if left < 0:
            break
        kept += char
    return kept.rstrip() + ELLIPSIS if kept else ""


@lru_cache(maxsize=8192)
def _em(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WFA":
        return _CJK
    return _WIDE_LATIN if char.isupper() or char in "mw%@&" else _NARROW


def _number(value: float) -> str:
    return f"{round(value, 1):g}" if abs(value) < 100_000 else f"{value:.0f}"
