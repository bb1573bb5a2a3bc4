"""A center's page: where it stands, its life as a line, what one may do, and all that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from neiic.console.accounts.access import Person
from neiic.console.asking import Visitor, Wired
from neiic.console.drawing.charts import indicator_chart
from neiic.console.drawing.life_line import life_line
from neiic.console.drawing.words import words
from neiic.console.forms.words import choices_of
from neiic.console.house import House
from neiic.console.pages import telling
from neiic.console.pages.desk import desk_of, desk_said
from neiic.console.pages.lights import light_of, light_word
from neiic.console.pages.rendering import page
from neiic.console.pages.seen import name_of_center, path_of, seen_center
from neiic.console.pages.standing import Entry, entries, sentence, title_of, title_of_deadline
from neiic.console.translating import translator
from neiic.statute.acts import Event
from neiic.statute.matters import matters
from neiic.statute.prospects import not_yet
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import CaseView, Snapshot, actions_for, snapshot
from neiic.statute.state import Center
from neiic.statute.terms import FOLLOWUP_EN, FOLLOWUP_ZH, GRADE_EN, GRADE_ZH

router = APIRouter(include_in_schema=False)

TABS = ("timeline", "deadlines", "reports", "evaluation", "cases", "documents", "notices")
#: Reminders fill a timeline without saying what anybody did; the notices tell them.
NOT_ON_TIMELINE = frozenset({"reminder"})
_KIND_OF_CASE = {
    "adjustment": ("adjustment.report", "kind"),
    "discipline": ("discipline.open", "severity"),
}


@router.get("/centers/{code}")
def show(
    request: Request, code: str, house: Wired, person: Visitor, tab: str = "timeline"
) -> Response:
    """The page, with one of its parts open."""
    center = seen_center(house, person, code)
    if tab not in TABS:
        raise HTTPException(404)
    language, rules, today = person.language, LIBRARY[center.rule_set], house.today
    _ = translator(language)
    shown = snapshot(center, rules, house.now())
    events = house.records.timeline(code)
    titles = {
        "timeline": _("Timeline"),
        "deadlines": _("Deadlines"),
        "reports": _("Annual reports and indicators"),
        "evaluation": _("Evaluations"),
        "cases": _("Adjustments and rectifications"),
        "documents": _("Documents"),
        "notices": _("Notices"),
    }
    context: dict[str, Any] = {
        "shown": shown,
        "name": name_of_center(shown, language),
        "field": shown.field if language == "zh" else shown.field_en,
        "sentence": sentence(shown, today, language),
        "life": life_line(shown, events, today, language, words(translator(language))),
        "acts": list(_acts(house, person, center)),
        "prospects": _prospects(house, person, center),
        "kinds": {"past": _("done"), "coming": _("to come"), "now": _("Today")},
        "tabs": list(titles.items()),
        "tab": tab,
        "tab_title": titles[tab],
    }
    context["application"] = _application(shown, events, language)
    context |= _PARTS[tab](house, shown, events, language)
    context["desk"] = desk_of(house, person, center)
    said = desk_said(request.query_params.get("said", ""), person)
    return page(request, house, person, "center/center.html", here="centers", said=said, **context)


def _application(shown: Snapshot, events: list[Event], language: str) -> list[tuple[str, str]]:
    """What the recommendation said (Articles 14, 15), without units that are named above it."""
    named = (shown.competent_unit, shown.lead_unit, shown.implementing_unit.name)
    told = (pair for one in events[:1] for pair in telling.details(one.kind, one.data, language))
    return [(label, value) for label, value in told if value not in named]


def _acts(house: House, person: Person, center: Center) -> Iterator[dict[str, Any]]:
    """Links to what the person may do, what the center waits for first."""
    role, rules = person.scope.role, LIBRARY[center.rule_set]
    waited_for = [one.action for one in matters(center, rules) if role in one.answered_by]
    views = actions_for(center, role, house.now(), rules)
    views.sort(key=lambda view: view.action not in waited_for)
    for view in views:
        waited = view.action in waited_for
        title = view.title_zh if person.language == "zh" else view.title_en
        # Years and cases that nobody waits for are chosen in the form: they would fill the page.
        for choice in view.choices if waited else ({},):
            numbers = [str(number) for number in choice.values()]
            yield {
                "href": path_of(center.code, view.action, choice),
                "title": f"{title}（{'-'.join(numbers)}）" if numbers else title,
                "waited_for": waited,
            }


def _prospects(house: House, person: Person, center: Center) -> list[dict[str, str]]:
    zh = person.language == "zh"
    return [
        {
            "title": one.title_zh if zh else one.title_en,
            "why": one.message_zh if zh else one.message_en,
            "article": one.article,
        }
        for one in not_yet(center, person.scope.role, house.now(), LIBRARY[center.rule_set])
    ]


def _timeline(
    house: House, shown: Snapshot, events: list[Event], language: str
) -> dict[str, list[Entry]]:
    del house, shown
    kept = [event for event in events if event.kind not in NOT_ON_TIMELINE]
    return {"entries": list(entries(kept, language))}


def _deadlines(house: House, shown: Snapshot, events: list[Event], language: str) -> dict[str, Any]:
    del events
    order = ("overdue", "held", "open", "upcoming")
    rules = LIBRARY[shown.rule_set]

    def rank(status: str) -> int:
        return order.index(status) if status in order else len(order)

    rows = []
    for one in sorted(shown.deadlines, key=lambda each: (rank(each.status), each.due)):
        light = light_of(one, rules, house.now())
        rows.append(
            {
                "view": one,
                "title": title_of_deadline(one, language),
                "light": light,
                "light_word": light_word(light, one.status, language),
                "live": one.status in order,
                "explanation": one.explanation_zh if language == "zh" else one.explanation_en,
            }
        )
    return {"deadlines": rows}


def _reports(house: House, shown: Snapshot, events: list[Event], language: str) -> dict[str, Any]:
    del house
    submitted = {event.data["year"]: event for event in events if event.kind == "report.submit"}
    reports = []
    for year, status in sorted(shown.reports.items(), reverse=True):
        event = submitted.get(year)
        reports.append(
            {
                "year": year,
                "status_title": telling.status("report", status, language),
                "submitted": event.effective if event else None,
                "summary": event.data.get("summary") if event else None,
            }
        )
    return {"reports": reports, "charts": list(_charts(submitted, language))}


def _charts(submitted: dict[int, Event], language: str) -> Iterator[dict[str, Any]]:
    series: dict[str, dict[int, float | None]] = {}
    for year, event in sorted(submitted.items()):
        for name, value in (event.data.get("indicators") or {}).items():
            series.setdefault(name, {})[year] = value
    told = words(translator(language))
    for number, (name, values) in enumerate(list(series.items())[:12], start=1):
        yield {"svg": indicator_chart(name, values, "", language, told, number).svg}


def _evaluation(
    house: House, shown: Snapshot, events: list[Event], language: str
) -> dict[str, Any]:
    del house, events
    grades = GRADE_ZH if language == "zh" else GRADE_EN

    return {
        "rounds": [
            {
                "year": year,
                "status_title": telling.status("round", part.status, language),
                "grade_title": grades[part.grade] if part.grade else "",
                "customs": telling.status("concurrence", part.customs, language),
                "tax": telling.status("concurrence", part.tax, language),
            }
            for year, part in sorted(shown.rounds.items(), reverse=True)
        ]
    }


def _cases(house: House, shown: Snapshot, events: list[Event], language: str) -> dict[str, Any]:
    del house, events
    _ = translator(language)
    zh = language == "zh"
    rows: list[dict[str, Any]] = [
        {
            "title": telling.status("matter", one.matter, language) + f" {one.case}",
            "kind": _case_kind(one, language),
            "opened": one.opened,
            "status": telling.status("case", one.status, language),
        }
        for one in shown.cases
    ]
    if shown.revocation_pending:
        rows.append(
            {
                "title": _("Revocation procedure"),
                "kind": "",
                "opened": None,
                "status": _("waiting for NDRC's decision"),
            }
        )
    for one in shown.followups:
        rows.append(
            {
                "title": (FOLLOWUP_ZH if zh else FOLLOWUP_EN)[one.kind],
                "kind": _("Follow-up"),
                "opened": shown.since,
                "status": _("done") if one.done else _("open"),
            }
        )
    return {"cases": rows}


def _case_kind(one: CaseView, language: str) -> str:
    of, name = _KIND_OF_CASE[one.matter]
    return choices_of(of, name, language).get(one.kind, one.kind)


def _documents(house: House, shown: Snapshot, events: list[Event], language: str) -> dict[str, Any]:
    del house, shown
    return {"documents": list(documents(events, language))}


def documents(events: Iterable[Event], language: str) -> Iterator[dict[str, Any]]:
    """Every letter and decision that events name, newest first."""
    for event in reversed(list(events)):
        number = event.document_no or event.data.get("letter_no")
        dated: date = event.effective
        if event.kind == "center.registered":
            letter = event.data.get("recommendation") or {}
            number = letter.get("letter_no")
            dated = date.fromisoformat(str(letter.get("letter_date", dated)))
        if number:
            yield {
                "number": number,
                "dated": dated,
                "title": title_of(event.kind, language),
                "sequence": event.sequence,
            }


def _notices(house: House, shown: Snapshot, events: list[Event], language: str) -> dict[str, Any]:
    del events
    rows = []
    for one in reversed(house.records.notices(shown.code)):
        kind, _, about = one.kind.partition(":")
        title = title_of(kind, language)
        rows.append(
            {
                "at": one.created_at,
                "unit": one.unit,
                "title": f"{title} {about}".strip(),
                "article": one.article,
            }
        )
    return {"notices": rows}


_PARTS = {
    "timeline": _timeline,
    "deadlines": _deadlines,
    "reports": _reports,
    "evaluation": _evaluation,
    "cases": _cases,
    "documents": _documents,
    "notices": _notices,
}
