"""What is stored keeps its shape, or gets a new version and a way up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pytest
from pydantic import Field

from neiic.models.messages import Carried, Commit
from neiic.statute.forms import Frozen
from neiic.statute.state import Center
from neiic.statute.versions import UPCASTERS
from tests.storage.shapes import Noted, fault, noted_shapes, shape_of
from tests.storage.stored import stored_models

MODELS = stored_models()
NOTED = noted_shapes()


@pytest.mark.parametrize("name", MODELS)
def test_the_shape_is_the_one_noted(name: str) -> None:
    found = fault(MODELS[name], NOTED.get(name))
    if found is not None:
        pytest.fail(found.says, pytrace=False)


def test_no_stored_model_is_gone() -> None:
    gone = sorted(NOTED.keys() - MODELS.keys())
    if gone:
        pytest.fail(
            f"{', '.join(gone)}: values of it lie in histories or records. Keep the model; a renamed"
            " one keeps its old name, which is that of its samples and upcasters.",
            pytrace=False,
        )


def test_what_is_said_and_kept_is_known_to_be_stored() -> None:
    assert MODELS.keys() >= {"Center", "Event", "Notice", "Snapshot", "Commit", "Committed"}
    assert MODELS.keys() >= {"Carried", "RecordedRefusal", "ResolvedDates", "RecalledDecision"}


def test_a_shape_ends_where_another_version_begins() -> None:
    assert {name.partition(".")[0] for name in shape_of(Commit)} == {"Commit"}
    assert {"Preparation.end", "Due.nominal", "Stage"} <= shape_of(Center).keys()


class Small(Frozen):
    opened: date
    note: str = ""


class Kept(Frozen):
    schema_version: int = 1
    name: str
    strikes: int = 0
    kind: Literal["minor", "major"] = "minor"
    parts: tuple[Small, ...] = ()
    years: dict[int, str] = Field(default_factory=dict)
    inside: Carried | None = None


def changed(**fields: Any) -> type[Frozen]:
    """``Kept`` with some fields otherwise: None takes one out."""
    annotations = {
        name: field.annotation for name, field in Kept.model_fields.items() if name != "kind"
    } | {"kind": Literal["minor", "major"]}
    defaults: dict[str, Any] = {
        "schema_version": 1,
        "strikes": 0,
        "kind": "minor",
        "parts": (),
        "years": Field(default_factory=dict),
        "inside": None,
    }
    for name, value in fields.items():
        annotations.pop(name, None)
        defaults.pop(name, None)
        if value is not None:
            annotations[name], *default = value
            defaults |= {name: default[0]} if default else {}
    body = {"__annotations__": annotations, "__module__": __name__, **defaults}
    return type("Kept", (Frozen,), body)


#: ``Small`` as it may come to be: its name is what counts.
GROWN: Any = type(
    "Small",
    (Frozen,),
    {
        "__annotations__": {"opened": date, "note": str, "closed": date | None},
        "__module__": __name__,
        "note": "",
        "closed": None,
    },
)
WAS = Noted(1, shape_of(Kept))


@pytest.fixture
def way_up() -> Iterator[None]:
    UPCASTERS["Kept", 1] = dict
    yield
    del UPCASTERS["Kept", 1]


def test_the_same_shape_is_no_fault() -> None:
    assert fault(changed(), WAS) is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"strikes": None}, "Kept.strikes is gone"),
        ({"strikes": None, "faults": (int, 0)}, "Kept.strikes is gone"),
        ({"strikes": (str, "")}, "Kept.strikes was"),
        ({"strikes": (int, 1)}, "Kept.strikes was"),
        ({"strikes": (int,)}, "Kept.strikes was"),
        ({"name": (str, "x")}, "Kept.name was"),
        ({"faults": (int,)}, "Kept.faults is new and has no default"),
        ({"kind": (Literal["minor"], "minor")}, "Kept.kind was"),
        ({"years": (dict[int, str], Field(default_factory=lambda: {1: "x"}))}, "Kept.years was"),
        ({"parts": (Small | None, None)}, "Kept.parts was"),
    ],
)
def test_the_gate_closes_on_what_stored_values_may_not_fit(
    fields: dict[str, Any], told: str
) -> None:
    found = fault(changed(**fields), WAS)
    assert found is not None
    assert not found.may_be_noted
    assert told in found.says
    assert "@upcasts" in found.says
    assert "make shapes" in found.says


@pytest.mark.parametrize(
    "fields",
    [
        {"faults": (int, 0)},
        {"later": (Carried | None, None)},
        {"kind": (Literal["minor", "major", "huge"], "minor")},
        {"parts": (tuple[GROWN, ...], ())},
    ],
)
def test_what_only_grew_has_to_be_noted(fields: dict[str, Any]) -> None:
    found = fault(changed(**fields), WAS)
    assert found is not None
    assert found.may_be_noted
    assert "make shapes" in found.says
    assert "rollback" in found.says


def test_a_new_version_needs_a_way_up() -> None:
    found = fault(changed(schema_version=(int, 2), strikes=None), WAS)
    assert found is not None
    assert not found.may_be_noted
    assert '@upcasts("Kept", 1)' in found.says


@pytest.mark.usefixtures("way_up")
def test_a_new_version_with_a_way_up_is_noted() -> None:
    found = fault(changed(schema_version=(int, 2), strikes=None), WAS)
    assert found is not None
    assert found.may_be_noted
    assert fault(changed(), Noted(2, WAS.shape)) is not None, "a version never goes back"
