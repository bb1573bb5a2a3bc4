"""Older versions become the present one, step by step, wherever they turn up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.activities.reading import event_of
from neiic.models.messages import Carried
from neiic.statute.acts import Event
from neiic.statute.forms import Frozen
from neiic.statute.periods import BEIJING
from neiic.statute.state import Center
from neiic.statute.versions import (
    UPCASTERS,
    UnknownVersionError,
    present_version,
    upcast,
    upcasts,
)
from tests.storage.samples import read_samples, sample_path


class Bridge(Frozen):
    """Version 1 had ``name`` and ``built``; 2 renamed to ``title``; 3 counts ``opened`` in a list."""

    schema_version: int = 3
    title: str
    opened: tuple[date, ...] = ()


class Road(Frozen):
    schema_version: int = 1
    bridges: tuple[Bridge, ...]


@pytest.fixture(autouse=True)
def way_up() -> Iterator[None]:
    before = dict(UPCASTERS)

    @upcasts("Bridge", 1)
    def _name_became_title(raw: dict[str, Any]) -> dict[str, Any]:
        raw["title"] = raw.pop("name")
        return raw

    @upcasts("Bridge", 2)
    def _opened_more_than_once(raw: dict[str, Any]) -> dict[str, Any]:
        built = raw.pop("built")
        assert isinstance(built, str), "an upcaster sees JSON, whatever was handed in"
        return raw | {"opened": [built]}

    yield
    UPCASTERS.clear()
    UPCASTERS.update(before)


FIRST = {"schema_version": 1, "name": "长江大桥", "built": "2031-06-16"}
SECOND = {"schema_version": 2, "title": "长江大桥", "built": "2031-06-16"}
BRIDGE = Bridge(title="长江大桥", opened=(date(2031, 6, 16),))


def test_each_step_is_taken() -> None:
    lifted = {"schema_version": 3, "title": "长江大桥", "opened": ["2031-06-16"]}
    assert upcast(Bridge, FIRST) == upcast(Bridge, SECOND) == lifted
    assert upcast(Bridge, lifted) == lifted
    assert FIRST["name"] == "长江大桥", "what was handed in stays as it is"


def test_a_stored_value_without_a_version_is_the_first() -> None:
    bare = {name: value for name, value in FIRST.items() if name != "schema_version"}
    assert Bridge.model_validate(upcast(Bridge, bare)) == BRIDGE


@pytest.mark.parametrize("raw", [FIRST, SECOND, BRIDGE.model_dump(mode="json")])
def test_it_is_lifted_wherever_it_is_read(raw: dict[str, Any]) -> None:
    assert Bridge.model_validate(raw) == BRIDGE
    assert Bridge.model_validate_json(json.dumps(raw)) == BRIDGE
    inside = {"schema_version": 1, "bridges": [raw, raw]}
    assert Road.model_validate(inside) == Road(bridges=(BRIDGE, BRIDGE))
    assert TypeAdapter(Road).validate_json(json.dumps(inside)) == Road(bridges=(BRIDGE, BRIDGE))
    converter = pydantic_data_converter.payload_converter
    assert converter.from_payloads(converter.to_payloads([inside]), [Road]) == [
        Road(bridges=(BRIDGE, BRIDGE))
    ]


def test_what_this_code_makes_is_of_the_present_version() -> None:
    assert BRIDGE.schema_version == 3
    assert BRIDGE.but(title="另一座").schema_version == 3
    assert present_version(Bridge) == 3
    assert present_version(Frozen) is None


def test_an_upcaster_gets_json_also_from_a_row() -> None:
    raw = FIRST | {"built": date(2031, 6, 16)}
    assert Bridge.model_validate(raw) == BRIDGE


@pytest.mark.parametrize("read", [Bridge.model_validate, lambda raw: upcast(Bridge, raw)])
def test_a_newer_version_is_refused_with_the_way_out(read: Any) -> None:
    with pytest.raises(UnknownVersionError, match=r"Bridge: schema_version 4 .*roll forward"):
        read({"schema_version": 4, "title": "x", "spans": 3})


@pytest.mark.parametrize("stated", [0, -1, "2", 1.5, True])
def test_what_is_no_version_is_refused(stated: object) -> None:
    with pytest.raises(UnknownVersionError, match="no version"):
        upcast(Bridge, {"schema_version": stated, "title": "x"})


def test_a_missing_step_is_named() -> None:
    del UPCASTERS["Bridge", 2]
    with pytest.raises(UnknownVersionError, match=r'@upcasts\("Bridge", 2\)'):
        Bridge.model_validate(FIRST)


def test_one_step_has_one_upcaster() -> None:
    with pytest.raises(ValueError, match="already"):
        upcasts("Bridge", 1)(dict)


def test_a_newer_center_inside_a_carried_life_is_refused() -> None:
    [raw, *_] = read_samples(sample_path("Carried", 1))
    raw["center"]["schema_version"] = 99
    with pytest.raises(UnknownVersionError, match="Center: schema_version 99"):
        Carried.model_validate(raw)


def test_an_older_event_in_the_records_is_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2031, 3, 3, 9, tzinfo=BEIJING)
    row: Any = {
        "schema_version": 1,
        "sequence": 2,
        "kind": "supervision.note",
        "article": "第十六条",
        "at": moment,
        "recorded": moment,
        "effective": moment.date(),
        "actor_user": "u",
        "actor_name": None,
        "actor_role": "ndrc",
        "actor_unit": None,
        "document_no": None,
        "decision_id": "d",
        "remarks": None,
        "data": {"text": "现场检查"},
    }
    present = event_of(row)

    monkeypatch.setattr(Event.model_fields["schema_version"], "default", 2)
    monkeypatch.setitem(
        UPCASTERS, ("Event", 1), lambda raw: raw | {"data": {"note": raw["data"]["text"]}}
    )
    lifted = event_of(row)
    assert lifted.data == {"note": "现场检查"}
    assert (lifted.at, lifted.actor, lifted.schema_version) == (moment, present.actor, 2)
    assert lifted.at.utcoffset() == moment.utcoffset()


def test_the_state_in_the_records_says_its_version() -> None:
    for raw in read_samples(sample_path("Center", 1)):
        assert raw["schema_version"] == 1
        assert Center.model_validate(raw).schema_version == present_version(Center)
