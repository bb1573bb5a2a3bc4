"""What differs between two snapshots of a center, said in sentences: before an act and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from neiic.console.forms.words import N_, listed
from neiic.console.translating import translator
from neiic.statute.deadlines import titled_zh
from neiic.statute.periods import date_zh
from neiic.statute.snapshot import DeadlineView, Snapshot
from neiic.statute.terms import (
    DEADLINE_EN,
    FOLLOWUP_EN,
    FOLLOWUP_ZH,
    GRADE_ZH,
    LIVING,
    ROLE_EN,
    ROLE_ZH,
    STAGE_EN,
    STAGE_ZH,
    Role,
    Stage,
)

LineKind = Literal[
    "stage",
    "name",
    "grade",
    "procedure",
    "matter",
    "deadline",
    "followup",
    "closed",
    "waiting",
    "told",
    "letter",
    "record",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence on what follows, and what it is about."""

    kind: LineKind
    text: str


#: What an application's new status means, by field of the snapshot and status.
MATTERS: dict[tuple[str, str], str] = {
    ("extension", "pending"): N_(
        "The one chance of an extension is used; the end of preparation is held until it is decided"
    ),
    ("extension", "granted"): N_("Preparation is extended; there is no second extension"),
    ("extension", "refused"): N_("Preparation is not extended; there is no second application"),
    ("extension", "moot"): N_("The application for an extension needs no answer any more"),
    ("confirmation", "applied"): N_("The application goes to the competent unit for evaluation"),
    ("confirmation", "evaluated"): N_("The application goes to NDRC for review"),
    ("confirmation", "none"): N_("This application has ended"),
}
REPORTS: dict[str, str] = {
    "open": N_("The report on %(year)s is owed"),
    "submitted": N_("The report on %(year)s is in"),
    "returned": N_("The report on %(year)s is owed again"),
    "overdue": N_("The report on %(year)s is overdue"),
}
ROUNDS: dict[str, str] = {
    "open": N_("The round of %(year)s waits for materials"),
    "submitted": N_("The materials of %(year)s go to the competent unit"),
    "returned": N_("The materials of %(year)s are returned and may come again"),
    "endorsed": N_("The materials of %(year)s go to NDRC"),
    "graded": N_("The grade of %(year)s waits for customs and tax"),
    "confirmed": N_("The grade of %(year)s counts from now"),
}
CASES: dict[str, str] = {
    "reported": N_("waits for the competent unit"),
    "proposed": N_("waits for NDRC"),
    "approved": N_("approved"),
    "returned": N_("returned"),
    "rejected": N_("rejected"),
    "ended": N_("ended with the standing"),
    "open": N_("to be rectified"),
    "procedure": N_("a ground for revocation"),
    "rectified": N_("rectified"),
    "decided": N_("decided"),
}
ENDED: dict[str, str] = {
    "met": N_("%(title)s: met"),
    "waived": N_("%(title)s: no longer owed"),
    "lapsed": N_("%(title)s: over"),
}
_AHEAD = ("open", "held", "overdue")


def changed(
    before: Snapshot,
    after: Snapshot,
    language: str,
    *,
    reasons: Mapping[str, tuple[str, str]] | None = None,
    named: Mapping[date, str] | None = None,
) -> tuple[Line, ...]:
    """What an act has changed and what comes next; one line at least.

    ``reasons`` says, by deadline, why its day is off (Chinese, English). ``named`` gives words
    for days that stand for what somebody has yet to choose.
    """
    telling = _Telling(before, after, language, reasons or {}, named or {})
    lines = tuple(telling.lines())
    if lines:
        return lines
    return (Line("record", telling.told(N_("It is entered in the record; nothing else changes"))),)


