"""Example files: a registration, and under ``acts`` what happens to the center right after it.

Dates are counted from the day on which an example is started, so that it is as fresh in ten
years as today. ``examples/README.md`` describes the notation. An act's decision id is made of
the center's code and the act's place, so that playing an example again does nothing twice.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from neiic.activities.records import Records
from neiic.door import Door
from neiic.starter import StackError
from neiic.starter.connecting import RULE_SETS
from neiic.starter.field_values import FieldValueError, no_such_action, read_mapping
from neiic.statute.acts import Event, Refused, RefusedActError
from neiic.statute.forms import Frozen, Text, faults_of
from neiic.statute.periods import add_years, date_zh, day_of
from neiic.statute.registration import code_taken
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import Role

#: Centers that are played at once.
AT_ONCE = 8
#: Seconds in which a worker records a center that was started before.
RECORDED_WITHIN = 10.0

_DAY = r"today(?:[+-]\d+[dmy])*"
_YEAR = rf"year(?: of {_DAY})?(?:[+-]\d+)?"
_MEANT = re.compile(r"(?:today|year)\s*[-+]|year of\b")
_IN_TEXT = re.compile(r"<((?:today|year)\b[^<>]*)>")


class Step(Frozen):
    """One act of an example; ``with`` is its data."""

    do: str
    by: Role
    data: dict[str, Any] = Field(default_factory=dict, alias="with")
    unit: str | None = None
    remarks: Text | None = None


class Example(Frozen):
    """A registration as it is sent, and the acts that follow it in their order."""

    file: Path
    registration: dict[str, Any]
    acts: tuple[Step, ...]

    @property
    def code(self) -> str:
        """The center's code, as far as the file has one."""
        return str(self.registration.get("code", ""))

    def decision_id(self, number: int) -> str:
        """The id of the act at this place, counted from 1."""
        return f"example-{self.code}-{number}"

    def message(self, number: int) -> dict[str, Any]:
        """The act at this place as it is sent."""
        step = self.acts[number - 1]
        unit = step.unit or self._unit(step)
        actor = {"user": "example", "name": "示例", "role": step.by.value}
        return {
            "decision_id": self.decision_id(number),
            "actor": actor | ({"unit": unit} if unit else {}),
            "data": step.data,
        } | ({"remarks": step.remarks} if step.remarks else {})

    def _unit(self, step: Step) -> str | None:
        """The center's own unit in this role; an assessor acts for the agency that it names."""
        implementing = self.registration.get("implementing_unit")
        own = {
            Role.COMPETENT: self.registration.get("competent_unit"),
            Role.LEAD: self.registration.get("lead_unit"),
            Role.IMPLEMENTING: implementing.get("name") if isinstance(implementing, dict) else None,
            Role.ASSESSOR: step.data.get("agency"),
        }
        return own.get(step.by)


def read_example(file: Path, today: date | None = None) -> Example:
    """The example in a file, or the bare registration, by the dates of a day (Beijing's today).

    Raises FieldValueError naming the file and what does not fit.
    """
    read = read_mapping(file)
    try:
        values = resolved(read, today or day_of(datetime.now(UTC)))
        acts = values.pop("acts", None) or ()
        if not isinstance(acts, list | tuple):
            raise ValueError("acts: must be a list, one `- do: …` for each act")
        steps = tuple(_step(number, act) for number, act in enumerate(acts, start=1))
    except ValueError as error:
        raise FieldValueError(f"{file}: {error}") from None
    registration = values["center"] if set(values) == {"center"} else values
    return Example(file=file, registration=registration, acts=steps)


def _step(number: int, act: object) -> Step:
    try:
        step = Step.model_validate(act)
    except ValidationError as error:
        fault = faults_of(error, f"acts.{number}")[0]
        raise ValueError(f"{fault.field} {fault.en}") from None
    if step.do not in ACTIONS:
        raise ValueError(f"acts.{number}.do: {no_such_action(step.do)}")
    return step


