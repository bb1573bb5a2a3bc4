"""A form of the console's own: as it stands first, and again with what does not fit at its field."""

from __future__ import annotations

from typing import Any

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError
from neiic.console.pages.sending import Sent

#: The status of the page that shows a form again; 404 is left to what is not there.
STATUS = {"invalid": 422, "unknown": 422, "conflict": 409, "forbidden": 403}

#: What the page of a form knows before anything was sent.
FRESH: dict[str, Any] = {"wrong": {}, "typed": Sent((), {})}


def again(error: FaultError, person: Person, sent: Sent, form: str = "") -> dict[str, Any]:
    """What the page needs instead: what was typed, and the fault in the reader's language.

    On a page with several forms ``form`` stands before the field's name.
    """
    fault = error.fault
    told = fault.zh if person.language == "zh" else fault.en
    return {"status": STATUS[error.kind], "wrong": {form + fault.field: told}, "typed": sent}
