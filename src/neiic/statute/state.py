"""A center's whole state: what the events have made of it, and nothing that can be derived.

Frozen models with a schema version; ``Center`` is what continue-as-new carries for decades,
so every field is small and old matters shrink to their outcome.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from pydantic import Field

from neiic.statute.forms import Frozen
from neiic.statute.periods import Due
from neiic.statute.registration import ImplementingUnit, Recommendation, Requirements
from neiic.statute.terms import FollowUp, Grade, Stage

SCHEMA_VERSION = 1


class Formation(Frozen):
    """Assessment before NDRC decides (Article 15)."""

    latest_conclusion: Literal["support", "revise", "oppose"] | None = None
    revision_pending: bool = False


class Preparation(Frozen):
    """The preparation period (Articles 16-19).

    ``nominal_end`` is the first end before roll-over, from which an extension is measured.
    ``passed`` notes that the end went by: ``held`` by a timely application, or ``overdue``.
    ``live_since`` is when the present end came to hold: earlier reminders are not owed.
    """

    start: date
    nominal_end: date
    end: Due
    passed: Literal["held", "overdue"] | None = None
    live_since: datetime
    extension: Literal["none", "pending", "granted", "refused", "moot"] = "none"
    extension_applied: date | None = None
    planned_completion: date | None = None
    confirmation: Literal["none", "applied", "evaluated"] = "none"
    evaluated_on: date | None = None
    supplement: Due | None = None
    supplement_since: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether a timely application or a running supplement holds the lapse."""
        return (
            self.extension == "pending"
            or self.confirmation != "none"
            or self.supplement is not None
        )


class Report(Frozen):
    """The annual report of one year (Article 22). ``overdue`` notes that its date went by."""

    due: Due
    live_since: datetime
    status: Literal["open", "submitted", "returned", "waived"] = "open"
    overdue: bool = False


class RoundDates(Frozen):
    """The dates of one evaluation round (Article 23)."""

    opens: date
    materials_due: date
    closes: date


class Round(Frozen):
    """A center's part in one evaluation round, from its opening (Articles 23, 24).

    ``status``: nothing submitted yet, submitted, returned, endorsed, graded, or confirmed.
    ``taken_part`` stays true once materials were submitted in time.
    """

    materials: Due
    close: Due
    live_since: datetime
    status: Literal[
        "open", "submitted", "returned", "endorsed", "graded", "confirmed", "waived"
    ] = "open"
    taken_part: bool = False
    materials_overdue: bool = False
    close_overdue: bool = False
    assessed: bool = False
    grade: Grade | None = None
    graded_on: date | None = None
    customs: bool | None = None
    tax: bool | None = None


class Adjustment(Frozen):
    """One case of plan adjustment (Article 25)."""

    kind: Literal["minor", "functional", "rename", "equity", "bankruptcy", "restructuring"]
    opened: date
    new_name: str | None = None
    status: Literal["reported", "proposed", "approved", "returned", "rejected", "ended"] = (
        "reported"
    )


class Discipline(Frozen):
    """One case on verified facts (Article 26)."""

    severity: Literal["ordinary", "serious"]
    opened: datetime
    rectify: Due | None = None
    status: Literal["open", "reported", "procedure", "rectified", "decided", "ended"] = "open"
    overdue: bool = False


class Revocation(Frozen):
    """The pending revocation procedure: one, whatever its grounds (Articles 24, 26).

    ``failed_evaluation`` is the date of the grade that is a ground; ``cases`` holds the
    discipline cases that are, each with the day on which it was opened.
    """

    failed_evaluation: date | None = None
    cases: dict[int, date] = Field(default_factory=dict)

    @property
    def since(self) -> date:
        """The date of the first ground that still stands."""
        grounds = [*self.cases.values()]
        if self.failed_evaluation is not None:
            grounds.append(self.failed_evaluation)
        return min(grounds)


class Center(Frozen):
    """One center, whole. ``clock`` is the instant up to which its time has been settled."""

    schema_version: int = SCHEMA_VERSION
    code: str
    field: str
    field_en: str
    competent_unit: str
    lead_unit: str
    implementing_unit: ImplementingUnit
    recommendation: Recommendation
    requirements: Requirements
    team_has_other_platform: bool
    rule_set: str

    stage: Stage = Stage.APPLICATION
    since: date
    clock: datetime
    sequence: int = 0
    #: Digest of each decision id that was used up, to the sequence of its act's event.
    decisions: dict[str, int] = Field(default_factory=dict)

    formation: Formation = Formation()
    preparation: Preparation | None = None
    confirmed_on: date | None = None
    #: The first round that had not closed when the confirmation was recorded (Article 23).
    first_round: int | None = None
    latest_grade: Grade | None = None
    strikes: int = 0
    reports: dict[int, Report] = Field(default_factory=dict)
    rounds: dict[int, Round] = Field(default_factory=dict)
    round_dates: dict[int, RoundDates] = Field(default_factory=dict)
    opted_in: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    disciplines: tuple[Discipline, ...] = ()
    revocation: Revocation | None = None
    followups: dict[FollowUp, bool] = Field(default_factory=dict)
    #: For each deadline that was ever reminded of, the rungs dealt with (days before: negative).
    reminded: dict[str, tuple[int, ...]] = Field(default_factory=dict)

    @property
    def closed(self) -> bool:
        """Whether the life is over: standing lost or never given, and nothing left to do."""
        if self.stage in (Stage.NOT_APPROVED, Stage.WITHDRAWN):
            return True
        return bool(self.followups) and all(self.followups.values())

    def act_of(self, decision_id: str | None) -> int | None:
        """The sequence of the act that used this decision id up, if one did."""
        return None if decision_id is None else self.decisions.get(digest(decision_id))


@lru_cache(maxsize=1024)
def digest(decision_id: str) -> str:
    """A decision id in the ledger: 16 hexadecimal digits, so that thirty years of them stay small."""
    return hashlib.blake2b(decision_id.encode("utf-8", "replace"), digest_size=8).hexdigest()
