"""What the console stores of people: units, users, grants, sessions, tokens, sign-ins, delegations.

None of it is a center's record. Secrets are kept as hashes only: passwords by argon2id, cookies
and tokens (256 random bits) by SHA-256. Nothing is deleted that somebody may ask about later:
what no longer holds has an instant in ``ended``.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from neiic.models.tables import Document, Instant, Stored


class UnitRecord(Stored, table=True):
    """A unit whose people work here, by its present name.

    ``signing``: its acts are drafted by one person and signed by another; which ones say
    ``signing_actions``, None for those that cannot be undone.
    """

    __tablename__ = "units"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    roles: list[str] = Field(sa_type=Document)
    superior_id: int | None = Field(default=None, foreign_key="units.id")
    signing: bool = False
    signing_actions: list[str] | None = Field(default=None, sa_type=Document)
    made_at: datetime = Field(sa_type=Instant)


class UnitNameRecord(Stored, table=True):
    """A name by which centers know a unit, present or former. No two units ever share one."""

    __tablename__ = "unit_names"

    name: str = Field(primary_key=True)
    unit_id: int = Field(foreign_key="units.id", index=True)
    since: datetime = Field(sa_type=Instant)


class TieRecord(Stored, table=True):
    """Two units that are tied to each other, and why; ``unit_id`` is the smaller number."""

    __tablename__ = "unit_ties"

    unit_id: int = Field(primary_key=True, foreign_key="units.id")
    other_id: int = Field(primary_key=True, foreign_key="units.id")
    note: str
    made_at: datetime = Field(sa_type=Instant)


class UserRecord(Stored, table=True):
    """A user. ``password`` is an argon2id hash, None for who signs in elsewhere only."""

    __tablename__ = "users"

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    password: str | None
    password_at: datetime | None = Field(sa_type=Instant)
    must_change: bool
    disabled: bool
    language: str
    made_at: datetime = Field(sa_type=Instant)


class GrantRecord(Stored, table=True):
    """A user may act in this role for this unit, until ``ended``."""

    __tablename__ = "grants"
    __table_args__ = (UniqueConstraint("user_id", "role", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id")
    role: str
    unit_id: int = Field(foreign_key="units.id", index=True)
    made_at: datetime = Field(sa_type=Instant)
    ended: datetime | None = Field(default=None, sa_type=Instant)


class DelegationRecord(Stored, table=True):
    """The work of one grant handed to a colleague, from a Beijing day to another, inclusive."""

    __tablename__ = "delegations"

    id: int | None = Field(default=None, primary_key=True)
    grant_id: int = Field(foreign_key="grants.id", index=True)
    receiver_id: int = Field(foreign_key="users.id", index=True)
    first: date
    last: date
    made_at: datetime = Field(sa_type=Instant)
    ended: datetime | None = Field(default=None, sa_type=Instant)


class SessionRecord(Stored, table=True):
    """A browser that is signed in. ``digest`` is the SHA-256 of its cookie.

    ``grant_id`` and ``delegation_id`` are those in which the user acts in this browser now.
    """

    __tablename__ = "sessions"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    grant_id: int | None = Field(default=None, foreign_key="grants.id")
    delegation_id: int | None = Field(default=None, foreign_key="delegations.id")
    address: str
    agent: str
    started: datetime = Field(sa_type=Instant)
    seen: datetime = Field(sa_type=Instant)
    expires: datetime = Field(sa_type=Instant)
    ended: datetime | None = Field(default=None, sa_type=Instant)


class TokenRecord(Stored, table=True):
    """A key to the API, in one grant. ``kind``: ``api``, or ``session`` for one of a sign-in."""

    __tablename__ = "tokens"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    kind: str
    user_id: int = Field(foreign_key="users.id", index=True)
    grant_id: int = Field(foreign_key="grants.id")
    name: str
    scopes: list[str] = Field(sa_type=Document)
    made_at: datetime = Field(sa_type=Instant)
    seen: datetime | None = Field(default=None, sa_type=Instant)
    expires: datetime = Field(sa_type=Instant)
    ended: datetime | None = Field(default=None, sa_type=Instant)


class SignInRecord(Stored, table=True):
    """One attempt to sign in; ``login`` as it was typed, in lower case, cut."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index(None, "login", "at"), Index(None, "address", "at"))

    id: int | None = Field(default=None, primary_key=True)
    login: str
    address: str
    agent: str
    outcome: str
    at: datetime = Field(sa_type=Instant)


class EngagementRecord(Stored, table=True):
    """An agency that assesses a center: only it sees the center, once there is one."""

    __tablename__ = "engagements"

    center: str = Field(primary_key=True)
    unit: str = Field(primary_key=True, index=True)
    at: datetime = Field(sa_type=Instant)
