"""Every article that the law's own code cites has a summary in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import neiic.statute
from neiic.statute.articles import ARTICLES, summaries
from neiic.statute.registry import ACTIONS

CITED = re.compile(r"(?:民法典)?第[一二三四五六七八九十百零]+条")


def cited_anywhere() -> set[str]:
    folder = Path(neiic.statute.__file__).parent
    texts = [
        path.read_text(encoding="utf-8")
        for path in (*folder.rglob("*.py"), *folder.rglob("*.yaml"))
        if path.name != "articles.py"
    ]
    return {article for text in texts for article in CITED.findall(text)}


def test_whatever_actions_deadlines_refusals_and_rule_sets_cite_has_a_summary() -> None:
    cited = cited_anywhere()
    assert {"第十七条", "民法典第二百零三条"} <= cited
    assert cited - set(ARTICLES) == set()


def test_summaries_are_whole_sentences_in_both_languages() -> None:
    for article, summary in ARTICLES.items():
        assert CITED.fullmatch(article)
        assert summary.zh.endswith("。")
        assert summary.en.endswith(".")
        assert not re.search(r"[\u4e00-\u9fff]", summary.en)


def test_a_citation_of_several_articles_finds_each() -> None:
    for action in ACTIONS.values():
        assert [name for name, _ in summaries(action.article)] == action.article.split("、")
