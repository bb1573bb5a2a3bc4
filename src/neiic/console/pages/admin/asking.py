"""Who may administer: operators. For everybody else these pages do not exist."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.accounts.faults import invalid
from neiic.console.asking import Visitor
from neiic.console.forms.words import N_
from neiic.console.house import House
from neiic.console.pages.rendering import page
from neiic.console.pages.sending import Sent
from neiic.console.translating import translator
from neiic.statute.terms import ROLE_EN, ROLE_ZH, Role

TABS = (
    ("users", "/admin/users", N_("Users")),
    ("units", "/admin/units", N_("Units")),
    ("sign-ins", "/admin/sign-ins", N_("Sign-in log")),
    ("rejected", "/admin/rejected", N_("Rejected attempts")),
    ("trail", "/admin/trail", N_("Audit trail")),
)


def _operator(person: Visitor) -> Person:
    if person.scope.role is not Role.OPERATOR:
        raise HTTPException(404)
    return person


Operator = Annotated[Person, Depends(_operator)]


def admin_page(
    request: Request, house: House, person: Person, template: str, tab: str, **context: Any
) -> Response:
    """A page of the administration, with its tabs."""
    _ = translator(person.language)
    tabs = [(key, href, _(title)) for key, href, title in TABS]
    return page(
        request, house, person, f"admin/{template}", here="admin", tabs=tabs, tab=tab, **context
    )


def roles(person: Person) -> list[tuple[str, str]]:
    """All roles with their names, to choose from."""
    named = ROLE_ZH if person.language == "zh" else ROLE_EN
    return [(role.value, named[role]) for role in Role]


def role_in(sent: Sent) -> Role:
    """The role that was chosen. Raises FaultError where none was."""
    chosen = sent.one("role")
    if chosen not in set(Role):
        raise invalid("role", "请选择角色", "must be chosen")
    return Role(chosen)
