"""The Temporal server: reachable, its namespace, retention, search attributes, workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio.api.enums.v1 import IndexedValueType, NamespaceState, TaskQueueType
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeNamespaceResponse,
    DescribeTaskQueueResponse,
    GetClusterInfoRequest,
)
from temporalio.service import RPCError, RPCStatusCode

from neiic.starter import StackError
from neiic.starter.connecting import connect_client
from neiic.starter.doctor.ground import Check, Ground, ill, not_checked, ok, warning
from neiic.starter.looking import PATIENCE, last_access, queue
from neiic.starter.namespace import SEARCH_ATTRIBUTES, registered
from neiic.starter.stuck import GONE

#: Whoever repairs a center needs its history: a week is the least in which an ill is noticed.
SHORTEST_RETENTION = timedelta(days=7)
#: Tasks that wait longer than this while workers ask for some: too few workers, or hanging ones.
LONGEST_WAIT = timedelta(seconds=30)

START_ONE = "start a worker: neiic worker (or the whole stack: neiic dev)"


async def server(ground: Ground) -> Check:
    """Whether the server answers, and which version it is."""
    where = ground.settings.temporal_address
    try:
        client = await connect_client(ground.settings)
    except StackError as error:
        reason = str(error).partition("\n")[0]
        return ill("server", reason, "start it: neiic dev, or see NEIIC_TEMPORAL_ADDRESS")
    try:
        info = await client.workflow_service.get_cluster_info(
            GetClusterInfoRequest(), timeout=PATIENCE
        )
    except RPCError as error:
        if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED):
            said = f"{where} accepts connections and does not answer ({error.message})"
            return ill("server", said, "see the server's log; start it again")
        version = "of a version that it does not tell"
    else:
        version = info.server_version
    ground.reached = client
    return ok("server", f"Temporal {version} at {where}")


async def namespace(ground: Ground) -> Check:
    """Whether the namespace exists."""
    name = ground.settings.temporal_namespace
    try:
        found = await _namespace(ground)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return ill("namespace", f"there is no namespace {name}", "create it: neiic setup")
    if found.namespace_info.state != NamespaceState.NAMESPACE_STATE_REGISTERED:
        state = NamespaceState.Name(found.namespace_info.state)
        return ill("namespace", f"{name} is {state}", "use another: NEIIC_TEMPORAL_NAMESPACE")
    return ok("namespace", name)


async def _namespace(ground: Ground) -> DescribeNamespaceResponse:
    return await ground.client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=ground.client.namespace), timeout=PATIENCE
    )


async def retention(ground: Ground) -> Check:
    """Whether ended centers are kept as long as the settings say, and long enough."""
    found = await _namespace(ground)
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    wanted = timedelta(days=ground.settings.retention_days)
    said = f"histories of ended centers are kept {_days(kept)}"
    if kept != wanted:
        return ill(
            "retention",
            f"{said}, the settings say {_days(wanted)}",
            "set it: neiic setup (or correct NEIIC_RETENTION_DAYS)",
        )
    if kept < SHORTEST_RETENTION:
        return warning(
            "retention",
            f"{said}; an ill must be noticed before its history is gone",
            f"NEIIC_RETENTION_DAYS={SHORTEST_RETENTION.days} or more, then: neiic setup",
        )
    return ok("retention", said)


def _days(duration: timedelta) -> str:
    return f"{duration / timedelta(days=1):g} days"


async def search_attributes(ground: Ground) -> Check:
    """Whether all search attributes are registered, each with its type."""
    name = "search_attributes"
    present = await registered(ground.client)
    if present is None:
        return not_checked(name, "this server cannot list them")
    other = [
        f"{one} is {_type(present[one])} and must be {_type(kind)}"
        for one, kind in SEARCH_ATTRIBUTES.items()
        if one in present and present[one] != kind
    ]
    if other:
        return ill(
            name,
            "; ".join(other),
            "remove it (temporal operator search-attribute remove --name NAME), then: neiic setup",
        )
    absent = [one for one in SEARCH_ATTRIBUTES if one not in present]
    if absent:
        return ill(
            name,
            f"not registered: {', '.join(absent)}; centers that set them hang",
            "register them: neiic setup",
        )
    return ok(name, f"all {len(SEARCH_ATTRIBUTES)} are registered")


def _type(kind: int) -> str:
    value = IndexedValueType.Name(IndexedValueType.ValueType(kind))
    return value.removeprefix("INDEXED_VALUE_TYPE_").lower()


async def workers(ground: Ground) -> Check:
    """Whether workers ask for workflow tasks and for activities, and keep up with them."""
    name = ground.settings.task_queue
    said: list[str] = []
    for kind, what in (
        (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflow tasks"),
        (TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "activities"),
    ):
        answer = await queue(ground.client, name, kind)
        asked = last_access(answer)
        if asked is None:
            return ill("workers", f"no worker asks for {what} of queue {name}", START_ONE)
        if ground.now - asked > GONE:
            ago = f"the last did {_seconds(ground.now, asked)} s ago"
            return ill("workers", f"no worker asks for {what} of queue {name}: {ago}", START_ONE)
        waiting = _waiting(answer)
        if waiting is not None:
            return ill(
                "workers",
                f"{answer.stats.approximate_backlog_count} {what} wait, the oldest for"
                f" {waiting.total_seconds():.0f} s; the last worker asked for one"
                f" {_seconds(ground.now, asked)} s ago",
                f"see the workers' logs; {START_ONE}",
            )
        said.append(f"{len(answer.pollers)} for {what} (last {_seconds(ground.now, asked)} s ago)")
    return ok("workers", f"queue {name} is asked by {', '.join(said)}")


def _seconds(now: datetime, before: datetime) -> int:
    return max(0, int((now - before).total_seconds()))


def _waiting(answer: DescribeTaskQueueResponse) -> timedelta | None:
    """For how long the oldest task has waited, where that is too long."""
    if answer.stats.approximate_backlog_count == 0:
        return None
    age: timedelta = answer.stats.approximate_backlog_age.ToTimedelta()
    return age if age > LONGEST_WAIT else None
