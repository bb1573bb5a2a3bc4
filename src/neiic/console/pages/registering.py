"""Registering a center: the recommendation's form (Article 15), its drafts, what will follow."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.asking import Visitor, Wired
from neiic.console.desk.keeping import KeptForm
from neiic.console.forms.fields import Form, registration_form
from neiic.console.forms.reading import FieldError, Reading, data_from, errors_of
from neiic.console.house import House
from neiic.console.pages.before_sending import carried, law_of
from neiic.console.pages.rendering import page, part
from neiic.console.pages.sending import Sent, checked
from neiic.console.pages.telling import registration_facts
from neiic.console.registering import (
    Warned,
    follows,
    form_of,
    known,
    next_code,
    own_unit_of,
    warnings,
)
from neiic.console.starting import MAY_START, started
from neiic.door import UnansweredError
from neiic.statute.acts import Refused
from neiic.statute.registration import Registration

router = APIRouter(include_in_schema=False)

PATH = "/centers/new"
#: Inputs that are no part of the recommendation.
OWN = ("step", "csrf")
LAW = "第十四条、第十五条、第三十五条"


def _recommender(person: Visitor) -> Person:
    if person.scope.role not in MAY_START:
        raise HTTPException(404)
    return person


#: Somebody who may bring a center in; for everybody else these pages do not exist.
Recommender = Annotated[Person, Depends(_recommender)]


class Draft(NamedTuple):
    """A recommendation that was begun and not sent."""

    path: str
    code: str
    field: str
    kept: KeptForm


@dataclass(slots=True)
class Paper:
    """The form while somebody works on it: what was typed, what is wrong, what is to be known."""

    house: House
    person: Person
    path: str
    form: Form
    typed: dict[str, list[str]] = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)
    away: bool = False

    @property
    def reading(self) -> Reading:
        """What is typed, as a registration; the unit is the person's own, whatever was sent."""
        own = own_unit_of(self.person.scope)
        typed = self.typed | ({"competent_unit": [own]} if own is not None else {})
        return data_from(registration_form(self.form.language, self.form.today), typed)

    def warnings(self) -> list[Warned]:
        """What should be known before it is sent; nothing while something is wrong."""
        reading = self.reading
        if reading.errors:
            return []
        given = Registration.model_validate(reading.data)
        seen = known(self.house.records.engine, [given.code], [given.field], self.person.scope)
        return list(warnings(given, seen, self.form.language))

    def outlooks(self) -> list[dict[str, Any]]:
        """What will follow, as the partial page takes it."""
        reading = self.reading
        if reading.errors:
            return []
        given = Registration.model_validate(reading.data)
        lines = follows(given, self.house.now(), self.form.language)
        told = [one.message for one in self.warnings()]
        return [{"title": "", "lines": lines, "warnings": told, "errors": []}]


def _drafts(house: House, person: Person) -> list[Draft]:
    found = (
        Draft(
            one.form,
            next(iter(one.fields.get("code", ())), ""),
            next(iter(one.fields.get("field", ())), ""),
            one,
        )
        for one in house.desk.kept_forms(person.user_id)
        if one.form == PATH or _number_in(one.form)
    )
    return [one for one in found if any(_typed(one.kept.fields).values())]


def _number_in(path: str) -> str:
    number = path.removeprefix(f"{PATH}/")
    return number if path != number and number.isdecimal() and number.isascii() else ""


def _typed(fields: dict[str, Any]) -> dict[str, list[str]]:
    return {
        name: [str(value) for value in values]
        for name, values in fields.items()
        if name not in OWN and isinstance(values, list) and any(values)
    }


def _paper(house: House, person: Person, number: str | None) -> Paper:
    """The form of this draft, with what was typed before. 404 for what is no draft's number."""
    path = PATH if number is None else f"{PATH}/{number}"
    if number is not None and not (_number_in(path) and len(number) <= 12):
        raise HTTPException(404)
    meant = [one.code for one in _drafts(house, person) if one.path != path]
    form = form_of(
        person.language,
        house.today,
        own_unit=own_unit_of(person.scope),
        code=next_code(house.records.engine, house.today.year, meant),
    )
    kept = house.desk.kept(person.user_id, path)
    return Paper(house, person, path, form, _typed(kept.fields) if kept else {})


@router.get(PATH)
def new(request: Request, house: Wired, person: Recommender) -> Response:
    """A new sheet of paper; or what was typed here when the session ended."""
    paper = _paper(house, person, None)
    if paper.typed:
        return _form_page(request, paper)
    return RedirectResponse(f"{PATH}/{secrets.randbelow(9 * 10**9) + 10**9}", 303)


