"""Ports on the loopback address: whether one is free, and which one is."""

from __future__ import annotations

import errno
import os
import random
import socket

from neiic.starter import StackError

LOOPBACK = "127.0.0.1"

_BELOW_EPHEMERAL = (20_000, 32_768)


class PortBusyError(StackError):
    """Another program listens on the port; ``option`` is the one that chooses another."""

    def __init__(self, port: int, purpose: str, option: str) -> None:
        super().__init__(
            f"port {port} for {purpose} is in use by another program; choose another with {option}"
        )
        self.port = port
        self.option = option


def require_free(port: int, purpose: str, option: str) -> None:
    """Raise PortBusyError if something listens on this port of the loopback address.

    Raises StackError if we may not listen on it for another reason, such as a low number.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # On POSIX this passes over connections that linger, never over a listener; elsewhere
        # it would pass over that too.
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortBusyError(port, purpose, option) from None
            raise StackError(
                f"port {port} for {purpose} cannot be used: {error.strerror}; "
                f"choose another with {option}"
            ) from error


def free_port() -> int:
    """A port on which nothing listened just now, for tests and measurements.

    It lies below those that the system gives away by itself, for outgoing connections and for
    the further ports that every Temporal server opens: asked for one of these, the system
    would soon give it to somebody else.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(*_BELOW_EPHEMERAL)
        try:
            require_free(port, "a test", "--port")
        except StackError:
            continue
        return port
