"""What the console stores of the work inside a unit: claims, comments, drafts, and the trail of it.

None of it is a center's record; ``center`` is a code, and no key into the records.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from neiic.models.tables import Document, Instant, Stored


class ClaimRecord(Stored, table=True):
    """Who of a unit has taken a matter in hand (签收); the trail remembers who had it before."""

    __tablename__ = "claims"

    unit_id: int = Field(primary_key=True, foreign_key="units.id")
    center: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    note: str
    at: datetime = Field(sa_type=Instant)


class CommentRecord(Stored, table=True):
    """A remark on a center that only the writer's unit reads (内部批注)."""

    __tablename__ = "comments"
    __table_args__ = (Index(None, "center", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    center: str
    unit_id: int = Field(foreign_key="units.id")
    user_id: int = Field(foreign_key="users.id")
    text: str
    at: datetime = Field(sa_type=Instant)


class DraftRecord(Stored, table=True):
    """An act drafted by one person and to be signed by another (拟办、审签).

    ``decision_id`` is that of the act, fixed here, so that it is done once however often it is
    sent. ``sent`` is when the center has taken it.
    """

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "unit_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="units.id")
    role: str
    center: str = Field(index=True)
    action: str
    subject: str
    data: dict[str, Any] = Field(sa_type=Document)
    remarks: str | None
    decision_id: str = Field(unique=True)
    state: str
    note: str
    drafted_by: int = Field(foreign_key="users.id")
    drafted_for: int | None = Field(foreign_key="users.id")
    drafted_at: datetime = Field(sa_type=Instant)
    settled_by: int | None = Field(default=None, foreign_key="users.id")
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    sent: datetime | None = Field(default=None, sa_type=Instant)


class KeptFormRecord(Stored, table=True):
    """What a user has typed into a form and not sent yet."""

    __tablename__ = "kept_forms"

    user_id: int = Field(primary_key=True, foreign_key="users.id")
    form: str = Field(primary_key=True)
    fields: dict[str, Any] = Field(sa_type=Document)
    at: datetime = Field(sa_type=Instant)


class SavedFilterRecord(Stored, table=True):
    """A user's own filter of a page, by name; ``query`` is the address after the question mark."""

    __tablename__ = "saved_filters"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    page: str
    name: str
    query: str


class AuditRecord(Stored, table=True):
    """One thing done in the console, written with it. ``user_id`` is None at the command line."""

    __tablename__ = "desk_audit"
    __table_args__ = (Index(None, "center", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    user_id: int | None = Field(foreign_key="users.id")
    login: str
    unit: str
    what: str
    center: str | None
    detail: dict[str, Any] = Field(sa_type=Document)


class AttemptRecord(Stored, table=True):
    """An act that the console turned away before any center heard of it."""

    __tablename__ = "attempts"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant)
    login: str
    role: str
    unit: str
    address: str
    center: str
    action: str
    status: int
    reason: str
