"""Every word of these pages has its Chinese: what is not translated would stay English."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract

from neiic import console
from neiic.console.translating import catalogue

ROOT = Path(console.__file__).parent
OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "silent": "false"}
FOLDERS = ("admin", "desk", "drafts", "profile")
SOURCES = [
    *(path for folder in FOLDERS for path in sorted((ROOT / "templates" / folder).glob("*.html"))),
    ROOT / "templates/forms/own.html",
    *sorted((ROOT / "pages/admin").glob("*.py")),
    *(ROOT / "pages" / f"{name}.py" for name in ("desk", "drafts", "profile")),
]
#: Said alike in both languages.
ALIKE = {"English"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_message_is_translated(path: Path) -> None:
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    words = {"_": None, "N_": None, "ngettext": (1, 2)}
    with path.open("rb") as file:
        found = [message for _, message, _, _ in extract(method, file, words, options=OPTIONS)]
    known = catalogue("zh")
    for message in found:
        if isinstance(message, tuple):
            assert known.ngettext(*message, 1) not in message
        elif message not in ALIKE:
            assert known.gettext(message) != message
