"""The dated data that the law rests on: rule sets and the holiday calendar."""

from __future__ import annotations

from datetime import timedelta

from neiic.starter import StackError
from neiic.starter.connecting import holiday_calendar, take_up_rule_sets
from neiic.starter.doctor.ground import Check, Ground, for_each, ill, ok, some, warning
from neiic.statute.deadlines import LIVE
from neiic.statute.rules import LIBRARY

#: A rule set is drafted, reviewed and released in half a year.
EXPIRES_SOON = timedelta(days=180)
#: The State Council announces a year's holidays in November of the year before.
ANNOUNCED_BY = 12
WITHIN = timedelta(days=365)

_FOLDER = "put it into the folder NEIIC_CALENDAR_FOLDER (deploy/calendars/README.md) and"


def rule_set(ground: Ground) -> Check:
    """Whether a rule set is in force, and for how long."""
    today = ground.today
    try:
        take_up_rule_sets(ground.settings)
    except StackError as error:
        return ill("rule_set", str(error), "mend the file; a worker does not start with it")
    rules = LIBRARY.in_force(today)
    release = (
        "take a release with the rule set that follows, or put its file into the folder that"
        " NEIIC_RULE_SETS_FOLDER names; old centers keep theirs until ruleset.move"
    )
    if not rules.in_force_on(today):
        return ill(
            "rule_set",
            f"none is in force on {today}: {rules.name} holds from {rules.valid_from} to"
            f" {rules.valid_until}; centers go on by it all the same",
            release,
        )
    left = rules.valid_until - today
    said = f"{rules.name} is in force until {rules.valid_until}"
    if left <= EXPIRES_SOON:
        return warning("rule_set", f"{said}, {left.days} days from now", release)
    return ok("rule_set", said)


def rules_of_centers(ground: Ground) -> Check:
    """Whether this release knows the rule set of every living center."""
    living = ground.records.centers(closed=False)
    unknown = [one for one in living if one.rule_set not in LIBRARY]
    if not unknown:
        return ok("rules_of_centers", f"known for {len(living)} living centers")
    names = ", ".join(sorted({one.rule_set for one in unknown}))
    codes = [one.code for one in unknown]
    return ill(
        "rules_of_centers",
        f"this release does not know {names}, by which live {some(codes)}",
        "run a release that has it: their workflows cannot go on here",
        codes,
    )


def calendar(ground: Ground) -> Check:
    """Whether the holidays of this year are at hand, and from December those of the next."""
    try:
        years = holiday_calendar(ground.settings).official_years
    except StackError as error:
        return ill("calendar", str(error), "mend the file; a worker does not start with it")
    today = ground.today
    wanted = [today.year] + ([today.year + 1] if today.month >= ANNOUNCED_BY else [])
    absent = [str(year) for year in wanted if year not in years]
    at_hand = ", ".join(map(str, years))
    if absent:
        return warning(
            "calendar",
            f"no official calendar of {', '.join(absent)} (there are {at_hand});"
            " dates in it are provisional",
            f"when the State Council has announced it, {_FOLDER} start the workers again",
        )
    return ok("calendar", f"official calendars of {at_hand}")


def provisional(ground: Ground) -> Check:
    """Whether deadlines of the coming year still rest on a projected calendar."""
    end = ground.today + WITHIN
    soon = [
        one
        for one in ground.records.deadlines(status=sorted(LIVE))
        if one.provisional and one.due <= end
    ]
    if not soon:
        return ok("provisional", f"no deadline until {end} is provisional")
    codes = list(dict.fromkeys(one.center for one in soon))
    wake = "temporal workflow signal --name wake --workflow-id center/{code}"
    return warning(
        "provisional",
        "rest on a projected calendar: "
        + some([f"{one.center} {one.deadline} {one.due}" for one in soon]),
        f"once that year is announced, {_FOLDER} start the workers again; a center looks anew at"
        f" its next date, or at once when woken: {for_each(wake, codes)}",
        codes,
    )
