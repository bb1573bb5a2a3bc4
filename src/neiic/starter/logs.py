"""Logs: one set-up for every process, lines for people or JSON for programs.

Our own lines, those of the standard library's loggers and those of the Temporal SDK, down to its
core, go the same way and carry the same names: ``center``, ``act``, ``decision_id``, ``role``,
``unit``, ``workflow_id``, ``run_id``, ``activity``, ``attempt``, as far as each is known.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from temporalio import activity, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from neiic.settings import Settings

#: What the SDK adds to a line, and how what is kept of it is called here.
_ADDED = {
    "temporal_workflow": {
        "workflow_id": "workflow_id",
        "run_id": "run_id",
        "update_name": "act",
    },
    "temporal_activity": {
        "workflow_id": "workflow_id",
        "workflow_run_id": "run_id",
        "activity_type": "activity",
        "attempt": "attempt",
    },
}
_OF_THE_CORE = {
    "workflow_id": "workflow_id",
    "run_id": "run_id",
    "activity_type": "activity",
    "error": "core_error",
    "failure": "core_failure",
}
#: Longest text that is taken over from the core.
_KEPT_OF_CORE = 1_000
#: What a line begins with.
_FIRST = ("timestamp", "level", "event", "center", "act")
_CENTERS = "center/"


def set_up_logs(
    settings: Settings, *, core_level: str = "WARN", metrics: PrometheusConfig | None = None
) -> None:
    """Send every log line to standard error in the format of the settings.

    The Temporal SDK's core would write to standard output, amid what programs read there;
    its lines, from ``core_level`` on, are taken over too. ``metrics`` is an endpoint for the
    same runtime; ValueError where it cannot be served. Once per process, before a client.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(settings.log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # What a migration did is printed by who asked for it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _route_ours()
    _tame_the_sdk()
    _forward_the_core(core_level, metrics)


def _formatter(log_format: str) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if log_format == "json"
        # The richer kind of traceback shows local variables, names and remarks among them.
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    rendered = [structlog.processors.format_exc_info] if log_format == "json" else []
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            *_SHARED,
            structlog.stdlib.ExtraAdder(),
            _flattened,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _in_order,
            *rendered,
            renderer,
        ],
    )


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def _route_ours() -> None:
    """Let structlog's loggers write through the standard library's."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _tame_the_sdk() -> None:
    # Its ids come as fields: the text need not repeat them.
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    # A line is made by what is outside of the sandbox already.
    workflow.logger.unsafe_disable_sandbox()
    base = logging.getLogger("temporalio.activity")
    base.filters[:] = [_is_news]


def _is_news(record: logging.LogRecord) -> bool:
    """Not the SDK's line on a failed activity: ours says the same in one line, not in fifty."""
    told = getattr(record, "__temporal_error_identifier", "") == "ActivityFailure"
    return not told or logging.getLogger().isEnabledFor(logging.DEBUG)


def _forward_the_core(core_level: str, metrics: PrometheusConfig | None) -> None:
    core = logging.getLogger("temporal_core")
    core.setLevel(logging.DEBUG)
    kept = TelemetryFilter(core_level=core_level, other_level="ERROR")
    forwarding = LogForwardingConfig(logger=core, append_log_fields_to_message=False)
    telemetry = TelemetryConfig(
        logging=LoggingConfig(filter=kept, forwarding=forwarding),
        metrics=metrics,
        attach_service_name=False,
    )
    Runtime.set_default(Runtime(telemetry=telemetry), error_if_already_set=False)


def _flattened(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The ids in what the SDK adds to a line, under our names; its other additions go."""
    del logger, method
    for added, names in _ADDED.items():
        _take(line, line.pop(added, None) or {}, names)
    core = line.pop("temporal_log", None)
    if core is not None:
        said = {name: str(value)[:_KEPT_OF_CORE] for name, value in core.fields.items()}
        _take(line, said, _OF_THE_CORE)
    for name in [name for name in line if name.startswith("__temporal")]:
        del line[name]
    workflow_id = line.get("workflow_id")
    if "center" not in line and isinstance(workflow_id, str) and workflow_id.startswith(_CENTERS):
        line["center"] = workflow_id.removeprefix(_CENTERS)
    return line


def _take(line: EventDict, added: Mapping[str, Any], names: Mapping[str, str]) -> None:
    for theirs, ours in names.items():
        if added.get(theirs) is not None:
            line.setdefault(ours, added[theirs])


def _in_order(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The line without fields that have no value, and what is looked for first in front."""
    del logger, method
    names = [*(name for name in _FIRST if name in line), *line]
    return {name: line[name] for name in dict.fromkeys(names) if line[name] is not None}
