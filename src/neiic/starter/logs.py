"""Logs: one set-up for every process, lines for people or JSON for programs."""

from __future__ import annotations

import logging

import structlog
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from neiic.settings import Settings


def set_up_logs(settings: Settings, *, core_level: str = "WARN") -> None:
    """Send every log line to standard error in the format of the settings.

    The Temporal SDK's core would write to standard output, amid what programs read there;
    its lines, from ``core_level`` on, are taken over too. Once per process, before a client.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # What a migration did is printed by who asked for it.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    core = logging.getLogger("temporal_core")
    core.setLevel(logging.DEBUG)
    kept = TelemetryFilter(core_level=core_level, other_level="ERROR")
    forwarding = LogForwardingConfig(logger=core)
    logs = LoggingConfig(filter=kept, forwarding=forwarding)
    Runtime.set_default(
        Runtime(telemetry=TelemetryConfig(logging=logs)), error_if_already_set=False
    )
