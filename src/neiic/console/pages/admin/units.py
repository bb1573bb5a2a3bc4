"""Units: added, renamed, put below another, tied, and which of their acts a second person signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, invalid
from neiic.console.accounts.units import OWN_NAMES, Unit
from neiic.console.asking import Number, Wired
from neiic.console.desk.audit import Author, author_of
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.admin.asking import Operator, admin_page, role_in, roles
from neiic.console.pages.mending import FRESH, again
from neiic.console.pages.rendering import said_in
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.standing import title_of
from neiic.statute.registry import ACTIONS, Action
from neiic.statute.terms import Role

router = APIRouter()

SAID = {
    "added": N_("The unit is there; add its users next."),
    "renamed": N_("The unit has another name; its centers stay its own."),
    "superior": N_("The superior unit is noted."),
    "role": N_("The unit plays this role too."),
    "tied": N_("The tie is noted; whoever assesses is warned of it."),
    "untied": N_("The tie is taken back."),
    "signing": N_("The signing policy holds from now on."),
}


@router.get("/admin/units")
def show(request: Request, house: Wired, person: Operator) -> Response:
    """All units, and the names of those that only centers know."""
    return _list(request, house, person)


def _list(request: Request, house: House, person: Person, **form: Any) -> Response:
    return admin_page(
        request,
        house,
        person,
        "units.html",
        "units",
        units=house.accounts.units(),
        unmatched=house.accounts.unmatched_units(),
        roles=roles(person),
        **FRESH | form,
    )


@router.post("/admin/units")
def add(
    request: Request, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """A new unit."""
    try:
        made = house.accounts.add_unit(
            author_of(person),
            role_in(sent),
            sent.one("name") or None,
            house.now(),
            sent.one("superior") or None,
        )
    except FaultError as error:
        return _list(request, house, person, **again(error, person, sent))
    return _back(made, "added")


@router.get("/admin/units/{unit_id}")
def unit(
    request: Request, unit_id: Number, house: Wired, person: Operator, said: str = ""
) -> Response:
    """One unit."""
    return _unit(request, house, person, unit_id, said=said_in(SAID, said, person))


def _unit(request: Request, house: House, person: Person, unit_id: int, **form: Any) -> Response:
    units = house.accounts.units()
    found = _among(units, unit_id)
    ties = [
        (other if one == found.name else one, note)
        for one, other, note in house.accounts.ties()
        if found.name in (one, other)
    ]
    return admin_page(
        request,
        house,
        person,
        "unit.html",
        "units",
        unit=found,
        fixed=found.name in OWN_NAMES.values(),
        ties=ties,
        others=[one.name for one in units if one.id != unit_id],
        below=[one for one in units if one.superior == found.name],
        users=house.accounts.found_users(found.name, limit=200).users,
        roles=[(role, name) for role, name in roles(person) if Role(role) not in OWN_NAMES],
        actions=_actions(found, person),
        policy=_policy(found),
        **FRESH | form,
    )


def _among(units: list[Unit], unit_id: int) -> Unit:
    found = next((one for one in units if one.id == unit_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _actions(found: Unit, person: Person) -> list[dict[str, Any]]:
    """What the unit's roles may do, and whether each is signed by a second person now."""
    return [
        {
            "name": action.name,
            "title": title_of(action.name, person.language),
            "article": action.article,
            "lasting": action.irreversible,
            "signed": found.signing is not None
            and found.signing.asks(action.name, action.irreversible),
        }
        for action in _of(found)
    ]


def _of(found: Unit) -> list[Action]:
    return [one for one in ACTIONS.values() if one.roles & set(found.roles)]


def _policy(found: Unit) -> str:
    if found.signing is None:
        return "off"
    return "lasting" if found.signing.actions is None else "chosen"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A form that an operator has sent about one unit."""

    request: Request
    house: House
    person: Person
    sent: Sent
    unit: Unit

    @property
    def author(self) -> Author:
        """By whom it is changed."""
        return author_of(self.person)

    def answer(self, said: str, change: Callable[[], object]) -> Response:
        """The unit's page once it is changed, or with what does not fit at its field."""
        try:
            change()
        except FaultError as error:
            form = again(error, self.person, self.sent)
            return _unit(self.request, self.house, self.person, self.unit.id, **form)
        return _back(self.unit.id, said)


def _asked(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> _Asked:
    return _Asked(request, house, person, sent, _among(house.accounts.units(), unit_id))


Asked = Annotated[_Asked, Depends(_asked)]


@router.post("/admin/units/{unit_id}/name")
def rename(asked: Asked, house: Wired) -> Response:
    """Another name; the unit keeps what it had under the old one."""
    old, new = asked.unit.name, asked.sent.one("name")
    return asked.answer(
        "renamed", lambda: house.accounts.rename_unit(asked.author, old, new, house.now())
    )


@router.post("/admin/units/{unit_id}/roles")
def add_role(asked: Asked, house: Wired) -> Response:
    """Another role that the unit plays."""
    return asked.answer(
        "role",
        lambda: house.accounts.add_unit(
            asked.author, role_in(asked.sent), asked.unit.name, house.now()
        ),
    )


@router.post("/admin/units/{unit_id}/superior")
def set_superior(asked: Asked, house: Wired) -> Response:
    """Whose the unit is."""
    above = asked.sent.one("superior") or None
    return asked.answer(
        "superior",
        lambda: house.accounts.set_superior(asked.author, asked.unit.id, above, house.now()),
    )


@router.post("/admin/units/{unit_id}/ties")
def tie(asked: Asked, house: Wired) -> Response:
    """Note that the unit is tied to another, or take that back."""
    author, one, sent, now = asked.author, asked.unit.name, asked.sent, house.now()
    other = sent.one("other")
    if sent.one("step") == "untie":
        return asked.answer("untied", lambda: house.accounts.untie(author, one, other, now))
    note = sent.one("note")
    return asked.answer("tied", lambda: house.accounts.tie(author, one, other, note, now))


@router.post("/admin/units/{unit_id}/signing")
def set_signing(asked: Asked, house: Wired) -> Response:
    """Which acts are drafted by one person and signed by another."""
    policy, chosen = asked.sent.one("policy"), asked.sent.all("actions")

    def change() -> None:
        if policy not in ("off", "lasting", "chosen"):
            raise invalid("policy", "请选择", "must be chosen")
        if policy == "chosen" and not chosen:
            raise invalid("policy", "请至少勾选一项", "at least one act must be ticked")
        if set(chosen) - {one.name for one in _of(asked.unit)}:
            raise invalid("policy", "有不属于该单位角色的事项", "has acts that are not the unit's")
        house.accounts.set_signing(
            asked.author,
            asked.unit.id,
            house.now(),
            on=policy != "off",
            actions=chosen if policy == "chosen" else None,
        )

    return asked.answer("signing", change)


def _back(unit_id: int, said: str) -> Response:
    return RedirectResponse(f"/admin/units/{unit_id}?said={said}", 303)
