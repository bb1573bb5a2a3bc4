"""What a commit makes of the tables: pure rows, worked out before the transaction begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from neiic.models.messages import RecordedRefusal
from neiic.statute.acts import Event, Refused
from neiic.statute.deadlines import LIVE, Deadline
from neiic.statute.deciding import agenda, closed_agenda
from neiic.statute.forms import UNPRINTABLE
from neiic.statute.lights import close_from
from neiic.statute.matters import Matter, matters
from neiic.statute.notices import Notice, unit_of
from neiic.statute.periods import day_of
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.snapshot import DeadlineView, Snapshot, snapshot, view
from neiic.statute.state import Center

Row = dict[str, Any]

#: Longest text that a refusal's free fields keep, in characters.
LONGEST_MESSAGE = 20_000
LONGEST_WORD = 200


@dataclass(frozen=True, slots=True)
class Projection:
    """A center with all that follows from its state; ``close`` has the deadlines ahead by id."""

    center: Center
    shown: Snapshot
    ahead: tuple[Deadline, ...]
    closed: tuple[Deadline, ...]
    matters: tuple[Matter, ...]
    close: Mapping[str, datetime | None]


def project(center: Center) -> Projection:
    """The projection of a center by its own rule set. Raises KeyError if that is not known here."""
    rules: RuleSet = LIBRARY[center.rule_set]
    ahead = agenda(center, rules)
    return Projection(
        center=center,
        shown=snapshot(center, rules),
        ahead=ahead,
        closed=closed_agenda(center, rules),
        matters=matters(center, rules),
        close={deadline.id: close_from(deadline, rules) for deadline in ahead},
    )


def center_row(projection: Projection, life: str, updated_at: datetime) -> Row:
    """The row of ``centers``. State and snapshot stay models: the driver writes them as JSON."""
    center, shown = projection.center, projection.shown
    kind, instant = next_deadline(projection.ahead)
    return {
        "code": center.code,
        "life": life,
        "name": shown.name,
        "field": center.field,
        "competent_unit": center.competent_unit,
        "lead_unit": center.lead_unit,
        "implementing_unit": center.implementing_unit.name,
        "stage": center.stage.value,
        "since": center.since,
        "closed": center.closed,
        "rule_set": center.rule_set,
        "latest_grade": center.latest_grade.value if center.latest_grade else None,
        "strikes": center.strikes,
        "next_deadline_kind": kind,
        "next_deadline": instant,
        "overdue": bool(shown.overdue),
        "waiting_for": shown.waiting_for,
        "sequence": center.sequence,
        "updated_at": updated_at,
        "state": center,
        "snapshot": shown,
        "projected": center.sequence,
    }


def next_deadline(ahead: tuple[Deadline, ...]) -> tuple[str | None, datetime | None]:
    """The soonest end of an open deadline; where none is open, the soonest opening."""
    ends = [(d.instant, d.kind) for d in ahead if d.status == "open"]
    openings = [(d.opens, d.kind) for d in ahead if d.opens is not None]
    instant, kind = min(ends or openings, default=(None, None))
    return kind, instant


def event_row(code: str, event: Event, answer: Snapshot) -> Row:
    """The row of ``events``; only an act has an answer."""
    actor = event.actor
    return {
        "center": code,
        "sequence": event.sequence,
        "kind": event.kind,
        "article": event.article,
        "at": event.at,
        "recorded": event.recorded,
        "effective": event.effective,
        "actor_user": actor.user if actor else None,
        "actor_name": actor.name if actor else None,
        "actor_role": actor.role.value if actor else None,
        "actor_unit": actor.unit if actor else None,
        "document_no": event.document_no,
        "decision_id": event.decision_id,
        "remarks": event.remarks,
        "data": event.data,
        "schema_version": event.schema_version,
        "answer": answer if event.decision_id is not None else None,
    }


@dataclass(frozen=True, slots=True)
class DeadlineChanges:
    """Rows of ``deadlines`` to put, and ids of those to take out: they never opened."""

    put: list[Row]
    out: list[str]


def deadline_changes(projection: Projection, known: Mapping[str, Row]) -> DeadlineChanges:
    """How the known rows (by deadline id) have to change; what is as it was is not touched."""
    today = day_of(projection.center.clock)
    views = {shown.id: shown for shown in projection.shown.deadlines}
    current: set[str] = set()
    put: list[Row] = []
    for deadline in projection.ahead:
        current.add(deadline.id)
        row = _deadline_row(projection, deadline, views[deadline.id])
        if known.get(deadline.id) != row:
            put.append(row)
    for deadline in projection.closed:
        if deadline.id in current:
            continue
        current.add(deadline.id)
        before = known.get(deadline.id)
        if before and (before["status"], before["due"]) == (deadline.status, deadline.due.due):
            continue
        shown = views.get(deadline.id) or view(deadline, today)
        put.append(_deadline_row(projection, deadline, shown))
    unlisted = [row for name, row in known.items() if name not in current]
    put += [_ended(row, projection.center) for row in unlisted if row["status"] in LIVE]
    # What was upcoming and is no longer was never owed: the round after one that a center
    # joined early comes back when its turn has come.
    out = [row["deadline"] for row in unlisted if row["status"] == "upcoming"]
    return DeadlineChanges(put, out)


def _deadline_row(projection: Projection, deadline: Deadline, shown: DeadlineView) -> Row:
    return {
        "center": projection.center.code,
        "deadline": deadline.id,
        "kind": deadline.kind,
        "title": shown.title,
        "article": deadline.article,
        "nominal": shown.nominal,
        "due": shown.due,
        "instant": deadline.instant,
        "rolled": shown.rolled,
        "provisional": shown.provisional,
        "status": deadline.status,
        "responsible": deadline.responsible.value,
        "explanation_zh": shown.explanation_zh,
        "explanation_en": shown.explanation_en,
        "opens": deadline.opens,
        "yellow_from": projection.close.get(deadline.id),
    }


def _ended(row: Row, center: Center) -> Row:
    """A live row that the core lists no more, as it does with a supplement: how it ended."""
    preparation = center.preparation
    if preparation is not None and preparation.confirmation == "applied":
        status, zh, en = "met", "已办结", "met"
    elif center.clock >= row["instant"]:
        status, zh, en = "lapsed", "已届满失效", "lapsed"
    else:
        status, zh, en = "waived", "已免除", "waived"
    # The last clause of an explanation says how much time is left.
    explained_zh = row["explanation_zh"].rpartition("；")[0]
    explained_en = row["explanation_en"].rpartition("; ")[0]
    return row | {
        "status": status,
        "explanation_zh": f"{explained_zh}；{zh}。",
        "explanation_en": f"{explained_en}; {en}.",
        "yellow_from": None,
    }


def lights_to_put(projection: Projection, known: Mapping[str, Row]) -> list[Row]:
    """Known rows of ``deadlines`` that say otherwise from when they are close, mended."""
    return [
        row | {"yellow_from": projection.close.get(name)}
        for name, row in known.items()
        if row["yellow_from"] != projection.close.get(name)
    ]


@dataclass(frozen=True, slots=True)
class MatterChanges:
    """Rows of ``matters`` to put, and the keys (matter, role) of those that wait no more."""

    put: list[Row]
    out: list[tuple[str, str]]


def matter_changes(projection: Projection, known: Mapping[tuple[str, str], Row]) -> MatterChanges:
    """How the known rows, by matter and role, have to change; what is as it was is not touched."""
    wanted = {(row["matter"], row["role"]): row for row in matter_rows(projection)}
    put = [row for key, row in wanted.items() if known.get(key) != row]
    return MatterChanges(put, [key for key in known if key not in wanted])


def matter_rows(projection: Projection) -> Iterator[Row]:
    """The rows of ``matters``: one for each open matter and role that it waits for."""
    center = projection.center
    instants = {deadline.id: deadline.instant for deadline in projection.ahead}
    for matter in projection.matters:
        for role in matter.answered_by:
            yield {
                "center": center.code,
                "matter": matter.id,
                "role": role.value,
                "unit": unit_of(center, role),
                "action": matter.action,
                "subject": matter.subject,
                "article": matter.article,
                "since": matter.since,
                "deadline": matter.deadline,
                "due": instants.get(matter.deadline or ""),
                "yellow_from": projection.close.get(matter.deadline or ""),
            }


def notice_row(code: str, notice: Notice, events: tuple[Event, ...], now: datetime) -> Row:
    """The row of ``outbox``. It is as old as the event that causes it; a refusal's is of now."""
    cause = _cause(notice, events)
    return {
        "center": code,
        "key": notice.key,
        "kind": notice.kind,
        "role": notice.role.value,
        "unit": notice.unit,
        "article": notice.article,
        "deadline": notice.deadline,
        "due": notice.due,
        "rung": notice.rung,
        "status": notice.status,
        "event": cause.sequence if cause else None,
        "created_at": cause.recorded if cause else now,
    }


