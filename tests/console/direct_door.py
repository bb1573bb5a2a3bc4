"""The door without a server behind it: the same law and the same records, no workflow between."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import select
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from neiic.activities.calendar import HolidayCalendar
from neiic.activities.records import Records
from neiic.door import Door, UnansweredError, UnknownCenterError
from neiic.models.messages import Commit
from neiic.models.tables import CenterRecord, table_of
from neiic.statute import decide, register, unfold
from neiic.statute.acts import Refused, RefusedActError, read_act
from neiic.statute.periods import Asks, day_of
from neiic.statute.registration import code_taken, read_registration
from neiic.statute.rules import LIBRARY

_CENTERS = table_of(CenterRecord)


class DirectDoor(Door):
    """Decides and commits at once. While ``silent`` nobody answers; what is sent may be done."""

    def __init__(self, client: Client, records: Records, now: Any, calendar: HolidayCalendar):
        super().__init__(client, records, now=now)
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.silent = False
        self.loses = False
        self.records, self._clock, self._calendar = records, now, calendar

    async def start(self, message: object) -> WorkflowHandle[Any, Any]:
        registration = read_registration(message)
        if isinstance(registration, Refused):
            raise RefusedActError(registration)
        if self.silent:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        code = registration.code
        if self.records.center(code) is not None:
            raise RefusedActError(code_taken(code))
        now = self._clock()
        rules = LIBRARY[registration.rule_set or LIBRARY.in_force(day_of(now)).name]
        events = (register(registration, now, rules.name),)
        center, notices = unfold(None, events, rules)
        commit = Commit(life=f"run-{code}", center=center, events=events, notices=tuple(notices))
        self.records.commit(commit)
        return self._client.get_workflow_handle(f"center/{code}")

    async def _act(self, code: str, action: str, message: object) -> dict[str, Any] | Refused:
        self.sent.append((code, action, cast(dict[str, Any], message)))
        outcome: dict[str, Any] | Refused = {}
        if not self.loses:
            outcome = self._decided(code, action, message)
        if self.silent:
            raise UnansweredError(code)
        return outcome

    def _decided(self, code: str, action: str, message: object) -> dict[str, Any] | Refused:
        center = self.records.state(code)
        if center is None:
            raise UnknownCenterError(code)
        act = read_act(action, message)
        if isinstance(act, Refused):
            return act
        used = center.act_of(act.decision_id)
        if used is not None:
            return self.records.recall(code, used) or {}
        rules, answers = LIBRARY[center.rule_set], {}
        while isinstance(found := decide(center, act, self._clock(), rules, answers), Asks):
            answers |= {day: self._calendar.resolve(day) for day in found.dates}
        if isinstance(found, Refused):
            return found
        after, notices = unfold(center, found, rules)
        commit = Commit(life=self._life(code), center=after, events=found, notices=tuple(notices))
        self.records.commit(commit)
        return self.records.recall_by_decision(code, act.decision_id) or {}

    def _life(self, code: str) -> str:
        with self.records.engine.connect() as connection:
            query = select(_CENTERS.c.life).where(_CENTERS.c.code == code)
            return str(connection.execute(query).scalar_one())
