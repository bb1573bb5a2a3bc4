"""The upgrade drill: lives begun by the previous release go on under today's, and back."""


class DrillError(Exception):
    """The drill cannot be held; the message says why and what to do."""
