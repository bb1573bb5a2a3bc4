"""Signing what a colleague has drafted (审签): asked of the law again, signed, sent, followed up.

Pages and API both sign through here. A draft is signed before it is sent: of two who sign at
once only one sends. What became of the sending is known at once, or found in the records later.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import forbidden
from neiic.console.acting import (
    TIE_EXPLAINED,
    Conflict,
    Done,
    NotSeenError,
    Outcome,
    Proposed,
    Unknown,
    actor_at,
    conflict_of,
    message_of,
    send,
)
from neiic.console.desk.drafts import Draft
from neiic.console.house import House
from neiic.previewing import previewed
from neiic.statute.acts import Refused


@dataclass(frozen=True, slots=True)
class Signed:
    """A draft that was signed and sent, and what its center said."""

    draft: Draft
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class NotSigned:
    """Nothing was signed: the law would refuse the act now, or an agency has been found tied."""

    draft: Draft
    why: Refused | Conflict


def proposed_of(draft: Draft) -> Proposed:
    """The drafted act, under the decision id that it was given when it was drafted."""
    return Proposed(draft.center, draft.action, draft.data, draft.remarks, draft.decision_id)


def may_sign(person: Person, draft: Draft) -> bool:
    """Whether the draft waits for this person: never for who drafted it, nor for a stand-in."""
    behind = {person.user_id} | ({person.for_whom.user_id} if person.for_whom else set())
    return draft.state == "draft" and draft.drafted_by not in behind


async def sign(house: House, person: Person, draft_id: int) -> Signed | NotSigned:
    """Sign and send. Raises FaultError where it is not the person's to sign, or settled already.

    A refusal of the center gives the draft back to who drafted it. Raises NotSeenError.
    """
    found, actor, stop = await asyncio.to_thread(_before, house, person, draft_id)
    if stop is not None:
        return NotSigned(found, stop)
    signed = await asyncio.to_thread(house.desk.sign, person, draft_id, house.now())
    return await _sent(house, person, signed, actor)


async def send_again(house: House, person: Person, draft_id: int) -> Signed:
    """Send what one has signed and of which nobody knows whether the center took it.

    It carries the id that it had: it acts once. Raises FaultError, NotSeenError.
    """
    found, actor = await asyncio.to_thread(_unsent, house, person, draft_id)
    return await _sent(house, person, found, actor)


def followed_up(house: House, person: Person, draft: Draft) -> Draft:
    """The draft as it stands now: one whose outcome was unknown is looked up in the records."""
    if draft.state != "signed" or draft.sent is not None:
        return draft
    known = house.rechecks.known(draft.center, draft.decision_id)
    if known.status == "done":
        house.desk.taken(draft.id, house.now())
    elif known.refusal is not None:
        told = known.refusal["message_zh"]
        house.desk.refused(person, draft.id, told, house.now())
    else:
        return draft
    return house.desk.find_draft(person, draft.id)


def _before(
    house: House, person: Person, draft_id: int
) -> tuple[Draft, dict[str, str], Refused | Conflict | None]:
    found = house.desk.find_draft(person, draft_id)
    center = (
        house.records.state(found.center)
        if house.accounts.may_see(person.scope, found.center)
        else None
    )
    if center is None:
        raise NotSeenError(found.center)
    actor = actor_at(house, person, found.center, drafted_by=found.drafter_name)
    if not may_sign(person, found):
        # The desk says why, and it alone decides: somebody may be first between here and there.
        return found, actor, None
    proposed = proposed_of(found)
    tied = None if TIE_EXPLAINED in (found.remarks or "") else conflict_of(house, person, proposed)
    if tied is not None:
        return found, actor, tied
    message = message_of(proposed, actor)
    seen = previewed(center, found.action, message, house.now(), house.calendar.resolve)
    return found, actor, seen if isinstance(seen, Refused) else None


def _unsent(house: House, person: Person, draft_id: int) -> tuple[Draft, dict[str, str]]:
    found = house.desk.find_draft(person, draft_id)
    if found.state != "signed" or found.sent is not None or found.settled_by != person.user_id:
        raise forbidden(
            "draft",
            "只有审签人可以重发尚无结果的件",
            "only who signed it sends again what has no answer",
        )
    return found, actor_at(house, person, found.center, drafted_by=found.drafter_name)


async def _sent(house: House, person: Person, signed: Draft, actor: dict[str, str]) -> Signed:
    try:
        outcome = await send(house, proposed_of(signed), actor)
    except NotSeenError:
        why = "系统中没有该中心的流程，未送达"
        await asyncio.to_thread(house.desk.refused, person, signed.id, why, house.now())
        raise
    if isinstance(outcome, Done):
        await asyncio.to_thread(house.desk.taken, signed.id, house.now())
    elif isinstance(outcome, Refused):
        why = outcome.message_zh if person.language == "zh" else outcome.message_en
        await asyncio.to_thread(house.desk.refused, person, signed.id, why, house.now())
    else:
        assert isinstance(outcome, Unknown)
    return Signed(signed, outcome)
