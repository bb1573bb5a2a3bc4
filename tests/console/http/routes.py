"""All routes of the app as a caller finds them, and addresses made from them.

Nothing here lists routes by hand but those that anybody may ask for. A route with a parameter of
an unknown name, or one that is mounted, is an error: somebody has to say who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from neiic.console.starting import MAY_START
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import Role
from tests.console.http.people import Units

API = "/api/v1/"
#: What anybody may ask for. Everything else wants somebody who is signed in.
PUBLIC = frozenset(
    {
        ("GET", "/"),
        ("GET", "/health"),
        ("GET", "/api/openapi.json"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-in/language"),
        ("GET", "/sign-in/oidc"),
        ("GET", "/sign-in/oidc/callback"),
        ("POST", "/api/v1/session"),
    }
)
#: Rooms of some roles: to everybody else there is nothing.
ROOMS: Mapping[str, frozenset[Role]] = {
    "/admin": frozenset({Role.OPERATOR}),
    "/centers/new": MAY_START,
    "/centers/import": MAY_START,
    "/centers/{code}/engagement": frozenset({Role.NDRC}),
}
#: Where one waits for a center that one has just registered: any code may be waited for.
WAITING = "/centers/new/sent/{code}"
#: Readable addresses that lead on to another one.
LEADING_ON = frozenset({"/admin", "/centers/new", "/tasks/batch", WAITING})
#: Parameters that name a thing of the console's own, which belongs to somebody.
OWNED = frozenset(
    {
        "draft_id",
        "session_id",
        "token_id",
        "delegation_id",
        "login",
        "grant_id",
        "unit_id",
        "key",
    }
)
#: A form that one fills in: it is found under its number by who began it, else it is empty.
PRIVATE = frozenset({"number"})
KNOWN = OWNED | PRIVATE | {"code", "action", "about", "decision_id"}


@dataclass(frozen=True)
class Route:
    method: str
    path: str

    @property
    def names(self) -> frozenset[str]:
        return frozenset(re.findall(r"{(\w+)(?::\w+)?}", self.path))

    @property
    def is_api(self) -> bool:
        return self.path.startswith(API)

    @property
    def is_public(self) -> bool:
        return (self.method, self.path) in PUBLIC

    @property
    def roles(self) -> frozenset[Role] | None:
        """Whose room it is; None where it is everybody's."""
        return next((r for prefix, r in ROOMS.items() if self.path.startswith(prefix)), None)

    def at(self, **values: str) -> str:
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: values[found[1]], self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: FastAPI) -> list[Route]:
    """Every method of every route; those of files are the mount ``/static`` alone."""
    found: list[Route] = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, Mount):
            assert context.original_route.path == "/static", "a mount that no test knows"
            continue
        for method in sorted((context.methods or set()) - {"HEAD"}):
            found.append(Route(method, context.path or ""))
    assert len(found) == len(set(found)), "two routes answer one address"
    for route in found:
        unknown = route.names - KNOWN
        assert not unknown, f"{route}: say in tests/console/http/routes.py what {unknown} are"
    return found


def lists(app: FastAPI) -> Iterator[Route]:
    """What shows many centers or none: readable addresses without any parameter."""
    for route in routes(app):
        if route.method == "GET" and not route.names and not route.is_public:
            yield route


def hints(units: Units) -> Iterator[dict[str, str]]:
    """Filters that ask for a center by what one may have heard of it."""
    yield {}
    for value in (units.code, units.field, units.competent, units.document):
        yield {"q": value}
    yield {"number": units.document}
    yield {"field": units.field}
    yield {"unit": units.competent, "competent_unit": units.competent}


def may_send(role: Role, action: str) -> bool:
    return role in ACTIONS[action].roles
