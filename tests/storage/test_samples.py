"""Whatever a release has stored, this code reads: samples of every version of every model."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter
from temporalio.contrib.pydantic import pydantic_data_converter

from neiic.statute.versions import FIELD, upcast
from tests.storage.samples import digest_of, digests, read_samples, sample_path
from tests.storage.stored import SAMPLES, stored_models, version_of
from tests.workflows.test_replay import lost

MODELS = stored_models()
FILES = sorted(SAMPLES.glob("*.v*.json"))


def model_of(name: str) -> type[BaseModel]:
    model, _, version = name.partition(".v")
    if model not in MODELS or int(version) > version_of(MODELS[model]):
        pytest.fail(f"{name}.json is a sample of nothing: see `tests/storage`", pytrace=False)
    return MODELS[model]


@pytest.mark.parametrize("name", MODELS)
def test_every_version_has_samples(name: str) -> None:
    present = version_of(MODELS[name])
    for version in range(1, present + 1):
        path = sample_path(name, version)
        if not path.exists():
            is_new = version == present and path.name not in digests()
            todo = "run `make shapes` and commit it" if is_new else "take it from git"
            pytest.fail(f"{path.name} is missing: {todo}", pytrace=False)


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_samples_are_read_and_kept(name: str) -> None:
    model, samples = model_of(name), read_samples(SAMPLES / f"{name}.json")
    adapter = TypeAdapter(model)
    assert samples
    for raw in samples:
        assert FIELD in raw, "what is stored says its version"
        read = model.model_validate(upcast(model, raw))
        assert adapter.validate_json(json.dumps(raw)) == read, "as rows and as payloads alike"
        assert read.model_dump()[FIELD] == version_of(model)
        again = model.model_validate(upcast(model, read.model_dump(mode="json")))
        assert again == read
        if raw[FIELD] == version_of(model):
            assert lost(raw, _plain(read)) == []


def _plain(value: BaseModel) -> dict[str, Any]:
    plain: dict[str, Any] = value.model_dump(mode="json")
    return plain


@pytest.mark.parametrize("name", [path.stem for path in FILES])
def test_samples_pass_through_temporals_converter(name: str) -> None:
    model, converter = model_of(name), pydantic_data_converter.payload_converter
    for raw in read_samples(SAMPLES / f"{name}.json"):
        [read] = converter.from_payloads(converter.to_payloads([raw]), [model])
        [again] = converter.from_payloads(converter.to_payloads([read]), [model])
        assert again == read


def test_no_sample_was_edited() -> None:
    kept = digests()
    for path in FILES:
        if kept.get(path.name) != digest_of(path):
            pytest.fail(
                f"{path.name} is not the file that was recorded. A sample is what an older release"
                f" stored: take it back with `git checkout {path.relative_to(SAMPLES.parents[2])}`"
                " and mend the model or its upcaster (a new sample: `make shapes`).",
                pytrace=False,
            )
    missing = kept.keys() - {path.name for path in FILES}
    if missing:
        pytest.fail(f"{', '.join(sorted(missing))} is gone: take it from git", pytrace=False)
