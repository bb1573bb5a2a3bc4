"""The verdict: what callers were told against what is recorded."""

from __future__ import annotations

from drill.outcomes import Tally, Told, tally, unlike


def told(decision_id: str, word: str) -> Told:
    return Told("C", decision_id, word)  # type: ignore[arg-type]


def counted(*heard: Told, acts: tuple[str, ...] = (), refusals: tuple[str, ...] = ()) -> Tally:
    return tally(heard, {"C": acts}, {"C": refusals})


def test_what_was_acknowledged_and_recorded_once_is_well() -> None:
    found = counted(told("a", "acknowledged"), told("a", "acknowledged"), acts=("a", "b"))
    assert (found.sent, found.acknowledged) == (2, 2)
    assert (found.lost, found.doubled, found.unanswered) == ((), (), ())


def test_an_acknowledged_act_that_is_not_recorded_is_lost() -> None:
    assert counted(told("a", "acknowledged"), acts=("b",)).lost == ("C a",)


def test_an_act_of_another_center_does_not_count() -> None:
    assert tally([told("a", "acknowledged")], {"D": ["a"]}, {}).lost == ("C a",)


def test_an_act_that_is_recorded_twice_is_doubled() -> None:
    assert counted(told("a", "acknowledged"), acts=("a", "a")).doubled == ("C a",)
    assert counted(told("a", "unanswered"), acts=("a", "a")).doubled == ("C a",)


def test_a_signal_is_recorded_or_refused_once() -> None:
    assert counted(told("a", "signalled")).lost == ("C a",)
    assert counted(told("a", "signalled"), refusals=("a",)).lost == ()
    assert counted(told("a", "signalled"), acts=("a",), refusals=("a",)).doubled == ("C a",)


def test_a_refused_act_must_not_be_recorded() -> None:
    assert counted(told("a", "refused"), acts=("a",)).recorded_though_refused == ("C a",)
    assert counted(told("a", "refused")).recorded_though_refused == ()


def test_an_unanswered_act_is_named_and_neither_lost_nor_not() -> None:
    found = counted(told("a", "unanswered"))
    assert (found.unanswered, found.lost) == (("C a",), ())


def test_snapshots_are_compared_by_key_as_json() -> None:
    assert unlike({"reports": {2031: "open"}}, {"reports": {"2031": "open"}}) == []
    assert unlike({"followups": ("a",)}, {"followups": ["a"]}) == []
    assert unlike({"stage": "operation"}, {"stage": "revoked"}) == [
        "stage is revoked, expected operation"
    ]