def resolved(value: Any, today: date) -> Any:
    """A value with its dates and years counted from a day. Raises ValueError for a slip."""
    if isinstance(value, Mapping):
        return {key: resolved(one, today) for key, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, today) for one in value]
    if not isinstance(value, str):
        return value
    if re.fullmatch(_DAY, value):
        return _day(value, today).isoformat()
    if re.fullmatch(_YEAR, value):
        return _year(value, today)
    if _MEANT.match(value):
        raise ValueError(_slip(value))
    return _IN_TEXT.sub(lambda found: _said(found[1], today), value)


def _said(inside: str, today: date) -> str:
    if re.fullmatch(_DAY, inside):
        return date_zh(_day(inside, today))
    if re.fullmatch(_YEAR, inside):
        return str(_year(inside, today))
    raise ValueError(_slip(inside))


def _slip(said: str) -> str:
    return f"{said!r} is no day or year; write today-20d, today-3y+16d, year-1, year of today-20d"


def _day(said: str, today: date) -> date:
    """A day so many years, months and days away, taken in the order in which they are written."""
    day = today
    for number, unit in re.findall(r"([+-]\d+)([dmy])", said):
        if unit == "d":
            day += timedelta(days=int(number))
        elif unit == "y":
            day = add_years(day, int(number))
        else:
            day = _add_months(day, int(number))
    return day


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _year(said: str, today: date) -> int:
    found = re.fullmatch(rf"year(?: of ({_DAY}))?([+-]\d+)?", said)
    if found is None:
        raise ValueError(_slip(said))
    day = _day(found[1], today) if found[1] else today
    return day.year + int(found[2] or 0)


def bring_rule_sets(examples: Path, data_dir: Path) -> None:
    """Copy the rule sets beside the examples into the data folder, where every command finds them.

    One that is there already stays as it is: centers may be under it. Raises StackError where
    the folder cannot be written.
    """
    for file in sorted((examples / RULE_SETS).glob("*.yaml")):
        kept = data_dir / RULE_SETS / file.name
        try:
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, kept)
        except OSError as error:
            raise StackError(f"{kept} cannot be written: {error}") from None


async def play_all(door: Door, records: Records, examples: Sequence[Example]) -> None:
    """Start the examples that are not there and play their acts, several centers at a time.

    Raises StackError naming the file of the first that is refused.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(example: Example) -> None:
        async with turns:
            try:
                await play(door, records, example)
            except RefusedActError as error:
                raise StackError(f"the example {example.file} does not start: {error}") from None

    try:
        async with asyncio.TaskGroup() as playing:
            for example in examples:
                playing.create_task(in_turn(example))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None


async def play(door: Door, records: Records, example: Example) -> int:
    """Start the center where there is none under its code, and send the acts that lack.

    Answers how many messages were sent. A center on which somebody else has acted goes its own
    way and is left alone. Raises RefusedActError where the registration does not fit, StackError
    where an act is refused.
    """
    code, sent = example.code, 0
    if records.center(code) is None:
        sent += await _start(door, records, example)
    timeline = records.timeline(code)
    if acted_on(example, timeline):
        return sent
    done = decisions(timeline)
    for number in range(1, len(example.acts) + 1):
        if example.decision_id(number) in done:
            continue
        action = example.acts[number - 1].do
        answer = await door.act(code, action, example.message(number))
        if isinstance(answer, Refused):
            raise StackError(
                f"{example.file}: acts.{number} {action} is refused: {answer.message_en}"
            )
        sent += 1
    return sent


async def _start(door: Door, records: Records, example: Example) -> int:
    """Start a center; one that a stopped run has started and not recorded is waited for."""
    try:
        await door.start(example.registration)
    except RefusedActError as error:
        if error.refusal != code_taken(example.code):
            raise
        for _ in range(int(RECORDED_WITHIN / 0.1)):
            if records.center(example.code) is not None:
                return 0
            await asyncio.sleep(0.1)
        raise
    return 1


def decisions(timeline: Iterable[Event]) -> frozenset[str]:
    """The decision ids of a center's acts."""
    return frozenset(event.decision_id for event in timeline if event.decision_id is not None)


def acted_on(example: Example, timeline: Iterable[Event]) -> bool:
    """Whether somebody else than the example has acted on its center."""
    own = {example.decision_id(number) for number in range(1, len(example.acts) + 1)}
    return bool(decisions(timeline) - own)
