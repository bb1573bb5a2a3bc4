"""Starting a center from the console: who may recommend, and waiting until it is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from temporalio.service import RPCError

from neiic.console.accounts.access import Person
from neiic.console.house import House
from neiic.door import UnansweredError
from neiic.statute.acts import Refused, RefusedActError
from neiic.statute.registration import ARTICLE, read_registration
from neiic.statute.terms import Role

#: Who may bring a center in: the competent unit (Article 15), NDRC, and who runs the system.
MAY_START = frozenset({Role.COMPETENT, Role.NDRC, Role.OPERATOR})

#: How long the first records of a center may take, and how often one looks, in seconds.
PATIENCE, BETWEEN = 10.0, 0.05


def check(person: Person, message: object) -> Refused | None:
    """Why this person may not start a center with this registration; None where he may."""
    if person.scope.role not in MAY_START:
        return Refused(
            code="role_not_allowed",
            article=ARTICLE,
            message_zh="只有主管单位、国家发展改革委或系统运行人员可以登记申报。",
            message_en="Only a competent unit, NDRC or an operator registers a center.",
        )
    registration = read_registration(message)
    if isinstance(registration, Refused):
        return registration
    if (
        person.scope.role is Role.COMPETENT
        and registration.competent_unit not in person.scope.names
    ):
        return Refused(
            code="unit_not_allowed",
            article=ARTICLE,
            message_zh=f"competent_unit：须为贵单位 {person.scope.unit}。",
            message_en=f"competent_unit: must be your own unit, {person.scope.unit}.",
        )
    return None


async def started(
    house: House, person: Person, message: object
) -> tuple[str, dict[str, Any] | None] | Refused:
    """The new center's code and its first snapshot, which is None if that takes too long.

    Or the refusal, which is recorded as a rejected attempt and starts nothing. Raises
    UnansweredError where the Temporal server is away: then nothing was started, as far as one
    knows, and the same registration may be sent again.
    """
    refusal = check(person, message)
    if refusal is None:
        try:
            async with asyncio.timeout(house.settings.console_patience):
                await house.door.start(message)
        except (RPCError, RuntimeError, TimeoutError) as error:
            # RuntimeError: a client that has not been able to connect since the console began.
            raise UnansweredError(_code_in(message)) from error
        except RefusedActError as error:
            refusal = error.refusal
        except UnansweredError:
            assert isinstance(message, Mapping), "the door has read it"
            house.rechecks.begin_start(str(message["code"]).strip(), message)
    if refusal is not None:
        await asyncio.to_thread(_record, house, person, message, refusal)
        return refusal
    code = _code_in(message)
    return code, await _first_snapshot(house, code)


async def _first_snapshot(house: House, code: str) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                shown = await asyncio.to_thread(house.records.snapshot, code)
                if shown is not None:
                    return shown.model_dump(mode="json")
                await asyncio.sleep(BETWEEN)
    except TimeoutError:
        return None


def _code_in(message: object) -> str:
    code = message.get("code") if isinstance(message, Mapping) else None
    return str(code or "").strip()


def _record(house: House, person: Person, message: object, refusal: Refused) -> None:
    house.desk.record_attempt(
        person,
        center=_code_in(message),
        action="center.start",
        status=422 if refusal.code == "invalid" else 403,
        reason=refusal.message_zh,
        now=house.now(),
    )
