"""What stands on a center's life line: its acts, its coming deadlines, its stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from neiic.console.drawing.words import (
    Words,
    action_title,
    deadline_title,
    grade_title,
)
from neiic.statute.acts import Event
from neiic.statute.deadlines import titled_zh
from neiic.statute.deciding import evolve
from neiic.statute.snapshot import DeadlineView, Snapshot
from neiic.statute.state import Center
from neiic.statute.terms import DEADLINE_ZH, LIVING, Stage

#: The system's own steps, which are no news on a life line.
SILENT = frozenset({"reminder", "deadline.resolved", "report.opened", "evaluation.opened"})
#: Deadlines that still await something.
AWAITED = frozenset({"upcoming", "open", "held", "overdue"})
#: Fields of an act that say how it was decided.
_OUTCOMES = ("decision", "outcome", "conclusion")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the life line's table, which is one mark of the picture.

    ``milestone``: the act began a stage or confirmed a grade. ``provisional`` and ``overdue``
    are a coming deadline's.
    """

    date: date
    what: str
    kind: Literal["past", "coming", "now"]
    article: str
    milestone: bool = False
    provisional: bool = False
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A stage from its first day to its last; ``ahead`` where that lies in the future."""

    stage: Stage
    start: date
    end: date
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a stage begins, and which events began one or confirmed a grade."""

    stages: tuple[tuple[Stage, date], ...]
    milestones: frozenset[int]


def passage(snapshot: Snapshot, events: Sequence[Event]) -> Passage:
    """The stages through which the events led; the present one alone where they do not begin
    with the registration.
    """
    if not events or events[0].kind != "center.registered":
        return Passage(((snapshot.stage, snapshot.since),), frozenset())
    stages: list[tuple[Stage, date]] = []
    milestones: set[int] = set()
    center: Center | None = None
    for event in events:
        if event.kind == "reminder":
            continue
        center = evolve(center, event)
        if not stages or stages[-1][0] is not center.stage:
            # A center taken in with its past is registered after what was decided on it.
            stages = [(stage, min(begun, center.since)) for stage, begun in stages]
            stages.append((center.stage, center.since))
            milestones.add(event.sequence)
        elif event.kind == "evaluation.confirm":
            milestones.add(event.sequence)
    return Passage(tuple(stages), frozenset(milestones))


def bands(
    snapshot: Snapshot, stages: Sequence[tuple[Stage, date]], today: date, last: date
) -> list[Band]:
    """The stages as stretches of time up to ``last``, the future apart from the past."""
    ends = [since for _, since in stages[1:]]
    made = [Band(stage, since, end) for (stage, since), end in zip(stages, ends, strict=False)]
    stage, since = stages[-1]
    if snapshot.closed or stage not in LIVING:
        return [*made, Band(stage, since, max(since, last if snapshot.closed else today))]
    made.append(Band(stage, since, max(since, min(today, last))))
    known = [one.due for one in snapshot.deadlines if one.kind == "preparation_end"]
    until = max(known, default=last) if stage is Stage.PREPARATION else last
    if until > made[-1].end:
        made.append(Band(stage, made[-1].end, until, ahead=True))
    return made


def rows(
    snapshot: Snapshot,
    events: Iterable[Event],
    milestones: frozenset[int],
    today: date,
    language: str,
    words: Words,
) -> tuple[Row, ...]:
    """All that has happened and all that is known to come, in the order of time."""
    titles = {one.id: deadline_title(one.id, one.title, language) for one in snapshot.deadlines}
    past = [
        Row(
            event.effective,
            _told(event, titles, language, words),
            "past",
            event.article,
            milestone=event.sequence in milestones,
        )
        for event in events
        if event.kind not in SILENT
    ]
    coming = [
        _coming(one, today, language, words) for one in snapshot.deadlines if one.status in AWAITED
    ]
    now = [] if snapshot.closed else [Row(today, words.today, "now", "")]
    order = {"past": 0, "now": 1, "coming": 2}
    return tuple(sorted([*past, *now, *coming], key=lambda row: (row.date, order[row.kind])))


def _coming(deadline: DeadlineView, today: date, language: str, words: Words) -> Row:
    # A snapshot is as old as the center's last event: the day may have gone by since.
    overdue = deadline.status == "overdue" or (deadline.status == "open" and deadline.due < today)
    what = deadline_title(deadline.id, deadline.title, language)
    if overdue:
        what = words.qualified % {"what": what, "how": words.overdue}
    return Row(
        deadline.due,
        what,
        "coming",
        deadline.article,
        provisional=deadline.provisional,
        overdue=overdue,
    )


def _told(event: Event, titles: dict[str, str], language: str, words: Words) -> str:
    if event.kind == "deadline.overdue":
        late = str(event.data.get("deadline", ""))
        kind, _, number = late.partition(":")
        title = titles.get(late) or _late_title(kind, number, language)
        return words.missed % {"deadline": title}
    what = action_title(event.kind, language) or words.kinds.get(event.kind, event.kind)
    how = _how(event, language, words)
    return words.qualified % {"what": what, "how": how} if how else what


def _late_title(kind: str, number: str, language: str) -> str:
    if kind not in DEADLINE_ZH:
        return kind
    return deadline_title(f"{kind}:{number}", titled_zh(kind, int(number or 0)), language)


def _how(event: Event, language: str, words: Words) -> str:
    """How it was decided, if it was a decision."""
    data = event.data
    if event.kind == "evaluation.grade":
        return grade_title(str(data.get("grade", "")), language)
    if event.kind == "evaluation.concur":
        return words.outcomes["concur" if data.get("concur") else "object"]
    for field in _OUTCOMES:
        if field in data:
            return words.outcomes.get(str(data[field]), str(data[field]))
    return ""
