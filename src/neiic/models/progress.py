"""How far this process knows the records of each center to be: a hint, never a fact.

A server may drop a workflow task whose acts were recorded already, and give its messages again
in another order. An update's validator, which is not replayed and may not wait, looks here
before it refuses: where the records are ahead of the workflow, the act is judged in its turn,
which asks the records themselves.
"""

from __future__ import annotations

_RECORDED: dict[str, int] = {}


def note_recorded(code: str, sequence: int) -> None:
    """A commit of this process has brought a center's records to this sequence."""
    if sequence > _RECORDED.get(code, 0):
        _RECORDED[code] = sequence


def may_be_ahead(code: str, sequence: int) -> bool:
    """Whether the records are known to hold more than a workflow at this sequence."""
    return _RECORDED.get(code, 0) > sequence
