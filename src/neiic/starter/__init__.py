"""The command line ``neiic`` and the embedded stack it can start on one machine."""


class StackError(Exception):
    """The stack cannot start, or cannot go on; the message says to a person what to do."""
