"""The rows of a batch: what was chosen in the list, and what is typed for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.acting import Proposed, new_decision_id
from neiic.console.forms.fields import Form, form_for
from neiic.console.forms.reading import FieldError, data_from, typed_from
from neiic.console.forms.words import choices_of
from neiic.console.house import House
from neiic.console.pages.seen import name_of_center, seen_center
from neiic.console.portfolio.lights import PAGE
from neiic.console.translating import translator
from neiic.statute.matters import waiting
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import snapshot
from neiic.statute.state import Center

#: As many as one page of the list shows.
MOST = PAGE


@dataclass(frozen=True, slots=True)
class Chosen:
    """One row of the list: a matter of a center.

    ``about`` tells the year, case or follow-up, ``given`` is what it says of the act's data. ``recorded`` tells that its decision has
    acted already, ``waits`` whether the matter still waits for this act and role.
    """

    center: Center
    name: str
    matter: str
    subject: dict[str, int]
    about: str
    given: dict[str, Any]
    decision_id: str
    recorded: bool
    waits: bool

    @property
    def key(self) -> str:
        """How forms and addresses call it."""
        return f"{self.center.code}/{self.matter}"


@dataclass(slots=True)
class Batch:
    """The page while a person works on it. ``form`` asks for what is not ``given`` by the rows."""

    house: House
    person: Person
    action: str
    rows: list[Chosen]
    whole: Form
    form: Form
    typed: dict[str, list[str]] = field(default_factory=dict)
    remarks: str = ""
    errors: list[FieldError] = field(default_factory=list)

    @property
    def waiting(self) -> list[Chosen]:
        """The rows that are still to be acted on."""
        return [row for row in self.rows if row.waits and not row.recorded]

    @property
    def gone(self) -> list[Chosen]:
        """The rows that do not wait any more, and not because of this batch."""
        return [row for row in self.rows if not row.waits and not row.recorded]

    def typed_for(self, row: Chosen) -> dict[str, list[str]]:
        """What is typed, with what the row itself says."""
        said = typed_from(self.whole, row.given)
        return self.typed | {f"data.{name}": said[f"data.{name}"] for name in row.given}

    def proposed(self, row: Chosen) -> Proposed:
        """What is typed, as an act on this row."""
        data = data_from(self.whole, self.typed_for(row)).data
        return Proposed(row.center.code, self.action, data, self.remarks or None, row.decision_id)

    def faults(self) -> list[FieldError]:
        """What does not fit yet, each fault once."""
        found = (
            error
            for row in self.waiting
            for error in data_from(self.whole, self.typed_for(row)).errors
        )
        return list(dict.fromkeys(found))


def batch_of(
    house: House, person: Person, action: str, keys: Sequence[str], ids: dict[str, str]
) -> Batch:
    """The batch of these rows. 404 for an act that is not the role's or a center that is not seen."""
    if action not in ACTIONS or person.scope.role not in ACTIONS[action].roles:
        raise HTTPException(404)
    # More than a page holds is answered with that alone: nothing is read for it.
    few = keys if len(keys) <= MOST else ()
    rows = [_chosen(house, person, action, key, ids.get(key, "")) for key in few]
    whole = form_for(action, (), person.language, house.today, role=person.scope.role)
    given = {f"data.{name}" for row in rows for name in row.given}
    groups = tuple(
        replace(group, fields=tuple(one for one in group.fields if one.name not in given))
        for group in whole.groups
    )
    batch = Batch(house, person, action, rows, whole, replace(whole, groups=groups))
    told = translator(person.language)
    if not keys:
        batch.errors = [FieldError(None, told("Choose at least one row of the list."))]
    elif not few:
        said = told("At most %(most)s rows at a time; %(count)s were chosen.")
        batch.errors = [FieldError(None, said % {"most": MOST, "count": len(keys)})]
    return batch


def _chosen(house: House, person: Person, action: str, key: str, decision_id: str) -> Chosen:
    if not key.isprintable():
        # A database may not even be able to look for it.
        raise HTTPException(404)
    code, _, matter = key.partition("/")
    center = seen_center(house, person, code)
    shown = snapshot(center, LIBRARY[center.rule_set], house.now())
    found = next(
        (
            one
            for one in waiting(center)
            if one.id == matter
            and one.action == action
            and person.scope.role in (*one.roles, *one.also)
        ),
        None,
    )
    subject = found.subject if found else {}
    given: dict[str, Any] = dict(subject)
    about = "-".join(map(str, subject.values()))
    if action == "followup.complete":
        # Which follow-up it is stands in the matter's id only.
        given["kind"] = kind = matter.partition(":")[2]
        about = choices_of(action, "kind", person.language).get(kind, "")
    recorded = bool(decision_id) and house.rechecks.known(code, decision_id).status == "done"
    return Chosen(
        center,
        name_of_center(shown, person.language),
        matter,
        subject,
        about,
        given,
        decision_id or new_decision_id(),
        recorded,
        found is not None,
    )
