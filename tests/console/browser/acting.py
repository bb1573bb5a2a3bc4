"""The acts of the registry as a running stack has them, and their forms filled by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from playwright.async_api import Page

from neiic.activities.records import Records
from neiic.console.accounts.access import Scope
from neiic.console.accounts.accounts import Accounts
from neiic.console.forms.fields import Field, Form, form_for, registration_form
from neiic.console.pages.seen import path_of
from neiic.starter.demo import USERS, DemoUser
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.rules import LIBRARY
from neiic.statute.snapshot import actions_for
from neiic.statute.terms import NATIONAL_UNITS, Role
from tests.console.browser.keyboard import Stop, focused, stops
from tests.console.browser.running import Running

REGISTRATION = "registration"
_VALUE = "() => document.activeElement.value"
_WORDS = {"whole": "2026", "number": "61.5", "amount": "1,500,000"}


@dataclass(frozen=True, slots=True)
class Task:
    """An act's form: where it stands, who opens it, and whether the law lets it be done now."""

    role: Role
    path: str
    form: Form
    offered: bool
    asks: bool = False

    @property
    def empty_is_wrong(self) -> bool:
        """Whether something must be filled in: not where all that is asked is offered."""
        return any(field.required and not field.offered for field in self.form.fields)


def task(stack: Running, action: str) -> Task:
    """The form of an act at a center that offers it, or else at one that somebody sees."""
    today = day_of(datetime.now(UTC))
    if action == REGISTRATION:
        form = registration_form("zh", today)
        return Task(Role.COMPETENT, "/centers/new", form, offered=True)
    found = sorted(_tasks(stack, action, today), key=lambda one: not one.offered)
    assert found, f"nobody sees a center for {action}"
    return found[0]


def _tasks(stack: Running, action: str, today: date) -> Iterator[Task]:
    records, accounts = Records(stack.engine), Accounts(stack.engine)
    for user in USERS:
        scope = _scope(user)
        if user.role not in ACTIONS[action].roles:
            continue
        for code in (one.code for one in records.centers()):
            center = records.state(code)
            if (
                center is None
                or center.rule_set not in LIBRARY
                or not accounts.may_see(scope, code)
            ):
                continue
            views = actions_for(center, user.role, datetime.now(UTC), LIBRARY[center.rule_set])
            offered = [dict(one) for view in views if view.action == action for one in view.choices]
            subject = offered[0] if offered else {}
            form = form_for(
                action, [subject] if subject else [], "zh", today, role=user.role, center=center
            )
            yield Task(
                user.role,
                path_of(code, action, subject),
                form,
                bool(offered),
                ACTIONS[action].irreversible,
            )


def _scope(user: DemoUser) -> Scope:
    unit = user.unit or NATIONAL_UNITS.get(user.role, "")
    return Scope(user.role, unit, (unit,))


async def fill(page: Page, form: Form, wrong: list[str], *, more: bool = False) -> Stop:
    """Tab through a form and fill what must be; answers the stop at its main button.

    With ``more`` it ends at the button for more rows, where there is one.
    """
    answered: set[str] = set()
    async for stop in stops(page, wrong):
        if stop.primary or (more and stop.name == "more"):
            return stop
        field = next((one for one in form.fields if stop.name.startswith(one.name)), None)
        if field is not None and stop.name not in answered:
            answered.add(stop.name)  # of repeated rows the first is enough
            await _answer(page, field, stop, form.today)
    raise AssertionError("the form has no main button")


async def _answer(page: Page, field: Field, stop: Stop, today: date) -> None:
    """What a person at the keyboard does at this stop."""
    keys = page.keyboard
    if stop.kind == "radio":
        await _choose(page, field)
    elif stop.kind == "checkbox":
        await keys.press("Space")
        assert await page.evaluate("() => document.activeElement.checked"), field.name
    elif await page.evaluate(_VALUE) or not field.required:
        return
    elif stop.kind == "select-one":
        await keys.press("ArrowDown")
        assert await page.evaluate(_VALUE), f"{field.name} chooses nothing"
    elif stop.kind == "date":
        await _date(page, today)
    elif stop.name.endswith(".number"):
        await keys.type("2100")
    else:
        await keys.type(_WORDS.get(field.kind, field.example or f"试行（{field.label}）"))
        assert await page.evaluate(_VALUE), f"{field.name} takes no text"


async def _choose(page: Page, field: Field) -> None:
    """Space chooses the first; the arrows go through the others and round to it."""
    await page.keyboard.press("Space")
    values = []
    for _ in field.options:
        assert await page.evaluate("() => document.activeElement.checked"), field.name
        values.append(await page.evaluate(_VALUE))
        await page.keyboard.press("ArrowDown")
    assert values == [option.value for option in field.options]
    assert await page.evaluate(_VALUE) == values[0]


async def _date(page: Page, day: date) -> None:
    """In the parts of a date, in the order that the browser's own language has."""
    keys = page.keyboard
    for order in ([f"{day:%m%d}", f"{day:%Y}"], [f"{day:%Y}", "ArrowRight", f"{day:%m%d}"]):
        for typed in order:
            await (keys.press if typed.isalpha() else keys.type)(typed)
        if await page.evaluate(_VALUE) == day.isoformat():
            return
        for _ in range(3):
            await keys.press("ArrowLeft")
    raise AssertionError(f"a date cannot be typed: {await page.evaluate(_VALUE)!r}")


async def pressed(page: Page, key: str = "Enter") -> int:
    """Press it on what has the focus, and wait for the page that comes; answers its status."""
    async with page.expect_navigation() as coming:
        await page.keyboard.press(key)
    answer = await coming.value
    assert answer is not None
    return answer.status


async def to_mend(page: Page, wrong: list[str]) -> None:
    """What is wrong has the focus by itself; its first link leads to the field."""
    await page.wait_for_function("() => document.activeElement.matches('.errors')")
    async for stop in stops(page, wrong):
        assert stop.kind == "a", f"no link to what is wrong, but {stop.kind} {stop.words!r}"
        break
    aim = await page.evaluate("() => document.activeElement.hash.slice(1)")
    await page.keyboard.press("Enter")
    await page.wait_for_function("aim => document.activeElement.id === aim", arg=aim)
    # Back to the stop before it, so that it is come by like any other.
    await page.keyboard.press("Shift+Tab")
    await focused(page)
