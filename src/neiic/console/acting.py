"""An act on its way from the console to its center: who may send it, and what became of it.

Pages and API send acts through here, so that neither has a gate that the other lacks.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from neiic.console.accounts.access import Person, actor_of
from neiic.console.desk.drafts import Draft
from neiic.console.house import House
from neiic.door import UnansweredError, UnknownCenterError
from neiic.statute.acts import Refused


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a person wants to do. ``reason`` answers a conflict of interest, where there is one."""

    code: str
    action: str
    data: dict[str, Any]
    remarks: str | None
    decision_id: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """Accepted: the center's snapshot after it."""

    snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer came in time; it is being found out, and the same decision may be sent again."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The assessor's agency is tied to a unit of the center: a reason is needed."""

    agency: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class Drafted:
    """The unit wants a second person's signature first: the act waits for it."""

    draft: Draft


Outcome = Done | Refused | Unknown | Conflict | Drafted


class NotSeenError(Exception):
    """The center does not exist, or it is not the person's to see: the same to the outside."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def new_decision_id() -> str:
    """An id for a decision that was given none."""
    return f"console-{uuid.uuid4()}"


async def propose(house: House, person: Person, proposed: Proposed) -> Outcome:
    """Send an act, or lay it before the one who signs. Raises NotSeenError."""
    outcome = await asyncio.to_thread(_before_sending, house, person, proposed)
    if outcome is not None:
        return outcome
    return await send(house, proposed, actor_of(person))


async def send(house: House, proposed: Proposed, actor: dict[str, Any]) -> Outcome:
    """Send an act that has passed the console's gates. Raises NotSeenError."""
    message = _message(proposed, actor)
    try:
        answer = await house.door.act(proposed.code, proposed.action, message)
    except UnansweredError:
        house.rechecks.begin(proposed.code, proposed.action, message)
        return Unknown()
    except UnknownCenterError:
        raise NotSeenError(proposed.code) from None
    return answer if isinstance(answer, Refused) else Done(answer)


def _before_sending(house: House, person: Person, proposed: Proposed) -> Outcome | None:
    """The console's own gates, in the database; None where the act may go on."""
    if not house.accounts.may_see(person.scope, proposed.code):
        raise NotSeenError(proposed.code)
    conflict = conflict_of(house, person, proposed)
    if conflict is not None:
        return conflict
    if house.accounts.needs_signature(person, proposed.action):
        return Drafted(house.desk.draft(person, proposed, house.now()))
    return None


def conflict_of(house: House, person: Person, proposed: Proposed) -> Conflict | None:
    """The tie between a third party's agency and a unit of the center, unless it is explained."""
    if not proposed.action.endswith(".assess") or proposed.reason:
        return None
    agency = proposed.data.get("agency")
    center = house.records.center(proposed.code)
    if center is None or not isinstance(agency, str):
        return None
    units = (center.competent_unit, center.lead_unit, center.implementing_unit)
    for named in dict.fromkeys((agency, person.scope.unit)):
        for unit in units:
            tie = house.accounts.tied(named, unit)
            if tie is not None:
                return Conflict(named, unit, tie.note)
    return None


def _message(proposed: Proposed, actor: dict[str, Any]) -> dict[str, Any]:
    remarks = proposed.remarks
    if proposed.reason:
        # The center's record must show that the tie was known and why it was accepted.
        remarks = "\n".join(filter(None, (remarks, f"利益关联说明：{proposed.reason}")))
    message = {"decision_id": proposed.decision_id, "actor": actor, "data": proposed.data}
    return message | ({"remarks": remarks} if remarks else {})
