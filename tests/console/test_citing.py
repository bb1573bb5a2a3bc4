"""Articles as readers of each language see them cited."""

from __future__ import annotations

import pytest

from neiic.console.citing import cited


@pytest.mark.parametrize(
    ("article", "english"),
    [
        ("第十五条", "Article 15"),
        ("第十五条、第二十三条", "Article 15, Article 23"),
        ("第四条", "Article 4"),
        ("第十条、第三十条", "Article 10, Article 30"),
        ("", ""),
    ],
)
def test_an_article_is_cited_by_its_number_in_english_and_as_it_stands_in_chinese(
    article: str, english: str
) -> None:
    assert cited(article, "en") == english
    assert cited(article, "zh") == article