def _cause(notice: Notice, events: tuple[Event, ...]) -> Event | None:
    """A reminder's cause names its deadline; any other notice's key begins with the sequence."""
    for event in events:
        if notice.rung is not None:
            if event.kind == "reminder" and event.data["deadline"] == notice.deadline:
                return event
        elif notice.key.startswith(f"{event.sequence}/"):
            return event
    return None


def signal_refusal_row(code: str, life: str, refused: RecordedRefusal, now: datetime) -> Row:
    """The row of ``refusals`` for a signal that the workflow refused."""
    return refusal_row(
        code,
        refused.action,
        refused.refusal,
        "signal",
        refused.message,
        now,
        decision_id=refused.decision_id,
        actor_user=refused.actor_user,
        actor_role=refused.actor_role,
        actor_unit=refused.actor_unit,
    ) | {"life": life, "number": refused.number}


def refusal_row(
    code: str,
    action: str,
    refusal: Refused,
    via: str,
    message: str,
    now: datetime,
    **who: str | None,
) -> Row:
    """The row of ``refusals`` for a message that a door refused."""
    return {
        "center": printable(code),
        "life": None,
        "number": None,
        "via": via,
        "action": printable(action),
        "code": refusal.code,
        "article": refusal.article,
        "message_zh": printable(refusal.message_zh, LONGEST_MESSAGE),
        "message_en": printable(refusal.message_en, LONGEST_MESSAGE),
        "message": printable(message, LONGEST_MESSAGE),
        "recorded_at": now,
    } | {name: None if said is None else printable(said) for name, said in who.items()}


def printable(text: str, longest: int = LONGEST_WORD) -> str:
    """A text from outside, cut, with what PostgreSQL cannot keep (NUL, lone surrogates) replaced."""
    return UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text[:longest])
