"""Stored samples: for each model and each version of it, values as they were really written.

They come from the scenarios' lives: of all values of a model, the few that together fill every
field that the lives fill. A sample is written once and never edited; a file of digests says so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from neiic.models.messages import (
    Carried,
    CenterToRestore,
    Commit,
    Committed,
    DatesToResolve,
    DecisionToRecall,
    FromRecords,
    RecalledDecision,
    RecordedRefusal,
    ResolvedDates,
)
from neiic.starter.scenarios import read_scenario
from neiic.starter.simulate import message_of
from neiic.statute import unfold
from neiic.statute.acts import Act, Event, Refused, read_act
from neiic.statute.notices import notice_of_refusal
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center
from neiic.statute.versions import FIELD
from tests.golden.files import SCENARIOS
from tests.statute.lives import PureLife, weekends_only
from tests.storage.stored import SAMPLES, stored_models, version_of

DIGESTS = SAMPLES / "digests.json"
#: So many values of a model at most.
MOST = 100


def sample_path(model: str, version: int) -> Path:
    return SAMPLES / f"{model}.v{version}.json"


def read_samples(path: Path) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return values


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digests() -> dict[str, str]:
    kept: dict[str, str] = json.loads(DIGESTS.read_text()) if DIGESTS.exists() else {}
    return kept


def record_missing() -> list[str]:
    """Write samples of every present version that has none; answers what was done or is to do."""
    told = []
    for name, model in stored_models().items():
        path = sample_path(name, version_of(model))
        if path.exists() or path.name in digests():
            continue
        chosen = _telling(written().get(name, ()))
        if not chosen:
            told.append(
                f"no life has a {name}: add it to tests/storage/samples.py, or write {path}"
            )
            continue
        _write(path, chosen)
        told.append(f"recorded {len(chosen)} samples in {path.name}")
    kept = digests()
    kept |= {one.name: digest_of(one) for one in SAMPLES.glob("*.v*.json") if one.name not in kept}
    DIGESTS.write_text(json.dumps(dict(sorted(kept.items())), indent=1) + "\n", encoding="utf-8")
    return told


def _write(path: Path, values: Iterable[dict[str, Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _telling(values: Iterable[BaseModel]) -> list[dict[str, Any]]:
    """The few values that show, together, all that any of them shows."""
    left = [(value.model_dump(mode="json"), value) for value in values]
    features = [set(_features(raw)) for raw, _ in left]
    seen: set[str] = set()
    chosen: list[dict[str, Any]] = []
    while len(chosen) < MOST:
        # Of those that show most, the shortest.
        best = max(
            range(len(left)),
            key=lambda index: (len(features[index] - seen), -len(features[index])),
            default=None,
        )
        if best is None or not features[best] - seen:
            break
        seen |= features[best]
        chosen.append(left[best][0])
    return chosen


def _features(raw: Any, path: str = "") -> Iterator[str]:
    """What a value shows: which fields it fills, and the kinds of things it speaks of."""
    if isinstance(raw, dict) and path and FIELD in raw:
        # It has samples of its own.
        yield f"{path} is filled"
    elif isinstance(raw, dict) and raw:
        for key, value in raw.items():
            # Years, cases and digests are no field names.
            step = key if re.fullmatch("[a-z_]+", key) else "*"
            yield from _features(value, f"{path}.{step}" if "data" not in path else path)
    elif isinstance(raw, list) and raw:
        for one in raw:
            yield from _features(one, f"{path}[]")
    elif raw in (None, "", [], {}):
        yield f"{path} is empty"
    else:
        yield f"{path} is filled"
        kind = str(raw).partition(":")[0]
        if re.fullmatch("[a-z_.]+", kind):
            yield f"{path} is {kind}"


@cache
def written() -> dict[str, list[BaseModel]]:
    """All that the scenarios' lives would have stored, by model."""
    found: dict[str, list[BaseModel]] = {name: [] for name in stored_models()}
    for path in SCENARIOS:
        for value in _stored_by(path):
            found[type(value).__name__].append(value)
    return found


def _stored_by(path: Path) -> Iterator[BaseModel]:
    scenario = read_scenario(path)
    life = PureLife(scenario.registration, scenario.rules, scenario.start)
    before, known, refusals = None, 0, 0
    for number, step in enumerate(scenario.steps):
        life.wait(step.at)
        message = message_of(step, number, life.snapshot()) if step.do else {}
        refused = life.act(step.do, message, step.at) if step.do else None
        events = tuple(life.events[known:])
        yield from _said_of(life, before, events, number)
        before, known = life.center, len(life.events)
        if refused is not None and step.do is not None:
            refusals += 1
            yield from _said_of_refusal(life, step.do, message, refused, refusals)
    yield Carried(center=life.center, refusals=refusals)


def _said_of(
    life: PureLife, before: Center | None, events: tuple[Event, ...], number: int
) -> Iterator[BaseModel]:
    center = life.center
    shown = snapshot(center, life.rules)
    _, notices = unfold(before, events, life.rules) if events else (center, [])
    yield center
    yield shown
    yield from events
    yield from (event.but(remarks="附言𠮷") for event in events if event.actor)
    yield from notices
    # The first acts of a life are enough: a commit holds all else that was said.
    if events and number < 3:
        yield Commit(life="a-run", center=center, events=events, notices=tuple(notices))
        yield Committed(sequence=center.sequence, already=False)
        yield Committed(sequence=center.sequence, already=False, stored=events[-1:])
        yield Carried(center=center)
    dates = tuple(one.nominal for one in shown.deadlines)
    yield DatesToResolve(dates=dates)
    yield ResolvedDates(answers=tuple(map(weekends_only, dates)))
    act = events[-1] if events else None
    if act is not None and act.decision_id is not None and number < 3:
        yield CenterToRestore(code=center.code)
        yield FromRecords(from_records=True)
        yield DecisionToRecall(code=center.code, sequence=act.sequence)
        yield DecisionToRecall(code=center.code, decision_id=act.decision_id)
        yield RecalledDecision(snapshot=shown.model_dump(mode="json"))
        yield RecalledDecision()


def _said_of_refusal(
    life: PureLife, action: str, message: dict[str, Any], refused: Refused, number: int
) -> Iterator[BaseModel]:
    read = read_act(action, message)
    act = read if isinstance(read, Act) else None
    recorded = RecordedRefusal(
        number=number,
        action=action,
        refusal=refused,
        message=json.dumps(message, ensure_ascii=False, default=str)[:2_000],
        decision_id=act.decision_id if act else None,
        actor_role=act.actor.role if act else None,
        actor_unit=act.actor.acts_for if act else None,
        actor_user=act.actor.user if act else None,
    )
    notice = notice_of_refusal(refused, act, str(number))
    yield recorded
    yield notice
    if number == 1:
        yield Commit(life="a-run", center=life.center, refusals=(recorded,), notices=(notice,))
