"""The rail on the left: the console's rooms, with what waits in them."""

from __future__ import annotations

from typing import NamedTuple

from neiic.console.accounts.access import Person
from neiic.console.house import House
from neiic.console.portfolio.totals import totals
from neiic.console.translating import gettext as _
from neiic.statute.terms import Role


class Entry(NamedTuple):
    """One room. ``number`` is that of the list it opens; None where a number says nothing."""

    key: str
    href: str
    title: str
    number: int | None = None


def entries(house: House, person: Person) -> list[Entry]:
    """The rooms that this person may enter, in the language that is spoken."""
    found = totals(house.tallies, person.scope, house.now())
    rooms = [
        Entry("tasks", "/tasks", _("To do"), found.tasks),
        Entry("centers", "/centers", _("Centers"), found.centers),
        Entry("board", "/deadlines", _("Deadlines")),
        Entry("evaluations", "/evaluations", _("Evaluations")),
        Entry("documents", "/documents", _("Documents")),
    ]
    if person.signing is not None:
        waiting = house.desk.count_to_sign(person)
        rooms.insert(1, Entry("drafts", "/drafts", _("To sign"), waiting))
    if person.scope.role is Role.OPERATOR:
        rooms.append(Entry("admin", "/admin", _("Administration")))
    return rooms
