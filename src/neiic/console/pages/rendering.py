"""From a template to a page in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from neiic.console import dates, static_files
from neiic.console.accounts.access import Grant, Person, Scope
from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE
from neiic.console.citing import cited
from neiic.console.guarding import masked
from neiic.console.house import House
from neiic.console.pages import rail
from neiic.console.translating import (
    DEFAULT,
    LANGUAGES,
    catalogue,
    gettext,
    ngettext,
    preferred,
    speaking,
    translator,
)
from neiic.statute.rules import LIBRARY
from neiic.statute.terms import ROLE_EN, ROLE_ZH, STAGE_EN, STAGE_ZH, Role, Stage

LANGUAGE_COOKIE = "neiic_language"


@cache
def environment() -> Environment:
    """The templates, with what every one of them may use."""
    made = Environment(
        loader=PackageLoader("neiic.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["static"] = static_files.address
    return made


def language_of(request: Request, person: Person | None) -> str:
    """The reader's language: the person's own, else the one last chosen here, else the browser's."""
    if person is not None:
        return person.language
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return preferred(request.headers.get("accept-language")) if chosen is None else DEFAULT


def words_of(language: str, house: House) -> dict[str, Any]:
    """What all templates say in the same way: dates, days left, the law's own words."""
    zh = language == "zh"
    today = house.today
    return {
        "language": language,
        "this_language": "中文" if zh else "English",
        "other_language": "English" if zh else "中文",
        "today": today,
        "article": lambda text: cited(text, language),
        "day": lambda value: dates.day(value, language),
        "moment": lambda value: dates.moment(value, language),
        "days_left": lambda due: dates.days_left(due, today, catalogue(language)),
        "number": lambda value: dates.number(value, language),
        "role_title": lambda role: (ROLE_ZH if zh else ROLE_EN)[Role(role)],
        "unit_and_role": lambda one: _unit_and_role(one, ROLE_ZH if zh else ROLE_EN),
        "stage_title": lambda stage: (STAGE_ZH if zh else STAGE_EN)[Stage(stage)],
        "said_by_law": lambda one: getattr(one, "zh" if zh else "en"),
        "in_force_since": dates.day(LIBRARY.in_force(today).valid_from, language),
    }


def _unit_and_role(one: Scope | Grant, titles: Mapping[Role, str]) -> str:
    """The unit with its role; a national body is its own role."""
    title = titles[one.role]
    return title if one.unit in (title, ROLE_ZH[one.role]) else f"{one.unit} · {title}"


def said_in(words: Mapping[str, str], word: str, person: Person) -> str | None:
    """What a page says after a form was sent, by the word in its address; None for any other."""
    return translator(person.language)(words[word]) if word in words else None


def page(
    request: Request,
    house: House,
    person: Person,
    template: str,
    *,
    here: str = "",
    status: int = 200,
    said: str | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page within the frame. ``here`` names the entry of the rail that it belongs to."""
    language = language_of(request, person)
    token = csrf_of(request.cookies.get(COOKIE, ""))
    with speaking(language):
        framed: Mapping[str, Any] = {
            "person": person,
            "here": here,
            "said": said,
            "back": request.url.path,
            "searched": request.query_params.get("q"),
            "csrf": masked(token),
            "csrf_field": lambda: csrf_field(token),
            "rail": rail.entries(house, person),
        }
        text = (
            environment()
            .get_template(template)
            .render(**words_of(language, house), **{**framed, **context})
        )
    return HTMLResponse(text, status)


def part(
    request: Request, house: House, person: Person, template: str, **context: Any
) -> HTMLResponse:
    """A piece of a page, for a partial update."""
    language = language_of(request, person)
    with speaking(language):
        text = environment().get_template(template).render(**words_of(language, house), **context)
    return HTMLResponse(text)


def bare_page(
    request: Request, house: House, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page without the frame, for a visitor who is not signed in."""
    language = language_of(request, None)
    with speaking(language):
        text = environment().get_template(template).render(**words_of(language, house), **context)
    return HTMLResponse(text, status)


def csrf_field(token: str) -> Markup:
    """The hidden input that every form carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(masked(token))
