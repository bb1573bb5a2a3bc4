"""How a standing ends, and the follow-ups that are owed after it (Articles 18, 23, 24, 26)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from neiic.statute.acts import Event, refuse
from neiic.statute.forms import Text, said
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.state import Center
from neiic.statute.terms import (
    ENDED_WITH_FOLLOWUPS,
    FOLLOWUP_ZH,
    FollowUp,
    Role,
    Stage,
)


def ended(center: Center, stage: Stage, since: date, owed: Iterable[FollowUp]) -> Center:
    """The center without its standing: open matters end with it, follow-ups begin.

    Reports still owed are waived (R1), a pending extension becomes moot, an application for
    confirmation ends, and no round, case or procedure goes on.
    """
    preparation = center.preparation
    if preparation is not None:
        moot = "moot" if preparation.extension == "pending" else preparation.extension
        preparation = preparation.but(extension=moot, confirmation="none", supplement=None)
    return center.but(
        stage=stage,
        since=since,
        preparation=preparation,
        reports={
            year: report if report.status == "submitted" else report.but(status="waived")
            for year, report in center.reports.items()
        },
        rounds={
            year: part if part.status == "confirmed" else part.but(status="waived")
            for year, part in center.rounds.items()
        },
        adjustments=tuple(
            case.but(status="ended") if case.status in ("reported", "proposed") else case
            for case in center.adjustments
        ),
        disciplines=tuple(
            case.but(status="ended") if case.status in ("open", "reported", "procedure") else case
            for case in center.disciplines
        ),
        revocation=None,
        followups=dict.fromkeys(owed, False),
    )


@action(
    "followup.complete",
    by=(Role.COMPETENT, Role.NDRC),
    at=ENDED_WITH_FOLLOWUPS,
    article="第十八条、第二十六条",
    zh="办结后续事宜",
    en="Complete a follow-up",
    tells=(Role.NDRC, Role.COMPETENT),
    lasting=(
        "事项就此办结；最后一项办结后，本中心全部办结。",
        "The follow-up is done for good; with the last one the center is closed.",
    ),
)
class FollowUpComplete(ActionForm):
    """One follow-up is done."""

    kind: FollowUp = said("事项", "Follow-up")
    note: Text = said("办理情况", "What was done")

    def rule(self, s: Situation) -> Outcome | None:
        """Only a follow-up that is owed and open can be completed."""
        if s.center.followups.get(self.kind, True):
            name = FOLLOWUP_ZH[self.kind]
            owed = ", ".join(kind for kind, done in s.center.followups.items() if not done)
            raise refuse(
                "not_pending",
                "第十八条、第二十六条",
                f"data.kind：{name}不在待办的后续事宜之内（待办：{owed}）。",
                f"data.kind: {self.kind} is not owed or is done already (open: {owed}).",
            )
        return None


@evolves("followup.complete")
def followed_up(center: Center, event: Event) -> Center:
    """When the last one is done, the center is closed."""
    return center.but(followups=center.followups | {FollowUp(event.data["kind"]): True})