@router.get(PATH + "/sent/{code}")
def sent_off(request: Request, code: str, house: Wired, person: Recommender) -> Response:
    """Until a worker has recorded the new center; then its page."""
    if house.accounts.may_see(person.scope, code):
        return RedirectResponse(f"/centers/{quote(code)}", 303)
    return page(request, house, person, "starting/sent.html", here="centers", code=code)


@router.get(PATH + "/{number}")
def draft(request: Request, number: str, house: Wired, person: Recommender) -> Response:
    """The form, with what was typed and not sent before."""
    return _form_page(request, _paper(house, person, number))


@router.post(PATH + "/{number}/outlook")
def outlook(
    request: Request,
    number: str,
    house: Wired,
    person: Recommender,
    sent: Annotated[Sent, checked()],
) -> Response:
    """What will follow from what is typed so far; what is typed is kept."""
    paper = _paper(house, person, number)
    _take(paper, sent)
    return part(request, house, person, "center/outlook.html", outlooks=paper.outlooks())


@router.post(PATH)
@router.post(PATH + "/{number}")
async def recommend(
    request: Request,
    house: Wired,
    person: Recommender,
    sent: Annotated[Sent, checked()],
    number: str | None = None,
) -> Response:
    """Look ahead, discard, or start the center: by the button that was pressed."""
    paper = await run_in_threadpool(_paper, house, person, number)
    step = sent.one("step")
    if step == "discard":
        await run_in_threadpool(house.desk.forget, person.user_id, paper.path)
        return RedirectResponse(PATH, 303)
    await run_in_threadpool(_take, paper, sent)
    answer = await run_in_threadpool(_before, request, paper, step)
    if answer is not None:
        return answer
    message = paper.reading.data
    try:
        outcome = await started(house, person, message)
    except UnansweredError:
        paper.away = True
        return await run_in_threadpool(_form_page, request, paper, status=503)
    return await run_in_threadpool(_after, request, paper, outcome)


def _take(paper: Paper, sent: Sent) -> None:
    """What was sent, onto the paper and into the drawer."""
    paper.typed = _typed(sent.mapping())
    paper.house.desk.keep(paper.person.user_id, paper.path, dict(paper.typed), paper.house.now())


def _before(request: Request, paper: Paper, step: str) -> Response | None:
    """The form again where something does not fit, the question where something is to be known."""
    if step not in ("act", "confirmed", "preview"):
        return _form_page(request, paper)
    paper.errors = list(paper.reading.errors)
    if paper.errors:
        return _form_page(request, paper, status=422)
    if step == "confirmed" or (step == "act" and not paper.warnings()):
        return None
    return _confirm_page(request, paper)


def _after(
    request: Request, paper: Paper, outcome: tuple[str, dict[str, Any] | None] | Refused
) -> Response:
    house, person = paper.house, paper.person
    if isinstance(outcome, Refused):
        given = Registration.model_validate(paper.reading.data)
        there = known(house.records.engine, [given.code], [], person.scope).centers.get(given.code)
        if there is None or not there.is_meant_by(given):
            paper.errors = errors_of(outcome, paper.form)
            return _form_page(request, paper, status=422 if outcome.code == "invalid" else 409)
        code, shown = given.code, True
    else:
        code, shown = outcome[0], outcome[1] is not None
    house.desk.forget(person.user_id, paper.path)
    return RedirectResponse(
        f"/centers/{quote(code)}" if shown else f"{PATH}/sent/{quote(code)}", 303
    )


def _context(paper: Paper) -> dict[str, Any]:
    return {
        "form": paper.form,
        "typed": paper.typed,
        "errors": paper.errors,
        "path": paper.path,
        "away": paper.away,
        "own_unit": own_unit_of(paper.person.scope),
        "law": law_of(LAW, paper.person.language),
        "outlooks": paper.outlooks(),
    }


def _form_page(request: Request, paper: Paper, *, status: int = 200) -> Response:
    others = [one for one in _drafts(paper.house, paper.person) if one.path != paper.path]
    return page(
        request,
        paper.house,
        paper.person,
        "starting/new.html",
        here="centers",
        status=status,
        drafts=others,
        **_context(paper),
    )


def _confirm_page(request: Request, paper: Paper) -> Response:
    data, language = paper.reading.data, paper.person.language
    return page(
        request,
        paper.house,
        paper.person,
        "starting/confirm.html",
        here="centers",
        given=[(one.label, one.value) for one in registration_facts(data, language)],
        carried=carried(paper.typed),
        **_context(paper),
    )
