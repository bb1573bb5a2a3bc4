"""Supervision while a center stands (Articles 16 and 22)."""

from __future__ import annotations

from neiic.statute.acts import Event
from neiic.statute.forms import Text, said
from neiic.statute.registry import ActionForm, Outcome, Situation, action, evolves
from neiic.statute.state import Center
from neiic.statute.terms import Role, Stage


@action(
    "supervision.note",
    by=(Role.COMPETENT, Role.NDRC),
    at=(Stage.PREPARATION, Stage.OPERATION, Stage.IMPROVEMENT),
    article="第十六条、第二十二条",
    zh="登记监督管理情况",
    en="Note supervision",
    tells=(Role.COMPETENT, Role.NDRC),
)
class SupervisionNote(ActionForm):
    """What supervision found, for the record."""

    text: Text = said("情况", "Text")

    def rule(self, s: Situation) -> Outcome | None:
        """Always possible while the center stands."""
        return None


@evolves("supervision.note")
def supervised(center: Center, event: Event) -> Center:
    """For the record only."""
    del event
    return center
