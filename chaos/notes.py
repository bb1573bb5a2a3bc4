"""What callers note of what they were told: the drill's side of the story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Told = Literal["acknowledged", "refused", "unanswered"]
Via = Literal["update", "signal", "start"]


@dataclass(frozen=True, slots=True)
class Note:
    """One try of one act, and the answer.

    ``via`` is how it was sent. A signal is acknowledged when the server has taken it: what
    became of it the sender does not learn. ``code`` is a refusal's, ``answer`` the snapshot
    that an update was answered with. ``error`` is what was raised instead of an answer;
    ``foul`` says that no caller should ever see such an error. ``skew`` is by how many seconds
    the caller's clock was wrong; ``took`` and ``at`` are seconds, ``at`` by a clock that is right.
    """

    center: str
    caller: int
    action: str
    decision_id: str
    via: Via
    told: Told
    code: str | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None
    foul: bool = False
    skew: float = 0.0
    at: float = 0.0
    took: float = 0.0
