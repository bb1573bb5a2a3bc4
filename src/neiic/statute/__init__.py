"""The Measures as code: pure functions over frozen models, with the article beside each rule.

Nothing here reads a clock, touches a disk or knows of Temporal. Importing the package fills
the registry with every matter.
"""

# In the order of a life, which is the order in which actions are listed everywhere.
# isort: off
from neiic.statute import formation
from neiic.statute import preparation
from neiic.statute import supervision
from neiic.statute import confirmation
from neiic.statute import reporting
from neiic.statute import evaluation
from neiic.statute import evaluation_materials
from neiic.statute import evaluation_grade
from neiic.statute import adjustment
from neiic.statute import discipline
from neiic.statute import ending
from neiic.statute import passing
from neiic.statute import reminders
from neiic.statute import transition
# isort: on

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
    "supervision",
    "transition",
    "unfold",
]
