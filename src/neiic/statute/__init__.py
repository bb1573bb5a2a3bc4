"""The Measures as code: pure functions over frozen models, with the article beside each rule.

Nothing here reads a clock, touches a disk or knows of Temporal. Importing the package fills
the registry with every matter.
"""

from neiic.statute import (
    adjustment,
    confirmation,
    discipline,
    ending,
    evaluation,
    evaluation_grade,
    evaluation_materials,
    formation,
    passing,
    preparation,
    reminders,
    reporting,
)
from neiic.statute.deciding import agenda, decide, evolve, register, replay, unfold
from neiic.statute.snapshot import snapshot

__all__ = [
    "adjustment",
    "agenda",
    "confirmation",
    "decide",
    "discipline",
    "ending",
    "evaluation",
    "evaluation_grade",
    "evaluation_materials",
    "evolve",
    "formation",
    "passing",
    "preparation",
    "register",
    "reminders",
    "replay",
    "reporting",
    "snapshot",
    "unfold",
]
