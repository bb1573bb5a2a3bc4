"""An act on its way from the console to its center: who may send it, and what became of it.

Pages and API send acts through here, so that neither has a gate that the other lacks.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

from neiic.console.accounts.access import Person, actor_of
from neiic.console.house import House
from neiic.door import UnansweredError, UnknownCenterError
from neiic.previewing import previewed
from neiic.statute.acts import Refused
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import UNIT_ROLES

#: How a record's remarks begin to say why a tied agency assessed all the same.
TIE_EXPLAINED = "利益关联说明："


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

    draft: int


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
    ready = await asyncio.to_thread(_before_sending, house, person, proposed)
    return await send(house, proposed, ready) if isinstance(ready, dict) else ready


async def send(house: House, proposed: Proposed, actor: dict[str, str]) -> Outcome:
    """Send an act that has passed the console's gates. Raises NotSeenError."""
    message = message_of(proposed, actor)
    try:
        answer = await house.door.act(proposed.code, proposed.action, message)
    except UnansweredError:
        house.rechecks.begin(proposed.code, proposed.action, message)
        return Unknown()
    except UnknownCenterError:
        raise NotSeenError(proposed.code) from None
    return answer if isinstance(answer, Refused) else Done(answer)


def _before_sending(house: House, person: Person, proposed: Proposed) -> Outcome | dict[str, str]:
    """The console's own gates, in the database; the actor where the act may go on."""
    if not house.accounts.may_see(person.scope, proposed.code):
        raise NotSeenError(proposed.code)
    conflict = conflict_of(house, person, proposed)
    if conflict is not None:
        return conflict
    irreversible = proposed.action in ACTIONS and ACTIONS[proposed.action].irreversible
    if not person.needs_signature(proposed.action, irreversible):
        return actor_at(house, person, proposed.code)
    return _drafted(house, person, proposed)


def _drafted(house: House, person: Person, proposed: Proposed) -> Outcome:
    """The act before a colleague for signing, if the law would take it now."""
    center = house.records.state(proposed.code)
    if center is None:
        raise NotSeenError(proposed.code)
    message = message_of(proposed, actor_at(house, person, proposed.code))
    seen = previewed(center, proposed.action, message, house.now(), house.calendar.resolve)
    if isinstance(seen, Refused):
        return seen
    subject = "-".join(
        str(proposed.data[name]) for name in ("year", "case") if name in proposed.data
    )
    made = house.desk.draft(
        person,
        center=proposed.code,
        action=proposed.action,
        data=proposed.data,
        remarks=message.get("remarks"),
        subject=subject,
        decision_id=proposed.decision_id,
        now=house.now(),
    )
    return Drafted(made)


def actor_at(
    house: House, person: Person, code: str, *, drafted_by: str | None = None
) -> dict[str, str]:
    """The actor, with the name by which this center knows the unit."""
    role = person.scope.role
    known = None
    if role in UNIT_ROLES:
        known = getattr(house.records.center(code), f"{role.value}_unit", None)
    return actor_of(person, known_as=known, drafted_by=drafted_by)


def conflict_of(house: House, person: Person, proposed: Proposed) -> Conflict | None:
    """The tie between a third party's agency and a unit of the center, unless it is explained."""
    if not proposed.action.endswith(".assess") or proposed.reason:
        return None
    action = ACTIONS.get(proposed.action)
    if action is None or person.scope.role not in action.roles:
        # The law refuses this person whatever they explain: it must be what they are told.
        return None
    agency = proposed.data.get("agency")
    center = house.records.center(proposed.code)
    if center is None or not isinstance(agency, str):
        return None
    units = [center.competent_unit, center.lead_unit, center.implementing_unit]
    zh = person.language == "zh"
    for named in dict.fromkeys((agency.strip(), person.scope.unit)):
        for tie in house.accounts.ties_with(named, units):
            return Conflict(named, tie.other, tie.note_zh if zh else tie.note_en)
    return None


def message_of(proposed: Proposed, actor: dict[str, str]) -> dict[str, Any]:
    """The raw message in which the act goes to its center."""
    remarks = proposed.remarks
    if proposed.reason:
        # The center's record must show that the tie was known and why it was accepted.
        remarks = "\n".join(filter(None, (remarks, f"{TIE_EXPLAINED}{proposed.reason}")))
    message = {"decision_id": proposed.decision_id, "actor": actor, "data": proposed.data}
    return message | ({"remarks": remarks} if remarks else {})
