"""The OpenAPI document is true: schemathesis asks the real console what the document says."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from neiic.console.api.documenting import recorded
from neiic.statute.registry import ACTIONS
from tests.console.examples import alike, record
from tests.console.http.people import OWN, People
from tests.console.http.serving import GROUP

pytestmark = pytest.mark.xdist_group(GROUP)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Cases of each operation and mode.
CASES = 14
#: Ends the token with which everything is asked; the matrix asks it.
NOT_ASKED = ("DELETE", "/api/v1/session")


@pytest.fixture(scope="module")
def document(people: People) -> dict[str, Any]:
    found: dict[str, Any] = people.api(None).get("/api/openapi.json").json()
    return found


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_answers_are_what_the_document_says(
    people: People, document: dict[str, Any], mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_dict(document)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if (operation.method.upper(), operation.path) == NOT_ASKED:
            continue
        _ask(people, operation, mode)
        asked += 1
    assert asked >= 12


def _ask(people: People, operation: Any, mode: GenerationMode) -> None:
    token = people.token("ndrc", "read", "act")

    @settings(
        max_examples=CASES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def asking(case: Any, data: st.DataObject) -> None:
        # A code that somebody has, for what comes after the first gate.
        if "code" in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters["code"] = OWN.code
        if "action" in case.path_parameters and data.draw(st.booleans()):
            case.path_parameters["action"] = data.draw(st.sampled_from(sorted(ACTIONS)))
        answer = case.call(
            base_url=people.site.address,
            headers={"authorization": f"Bearer {token}", "x-forwarded-for": "10.9.9.9"},
        )
        case.validate_response(answer, checks=CHECKS)

    asking()


def test_every_operation_says_how_it_fails(document: dict[str, Any]) -> None:
    """Problems are documented as what they are, and who has to be signed in."""
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            failing = {s: r for s, r in operation["responses"].items() if s >= "400"}
            assert {"401", "503"} <= failing.keys(), path
            for status, answer in failing.items():
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
            public = (method, path) == ("post", "/api/v1/session")
            assert ("security" in operation) is not public, path
            if "{code}" in path:
                assert "404" in failing, path
    schemas = document["components"]["schemas"]
    assert not [name for name in schemas if "__" in name or "Validation" in name]


def test_examples_are_of_the_shape_that_the_document_says(document: dict[str, Any]) -> None:
    """Every operation has an example of success, and it fits its own schema."""
    given_examples = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            named = f"{method.upper()} {path}"
            assert named in recorded() or operation["responses"].keys() & {"204"}, named
            contents = [
                content
                for part in (operation.get("requestBody", {}), *operation["responses"].values())
                for content in part.get("content", {}).values()
            ]
            for content in contents:
                for example in content.get("examples", {}).values():
                    fits = {**content["schema"], "components": document["components"]}
                    jsonschema_rs.validate(fits, example["value"])
                    given_examples += 1
    assert given_examples >= 20


def test_a_fresh_run_answers_like_the_examples(people: People) -> None:
    """Otherwise: ``python -m tests.console.examples``."""
    # Schemathesis sends the examples too: their code is taken by then.
    fresh, kept = record(people.site, "NEIIC-2026-002"), recorded()
    assert fresh.keys() == kept.keys()
    for operation, examples in fresh.items():
        assert examples.keys() == kept[operation].keys(), operation
        for status, example in examples.items():
            assert alike(example, kept[operation][status], f"{operation} {status}") == []


def test_an_answer_that_is_not_documented_is_found(
    people: People, document: dict[str, Any]
) -> None:
    operation = copy.deepcopy(document["paths"]["/api/v1/tasks"])
    del operation["get"]["responses"]["200"]
    schema = schemathesis.openapi.from_dict(document | {"paths": {"/api/v1/tasks": operation}})
    case = schema["/api/v1/tasks"]["GET"].Case()
    answer = case.call(
        base_url=people.site.address,
        headers={"authorization": f"Bearer {people.token('ndrc')}"},
    )
    with pytest.raises(FailureGroup, match="status code"):
        case.validate_response(answer, checks=CHECKS)
