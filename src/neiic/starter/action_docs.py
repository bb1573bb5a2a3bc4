"""``docs/actions.md`` made from the registry: ``python -m neiic.starter.action_docs``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neiic.statute.registry import ACTIONS, Action
from neiic.statute.snapshot import schema_of


def markdown() -> str:
    """The page on actions: one table of all, then the fields of each."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Actions"
    yield ""
    yield "Made from the registry by `python -m neiic.starter.action_docs > docs/actions.md`; do not edit."
    yield ""
    yield "| action | 事项 | what it does | roles | stages | article |"
    yield "|---|---|---|---|---|---|"
    for action in ACTIONS.values():
        roles, stages = ", ".join(sorted(action.roles)), ", ".join(sorted(action.stages))
        yield (
            f"| [`{action.name}`](#{action.name.replace('.', '')}) | {action.zh} | {action.en}"
            f" | {roles} | {stages} | {action.article} |"
        )
    for action in ACTIONS.values():
        yield from _fields(action)


def _fields(action: Action) -> Iterator[str]:
    schema = schema_of(action.name)
    required = schema.get("required", [])
    yield ""
    yield f"## {action.name}"
    yield ""
    yield f"{action.zh}（{action.article}）. {(action.form.__doc__ or '').strip().splitlines()[0]}"
    yield ""
    if action.irreversible:
        yield f"Cannot be undone: {action.lasting_en} {action.lasting_zh}"
        yield ""
    yield "| field | 字段 | what it is | values | |"
    yield "|---|---|---|---|---|"
    for name, field in schema["properties"].items():
        needed = "required" if name in required else "optional"
        values = _values(field, schema)
        yield f"| `{name}` | {field['title']} | {field['title_en']} | {values} | {needed} |"


def _values(field: dict[str, Any], schema: dict[str, Any]) -> str:
    words = []
    for option in field.get("anyOf", [field]):
        if "$ref" in option:
            option = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
        if option.get("type") == "null":
            continue
        choices = [f"`{choice}`" for choice in option.get("enum", [])]
        words.append(", ".join(choices) or str(option.get("format") or option.get("type")))
    return " or ".join(dict.fromkeys(words))


if __name__ == "__main__":
    print(markdown(), end="")
