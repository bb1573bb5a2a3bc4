"""Whether this process traces: nothing of OpenTelemetry is loaded unless the settings ask for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from neiic.settings import Settings

if TYPE_CHECKING:
    from temporalio.plugin import SimplePlugin


def plugins(settings: Settings) -> list[SimplePlugin]:
    """What a client of these settings is to be connected with; empty where nothing is traced."""
    if not settings.otlp_endpoint:
        return []
    # Loading it takes a third of a second: only those pay it who asked for it.
    from neiic import tracing

    return tracing.plugins(settings.otlp_endpoint)


def flush() -> None:
    """Send the last spans before the process leaves, if it traced anything."""
    tracing = sys.modules.get("neiic.tracing")
    if tracing is not None:
        tracing.flush()
