"""Everything that the console says has its Chinese, and no template speaks Chinese by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from jinja2.ext import babel_extract

from neiic import console
from neiic.console.translating import catalogue

HOME = Path(console.__file__).parent
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "told": None}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said() -> Iterator[tuple[str, str]]:
    """Each message id and the file that says it."""
    for path in (HOME / "templates").rglob("*.html"):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(
                file, DEFAULT_KEYWORDS.keys(), (), {"extensions": "jinja2.ext.do"}
            ):
                yield (message if isinstance(message, str) else message[0]), path.name
    for path in HOME.rglob("*.py"):
        for _, message, _, _ in extract_from_file("python", path, KEYWORDS):
            yield (message if isinstance(message, str) else message[0]), path.name


def test_every_message_has_its_chinese() -> None:
    chinese = catalogue("zh")
    missing = sorted(
        {(where, message) for message, where in said() if not _known(chinese, message)}
    )
    assert not missing, "\n".join(f"{where}: {message}" for where, message in missing)


def _known(chinese: object, message: str) -> bool:
    known = chinese._catalog  # type: ignore[attr-defined]
    return message == "" or message in known or (message, 0) in known


def test_no_template_speaks_chinese_by_itself() -> None:
    speaking = [
        path.name
        for path in (HOME / "templates").rglob("*.html")
        if CHINESE.search(path.read_text(encoding="utf-8"))
    ]
    assert not speaking


def test_placeholders_are_the_same_in_both_languages() -> None:
    placeholder = re.compile(r"%\(\w+\)s")
    for message, told in catalogue("zh")._catalog.items():
        name = message[0] if isinstance(message, tuple) else message
        if name:
            assert set(placeholder.findall(told)) <= set(placeholder.findall(name)), name
