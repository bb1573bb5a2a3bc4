"""The console's words in the reader's language.

Message ids are English; ``translations/<area>.zh.po`` hold the Chinese, one file an area.
They are read as they are: no compiled catalogue could be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = ("zh", "en")
DEFAULT = "zh"

_current: ContextVar[str] = ContextVar("language", default=DEFAULT)


@cache
def catalogue(language: str) -> Translations:
    """All areas' words for ``zh`` or ``en``; a message without a translation stays English."""
    whole = Catalog(locale=language)
    for path in sorted(FOLDER.glob(f"*.{language}.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    whole.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def translator(language: str) -> Callable[[str], str]:
    """``_`` for one language."""
    return catalogue(language).gettext


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """What templates say inside this block is said in the language."""
    token = _current.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    """The message in the language that is spoken."""
    return catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for a number of things in the language that is spoken."""
    said: Any = catalogue(_current.get()).ngettext(singular, plural, number)
    return str(said)


def preferred(accepted: str | None) -> str:
    """The language of a visitor of whom nothing else is known, by his ``Accept-Language``."""
    first = (accepted or "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else DEFAULT
