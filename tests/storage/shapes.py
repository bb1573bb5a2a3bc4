"""The shape of each stored model, one line for each field, kept in a file and compared.

A model without a version of its own belongs to the shape of every stored model that holds it;
one with a version of its own is only named there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from neiic.statute.versions import UPCASTERS, present_version
from tests.storage.stored import SHAPES, version_of

#: What a schema says that decides about no stored value.
_WORDS = ("title", "title_en", "description", "default")

Shape = dict[str, dict[str, Any]]


class Noted(NamedTuple):
    """A model's shape as a file has it."""

    version: int
    shape: Shape


class Differences(NamedTuple):
    """``breaking``: stored values may not fit any more. ``wider``: they do, and more fits now."""

    breaking: list[str]
    wider: list[str]


def shape_of(model: type[BaseModel]) -> Shape:
    """Each field and each list of choices that a stored value of this model is made of."""
    schema = model.model_json_schema()
    parts = {model.__name__: schema} | _own(schema, schema.get("$defs", {}))
    models = {one.__name__: one for one in _inside(model)}
    shape: Shape = {}
    for name, part in sorted(parts.items()):
        if "properties" not in part:
            shape[name] = _plain(part)
            continue
        for field, described in part["properties"].items():
            shape[f"{name}.{field}"] = _plain(described) | _default(models[name], field)
    return shape


def _own(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that belong to this model: not those behind a version of their own."""
    found: dict[str, Any] = {}
    wanted = list(_references(schema.get("properties", schema)))
    while wanted:
        name = wanted.pop()
        if name not in found and "schema_version" not in defs[name].get("properties", {}):
            found[name] = defs[name]
            wanted += _references(defs[name])
    return found


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _inside(field.annotation)
    for part in get_args(annotation):
        yield from _inside(part)


def _plain(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key not in _WORDS}
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _default(model: type[BaseModel], name: str) -> dict[str, Any]:
    # By hand: a JSON schema does not say what a default factory makes.
    field = model.model_fields[name]
    if field.is_required():
        return {"required": True}
    if name == "schema_version" and present_version(model) is not None:
        return {}
    return {"default": to_jsonable_python(field.get_default(call_default_factory=True))}


def differences(noted: Shape, now: Shape) -> Differences:
    """How a shape is not the one that was noted, under the same version."""
    found = Differences([], [])
    known = {name.partition(".")[0] for name in noted}
    for name, was in noted.items():
        if name not in now:
            found.breaking.append(f"{name} is gone")
        elif now[name] != was:
            kind = found.wider if _wider(was, now[name]) else found.breaking
            kind.append(f"{name} was {_line(was)} and is {_line(now[name])}")
    for name in now.keys() - noted.keys():
        demanded = now[name].get("required") and name.partition(".")[0] in known
        if demanded:
            found.breaking.append(f"{name} is new and has no default")
        else:
            found.wider.append(f"{name} is new")
    return Differences(sorted(found.breaking), sorted(found.wider))


def _wider(was: Any, now: Any) -> bool:
    """Whether only choices were added."""
    if isinstance(was, dict) and isinstance(now, dict) and was.keys() == now.keys():
        return all(
            set(map(str, now[key])) >= set(map(str, was[key]))
            if key == "enum"
            else _wider(was[key], now[key])
            for key in was
        )
    if isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        return all(map(_wider, was, now))
    return bool(was == now)


def noted_shapes() -> dict[str, Noted]:
    """What the files have, by model."""
    return {path.stem: _read(path.read_text(encoding="utf-8")) for path in SHAPES.glob("*.txt")}


def note(model: type[BaseModel]) -> None:
    """Write a model's present shape into its file."""
    SHAPES.mkdir(exist_ok=True)
    lines = [f"version {version_of(model)}"]
    lines += [f"{name} {_line(part)}" for name, part in shape_of(model).items()]
    (SHAPES / f"{model.__name__}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _read(text: str) -> Noted:
    first, *lines = text.splitlines()
    named = (line.partition(" ") for line in lines)
    return Noted(int(first.split()[1]), {name: json.loads(part) for name, _, part in named})


def _line(part: Mapping[str, Any]) -> str:
    return json.dumps(part, ensure_ascii=False, sort_keys=True)


class Fault(NamedTuple):
    """What to do about a model; ``make shapes`` may note its shape where that is all to do."""

    says: str
    may_be_noted: bool


def fault(model: type[BaseModel], noted: Noted | None) -> Fault | None:
    """What to do about a model whose shape is not the one noted; None when it is."""
    name, version = model.__name__, version_of(model)
    unlifted = [step for step in range(1, version) if (name, step) not in UPCASTERS]
    if unlifted:
        return Fault(NO_WAY_UP.format(name=name, version=unlifted[0], next=unlifted[0] + 1), False)
    if noted is None:
        return Fault(
            f"{name} is a new stored model: run `make shapes`, commit what it writes", True
        )
    if version < noted.version:
        said = f"{name} was at version {noted.version} and values of it may be stored:"
        return Fault(f"{said} it cannot go back to {version}, go on to {noted.version + 1}", False)
    if version > noted.version:
        said = f"{name} has the new version {version}"
        return Fault(f"{said}: run `make shapes`, commit what it writes", True)
    found = differences(noted.shape, shape_of(model))
    told = {"name": name, "version": version, "next": version + 1, "what": _list(found)}
    if found.breaking:
        return Fault(BREAKING.format(**told), False)
    return Fault(WIDER.format(**told), True) if found.wider else None


def _list(found: Differences) -> str:
    return "\n".join(f"  {line}" for line in (*found.breaking, *found.wider))


NO_WAY_UP = """\
{name} has no upcaster from version {version}: write one beside the model, a function that takes a
stored dict of version {version} and answers that of version {next}, with @upcasts("{name}", {version})
(neiic.statute.versions). tests/storage/samples/{name}.v{version}.json has what it will get.
"""
BREAKING = """\
{name} has changed so that values stored as version {version} may not fit or mean something else:
{what}
Put it back, or give it a new version:
  1. set the default of {name}.schema_version to {next};
  2. beside the model, write an upcaster with @upcasts("{name}", {version}) (neiic.statute.versions);
  3. run `make shapes`: it notes the new shape and records samples of version {next};
  4. commit all that, and say in docs/changes.md what changed. The old samples stay as they are.
"""
WIDER = """\
{name} takes more than before; what is stored still fits:
{what}
Run `make shapes` and commit the diff of tests/storage/shapes. Mind a rollback: an older release
refuses a value with a field or choice that it does not know. Where it must be possible, let one
release know the new field or choice and only the next one write it.
"""
