"""Units: added, renamed, put below another, tied, and which of their acts a second person signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import FaultError, invalid
from neiic.console.accounts.units import OWN_NAMES, Unit
from neiic.console.asking import Number, Wired
from neiic.console.desk.audit import author_of
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.admin.asking import Operator, admin_page, role_in, roles
from neiic.console.pages.mending import status_of, wrong_of
from neiic.console.pages.sending import Sent, checked
from neiic.console.translating import translator
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


def _list(
    request: Request,
    house: House,
    person: Person,
    *,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    typed: Sent | None = None,
) -> Response:
    return admin_page(
        request,
        house,
        person,
        "units.html",
        "units",
        status=status,
        units=house.accounts.units(),
        unmatched=house.accounts.unmatched_units(),
        roles=roles(person),
        wrong=wrong or {},
        typed=typed or Sent((), {}),
    )


@router.post("/admin/units")
def add(
    request: Request, house: Wired, person: Operator, sent: Annotated[Sent, checked()]
) -> Response:
    """A new unit."""
    try:
        made = house.accounts.add_unit(
            author_of(person),
            _role(sent),
            sent.one("name") or None,
            house.now(),
            sent.one("superior") or None,
        )
    except FaultError as error:
        wrong = wrong_of(error, person)
        return _list(request, house, person, status=status_of(error), wrong=wrong, typed=sent)
    return _back(made, "added")


def _role(sent: Sent) -> Role:
    role = role_in(sent.one("role"))
    if role is None:
        raise invalid("role", "请选择角色", "must be chosen")
    return role


@router.get("/admin/units/{unit_id}")
def unit(
    request: Request, unit_id: Number, house: Wired, person: Operator, said: str = ""
) -> Response:
    """One unit."""
    told = translator(person.language)(SAID[said]) if said in SAID else None
    return _unit(request, house, person, unit_id, said=told)


def _unit(
    request: Request,
    house: House,
    person: Person,
    unit_id: int,
    *,
    status: int = 200,
    said: str | None = None,
    wrong: dict[str, str] | None = None,
    typed: Sent | None = None,
) -> Response:
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
        status=status,
        said=said,
        unit=found,
        fixed=found.name in OWN_NAMES.values(),
        ties=ties,
        others=[one.name for one in units if one.id != unit_id],
        below=[one for one in units if one.superior == found.name],
        users=house.accounts.found_users(found.name, limit=200).users,
        roles=[(role, name) for role, name in roles(person) if Role(role) not in OWN_NAMES],
        actions=_actions(found, person),
        policy=_policy(found),
        wrong=wrong or {},
        typed=typed or Sent((), {}),
    )


def _among(units: list[Unit], unit_id: int) -> Unit:
    found = next((one for one in units if one.id == unit_id), None)
    if found is None:
        raise HTTPException(404)
    return found


def _actions(found: Unit, person: Person) -> list[dict[str, Any]]:
    """What the unit's roles may do, and whether each is signed by a second person now."""
    zh = person.language == "zh"
    return [
        {
            "name": action.name,
            "title": action.zh if zh else action.en,
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


def _changed(
    request: Request,
    house: House,
    person: Person,
    unit_id: int,
    sent: Sent,
    change: Callable[[Unit], None],
    said: str,
) -> Response:
    found = _among(house.accounts.units(), unit_id)
    try:
        change(found)
    except FaultError as error:
        wrong = wrong_of(error, person)
        return _unit(
            request, house, person, unit_id, status=status_of(error), wrong=wrong, typed=sent
        )
    return _back(unit_id, said)


@router.post("/admin/units/{unit_id}/name")
def rename(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Another name; the unit keeps what it had under the old one."""

    def change(found: Unit) -> None:
        house.accounts.rename_unit(author_of(person), found.name, sent.one("name"), house.now())

    return _changed(request, house, person, unit_id, sent, change, "renamed")


@router.post("/admin/units/{unit_id}/roles")
def add_role(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Another role that the unit plays."""

    def change(found: Unit) -> None:
        house.accounts.add_unit(author_of(person), _role(sent), found.name, house.now())

    return _changed(request, house, person, unit_id, sent, change, "role")


@router.post("/admin/units/{unit_id}/superior")
def set_superior(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Whose the unit is."""

    def change(found: Unit) -> None:
        above = sent.one("superior") or None
        house.accounts.set_superior(author_of(person), found.id, above, house.now())

    return _changed(request, house, person, unit_id, sent, change, "superior")


@router.post("/admin/units/{unit_id}/ties")
def tie(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Note that the unit is tied to another, or take that back."""
    apart = sent.one("step") == "untie"

    def change(found: Unit) -> None:
        author, other = author_of(person), sent.one("other")
        if apart:
            house.accounts.untie(author, found.name, other, house.now())
        else:
            house.accounts.tie(author, found.name, other, sent.one("note"), house.now())

    said = "untied" if apart else "tied"
    return _changed(request, house, person, unit_id, sent, change, said)


@router.post("/admin/units/{unit_id}/signing")
def set_signing(
    request: Request,
    unit_id: Number,
    house: Wired,
    person: Operator,
    sent: Annotated[Sent, checked()],
) -> Response:
    """Which acts are drafted by one person and signed by another."""

    def change(found: Unit) -> None:
        policy, chosen = sent.one("policy"), sent.all("actions")
        if policy not in ("off", "lasting", "chosen"):
            raise invalid("policy", "请选择", "must be chosen")
        if policy == "chosen" and not chosen:
            raise invalid("policy", "请至少勾选一项", "at least one act must be ticked")
        if set(chosen) - {one.name for one in _of(found)}:
            raise invalid("policy", "有不属于该单位角色的事项", "has acts that are not the unit's")
        house.accounts.set_signing(
            author_of(person),
            found.id,
            house.now(),
            on=policy != "off",
            actions=chosen if policy == "chosen" else None,
        )

    return _changed(request, house, person, unit_id, sent, change, "signing")


def _back(unit_id: int, said: str) -> Response:
    return RedirectResponse(f"/admin/units/{unit_id}?said={said}", 303)
