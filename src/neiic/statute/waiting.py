"""Whom a center waits for: the roles that its open matters need (the contract's ``waiting_for``)."""

from __future__ import annotations

from neiic.statute.matters import waiting
from neiic.statute.state import Center
from neiic.statute.terms import Role


def waiting_for(center: Center) -> tuple[Role, ...]:
    """The roles, each once, in the order in which the statute lists them."""
    found = {role for matter in waiting(center) for role in matter.roles}
    return tuple(role for role in Role if role in found)
