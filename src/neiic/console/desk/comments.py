"""Comments (内部批注) on a center, read by the writer's unit and nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, func, insert, select

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import words
from neiic.console.accounts.users import USERS
from neiic.console.desk.audit import author_of, record
from neiic.console.desk.seeing import check_sees
from neiic.models.desk import CommentRecord
from neiic.models.tables import table_of

_COMMENTS = table_of(CommentRecord)
LONGEST_COMMENT = 5_000


class Comment(NamedTuple):
    """One remark, by whom and when."""

    id: int
    login: str
    name: str
    text: str
    at: datetime


def comment(engine: Engine, person: Person, center: str, text: str, now: datetime) -> int:
    """Write a remark for one's unit. Answers its id; raises FaultError."""
    said = words("text", text, LONGEST_COMMENT)
    with writing(engine).begin() as connection:
        check_sees(connection, person, center)
        values = {
            "center": center,
            "unit_id": person.unit_id,
            "user_id": person.user_id,
            "text": said,
            "at": now,
        }
        query = insert(_COMMENTS).values(values).returning(_COMMENTS.c.id)
        made = int(connection.execute(query).scalar_one())
        record(connection, author_of(person), "comment", now, center=center, comment_id=made)
    return made


def comments(engine: Engine, person: Person, center: str, limit: int = 200) -> list[Comment]:
    """What the person's unit has remarked on a center, newest first."""
    query = (
        select(_COMMENTS.c.id, USERS.c.login, USERS.c.name, _COMMENTS.c.text, _COMMENTS.c.at)
        .join_from(_COMMENTS, USERS, USERS.c.id == _COMMENTS.c.user_id)
        .where(_COMMENTS.c.center == center, _COMMENTS.c.unit_id == person.unit_id)
        .order_by(_COMMENTS.c.id.desc())
        .limit(limit)
    )
    with engine.connect() as connection:
        return [Comment(*row) for row in connection.execute(query)]


def comment_count(engine: Engine, person: Person, center: str) -> int:
    """How many remarks the person's unit has on a center."""
    query = select(func.count()).where(
        _COMMENTS.c.center == center, _COMMENTS.c.unit_id == person.unit_id
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())
