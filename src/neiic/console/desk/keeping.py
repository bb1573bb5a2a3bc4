"""What users keep for themselves: half-typed forms, and filters by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from neiic.activities.database import writing
from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import conflict, invalid, unknown, words
from neiic.console.desk.audit import author_of, record
from neiic.models.desk import KeptFormRecord, SavedFilterRecord
from neiic.models.tables import table_of
from neiic.statute.forms import LARGEST_DATA, UNPRINTABLE, too_large

_FORMS = table_of(KeptFormRecord)
_FILTERS = table_of(SavedFilterRecord)

#: So many of each a user may keep.
MOST = 200


class KeptForm(NamedTuple):
    """What was typed, and when it was kept."""

    form: str
    fields: dict[str, Any]
    at: datetime


class SavedFilter(NamedTuple):
    """A page's filter by name."""

    id: int
    page: str
    name: str
    query: str


def keep(engine: Engine, user_id: int, form: str, fields: dict[str, Any], now: datetime) -> None:
    """Keep what a user has typed into a form; the last words stand. Raises FaultError."""
    key = words("form", form, 300)
    if too_large(fields):
        limit = LARGEST_DATA // 1024
        raise invalid("fields", f"超过 {limit} KiB", f"is larger than {limit} KiB")
    values = {"fields": _printable(fields), "at": now}
    mine = (_FORMS.c.user_id == user_id) & (_FORMS.c.form == key)
    try:
        with writing(engine).begin() as connection:
            if connection.execute(update(_FORMS).where(mine).values(values)).rowcount:
                return
            oldest = (
                select(_FORMS.c.form)
                .where(_FORMS.c.user_id == user_id)
                .order_by(_FORMS.c.at.desc())
                .offset(MOST - 1)
            )
            of_user = _FORMS.c.user_id == user_id
            connection.execute(delete(_FORMS).where(of_user, _FORMS.c.form.in_(oldest)))
            connection.execute(insert(_FORMS).values({"user_id": user_id, "form": key, **values}))
    except IntegrityError:  # kept twice at once: either is what was typed
        return


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return UNPRINTABLE.sub("", value)
    if isinstance(value, dict):
        return {_printable(str(key)): _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list) else value


def kept(engine: Engine, user_id: int, form: str) -> KeptForm | None:
    """What this user had typed into this form, if it was kept."""
    query = select(_FORMS.c.form, _FORMS.c.fields, _FORMS.c.at).where(
        _FORMS.c.user_id == user_id, _FORMS.c.form == _printable(form)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    return None if row is None else KeptForm._make(row)


def kept_forms(engine: Engine, user_id: int) -> list[KeptForm]:
    """All that a user has not sent yet, newest first."""
    query = (
        select(_FORMS.c.form, _FORMS.c.fields, _FORMS.c.at)
        .where(_FORMS.c.user_id == user_id)
        .order_by(_FORMS.c.at.desc())
    )
    with engine.connect() as connection:
        return [KeptForm._make(row) for row in connection.execute(query)]


def forget(engine: Engine, user_id: int, form: str) -> None:
    """What was typed has been sent, or is not wanted any more."""
    with writing(engine).begin() as connection:
        connection.execute(
            delete(_FORMS).where(_FORMS.c.user_id == user_id, _FORMS.c.form == _printable(form))
        )


def save_filter(
    engine: Engine, person: Person, page: str, name: str, query: str, now: datetime
) -> int:
    """Save a page's filter under a name; the same name again takes its place. Raises FaultError."""
    called = words("name", name, 60)
    values = {
        "user_id": person.user_id,
        "page": words("page", page, 60),
        "name": called,
        "query": words("query", query, 2_000, empty=True),
    }
    mine = _FILTERS.c.user_id == person.user_id
    same = mine & (_FILTERS.c.page == values["page"]) & (_FILTERS.c.name == called)
    try:
        with writing(engine).begin() as connection:
            replaced = (
                update(_FILTERS).where(same).values(query=values["query"]).returning(_FILTERS.c.id)
            )
            made: int | None = connection.execute(replaced).scalar()
            if made is None:
                count = select(func.count()).select_from(_FILTERS).where(mine)
                if connection.execute(count).scalar_one() >= MOST:
                    raise invalid("name", f"至多保存 {MOST} 个", f"at most {MOST} can be saved")
                anew = insert(_FILTERS).values(values).returning(_FILTERS.c.id)
                made = connection.execute(anew).scalar_one()
            record(connection, author_of(person), "filter.save", now, page=page, name=called)
    except IntegrityError:
        raise conflict("name", "刚以同名保存", "was saved under this name just now") from None
    return int(made)


def filters(engine: Engine, user_id: int, page: str) -> list[SavedFilter]:
    """A user's filters of a page, by name."""
    query = (
        select(*(_FILTERS.c[name] for name in SavedFilter._fields))
        .where(_FILTERS.c.user_id == user_id, _FILTERS.c.page == _printable(page))
        .order_by(_FILTERS.c.name)
    )
    with engine.connect() as connection:
        return [SavedFilter._make(row) for row in connection.execute(query)]


def forget_filter(engine: Engine, person: Person, filter_id: int, now: datetime) -> None:
    """Delete one of one's filters. Raises FaultError where it is not there."""
    mine = (_FILTERS.c.id == filter_id) & (_FILTERS.c.user_id == person.user_id)
    with writing(engine).begin() as connection:
        if not connection.execute(delete(_FILTERS).where(mine)).rowcount:
            raise unknown("filter", "没有这个筛选", "there is no such filter")
        record(connection, author_of(person), "filter.forget", now, filter_id=filter_id)
