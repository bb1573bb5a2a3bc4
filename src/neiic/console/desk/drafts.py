"""Drafts (拟办、审签): an act written by one person of a unit and signed by another.

The act's decision id is fixed when it is drafted. Signing takes the draft out of everybody's hands
first and sends the act afterwards; if the sending is lost, the same id may be sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Engine, Select, func, insert, select, update

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import (
    can_be_kept,
    conflict,
    forbidden,
    invalid,
    kept,
    unknown,
    words,
)
from neiic.console.accounts.users import USERS
from neiic.console.desk.audit import author_of, record
from neiic.console.desk.seeing import check_may_work, check_sees
from neiic.models.desk import DraftRecord
from neiic.models.tables import table_of
from neiic.statute.forms import LARGEST_DATA, too_large

_DRAFTS = table_of(DraftRecord)
LONGEST_NOTE = 2_000
LONGEST_REMARKS = 20_000

State = Literal["draft", "signed", "returned", "withdrawn"]


class Draft(NamedTuple):
    """A drafted act. ``sent`` is when the center took it; ``note`` why it was returned."""

    id: int
    unit_id: int
    role: str
    center: str
    action: str
    subject: str
    data: dict[str, Any]
    remarks: str | None
    decision_id: str
    state: State
    note: str
    drafted_by: int
    drafted_for: int | None
    drafted_at: datetime
    settled_by: int | None
    settled_at: datetime | None
    sent: datetime | None
    drafter_login: str
    drafter_name: str
    settler_name: str | None


def draft(
    engine: Engine,
    person: Person,
    *,
    center: str,
    action: str,
    data: dict[str, Any],
    now: datetime,
    remarks: str | None = None,
    subject: str = "",
    decision_id: str | None = None,
) -> int:
    """Put an act before a colleague for signing. Answers the draft's id; raises FaultError.

    Whether the core would take the act is the caller's to ask, before this and before signing.
    """
    check_may_work(person)
    if too_large(data):
        limit = LARGEST_DATA // 1024
        raise invalid("data", f"超过 {limit} KiB", f"is larger than {limit} KiB")
    if not can_be_kept(data):
        raise invalid("data", "含无法保存的字符", "has characters that cannot be kept")
    said = None if remarks is None else words("remarks", remarks, LONGEST_REMARKS, empty=True)
    values = {
        "unit_id": person.unit_id,
        "role": person.scope.role.value,
        "center": words("center", center, 200),
        "action": words("action", action, 100),
        "subject": words("subject", subject, 100, empty=True),
        "data": data,
        "remarks": said or None,
        "decision_id": words("decision_id", decision_id or str(uuid.uuid4()), 64),
        "state": "draft",
        "note": "",
        "drafted_by": person.user_id,
        "drafted_for": person.for_whom.user_id if person.for_whom else None,
        "drafted_at": now,
    }
    with writing(engine).begin() as connection:
        check_sees(connection, person, center)
        same = select(_DRAFTS).where(_DRAFTS.c.decision_id == values["decision_id"])
        there = connection.execute(same).mappings().first()
        if there is not None:
            # The same form sent twice is one draft.
            alike = ("unit_id", "center", "action", "data", "drafted_by")
            if all(there[name] == values[name] for name in alike):
                return int(there["id"])
            raise conflict("decision_id", "决定编号已用", "was used for another draft")
        query = insert(_DRAFTS).values(values).returning(_DRAFTS.c.id)
        made = int(connection.execute(query).scalar_one())
        _tell(connection, person, "draft.make", made, center, now, action=action)
    return made


def sign(engine: Engine, person: Person, draft_id: int, now: datetime) -> Draft:
    """Sign a colleague's draft: from here on it is the signer's to send. Raises FaultError.

    Never one's own, nor as a stand-in for who drafted it, nor one drafted on one's own behalf by
    oneself. Only the first of two who sign at once has signed.
    """
    with writing(engine).begin() as connection:
        found = _to_settle(connection, person, draft_id)
        behind = {person.user_id} | ({person.for_whom.user_id} if person.for_whom else set())
        if found.drafted_by in behind:
            raise forbidden(
                "draft", "拟办与审签须为两人", "who has drafted it cannot sign it, nor a stand-in"
            )
        _settle(connection, person, found, "signed", "", now)
        _tell(connection, person, "draft.sign", draft_id, found.center, now, action=found.action)
    return found._replace(state="signed", settled_by=person.user_id, settled_at=now)


def return_draft(engine: Engine, person: Person, draft_id: int, note: str, now: datetime) -> None:
    """Give a draft back to who drafted it, and say why. Raises FaultError."""
    said = words("note", note, LONGEST_NOTE)
    with writing(engine).begin() as connection:
        found = _to_settle(connection, person, draft_id)
        if found.drafted_by == person.user_id:
            raise forbidden("draft", "本人拟办的请撤回", "withdraw what you have drafted yourself")
        _settle(connection, person, found, "returned", said, now)
        _tell(connection, person, "draft.return", draft_id, found.center, now, note=said)


def withdraw(engine: Engine, person: Person, draft_id: int, now: datetime) -> None:
    """Take back one's own draft before it is signed. Raises FaultError."""
    with writing(engine).begin() as connection:
        found = _to_settle(connection, person, draft_id)
        if found.drafted_by != person.user_id:
            raise forbidden("draft", "只能撤回本人拟办的", "is not yours to withdraw")
        _settle(connection, person, found, "withdrawn", "", now)
        _tell(connection, person, "draft.withdraw", draft_id, found.center, now)


