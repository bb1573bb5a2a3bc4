"""``field=value`` words of the command line as the ``data`` of an action.

A field's form says how its value is read: text is taken as it stands, everything else as
YAML. A list takes several words (``evidence=一 evidence=二``), a map takes its keys after a
dot (``indicators.研发投入=120``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from neiic.starter.scenarios import load_yaml
from neiic.statute.registry import ACTIONS
from neiic.statute.snapshot import schema_of
from neiic.statute.terms import ROLE_ZH, Role


class FieldValueError(ValueError):
    """A word or file that is no data, with the way to write it."""


def no_such_action(action: str) -> str:
    """What to say of an action that there is not: the nearest one, and where all are listed."""
    near = get_close_matches(action, ACTIONS, n=1)
    meant = f"; did you mean {near[0]}?" if near else "."
    return f"there is no action {action}{meant} All: neiic actions"


def no_such_role(role: str) -> str:
    """What to say of a role that there is not."""
    near = get_close_matches(role, list(Role), n=1)
    meant = f"; did you mean {near[0]}?" if near else "."
    listed = ", ".join(f"{one} {ROLE_ZH[one]}" for one in Role)
    return f"--as {role}: there is no such role{meant} Roles: {listed}"


def read_data(action: str, words: Iterable[str], file: Path | None) -> dict[str, Any]:
    """The data of an action from a file and from words, which go before the file's."""
    data = read_mapping(file) if file is not None else {}
    given: dict[str, Any] = {}
    for word in words:
        _take(given, word, _properties(action))
    return data | given


def read_mapping(file: Path) -> dict[str, Any]:
    """A YAML or JSON file that holds one map. Raises FieldValueError naming file and line."""
    try:
        read = load_yaml(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FieldValueError(f"{file} cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or str(error)
        raise FieldValueError(f"{file}:{line}: {what}") from None
    except (ValueError, RecursionError) as error:
        raise FieldValueError(f"{file}: {error}") from None
    if not isinstance(read, dict):
        raise FieldValueError(f"{file}:1: must hold fields, one `name: value` a line")
    return read


def _take(given: dict[str, Any], word: str, properties: Mapping[str, Any]) -> None:
    name, equals, value = word.partition("=")
    if not equals or not name:
        raise FieldValueError(f"{word!r} is no field; write field=value, e.g. decision=approve")
    field, dot, key = name.partition(".")
    kind = _kind(properties.get(field, {}))
    if dot:
        entries = given.setdefault(field, {})
        if not isinstance(entries, dict):
            raise FieldValueError(f"{field} is given twice, once whole and once by its keys")
        entries[key] = _yaml(word, value)
    elif kind == "array" and not value.startswith("["):
        given[field] = [*given.get(field, []), value]
    elif field in given:
        raise FieldValueError(f"{field} is given twice")
    else:
        given[field] = value if kind == "string" else _yaml(word, value)


def _yaml(word: str, value: str) -> Any:
    try:
        return load_yaml(value)
    except yaml.YAMLError:
        raise FieldValueError(f"the value of {word!r} does not parse") from None


def _properties(action: str) -> Mapping[str, Any]:
    if action not in ACTIONS:
        return {}
    properties: Mapping[str, Any] = schema_of(action)["properties"]
    return properties


def _kind(schema: Mapping[str, Any]) -> str:
    """What a field holds by its JSON schema; a choice or reference of words is text too."""
    options = schema.get("anyOf", [schema])
    kinds = {option.get("type", "string" if "$ref" in option else "") for option in options}
    for kind in ("array", "object", "number", "integer", "boolean"):
        if kind in kinds:
            return kind
    return "string" if "string" in kinds else ""
