"""The worker's metrics endpoint for Prometheus: the SDK's own metrics and ours, on one page."""

from __future__ import annotations

import socket
from ipaddress import ip_address

from temporalio.runtime import PrometheusConfig

from neiic.activities.observing import COMMIT_LATENCY
from neiic.settings import Settings
from neiic.starter import StackError

#: Seconds: a commit takes 2 ms on SQLite, and is given up after 60 s.
_COMMIT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0)


def endpoint(settings: Settings) -> PrometheusConfig | None:
    """The endpoint that the settings ask for; None where they ask for none.

    Raises StackError where its host is none of this machine's or its port is taken.
    """
    if not settings.metrics_address:
        return None
    return PrometheusConfig(
        bind_address=_to_be_bound(settings.metrics_address),
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides={COMMIT_LATENCY: _COMMIT_BUCKETS},
    )


def _to_be_bound(address: str) -> str:
    """The address in numbers, as the SDK wants it, once it was seen to be free."""
    host, _, port = address.rpartition(":")
    try:
        [(family, *_, found), *_] = socket.getaddrinfo(
            host.strip("[]"), int(port), type=socket.SOCK_STREAM
        )
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(found)
    except OSError as error:
        raise StackError(
            f"the metrics cannot be served at {address} ({error.strerror or error}).\n"
            "Name another HOST:PORT with NEIIC_METRICS_ADDRESS, or leave it empty"
        ) from None
    number = str(found[0])
    return f"[{number}]:{port}" if ip_address(number).version == 6 else f"{number}:{port}"
