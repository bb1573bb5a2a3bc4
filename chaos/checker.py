"""The independent checker: what callers were told, what the server has, what the records have.

It trusts neither the Door nor the code that writes and reads the records: it has plain rows,
raw histories and the callers' notes, and of the product only the law, by which it replays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chaos import faults
from chaos.evidence import Evidence
from chaos.notes import Note
from chaos.projected import misprojected
from chaos.recorded import Recorded, digest, document
from chaos.served import failed_or_stuck, known_to, other_than_recorded
from chaos.table import Row, none_of
from neiic.statute import unfold
from neiic.statute.rules import LIBRARY


def check(evidence: Evidence, notes: Sequence[Note], acts: int) -> list[Row]:
    """The table: ``acts`` is how many must have been tried."""
    recorded = Recorded(evidence.tables)
    return [
        *_said(notes, acts),
        none_of("errors that no caller should see", list(_foul(notes))),
        none_of("acknowledged acts lost", list(_lost(evidence, recorded, notes))),
        none_of("acts doubled", list(_doubled(recorded))),
        none_of("answers other than recorded", list(_misanswered(recorded, notes))),
        none_of("refusals told but not recorded", list(_unrecorded(recorded, notes))),
        none_of("refused acts done all the same", list(_done_all_the_same(recorded, notes))),
        none_of("outbox rows doubled", list(_outbox_doubled(recorded))),
        none_of("outbox rows missing or without a cause", list(_outbox_astray(recorded))),
        none_of("projection != replay of events", list(misprojected(recorded))),
        none_of("workflows failed or stuck", list(failed_or_stuck(evidence))),
        none_of("workflow state != records", list(other_than_recorded(evidence, recorded))),
    ]


def injected(done: Mapping[str, int]) -> list[Row]:
    """The rows of the faults: each kind at least once."""
    return [Row(f"fault: {kind}", done.get(kind, 0), least=1) for kind in faults.KINDS]


def outcomes(notes: Sequence[Note]) -> dict[tuple[str, str], str]:
    """What each act came to in the end, by center and decision id: the best answer counts."""
    rank = ("unanswered", "refused", "acknowledged")
    best: dict[tuple[str, str], str] = {}
    for note in notes:
        if note.via == "start":
            continue
        key = (note.center, note.decision_id)
        best[key] = max(best.get(key, "unanswered"), note.told, key=rank.index)
    return best


def _said(notes: Sequence[Note], acts: int) -> Iterator[Row]:
    best = outcomes(notes)
    counts = Counter(best.values())
    yield Row("acts tried", len(best), least=acts)
    yield Row("  acknowledged", counts["acknowledged"])
    yield Row("  refused", counts["refused"])
    left = [f"{code}: {name}" for (code, name), told in best.items() if told == "unanswered"]
    yield none_of("  unanswered to the end", left)
    again = sum(note.told == "unanswered" for note in notes)
    yield Row("  times that no answer came", again)


def _foul(notes: Sequence[Note]) -> Iterator[str]:
    for note in notes:
        if note.foul:
            yield f"{note.center}: {note.action} by {note.via} ({note.decision_id}): {note.error}"


def _lost(evidence: Evidence, recorded: Recorded, notes: Sequence[Note]) -> Iterator[str]:
    acts = _acts(recorded)
    refused = {
        (row["center"], row["decision_id"])
        for row in recorded.tables["refusals"]
        if row["via"] == "signal"
    }
    known = {code: known_to(life) for code, life in evidence.lives.items()}
    for code, decision_id, via in sorted(
        {(one.center, one.decision_id, one.via) for one in notes if one.told == "acknowledged"}
    ):
        key = (code, decision_id)
        if via == "start":
            if not any(event.kind == "center.registered" for event in recorded.events[code]):
                yield f"{code}: its start was acknowledged and is not recorded"
        elif key in acts or (via == "signal" and key in refused):
            if digest(decision_id) not in known.get(code, ()):
                yield f"{code}: {decision_id} was acknowledged, the workflow knows nothing of it"
        else:
            yield f"{code}: {decision_id} was acknowledged by {via} and is not recorded"


def _acts(recorded: Recorded) -> Counter[tuple[str, str]]:
    return Counter(
        (code, event.decision_id)
        for code, events in recorded.events.items()
        for event in events
        if event.decision_id is not None
    )


def _doubled(recorded: Recorded) -> Iterator[str]:
    for (code, decision_id), times in _acts(recorded).items():
        if times > 1:
            yield f"{code}: {decision_id} is recorded {times} times"


def _misanswered(recorded: Recorded, notes: Sequence[Note]) -> Iterator[str]:
    answers = {
        (row["center"], row["decision_id"]): document(row["answer"])
        for row in recorded.tables["events"]
        if row["decision_id"] is not None
    }
    for note in notes:
        key = (note.center, note.decision_id)
        if note.answer is None or key not in answers or note.answer == answers[key]:
            continue
        told, kept = note.answer.get("sequence"), (answers[key] or {}).get("sequence")
        yield f"{note.center}: {note.decision_id} was told #{told}, recorded is #{kept}"


def _unrecorded(recorded: Recorded, notes: Sequence[Note]) -> Iterator[str]:
    told = Counter(
        (note.center, note.action, note.decision_id, note.code)
        for note in notes
        if note.told == "refused" and note.via != "start"
    )
    kept = Counter(
        (row["center"], row["action"], row["decision_id"], row["code"])
        for row in recorded.tables["refusals"]
    )
    for key, times in told.items():
        if kept[key] < times:
            code, action, decision_id, refusal = key
            yield (
                f"{code}: {action} ({decision_id}) was refused with {refusal}"
                f" {times} times, recorded {kept[key]} times"
            )


def _done_all_the_same(recorded: Recorded, notes: Sequence[Note]) -> Iterator[str]:
    acts = _acts(recorded)
    for key, told in outcomes(notes).items():
        if told == "refused" and key in acts:
            yield f"{key[0]}: {key[1]} was refused, and is recorded as done"


def _outbox_doubled(recorded: Recorded) -> Iterator[str]:
    rows = recorded.tables["outbox"]
    for (code, key), times in Counter((row["center"], row["key"]) for row in rows).items():
        if times > 1:
            yield f"{code}: {key} is there {times} times"
    named = ("center", "kind", "unit", "deadline", "due", "rung", "event")
    same = Counter(tuple(row[name] for name in named) for row in rows if row["kind"] != "refused")
    for what, times in same.items():
        if times > 1:
            yield f"{what[0]}: {what[1]} to {what[2]} is there {times} times under several keys"
    told = Counter(row["center"] for row in rows if row["kind"] == "refused")
    signals = Counter(
        row["center"] for row in recorded.tables["refusals"] if row["via"] == "signal"
    )
    for code, times in told.items():
        if times > signals[code]:
            yield f"{code}: {times} notices of refused signals, of which {signals[code]} were"


def _outbox_astray(recorded: Recorded) -> Iterator[str]:
    for code, center in recorded.centers.items():
        _, due = unfold(None, recorded.events[code], LIBRARY[center.rule_set])
        expected: set[Any] = {(one.key, one.kind, one.unit) for one in due}
        found: set[Any] = {
            (row["key"], row["kind"], row["unit"])
            for row in recorded.of("outbox", code)
            if row["kind"] != "refused"
        }
        for key, *_ in sorted(expected - found):
            yield f"{code}: {key} is missing"
        for key, *_ in sorted(found - expected):
            yield f"{code}: {key} has no cause"
    refused = Counter(
        row["center"] for row in recorded.tables["refusals"] if row["via"] == "signal"
    )
    told = Counter(row["center"] for row in recorded.tables["outbox"] if row["kind"] == "refused")
    for name, times in refused.items():
        if told[name] < times:
            yield f"{name}: {times} signals were refused, and {told[name]} senders told"
