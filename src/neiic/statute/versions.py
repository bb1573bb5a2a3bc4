"""Older versions of stored values: how each becomes the present one, step by step.

A center lives longer than any shape of its models. What is kept for decades, in Temporal's
histories and in the records, says its ``schema_version``. A model that has to change in a way
that stored values do not fit gets the next version, and an *upcaster* beside the model: a
pure function from the stored JSON of one version to that of the next.

    @upcasts("Center", 1)
    def _one_revocation_became_a_list(raw: dict[str, Any]) -> dict[str, Any]:
        return raw | {"revocations": [raw["revocation"]] if raw["revocation"] else []}

``Frozen`` lifts what states an older version wherever it is validated, however deep inside
another value: out of a payload, a row, a run's carried state. What states no version there was
made by this code; where ``upcast`` is asked itself, a value without one is of version 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, field_validator, model_validator
from pydantic_core import to_jsonable_python

#: The field in which a stored value says its version.
FIELD = "schema_version"

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
_Upcaster = TypeVar("_Upcaster", bound=Upcaster)

#: By model name and the version that is lifted to the next.
UPCASTERS: dict[tuple[str, int], Upcaster] = {}


class UnknownVersionError(Exception):
    """A stored value states a version that this release cannot read; says what to do.

    No ValueError: it must reach the operator as it is, and must never be taken for a bad form.
    """


def upcasts(model: str, version: int) -> Callable[[_Upcaster], _Upcaster]:
    """Register a function that lifts this model's stored JSON from ``version`` to the next.

    It gets a dict of JSON values (dates are text) that it may change, and answers one; the
    version itself is written by ``upcast``. Raises ValueError when there is one already.
    """

    def register(upcaster: _Upcaster) -> _Upcaster:
        if (model, version) in UPCASTERS:
            raise ValueError(f"{model} has an upcaster from version {version} already")
        UPCASTERS[model, version] = upcaster
        return upcaster

    return register


def present_version(model: type[BaseModel]) -> int | None:
    """The version that this code writes of a model; None for a model that has no versions."""
    field = model.model_fields.get(FIELD)
    return None if field is None else field.default


def upcast(model: type[BaseModel], raw: Mapping[str, Any]) -> dict[str, Any]:
    """A stored value as the JSON of the model's present version, ready to be validated.

    Lifts the outermost value; what lies inside with a version of its own is lifted where it is
    validated. Raises UnknownVersionError for a version that is newer than this code, is none,
    or has no way up. A model without versions is answered as it is.
    """
    present = present_version(model)
    if present is None:
        return dict(raw)
    return _lifted(model.__name__, present, raw, raw.get(FIELD, 1))


def watch(model: type[BaseModel]) -> None:
    """What ``Frozen`` does with a model that states a version, while its class is being made.

    The core makes events by the hundred thousand, and a validator of a whole model makes JSON
    pass through Python. So only a model that has older versions is lifted; another one looks at
    the version, where one is given, and refuses what it does not know.
    """
    present = vars(model)[FIELD]
    validator: Any
    if present > 1:
        validator = model_validator(mode="before")(_classmethod(_lift))
    else:
        validator = field_validator(FIELD, mode="before")(_classmethod(_check))
    # Pydantic collects validators from the class; it looks after this.
    setattr(model, "_version_is_watched", validator)  # noqa: B010


#: By another name: a function that is no method yet has no type for Pydantic's decorators.
_classmethod: Any = classmethod


def _lift(cls: type[BaseModel], raw: Any) -> Any:
    is_stored = isinstance(raw, Mapping) and FIELD in raw
    return upcast(cls, raw) if is_stored else raw


def _check(cls: type[BaseModel], stated: Any) -> Any:
    upcast(cls, {FIELD: stated})
    return stated


def _lifted(name: str, present: int, raw: Mapping[str, Any], stated: Any) -> dict[str, Any]:
    if type(stated) is not int or stated < 1:
        raise UnknownVersionError(
            f"{name}: {FIELD} is {stated!r}, which is no version (1 to {present}):"
            " this was not written by a release; restore it from a backup"
        )
    if stated > present:
        raise UnknownVersionError(
            f"{name}: {FIELD} {stated} was written by a newer release, this one knows up to"
            f" {present}. Nothing is lost: roll forward to that release or a later one"
        )
    if stated == present:
        return {**raw, FIELD: present}
    lifted: dict[str, Any] = to_jsonable_python(dict(raw))
    for version in range(stated, present):
        upcaster = UPCASTERS.get((name, version))
        if upcaster is None:
            raise UnknownVersionError(
                f"{name}: there is no upcaster from version {version} to {version + 1}:"
                f' write one with @upcasts("{name}", {version}) beside the model'
            )
        lifted = upcaster(lifted) | {FIELD: version + 1}
    return lifted
