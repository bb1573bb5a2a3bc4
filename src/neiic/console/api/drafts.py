"""Drafts of one's unit: what waits for a signature, signing it, and giving it back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from neiic.console.accounts.access import Person
from neiic.console.acting import Conflict, Done, NotSeenError
from neiic.console.api.acts import Answered, conflict_problem, unknown_yet
from neiic.console.api.problems import refused, unknown_center
from neiic.console.asking import LARGEST_NUMBER, Wired, may
from neiic.console.desk.drafts import Draft, State
from neiic.console.signing import NotSigned, may_sign, sign
from neiic.statute.acts import Refused

router = APIRouter(tags=["drafts"])

DraftId = Annotated[int, Path(ge=1, le=LARGEST_NUMBER)]


class DraftView(BaseModel):
    """An act drafted by one person of the unit, to be signed by another."""

    id: int
    state: str = Field(examples=["draft"])
    center: str
    action: str = Field(examples=["formation.decide"])
    data: dict[str, Any]
    remarks: str | None
    decision_id: str
    drafted_by: str
    drafted_at: datetime
    settled_by: str | None
    settled_at: datetime | None
    note: str
    may_sign: bool = Field(description="Whether it waits for the asker's signature.")


class Drafts(BaseModel):
    """Newest first, two hundred at most."""

    items: list[DraftView]


class Note(BaseModel):
    """Why a draft is returned."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(min_length=1, max_length=2_000)]


def _view(draft: Draft, person: Person) -> DraftView:
    return DraftView(
        id=draft.id,
        state=draft.state,
        center=draft.center,
        action=draft.action,
        data=draft.data,
        remarks=draft.remarks,
        decision_id=draft.decision_id,
        drafted_by=draft.drafter_name,
        drafted_at=draft.drafted_at,
        settled_by=draft.settler_name,
        settled_at=draft.settled_at,
        note=draft.note,
        may_sign=may_sign(person, draft),
    )


@router.get("/drafts")
def show(
    house: Wired,
    person: Annotated[Person, may("read")],
    state: Annotated[list[State] | None, Query()] = None,
) -> Drafts:
    """Drafts of the token's unit and role; those that wait for a signature by default."""
    found = house.desk.drafts(person, states=state or ("draft",))
    return Drafts(items=[_view(one, person) for one in found])


@router.post(
    "/drafts/{draft_id}/sign",
    responses={202: {"model": Answered, "description": "signed; the outcome is unknown yet"}},
)
async def sign_draft(
    draft_id: DraftId, response: Response, house: Wired, person: Annotated[Person, may("act")]
) -> Answered:
    """Sign a colleague's draft and send the act: answered once its center has recorded it.

    An act that the law would refuse now is not signed. One that the center refuses after all
    goes back to who drafted it.
    """
    try:
        outcome = await sign(house, person, draft_id)
    except NotSeenError as error:
        raise unknown_center(error.code) from None
    draft = outcome.draft
    why = outcome.why if isinstance(outcome, NotSigned) else outcome.outcome
    if isinstance(why, Refused):
        raise refused(why, draft.decision_id)
    if isinstance(why, Conflict):
        raise conflict_problem(why, draft.decision_id)
    if not isinstance(why, Done):
        response.status_code = 202
        return unknown_yet(draft.center, draft.decision_id)
    return Answered(
        status="done",
        code=draft.center,
        decision_id=draft.decision_id,
        snapshot=why.snapshot,
        draft=draft.id,
    )


@router.post("/drafts/{draft_id}/return", status_code=204)
def return_draft(
    draft_id: DraftId, note: Note, house: Wired, person: Annotated[Person, may("act")]
) -> Response:
    """Give a draft back to who drafted it, with the reason."""
    house.desk.return_draft(person, draft_id, note.note, house.now())
    return Response(status_code=204)
