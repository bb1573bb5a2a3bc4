"""What a Temporal namespace needs before a center can live in it.

Search attributes come first: a workflow that sets one which is not registered fails its task
and retries for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeIndexedValueType as Indexed
from temporalio.service import RPCError, RPCStatusCode

from neiic.starter import StackError

#: By name, what a center shows of itself to a search.
SEARCH_ATTRIBUTES: Mapping[str, Indexed] = {
    "CenterCode": Indexed.KEYWORD,
    "CenterStage": Indexed.KEYWORD,
    "CenterField": Indexed.KEYWORD,
    "CompetentUnit": Indexed.KEYWORD,
    "LatestGrade": Indexed.KEYWORD,
    "NextDeadlineKind": Indexed.KEYWORD,
    "RuleSet": Indexed.KEYWORD,
    "WaitingFor": Indexed.KEYWORD_LIST,
    "NextDeadline": Indexed.DATETIME,
    "Overdue": Indexed.BOOL,
}

#: Ended centers live on in the records; Temporal keeps their histories this long.
RETENTION = timedelta(days=30)

#: Seconds until a cluster of several nodes has told them all; the embedded one needs none.
PROPAGATION = 60.0

_PAUSE = 0.05


async def set_up(client: Client, retention: timedelta = RETENTION) -> list[str]:
    """Make the client's namespace fit for centers; doing it again changes nothing.

    Creates the namespace if it is missing, sets how long it keeps ended workflows, registers
    the search attributes and waits until the server lists them. Answers the names that were
    missing. Raises StackError where one is registered with another type, or where the whole
    takes more than :data:`PROPAGATION` seconds.
    """
    await _ensure_namespace(client, retention)
    try:
        async with asyncio.timeout(PROPAGATION):
            present = await _when_it_is_seen(client)
            if present is None:  # the time-skipping server: it takes them, and lists none
                return await _register(client, list(SEARCH_ATTRIBUTES))
            _refuse_other_types(present)
            absent = [name for name in SEARCH_ATTRIBUTES if name not in present]
            await _register(client, absent)
            while await missing(client):  # noqa: ASYNC110 - it tells only when asked
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        raise StackError(
            f"namespace {client.namespace} or its search attributes did not appear within "
            f"{PROPAGATION:.0f} s"
        ) from None
    return absent


async def missing(client: Client) -> list[str]:
    """Our search attributes that the namespace does not list; a worker must not start then.

    Empty for a server that cannot list them. Raises StackError where the namespace itself is
    missing, or where one has another type.
    """
    try:
        present = await registered(client)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise StackError(
            f"namespace {client.namespace} does not exist; create it with: neiic setup"
        ) from error
    if present is None:
        return []
    _refuse_other_types(present)
    return [name for name in SEARCH_ATTRIBUTES if name not in present]


async def _when_it_is_seen(client: Client) -> Mapping[str, int] | None:
    """As :func:`_registered`, for a namespace that not every part of the server knows yet."""
    while True:
        try:
            return await registered(client)
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        # Where somebody asked for it before it was created, that takes about a second.
        await asyncio.sleep(_PAUSE)


async def registered(client: Client) -> Mapping[str, int] | None:
    """The custom search attributes and their types; None if the server cannot tell."""
    try:
        answer = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    except RPCError as error:
        if error.status == RPCStatusCode.UNIMPLEMENTED:
            return None
        raise
    return {name: int(kind) for name, kind in answer.custom_attributes.items()}


def _refuse_other_types(present: Mapping[str, int]) -> None:
    for name, kind in SEARCH_ATTRIBUTES.items():
        if name in present and present[name] != kind:
            raise StackError(
                f"search attribute {name} is registered as "
                f"{IndexedValueType.Name(IndexedValueType.ValueType(present[name]))}, "
                f"it must be {kind.name}: remove it there, or use another namespace"
            )


async def _register(client: Client, names: list[str]) -> list[str]:
    """Register them; answers those that were new."""
    new = []
    # One by one, since a server refuses a whole batch for one name that it has already.
    for name in names:
        request = AddSearchAttributesRequest(
            namespace=client.namespace,
            search_attributes={name: IndexedValueType.ValueType(SEARCH_ATTRIBUTES[name])},
        )
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            if error.status != RPCStatusCode.ALREADY_EXISTS:
                raise
        else:
            new.append(name)
    return new


async def _ensure_namespace(client: Client, retention: timedelta) -> None:
    ttl = Duration()
    ttl.FromTimedelta(retention)
    service = client.workflow_service
    try:
        found = await service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
        if found.config.workflow_execution_retention_ttl != ttl:
            await service.update_namespace(
                UpdateNamespaceRequest(
                    namespace=client.namespace,
                    config=NamespaceConfig(workflow_execution_retention_ttl=ttl),
                )
            )
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            await _create(client, ttl)
        # The time-skipping server knows no retention, and every namespace by itself.
        elif error.status != RPCStatusCode.UNIMPLEMENTED:
            raise


async def _create(client: Client, ttl: Duration) -> None:
    try:
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(
                namespace=client.namespace, workflow_execution_retention_period=ttl
            )
        )
    except RPCError as error:  # another set-up at the same moment
        if error.status != RPCStatusCode.ALREADY_EXISTS:
            raise