def taken(engine: Engine, draft_id: int, now: datetime) -> None:
    """The center has taken the signed act."""
    with writing(engine).begin() as connection:
        signed = (_DRAFTS.c.id == draft_id) & (_DRAFTS.c.state == "signed")
        connection.execute(update(_DRAFTS).where(signed).values(sent=now))


def refused(engine: Engine, person: Person, draft_id: int, why: str, now: datetime) -> None:
    """The center has refused the signed act: it goes back to who drafted it, with the reason."""
    note = kept(why.strip(), LONGEST_NOTE)
    with writing(engine).begin() as connection:
        signed = (_DRAFTS.c.id == draft_id) & (_DRAFTS.c.state == "signed")
        still = signed & _DRAFTS.c.sent.is_(None)
        query = update(_DRAFTS).where(still).values(state="returned", note=note)
        center = connection.execute(query.returning(_DRAFTS.c.center)).scalar()
        if center is not None:
            _tell(connection, person, "draft.refused", draft_id, center, now, note=note)


def find_draft(engine: Engine, person: Person, draft_id: int) -> Draft:
    """One draft of the person's unit and role. Raises FaultError, as for one that is not there."""
    with engine.connect() as connection:
        return _draft(connection, person, draft_id)


def drafts(
    engine: Engine,
    person: Person,
    *,
    states: Sequence[State] = ("draft",),
    mine: bool | None = None,
    center: str | None = None,
    limit: int = 200,
) -> list[Draft]:
    """Drafts of the person's unit and role, newest first.

    ``mine``: True for those one has drafted, False for those one could sign, None for both.
    """
    query = _select(person).where(_DRAFTS.c.state.in_(states))
    if mine is not None:
        own = _DRAFTS.c.drafted_by == person.user_id
        query = query.where(own if mine else ~own)
    if center is not None:
        query = query.where(_DRAFTS.c.center == center)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(_DRAFTS.c.id.desc()).limit(limit))
        return [Draft._make(row) for row in rows]


def count_to_sign(engine: Engine, person: Person) -> int:
    """How many drafts wait for the signature of this person."""
    behind = [person.user_id, *([person.for_whom.user_id] if person.for_whom else [])]
    query = select(func.count()).where(
        _DRAFTS.c.unit_id == person.unit_id,
        _DRAFTS.c.role == person.scope.role.value,
        _DRAFTS.c.state == "draft",
        _DRAFTS.c.drafted_by.not_in(behind),
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def unsent(engine: Engine, signed_before: datetime, limit: int = 50) -> list[Draft]:
    """Signed drafts of which nobody knows whether the center took them: send them again."""
    query = _select(None).where(
        _DRAFTS.c.state == "signed",
        _DRAFTS.c.sent.is_(None),
        _DRAFTS.c.settled_at < signed_before,
    )
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(_DRAFTS.c.id).limit(limit))
        return [Draft._make(row) for row in rows]


def _select(person: Person | None) -> Select[Any]:
    drafter, settler = USERS.alias("drafter"), USERS.alias("settler")
    query = (
        select(
            *(_DRAFTS.c[name] for name in Draft._fields if name in _DRAFTS.c),
            drafter.c.login,
            drafter.c.name,
            settler.c.name.label("settler_name"),
        )
        .join_from(_DRAFTS, drafter, drafter.c.id == _DRAFTS.c.drafted_by)
        .outerjoin(settler, settler.c.id == _DRAFTS.c.settled_by)
    )
    if person is None:
        return query
    return query.where(
        _DRAFTS.c.unit_id == person.unit_id, _DRAFTS.c.role == person.scope.role.value
    )


def _draft(connection: Connection, person: Person, draft_id: int) -> Draft:
    row = connection.execute(_select(person).where(_DRAFTS.c.id == draft_id)).first()
    if row is None:
        raise unknown("draft", "没有这份拟办件", "there is no such draft")
    return Draft._make(row)


def _to_settle(connection: Connection, person: Person, draft_id: int) -> Draft:
    check_may_work(person)
    found = _draft(connection, person, draft_id)
    check_sees(connection, person, found.center)
    if found.state != "draft":
        raise _settled(found)
    return found


def _settle(
    connection: Connection, person: Person, found: Draft, state: State, note: str, now: datetime
) -> None:
    values = {"state": state, "note": note, "settled_by": person.user_id, "settled_at": now}
    still = (_DRAFTS.c.id == found.id) & (_DRAFTS.c.state == "draft")
    if not connection.execute(update(_DRAFTS).where(still).values(values)).rowcount:
        raise _settled(_draft(connection, person, found.id))


_STATES_ZH = {"draft": "待审签", "signed": "已审签", "returned": "已退回", "withdrawn": "已撤回"}


def _settled(found: Draft) -> Exception:
    who = found.settler_name or found.drafter_name
    return conflict(
        "draft",
        f"{_STATES_ZH[found.state]}（{who}）",
        f"was {found.state} by {who} already",
    )


def _tell(
    connection: Connection,
    person: Person,
    what: str,
    draft_id: int,
    center: str,
    now: datetime,
    **more: Any,
) -> None:
    told = {"draft_id": draft_id, **more}
    if person.for_whom is not None:
        told["for"] = person.for_whom.login
    record(connection, author_of(person), what, now, center=center, **told)
