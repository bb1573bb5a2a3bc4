"""The records as activities: what the workflow may ask of them, and how they refuse."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from neiic.activities.writing import CodeTakenError, GapError, Records
from neiic.models.messages import (
    CODE_TAKEN,
    COMMIT,
    NOT_RECORDED,
    RECALL,
    RESTORE,
    Carried,
    CenterToRestore,
    Commit,
    Committed,
    DecisionToRecall,
    RecalledDecision,
)
from neiic.models.progress import note_recorded

__all__ = ["GAP", "RecordActivities", "Records"]

#: Type of the error beside ``CODE_TAKEN``; neither is retried, since neither goes away by itself.
GAP = "RecordsGap"


class RecordActivities:
    """Commit and recall over one set of records. Run them in threads: they block."""

    def __init__(self, records: Records) -> None:
        self._records = records

    @activity.defn(name=COMMIT)
    def commit(self, commit: Commit) -> Committed:
        """Write one transaction, or answer what is recorded in its place.

        A code that another life has and a gap are ApplicationErrors that are not retried; a
        database that is away is an error that is.
        """
        try:
            committed = self._records.commit(commit)
        except CodeTakenError as error:
            raise ApplicationError(str(error), type=CODE_TAKEN, non_retryable=True) from error
        except GapError as error:
            raise ApplicationError(str(error), type=GAP, non_retryable=True) from error
        note_recorded(commit.center.code, committed.sequence)
        if commit.events and commit.events[0].sequence == 1 and not committed.stored:
            return committed.but(stored=commit.events)
        return committed

    @activity.defn(name=RECALL)
    def recall(self, asked: DecisionToRecall) -> RecalledDecision:
        """The snapshot that an act was first answered with, if the records have it."""
        if asked.sequence is not None:
            snapshot = self._records.recall(asked.code, asked.sequence)
        else:
            snapshot = self._records.recall_by_decision(asked.code, asked.decision_id or "")
        return RecalledDecision(snapshot=snapshot)

    @activity.defn(name=RESTORE)
    def restore(self, asked: CenterToRestore) -> Carried:
        """A life as the records hold it; an ApplicationError that is not retried if they do not."""
        carried = self._records.carried(asked.code)
        if carried is None:
            raise ApplicationError(
                f"the records hold no center {asked.code}", type=NOT_RECORDED, non_retryable=True
            )
        return carried
