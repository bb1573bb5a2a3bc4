"""The life inside the workflow: one act or timer at a time, decided, committed, then shown.

A lock makes each turn whole: while an act waits for the calendar or the records, no other act
can slip in between its check and its effect. State changes only after its commit, so what
was acknowledged is recorded.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import ValidationError
from temporalio import workflow

from neiic.models.messages import Carried, Commit, FromRecords, RecordedRefusal
from neiic.models.progress import may_be_ahead
from neiic.statute.acts import (
    Act,
    CalendarPublished,
    Event,
    Refused,
    TimePasses,
    decision_id_in,
    read_act,
)
from neiic.statute.deciding import agenda, decide, evolve, register, unfold
from neiic.statute.forms import UNPRINTABLE
from neiic.statute.notices import Notice, notice_of_refusal
from neiic.statute.periods import Asks, CalendarAnswer, day_of
from neiic.statute.registration import (
    code_mismatch,
    code_taken,
    not_recorded,
    read_registration,
)
from neiic.statute.reminders import next_rung
from neiic.statute.rules import LIBRARY, RuleSet
from neiic.statute.snapshot import snapshot
from neiic.workflows import observing
from neiic.workflows.payloads import decoded, one_said
from neiic.workflows.record_keeping import (
    CodeTakenError,
    NotRecordedError,
    commit,
    recall,
    recall_by_decision,
    resolve_dates,
    restore,
)
from neiic.workflows.refusals import refusal_error
from neiic.workflows.timers import LifeTimers
from neiic.workflows.visibility import show

#: A run lives this long at most; some servers end longer ones.
LONGEST_RUN = timedelta(days=3 * 365)
#: A server takes 2,000 updates a run and then refuses: renew well before.
MOST_ACTS_A_RUN = 500
#: Patch (0.2.0): a run looks at the clock when it opens; a date may have gone by before it did.
SETTLES_WHEN_OPENED = "settles-when-opened"
#: Longest part of a refused message that is kept.
KEPT_OF_MESSAGE = 2_000


class Life:
    """A center with its rule set, its timers and the turn that is being taken."""

    def __init__(
        self, carried: Carried, first: Event | None = None, *, in_the_records: bool = False
    ) -> None:
        self._go_on_from(carried)
        self.timeline: list[Event] = []
        self.refused: Refused | None = None
        self.opened = False
        self._first = first
        self._in_the_records = in_the_records
        self._turn = asyncio.Lock()
        self._timers = LifeTimers()
        self._acts_this_run = 0
        self._renew = False
        self._took_up = False

    @property
    def rules(self) -> RuleSet:
        """The rule set that the center is under now."""
        return LIBRARY[self.center.rule_set]

    @property
    def closed(self) -> bool:
        """Whether the life is over."""
        return self.center.closed

    @property
    def outgrew_this_run(self) -> bool:
        """Whether the life should go on in a new run: a new stage, old age, or many acts."""
        return (
            self._renew
            or self._timers.renewal_is_due
            or self._acts_this_run >= MOST_ACTS_A_RUN
            or workflow.info().is_continue_as_new_suggested()
        )

    async def open(self) -> None:
        """Record the registration, or take up the timers of the run before.

        Raises the registration's refusal when its code is another center's.
        """
        async with self._turn:
            await self._open()
        if self.refused is not None:
            raise refusal_error(self.refused)

    async def _open(self) -> None:
        """Open the life before its first turn, whoever takes it: turns keep their order."""
        if self.opened or self.refused is not None:
            return
        try:
            if self._in_the_records:
                self._go_on_from(await restore(self.center.code))
            elif self._first is not None:
                await self._commit((self._first,))
        except CodeTakenError:
            self.refused = code_taken(self.center.code)
            return
        except NotRecordedError:
            self.refused = not_recorded(self.center.code)
            return
        self._renew = False
        self.opened = True
        self._show()
        observing.opened(self.center, self.rules)
        # A date may have gone by before this run was there to watch it. A restored life needs no
        # patch, and must not ask for one: after a local activity a replay may not know of it.
        if self._timers.past and (self._in_the_records or workflow.patched(SETTLES_WHEN_OPENED)):
            self._timers.fired = True

    def _go_on_from(self, carried: Carried) -> None:
        self.center = carried.center
        self._refusals = carried.refusals
        self._life = carried.life or workflow.info().first_execution_run_id

    async def next_moment(self) -> None:
        """Sleep until a timer fires, someone wakes the life, or an act changed its course."""
        await workflow.wait_condition(
            lambda: self._timers.fired or self.closed or self.outgrew_this_run
        )

    async def let_time_pass(self) -> None:
        """Let everything due by now happen; look again at dates that rest on a projected year."""
        if self.closed or not self._timers.fired:
            return
        self._timers.fired = False
        now = workflow.now()
        async with self._turn:
            if any(deadline.due.provisional for deadline in agenda(self.center, self.rules)):
                await self._take(CalendarPublished(), now)
            else:
                await self._take(TimePasses(), now)

    def wake(self) -> None:
        """Look at the clock again; changes nothing by itself."""
        self._timers.fired = True

    def preview(self, action: str, message: object) -> Refused | None:
        """What the law says to an act right now, without doing it."""
        if self.center.act_of(decision_id_in(message)) is not None:
            return None
        act = read_act(action, message)
        if isinstance(act, Refused):
            return act
        behind = may_be_ahead(self.center.code, self.center.sequence)
        if not self.opened or self._turn.locked() or behind:
            # Others come first and may change what the law says: it is asked in this act's turn.
            return None
        outcome = decide(self.center, act, workflow.now(), self.rules, {})
        return outcome if isinstance(outcome, Refused) else None

    async def act(self, action: str, message: object) -> Any:
        """Take an act: the snapshot after it, its first answer again, or the refusal."""
        now = workflow.now()
        async with self._turn:
            await self._open()
            if self.refused is not None:
                return self.refused
            before = self.center.act_of(decision_id_in(message))
            if before is not None:
                observing.repeated(self.center, action, message)
                return await recall(self.center.code, before) or self.snapshot()
            act = read_act(action, message)
            if isinstance(act, Refused):
                return act
            self._acts_this_run += 1
            self._took_up = False
            refused = await self._take(act, now)
            used = self.center.act_of(act.decision_id)
            if self._took_up and used is not None:
                # It was recorded before, perhaps with later acts: its answer is the first one.
                return await recall(self.center.code, used) or self.snapshot()
            if refused is None:
                return self.snapshot()
            # Recorded in a task that the server dropped, and given again out of its order?
            return await recall_by_decision(self.center.code, act.decision_id) or refused

    async def record_refusal(self, action: str, message: object, refusal: Refused) -> None:
        """Record a refused signal and tell its sender's unit."""
        if self.refused is not None:
            return
        act = read_act(action, message)
        known = None if isinstance(act, Refused) else act
        async with self._turn:
            self._refusals += 1
            recorded = _recorded(self._refusals, action, message, refusal, known)
            notice = notice_of_refusal(refusal, known, str(self._refusals))
            await self._commit((), notices=(notice,), refusals=(recorded,))

    def snapshot(self) -> dict[str, Any]:
        """The center as JSON values."""
        return snapshot(self.center, self.rules).model_dump(mode="json")

    def carried(self) -> Carried:
        """What the next run needs."""
        restored = self._life != workflow.info().first_execution_run_id
        return Carried(
            center=self.center,
            refusals=self._refusals,
            life=self._life if restored else None,
        )

    async def _take(
        self, action: Act | TimePasses | CalendarPublished, now: datetime
    ) -> Refused | None:
        """Decide, asking the calendar as often as the law needs it, and commit what follows."""
        answers: dict[date, CalendarAnswer] = {}
        while True:
            outcome = decide(self.center, action, now, self.rules, answers)
            if isinstance(outcome, Refused):
                return outcome
            if isinstance(outcome, Asks):
                resolved = await resolve_dates(outcome.dates)
                answers |= {answer.nominal: answer for answer in resolved}
            elif not outcome or await self._commit(outcome):
                self._show()
                return None

    async def _commit(
        self,
        events: tuple[Event, ...],
        notices: tuple[Notice, ...] = (),
        refusals: tuple[RecordedRefusal, ...] = (),
    ) -> bool:
        """Record events and what they cause. False when the records held others at their place.

        Those are then taken up: they were written by a worker that died before the server
        knew of it, so they did happen.
        """
        first = events[:1] == (self._first,)
        before = None if first else self.center
        center, caused = unfold(before, events, self.rules)
        committed = await commit(
            Commit(
                life=self._life,
                center=center,
                events=events,
                notices=(*caused, *notices),
                refusals=refusals,
            )
        )
        stored = committed.stored
        if stored:
            self._took_up = True
            center, _ = unfold(before, stored, self.rules)
        self._renew = self._renew or center.stage is not self.center.stage
        self.center = center
        self.timeline.extend(stored or events)
        observing.committed(center, stored or events, taken_up=bool(stored))
        return not stored

    def _show(self) -> None:
        """Set timers, search attributes and details by what lies ahead now."""
        deadlines = agenda(self.center, self.rules)
        rung = next_rung(self.center, self.rules, deadlines)
        renewal = workflow.info().start_time + LONGEST_RUN
        self._timers.set(deadlines, rung, renewal, workflow.now())
        show(self.center, deadlines, workflow.now())


