"""Reading a drawing back: its texts as boxes, its marks, what a page must not have."""

from __future__ import annotations

import gettext
import io
import itertools
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from neiic import console
from neiic.console.drawing.svg import Box, width

SVG = "{http://www.w3.org/2000/svg}"
CATALOGUE = Path(console.__file__).parent / "translations" / "drawing.zh.po"


def translations(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh_CN"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def parsed(svg: str) -> Element:
    """The drawing's root; not well-formed is an error, and so is an inline style or script."""
    root = ElementTree.fromstring(svg)
    for one in root.iter():
        assert "style" not in one.attrib
        assert not any(name.startswith("on") for name in one.attrib)
        assert one.tag not in (f"{SVG}script", f"{SVG}style")
    assert root.attrib["aria-labelledby"].split() == [root[0].get("id"), root[1].get("id")]
    assert root[0].tag == f"{SVG}title"
    assert root[0].text
    return root


def boxes(root: Element) -> list[tuple[str, Box]]:
    found = []
    for one in root.iter(f"{SVG}text"):
        text, size = one.text or "", float(one.attrib["font-size"])
        x, y, wide = float(one.attrib["x"]), float(one.attrib["y"]), width(text, size)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[one.get("text-anchor", "start")]
        found.append((text, Box(left, y - size * 0.8, left + wide, y + size * 0.15)))
    return found


def assert_legible(root: Element) -> None:
    """No text lies upon another or leaves the picture."""
    _, _, right, bottom = map(float, root.attrib["viewBox"].split())
    found = boxes(root)
    for text, box in found:
        assert box.left >= -0.5, text
        assert box.right <= right + 0.5, text
        assert box.top >= -0.5, text
        assert box.bottom <= bottom + 0.5, text
    for (one, box), (other, beside) in itertools.combinations(found, 2):
        assert not box.meets(beside), f"{one!r} lies upon {other!r}"


def counted(root: Element, kind: str) -> int:
    """How many rows the marks of a kind stand for."""
    groups = [
        one for one in root.iter(f"{SVG}g") if {"mark", kind} <= set(one.get("class", "").split())
    ]
    return sum(int(one.attrib["data-count"]) for one in groups)
