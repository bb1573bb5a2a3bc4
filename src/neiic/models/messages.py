"""What the workflow says to its activities: frozen models with a schema version.

They are kept in Temporal histories for decades. A field may be added with a default; any other
change needs a new version and an upcaster beside the model (see ``statute/versions.py``).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from neiic.statute.acts import Event, Refused
from neiic.statute.forms import Frozen
from neiic.statute.notices import Notice
from neiic.statute.periods import CalendarAnswer
from neiic.statute.state import Center

#: Names under which the activities are registered; workflows know no more of them.
COMMIT = "commit"
RESOLVE_DATES = "resolve_dates"
RECALL = "recall"
RESTORE = "restore"

#: Type of the error with which a commit says that the code belongs to another life.
CODE_TAKEN = "CodeTaken"
#: Type of the error with which a restore says that the records hold no such center.
NOT_RECORDED = "NotRecorded"


class RecordedRefusal(Frozen):
    """A refused message for the records. ``number`` counts the workflow's refusals from 1.

    ``message`` is what was sent, as JSON text cut to a bounded length: it may be anything.
    """

    schema_version: int = 1
    number: int
    action: str
    refusal: Refused
    message: str
    decision_id: str | None = None
    actor_role: str | None = None
    actor_unit: str | None = None
    actor_user: str | None = None


class Commit(Frozen):
    """One transaction: events, the center that they make, and the notices that they cause.

    ``life`` is the workflow's first run id, the same through every continue-as-new: it tells
    a retry from another life under the same code. ``events`` may be empty when only a refusal
    is recorded. ``center`` is the state after the events.
    """

    schema_version: int = 1
    life: str
    center: Center
    events: tuple[Event, ...] = ()
    notices: tuple[Notice, ...] = ()
    refusals: tuple[RecordedRefusal, ...] = ()


class Committed(Frozen):
    """How far the records are now. ``already`` is true when there was nothing left to write.

    ``stored`` is set, and nothing was written, when the records hold other events at the
    commit's sequences: a worker died after it had written and before the server knew. Then
    these did happen, and the life has to take them up and decide again.

    A registration is always answered with ``stored``: under which rule set it was recorded then
    stands in the history, and a worker that knows of later ones replays the same.
    """

    schema_version: int = 1
    sequence: int
    already: bool
    stored: tuple[Event, ...] = ()


class DatesToResolve(Frozen):
    """Nominal dates for the calendar."""

    schema_version: int = 1
    dates: tuple[date, ...]


class ResolvedDates(Frozen):
    """The calendar's answers, one for each date asked, in the same order."""

    schema_version: int = 1
    answers: tuple[CalendarAnswer, ...]


class DecisionToRecall(Frozen):
    """An act whose first answer is wanted again, by its sequence or by its decision id."""

    schema_version: int = 1
    code: str
    sequence: int | None = None
    decision_id: str | None = None


class RecalledDecision(Frozen):
    """The snapshot that the act was answered with; None when the records do not have it."""

    schema_version: int = 1
    snapshot: dict[str, Any] | None = Field(default=None)


class Carried(Frozen):
    """What a run hands to the next one at continue-as-new: the whole life so far.

    ``refusals`` counts the refused signals recorded so far. ``life`` is set in a life that was
    restored from the records: the one that it goes on with, which another workflow began. It
    came with 0.2.0 and is left out where it is None: 0.1.0 can go on from all other lives.
    """

    schema_version: int = 1
    center: Center
    refusals: int = 0
    life: str | None = Field(default=None, exclude_if=lambda life: life is None)


class FromRecords(Frozen):
    """The second argument of a workflow that is to go on from what the records hold."""

    schema_version: int = 1
    from_records: Literal[True]


class CenterToRestore(Frozen):
    """The center whose life is wanted as the records hold it."""

    schema_version: int = 1
    code: str
