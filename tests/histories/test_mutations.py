"""The gates can close: each mutation of the workflow or the law is caught, and by which gate.

Every mutation is one that a well-meant edit could make. It is let loose on a few recorded
lives; the gates are asked in the order in which a developer would see them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.workflow import NondeterminismError

from neiic.models import messages
from neiic.statute import notices, state
from neiic.statute.forms import Frozen
from neiic.statute.rules import LIBRARY
from neiic.workflows import life, record_keeping, timers, visibility
from neiic.workflows.life import Life
from tests.golden.files import SCENARIOS
from tests.golden.rendering import render
from tests.golden.test_golden import fault as outcome_fault
from tests.histories.fingerprint import HISTORIES, fingerprint, kept_in, parsed, read
from tests.storage.shapes import fault as shape_fault
from tests.storage.shapes import noted_shapes

#: Lives that between them hold what the mutations touch.
LIVES = (
    "05-two-strikes-run1",
    "05-two-strikes-run4",
    "01-lapses-at-the-end-run2",
    "13-in-application-run1",
    "15-records-away-run2",
)
RELEASE = "0.1.0"
#: Scenarios whose kept outcomes are looked at.
PLAYED = ("02-lapses-at-the-end", "06-annual-reports")

Mutate = Callable[[pytest.MonkeyPatch], None]


def a_timers_duration(m: pytest.MonkeyPatch) -> None:
    run = timers.LifeTimers._run

    async def longer(self: Any, key: str, timer: Any, duration: timedelta) -> None:
        await run(self, key, timer, duration + timedelta(days=1))

    m.setattr(timers.LifeTimers, "_run", longer)


def a_timers_summary(m: pytest.MonkeyPatch) -> None:
    m.setattr(timers, "_reminding", lambda rung: "提醒")


def how_long_a_run_lives(m: pytest.MonkeyPatch) -> None:
    m.setattr(life, "LONGEST_RUN", timedelta(days=2 * 365))


def an_activitys_argument(m: pytest.MonkeyPatch) -> None:
    asked = record_keeping._ask

    async def other(name: str, what: Any, answer: Any, summary: str) -> Any:
        if isinstance(what, messages.Commit):
            what = what.but(notices=tuple(reversed(what.notices)))
        return await asked(name, what, answer, summary)

    m.setattr(record_keeping, "_ask", other)


def an_activitys_name(m: pytest.MonkeyPatch) -> None:
    m.setattr(record_keeping, "COMMIT", "write")


def an_activitys_summary(m: pytest.MonkeyPatch) -> None:
    asked = record_keeping._ask

    async def silent(name: str, what: Any, answer: Any, summary: str) -> Any:
        return await asked(name, what, answer, "")

    m.setattr(record_keeping, "_ask", silent)


def how_long_an_activity_may_take(m: pytest.MonkeyPatch) -> None:
    m.setattr(record_keeping, "QUICKLY", timedelta(seconds=50))


def the_order_of_two_commands(m: pytest.MonkeyPatch) -> None:
    commit = life.commit

    async def late(what: Any) -> Any:
        # Shown before it is recorded: the attributes' command now comes before the commit's.
        visibility.show(what.center, (), workflow.now())
        return await commit(what)

    m.setattr(life, "commit", late)


def the_order_of_timers(m: pytest.MonkeyPatch) -> None:
    wanted = timers._wanted
    m.setattr(timers, "_wanted", lambda *given: reversed(list(wanted(*given))))


def one_command_more(m: pytest.MonkeyPatch) -> None:
    show = Life._show

    def twice(self: Life) -> None:
        workflow.upsert_memo({"stage": str(self.center.stage)})
        show(self)

    m.setattr(Life, "_show", twice)


def one_command_less(m: pytest.MonkeyPatch) -> None:
    m.setattr(life, "show", lambda *given: None)


def a_fields_default(m: pytest.MonkeyPatch) -> None:
    _default(m, state.Center, "strikes", 1)


def a_default_deep_inside(m: pytest.MonkeyPatch) -> None:
    _default(m, state.Report, "status", "returned")


def _default(m: pytest.MonkeyPatch, model: type[Frozen], field: str, value: Any) -> None:
    m.setattr(model.model_fields[field], "default", value)
    model.model_rebuild(force=True)


def what_is_carried(m: pytest.MonkeyPatch) -> None:
    carried = Life.carried

    def forgetful(self: Life) -> Any:
        return carried(self).but(center=self.center.but(reminded={}, decisions={}))

    m.setattr(Life, "carried", forgetful)


def what_an_act_is_answered(m: pytest.MonkeyPatch) -> None:
    snapshot = Life.snapshot
    m.setattr(Life, "snapshot", lambda self: {**snapshot(self), "strikes": 9})


def a_search_attribute(m: pytest.MonkeyPatch) -> None:
    m.setattr(visibility, "waiting_for", lambda center: ())


def when_a_run_ends(m: pytest.MonkeyPatch) -> None:
    m.setattr(Life, "outgrew_this_run", property(lambda self: self._acts_this_run >= 3))


def a_refusals_length(m: pytest.MonkeyPatch) -> None:
    m.setattr(life, "KEPT_OF_MESSAGE", 20)


def a_period_of_the_law(m: pytest.MonkeyPatch) -> None:
    longer = LIBRARY["cn-2026"].but(preparation_years=4)
    m.setitem(LIBRARY._by_name, "cn-2026", longer)


def who_is_told(m: pytest.MonkeyPatch) -> None:
    m.setitem(notices.TELLS, "report.opened", ())


def an_instant_of_the_law(m: pytest.MonkeyPatch) -> None:
    from neiic.statute import periods, reminders

    def noon(day: Any) -> datetime:
        return periods.start_of(day) + timedelta(hours=12)

    m.setattr(reminders, "start_of", noon)


MUTATIONS: Sequence[Mutate] = (
    a_timers_duration,
    a_timers_summary,
    how_long_a_run_lives,
    an_activitys_argument,
    an_activitys_name,
    an_activitys_summary,
    how_long_an_activity_may_take,
    the_order_of_two_commands,
    the_order_of_timers,
    one_command_more,
    one_command_less,
    a_fields_default,
    a_default_deep_inside,
    what_is_carried,
    what_an_act_is_answered,
    a_search_attribute,
    when_a_run_ends,
    a_refusals_length,
    a_period_of_the_law,
    who_is_told,
    an_instant_of_the_law,
)


@pytest.fixture
def restored_models() -> Any:
    """Models whose defaults a mutation has changed are whole again afterwards."""
    yield
    for model in (state.Report, state.Center):
        model.model_rebuild(force=True)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
async def test_a_mutation_is_caught(
    mutate: Mutate,
    restored_models: None,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    with monkeypatch.context() as m:
        mutate(m)
        caught = [gate for gate, closes in GATES.items() if await closes()]
    record_property("mutation", f"{mutate.__name__.replace('_', ' ')}: {', '.join(caught)}")
    assert caught, "no gate noticed"


async def replay_gate() -> bool:
    for name in LIVES:
        try:
            await fingerprint(read(HISTORIES / RELEASE / f"{name}.json"))
        except (NondeterminismError, RuntimeError):
            return True
    return False


async def fingerprint_gate() -> bool:
    kept = parsed(kept_in(RELEASE).read_text(encoding="utf-8"))
    for name in LIVES:
        try:
            if await fingerprint(read(HISTORIES / RELEASE / f"{name}.json")) != kept[name]:
                return True
        except (NondeterminismError, RuntimeError):
            continue
    return False


async def golden_gate() -> bool:
    return any(outcome_fault(path, render(path)) for path in SCENARIOS if path.stem in PLAYED)


async def shape_gate() -> bool:
    noted = noted_shapes()
    return any(shape_fault(model, noted[model.__name__]) for model in (state.Center,))


GATES: dict[str, Callable[[], Awaitable[bool]]] = {
    "replay": replay_gate,
    "fingerprint": fingerprint_gate,
    "golden": golden_gate,
    "storage": shape_gate,
}


async def test_without_a_mutation_the_gates_stay_open() -> None:
    assert [gate for gate, closes in GATES.items() if await closes()] == []
