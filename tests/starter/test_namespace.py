"""What a namespace needs: registered once, kept, and refused when it is wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sysconfig import get_path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    RemoveSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from neiic.starter import StackError
from neiic.starter.namespace import SEARCH_ATTRIBUTES, missing, set_up
from neiic.starter.ports import free_port
from neiic.starter.server import EmbeddedServer


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    async with EmbeddedServer(tmp_path, port=free_port(), in_memory=True) as server:
        yield server.address


async def retention(client: Client) -> timedelta:
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


ATTRIBUTES = TypedSearchAttributes(
    [
        SearchAttributePair(SearchAttributeKey.for_keyword("CenterCode"), "X"),
        SearchAttributePair(SearchAttributeKey.for_keyword_list("WaitingFor"), ["ndrc"]),
        SearchAttributePair(
            SearchAttributeKey.for_datetime("NextDeadline"), datetime(2031, 1, 1, tzinfo=UTC)
        ),
        SearchAttributePair(SearchAttributeKey.for_bool("Overdue"), False),
    ]
)


def _removal(namespace: str, name: str) -> RemoveSearchAttributesRequest:
    return RemoveSearchAttributesRequest(namespace=namespace, search_attributes=[name])


async def test_the_server_starts_with_the_attributes_and_set_up_changes_nothing(
    address: str,
) -> None:
    client = await Client.connect(address)
    assert await missing(client) == []
    assert await set_up(client, timedelta(days=30)) == []
    assert await retention(client) == timedelta(days=30)


async def test_the_server_starts_with_a_namespace_of_another_name(tmp_path: Path) -> None:
    async with EmbeddedServer(
        tmp_path, port=free_port(), in_memory=True, namespace="centers"
    ) as server:
        client = await Client.connect(server.address, namespace="centers")
        assert await missing(client) == []


async def test_a_namespace_is_made_fit_once(address: str) -> None:
    client = await Client.connect(address, namespace="centers")
    with pytest.raises(StackError, match="neiic setup"):
        await missing(client)
    assert await set_up(client, timedelta(days=7)) == list(SEARCH_ATTRIBUTES)
    assert await retention(client) == timedelta(days=7)
    await client.start_workflow(
        "Nobody", id="center/X", task_queue="nobody", search_attributes=ATTRIBUTES
    )
    assert await set_up(client) == []
    assert await retention(client) == timedelta(days=30)
    assert await missing(client) == []


async def test_what_is_missing_is_named(address: str) -> None:
    # The default namespace of a server that another hand started may have some or none.
    client = await Client.connect(address, namespace="other")
    await set_up(client)
    await client.operator_service.remove_search_attributes(_removal("other", "Overdue"))
    assert await missing(client) == ["Overdue"]
    assert await set_up(client) == ["Overdue"]


async def test_another_type_is_refused(address: str) -> None:
    client = await Client.connect(address, namespace="wrong")
    await set_up(client)
    await client.operator_service.remove_search_attributes(_removal("wrong", "Overdue"))
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace="wrong",
            search_attributes={"Overdue": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
        )
    )
    with pytest.raises(StackError, match="Overdue"):
        await set_up(client)
    with pytest.raises(StackError, match="Overdue"):
        await missing(client)


async def test_the_time_skipping_server_takes_them_too() -> None:
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(Path(get_path("scripts")) / "temporal-test-server")
    ) as environment:
        assert await set_up(environment.client) == list(SEARCH_ATTRIBUTES)
        assert await set_up(environment.client) == []
        assert await missing(environment.client) == []
        await environment.client.start_workflow(
            "Nobody", id="center/X", task_queue="nobody", search_attributes=ATTRIBUTES
        )
