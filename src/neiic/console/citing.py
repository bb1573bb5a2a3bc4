"""How articles are cited to readers of each language ("zh" or "en")."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(r"第([一二三四五六七八九十]+)条")


def cited(article: str | None, language: str) -> str:
    """The core's citation (第十五条、第十六条) as it stands, or as "Article 15, Article 16"."""
    if not article or language == "zh":
        return article or ""
    english = _ARTICLE.sub(lambda found: f"Article {_number(found[1])}", article)
    return english.replace("、", ", ")


def _number(written: str) -> int:
    """A number below a hundred as Chinese writes it."""
    tens, ten, ones = written.rpartition("十")
    return (_DIGITS.index(tens or "一") * 10 if ten else 0) + (_DIGITS.index(ones) if ones else 0)
