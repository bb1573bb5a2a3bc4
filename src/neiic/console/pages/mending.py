"""What does not fit in a form of the console's own, told at its field."""

from __future__ import annotations

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError

STATUS = {"invalid": 422, "unknown": 404, "conflict": 409, "forbidden": 403}


def wrong_of(error: FaultError, person: Person) -> dict[str, str]:
    """The message by the name of its field, in the reader's language."""
    return {error.fault.field: error.fault.zh if person.language == "zh" else error.fault.en}


def status_of(error: FaultError) -> int:
    """The status of the page that shows the form again; 404 is left to what is not there."""
    return 422 if error.kind == "unknown" else STATUS[error.kind]
