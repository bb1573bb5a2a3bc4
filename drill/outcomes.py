"""What callers were told against what is recorded: the drill's verdict, as plain comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

#: What a caller was told of an act. A signal is told nothing: it is either recorded or refused.
Word = Literal["acknowledged", "refused", "signalled", "unanswered"]


@dataclass(frozen=True, slots=True)
class Told:
    """An act that was sent. ``seconds`` is how long its answer took."""

    code: str
    decision_id: str
    word: Word
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the acts that were sent, by decision id where it is not as it must be."""

    sent: int
    acknowledged: int
    refused: int
    signalled: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    recorded_though_refused: tuple[str, ...]
    unanswered: tuple[str, ...]
    longest_wait: float


def tally(
    told: Iterable[Told],
    acts: Mapping[str, Sequence[str]],
    refusals: Mapping[str, Sequence[str]],
) -> Tally:
    """Compare what callers were told with the decision ids of recorded acts and refusals by code.

    An act that was sent again counts as sent each time, and must be recorded once. One that was
    not answered may be recorded or not. A signal must be recorded or refused, once.
    """
    heard = list(told)
    acted = {code: Counter(ids) for code, ids in acts.items()}
    turned_away = {code: Counter(ids) for code, ids in refusals.items()}
    lost, doubled, odd = set[str](), set[str](), set[str]()
    for one in heard:
        name = f"{one.code} {one.decision_id}"
        times = acted.get(one.code, Counter())[one.decision_id]
        refused = turned_away.get(one.code, Counter())[one.decision_id]
        known = times + (refused if one.word == "signalled" else 0)
        if known > 1:
            doubled.add(name)
        if one.word in ("acknowledged", "signalled") and not known:
            lost.add(name)
        if one.word == "refused" and times:
            odd.add(name)
    words = Counter(one.word for one in heard)
    return Tally(
        sent=len(heard),
        acknowledged=words["acknowledged"],
        refused=words["refused"],
        signalled=words["signalled"],
        lost=tuple(sorted(lost)),
        doubled=tuple(sorted(doubled)),
        recorded_though_refused=tuple(sorted(odd)),
        unanswered=tuple(
            sorted(f"{one.code} {one.decision_id}" for one in heard if one.word == "unanswered")
        ),
        longest_wait=max((one.seconds for one in heard), default=0.0),
    )


def unlike(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> list[str]:
    """Where two snapshots differ, one line for each key."""
    return [
        f"{key} is {actual.get(key)}, expected {wanted}"
        for key, wanted in expected.items()
        if _plain(actual.get(key)) != _plain(wanted)
    ]


def _plain(value: Any) -> Any:
    """Lists and tuples alike, as JSON has them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
