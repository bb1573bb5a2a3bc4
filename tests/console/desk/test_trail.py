"""The trail and the list of what was turned away, for administrators."""

from __future__ import annotations

from sqlalchemy import select

from neiic.console.accounts.faults import kept
from neiic.console.desk.turned_away import Place
from neiic.models.desk import AttemptRecord
from neiic.models.tables import table_of
from tests.console.accounts.office import Office


def test_the_trail_is_read_page_by_page_and_by_who_and_where(either: Office) -> None:
    either.center("A")
    either.center("B")
    li, wang = either.new_person("li.si"), either.new_person("wang.wu")
    for person in (li, wang):
        for code in ("A", "B"):
            either.desk.comment(person, code, "x", either.now)
    first = either.desk.trail(limit=3)
    assert [(row["login"], row["center"]) for row in first] == [
        ("wang.wu", "B"),
        ("wang.wu", "A"),
        ("li.si", "B"),
    ]
    assert [row["center"] for row in either.desk.trail(login="li.si")] == ["B", "A"]
    assert either.desk.trail(before_id=first[-1]["id"])[0]["center"] == "A"
    assert {row["login"] for row in either.desk.trail(center="A")} == {"li.si", "wang.wu"}
    assert either.desk.trail(unit=li.scope.unit, limit=1)[0]["at"] == either.now


def test_what_was_turned_away_is_written_down_whatever_it_was(either: Office) -> None:
    li = either.new_person("li.si")
    odd = "x\x00\ud800" + "y" * 10_000
    for person in (li, None):
        either.desk.record_attempt(
            person,
            center=odd,
            action=odd,
            status=404,
            reason=odd,
            now=either.now,
            address=odd,
        )
    (newest, first), after = either.desk.turned_away()
    assert after is None
    assert (first.who, first.role, first.code) == ("li.si", "competent", "404")
    assert newest.who == ""
    assert all(len(text) <= 500 for text in (newest.center, newest.action, newest.zh))
    with either.engine.connect() as connection:
        assert set(connection.scalars(select(table_of(AttemptRecord).c.address))) == {kept(odd, 64)}
    (older,), _ = either.desk.turned_away(Place(newest.id, 1), limit=1)
    assert older.id == first.id
