"""Traces of OpenTelemetry from a caller's act to its commit, each with center and decision id.

A caller's span covers its sending, the workflow's the whole turn, waiting included, and one more
each activity: commit, recall, dates. The SDK's plugin carries the context along; its own spans
are off, since one of them would stand for a whole run and be kept in memory for years. Replay
makes no span twice. To be imported only where something is traced: it takes its time to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, get_tracer, set_tracer_provider
from temporalio import activity, client, worker, workflow
from temporalio.contrib.opentelemetry import (
    OpenTelemetryPlugin,
    ReplaySafeTracerProvider,
    create_tracer_provider,
)
from temporalio.plugin import SimplePlugin

from neiic.activities.observing import context_of
from neiic.statute.acts import decision_id_in
from neiic.workflows.payloads import one_said

#: Milliseconds that a program waits at its end for its last spans to be taken.
PATIENCE = 2_000

_TRACES = "/v1/traces"
_CENTERS = "center/"


def plugins(endpoint: str) -> list[SimplePlugin]:
    """What a client needs so that it, and the workers on it, trace to this collector.

    ``endpoint`` is its address, with or without ``/v1/traces``. The first call in a process
    chooses the collector for good.
    """
    url = endpoint if endpoint.endswith(_TRACES) else endpoint + _TRACES
    _provider(url)
    return plugins_for_tracing()


def plugins_for_tracing() -> list[SimplePlugin]:
    """The same over whatever provider is set already."""
    # A caller's span must be there before the SDK hands it on; a worker's comes after that.
    return [
        SimplePlugin("neiic.callers", interceptors=[_Callers()]),
        OpenTelemetryPlugin(),
        SimplePlugin("neiic.workers", interceptors=[_Workers()]),
    ]


def trace_to(exporter: SpanExporter) -> ReplaySafeTracerProvider:
    """Set the process's provider, once, with this exporter."""
    provider = create_tracer_provider(resource=Resource.create({"service.name": "neiic"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    set_tracer_provider(provider)
    return provider


@cache
def _provider(url: str) -> ReplaySafeTracerProvider:
    provider = trace_to(OTLPSpanExporter(endpoint=url, timeout=PATIENCE / 1000))
    _providers.append(provider)
    return provider


_providers: list[ReplaySafeTracerProvider] = []


def flush() -> None:
    """Send what is still waiting; gives up after :data:`PATIENCE` milliseconds."""
    for provider in _providers:
        provider.force_flush(PATIENCE)


@contextmanager
def _span(name: str, kind: SpanKind, **attributes: Any) -> Iterator[None]:
    known = {f"neiic.{key}": value for key, value in attributes.items() if value}
    with get_tracer("neiic").start_as_current_span(name, kind=kind, attributes=known):
        yield


class _Callers(client.Interceptor):
    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        return _Calling(next)


class _Calling(client.OutboundInterceptor):
    async def start_workflow_update(
        self, input: client.StartWorkflowUpdateInput
    ) -> client.WorkflowUpdateHandle[Any]:
        with _calling(input.id, f"act {input.update}", input.args):
            return await super().start_workflow_update(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:
        with _calling(input.id, f"signal {input.signal}", input.args):
            await super().signal_workflow(input)


@contextmanager
def _calling(workflow_id: str, name: str, args: Sequence[Any]) -> Iterator[None]:
    center = workflow_id.removeprefix(_CENTERS)
    decision_id = decision_id_in(args[0]) if args else None
    with _span(name, SpanKind.CLIENT, center=center, decision_id=decision_id):
        yield


class _Workers(worker.Interceptor):
    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _Working(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        del input
        return _Deciding


class _Working(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        info = activity.info()
        known = context_of(info, input.args)
        with _span(info.activity_type, SpanKind.SERVER, **known, local=info.is_local):
            return await super().execute_activity(input)


class _Deciding(worker.WorkflowInboundInterceptor):
    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:
        with _deciding(input.update, input.args):
            return await super().handle_update_handler(input)

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:
        with _deciding(input.signal, input.args):
            await super().handle_signal(input)


@contextmanager
def _deciding(action: str, args: Sequence[Any]) -> Iterator[None]:
    info = workflow.info()
    with _span(
        f"turn {action[:80]}",
        SpanKind.SERVER,
        center=info.workflow_id.removeprefix(_CENTERS),
        decision_id=decision_id_in(one_said(args)),
        workflow_id=info.workflow_id,
        run_id=info.run_id,
    ):
        yield