@dataclass(frozen=True, slots=True)
class _Telling:
    before: Snapshot
    after: Snapshot
    language: str
    reasons: Mapping[str, tuple[str, str]]
    named: Mapping[date, str]

    @property
    def zh(self) -> bool:
        return self.language == "zh"

    @property
    def told(self) -> Callable[[str], str]:
        return translator(self.language)

    @property
    def over(self) -> bool:
        """Whether the standing, or the application for it, has just ended."""
        return self.before.stage in LIVING and self.after.stage not in LIVING

    def lines(self) -> Iterator[Line]:
        yield from self._stage()
        yield from self._standing()
        yield from self._procedure()
        yield from self._matters()
        yield from self._cases()
        yield from self._deadlines()
        yield from self._followups()
        yield from self._waiting()

    def day(self, day: date) -> str:
        if day in self.named:
            return self.named[day]
        return date_zh(day) if self.zh else f"{day.day} {day:%B %Y}"

    def _stage(self) -> Iterator[Line]:
        if self.before.stage is self.after.stage:
            return
        stage = (STAGE_ZH if self.zh else STAGE_EN)[self.after.stage]
        end = self._deadline("preparation_end")
        if self.after.stage is Stage.PREPARATION and end is not None:
            said = self.told("Preparation begins and lasts until %(day)s")
            text = said % {"day": self.day(end.due)} + self._rolled(end)
        elif self.after.stage in LIVING:
            text = self.told("The center enters: %(stage)s") % {"stage": stage}
        else:
            text = self.told("It ends here: %(stage)s") % {"stage": stage}
        yield Line("stage", text)

    def _standing(self) -> Iterator[Line]:
        old, new = self._name(self.before), self._name(self.after)
        if new is not None and new != old:
            yield Line("name", self.told("Its name: %(name)s") % {"name": new})
        elif new is None and old is not None:
            yield Line(
                "name", self.told("It may not call itself %(name)s any more") % {"name": old}
            )
        unit = self.after.implementing_unit.name
        if unit != self.before.implementing_unit.name:
            yield Line(
                "name", self.told("The legal entity is now called %(name)s") % {"name": unit}
            )
        if self.before.rule_set != self.after.rule_set:
            said = self.told("Rule set %(new)s holds instead of %(old)s")
            yield Line("matter", said % {"new": self.after.rule_set, "old": self.before.rule_set})

    def _name(self, shown: Snapshot) -> str | None:
        return shown.name if self.zh else shown.name_en

    def _procedure(self) -> Iterator[Line]:
        old, new = self.before.revocation_pending, self.after.revocation_pending
        if new and not old:
            yield Line("procedure", self.told("A revocation procedure opens, for NDRC to decide"))
        elif old and not new and not self.over:
            yield Line("procedure", self.told("The revocation procedure ends"))

    def _matters(self) -> Iterator[Line]:
        if not self.over:
            yield from self._applications()
            for year, status in self.after.reports.items():
                if status != self.before.reports.get(year) and status in REPORTS:
                    yield Line("matter", self.told(REPORTS[status]) % {"year": year})
        for year, part in self.after.rounds.items():
            was = self.before.rounds.get(year)
            if (was is None or was.status != part.status) and part.status in ROUNDS:
                yield Line("matter", self.told(ROUNDS[part.status]) % {"year": year})
            for role in (Role.CUSTOMS, Role.TAX):
                answer = getattr(part, role)
                if answer is not None and was is not None and getattr(was, role) != answer:
                    said = (
                        self.told("%(who)s: concurs") if answer else self.told("%(who)s: objects")
                    )
                    yield Line("matter", said % {"who": self._role(role)})
            if (
                part.status in ("graded", "confirmed")
                and part.grade
                and (was is None or (was.status, was.grade) != (part.status, part.grade))
            ):
                grade = GRADE_ZH[part.grade] if self.zh else part.grade.value
                yield Line("grade", self.told("Grade: %(grade)s") % {"grade": grade})

    def _applications(self) -> Iterator[Line]:
        for matter in ("extension", "confirmation"):
            status = getattr(self.after, matter)
            ended = matter == "confirmation" and self.after.stage is not Stage.PREPARATION
            if status != getattr(self.before, matter) and (matter, status) in MATTERS and not ended:
                yield Line("matter", self.told(MATTERS[matter, status]))

    def _cases(self) -> Iterator[Line]:
        was = {(case.matter, case.case): case.status for case in self.before.cases}
        for case in self.after.cases:
            if was.get((case.matter, case.case)) == case.status or case.status == "ended":
                continue
            adjustment = case.matter == "adjustment"
            said = (
                self.told("Adjustment case %(number)s: %(status)s")
                if adjustment
                else self.told("Rectification case %(number)s: %(status)s")
            )
            # A report on rectification is NDRC's to answer, one on an adjustment is not yet.
            known = "proposed" if case.status == "reported" and not adjustment else case.status
            status = self.told(CASES[known])
            yield Line("matter", said % {"number": case.case, "status": status})

    def _deadlines(self) -> Iterator[Line]:
        begins = self.before.stage is not self.after.stage
        for new in self.after.deadlines:
            if begins and self.after.stage is Stage.PREPARATION and new.id == "preparation_end":
                continue
            old = self._was(new.id)
            if old is not None and (old.due, old.status) == (new.due, new.status):
                continue
            text = self._compared(old, new, begins)
            if text:
                yield Line("deadline", text)
        kept = {one.id for one in self.after.deadlines}
        for old in self.before.deadlines:
            if old.id not in kept and old.status in _AHEAD:
                text = self.told("%(title)s: runs no longer") % {"title": self._title(old)}
                yield Line("deadline", text)

    def _compared(self, old: DeadlineView | None, new: DeadlineView, begins: bool) -> str:
        title = self._title(new)
        if new.status in ENDED:
            fresh = old is not None and old.status not in ENDED
            return self.told(ENDED[new.status]) % {"title": title} if fresh else ""
        if new.status == "upcoming":
            if old is not None and old.due != new.due:
                return self._moved(title, old, new)
            return self._later(title, new) if begins and old is None else ""
        if old is not None and old.status != "upcoming" and old.due != new.due:
            return self._moved(title, old, new)
        if new.status == "held":
            return self.told("%(title)s: held while an application is decided") % {"title": title}
        if new.status == "overdue":
            return self.told("%(title)s: overdue since %(day)s") % {
                "title": title,
                "day": self.day(new.due),
            }
        said = self.told("%(title)s: by %(day)s") % {"title": title, "day": self.day(new.due)}
        return said + self._rolled(new)

    def _moved(self, title: str, old: DeadlineView, new: DeadlineView) -> str:
        said = self.told("%(title)s: %(new)s instead of %(old)s")
        whole = {"title": title, "new": self.day(new.due), "old": self.day(old.due)}
        return said % whole + self._rolled(new)

    def _later(self, title: str, new: DeadlineView) -> str:
        if new.kind == "evaluation_close" or new.opens is None:
            return ""
        said = self.told("%(title)s: from %(opens)s, by %(day)s")
        return said % {"title": title, "opens": self.day(new.opens), "day": self.day(new.due)}

    def _rolled(self, deadline: DeadlineView) -> str:
        """Why it is another day than the count alone gives; and whether that may still move."""
        if not deadline.rolled:
            return self.told(" (provisional)") if deadline.provisional else ""
        nominal = deadline.nominal
        short = f"{nominal.month}月{nominal.day}日" if self.zh else f"{nominal.day} {nominal:%B}"
        reason = self.reasons.get(deadline.id, ("", ""))[0 if self.zh else 1]
        if not reason:
            return self.told(" (moved from %(day)s, a day off)") % {"day": short}
        said = self.told(" (moved from %(day)s: %(reason)s)")
        return said % {"day": short, "reason": reason}

    def _followups(self) -> Iterator[Line]:
        words = FOLLOWUP_ZH if self.zh else FOLLOWUP_EN
        was = {one.kind: one.done for one in self.before.followups}
        fresh = [words[one.kind] for one in self.after.followups if one.kind not in was]
        if fresh:
            said = self.told("To be done afterwards: %(followups)s")
            yield Line("followup", said % {"followups": listed(self.language, fresh)})
        for one in self.after.followups:
            if one.done and was.get(one.kind) is False:
                yield Line(
                    "followup", self.told("Done: %(followup)s") % {"followup": words[one.kind]}
                )
        if self.after.closed and not self.before.closed:
            yield Line("closed", self.told("With this the center is closed"))

    def _waiting(self) -> Iterator[Line]:
        same = self.after.waiting_for == self.before.waiting_for
        if self.after.closed or (same and not self.over):
            return
        if not self.after.waiting_for:
            yield Line("waiting", self.told("Then nobody needs to act"))
            return
        who = listed(self.language, [self._role(role) for role in self.after.waiting_for])
        yield Line("waiting", self.told("Then it waits for: %(who)s") % {"who": who})

    def _role(self, role: Role) -> str:
        return (ROLE_ZH if self.zh else ROLE_EN)[role]

    def _title(self, deadline: DeadlineView) -> str:
        _, _, number = deadline.id.partition(":")
        kind = next(known for known in DEADLINE_EN if known == deadline.kind)
        if self.zh:
            return titled_zh(kind, int(number or 0))
        return f"{DEADLINE_EN[kind]} {number}".strip()

    def _deadline(self, name: str) -> DeadlineView | None:
        return next((one for one in self.after.deadlines if one.id == name), None)

    def _was(self, name: str) -> DeadlineView | None:
        return next((one for one in self.before.deadlines if one.id == name), None)
