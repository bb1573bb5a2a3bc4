from pathlib import Path

from neiic.starter.action_docs import markdown


def test_the_page_on_actions_is_of_today() -> None:
    page = Path(__file__).parents[2] / "docs" / "actions.md"
    assert page.read_text(encoding="utf-8") == markdown(), (
        "the registry changed: python -m neiic.starter.action_docs > docs/actions.md"
    )