def begin(arguments: Sequence[Any]) -> Life | Refused:
    """The life that goes on from the run before, or begins with a registration that fits.

    Only a run before may hand a state on: one that comes from outside does not fit. An
    operator may ask that the life go on from the records, which know it.
    """
    second = decoded(arguments[1]) if len(arguments) == 2 else None
    if second is not None and workflow.info().continued_run_id is not None:
        return Life(Carried.model_validate(second))
    in_the_records = _is_in_the_records(second)
    now = workflow.now()
    read = read_registration(one_said(arguments[:1] if in_the_records else arguments))
    if isinstance(read, Refused):
        return read
    if workflow.info().workflow_id != f"center/{read.code}":
        return code_mismatch(read.code, workflow.info().workflow_id)
    rule_set = read.rule_set or LIBRARY.in_force(day_of(now)).name
    first = register(read, now, rule_set)
    begun = Carried(center=evolve(None, first))
    return Life(begun, first, in_the_records=in_the_records)


def _is_in_the_records(second: object) -> bool:
    try:
        return FromRecords.model_validate(second).from_records
    except ValidationError:
        return False


def _recorded(
    number: int, action: str, message: object, refusal: Refused, act: Act | None
) -> RecordedRefusal:
    said = json.dumps(message, ensure_ascii=False, default=str)
    return RecordedRefusal(
        number=number,
        action=UNPRINTABLE.sub("�", action)[:200],
        refusal=refusal,
        message=UNPRINTABLE.sub("�", said)[:KEPT_OF_MESSAGE],
        decision_id=act.decision_id if act else None,
        actor_role=act.actor.role if act else None,
        actor_unit=act.actor.acts_for if act else None,
        actor_user=act.actor.user if act else None,
    )
