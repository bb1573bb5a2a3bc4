"""The words of the drawings in one language; what the law defines comes from the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from neiic.statute.registry import ACTIONS
from neiic.statute.terms import DEADLINE_EN, GRADE_ZH, STAGE_ZH, Grade, Stage

#: Shapes that stand beside the colour of a light, so that it never stands alone.
SHAPES = {"red": "●", "amber": "▲", "green": "■"}


@dataclass(frozen=True, slots=True)
class Words:
    """What a drawing says beside titles, dates and numbers; ``words`` makes it."""

    life_line: str
    life_about: str
    today: str
    past: str
    coming: str
    provisional: str
    overdue: str
    missed: str
    and_more: str
    qualified: str
    if_so: str
    new: str
    gone: str
    months_ahead: str
    months_about: str
    chart_about: str
    chart_empty: str
    kinds: Mapping[str, str]
    outcomes: Mapping[str, str]
    lights: Mapping[str, str]


def words(_: Callable[[str], str]) -> Words:
    """The words as a catalogue's ``gettext`` gives them."""
    return Words(
        life_line=_("Life line of %(name)s"),
        life_about=_(
            "From %(start)s to %(end)s: %(past)s acts done, %(coming)s deadlines to come."
            " The table below says the same."
        ),
        today=_("Today"),
        past=_("done"),
        coming=_("to come"),
        provisional=_("provisional"),
        overdue=_("overdue"),
        missed=_("%(deadline)s: missed"),
        and_more=_("%(what)s and %(count)s more"),
        qualified=_("%(what)s: %(how)s"),
        if_so=_("If so"),
        new=_("new"),
        gone=_("no longer"),
        months_ahead=_("Deadlines by month"),
        months_about=_("%(count)s deadlines from %(start)s to %(end)s; darker months have more."),
        chart_about=_("%(count)s years from %(start)s to %(end)s."),
        chart_empty=_("No figures yet"),
        kinds={
            "center.registered": _("Recommended"),
            "deadline.held": _("Lapse held by an application"),
            "supplement.expired": _("Supplement window expired"),
            "preparation.lapsed": _("Preparation lapsed"),
            "evaluation.abandoned": _("Standing abandoned"),
        },
        outcomes={
            "approve": _("approved"),
            "reject": _("rejected"),
            "grant": _("granted"),
            "refuse": _("refused"),
            "confirm": _("confirmed"),
            "return": _("returned"),
            "pass": _("passed"),
            "fail": _("failed"),
            "endorse": _("endorsed"),
            "support": _("supported"),
            "revise": _("to be revised"),
            "oppose": _("opposed"),
            "rectified": _("rectified"),
            "not_rectified": _("not rectified"),
            "revoke": _("revoked"),
            "dismiss": _("dismissed"),
            "concur": _("concurs"),
            "object": _("objects"),
        },
        lights={"red": _("overdue"), "amber": _("due soon"), "green": _("in time")},
    )


def stage_title(stage: Stage, language: str) -> str:
    """A stage's name."""
    return STAGE_ZH[stage] if _is_zh(language) else stage.value.replace("_", " ").capitalize()


def deadline_title(deadline: str, title_zh: str, language: str) -> str:
    """A deadline's name: the core's Chinese title, or the English one made from its id."""
    if _is_zh(language):
        return title_zh
    kind, _, number = deadline.partition(":")
    named = {str(known): title for known, title in DEADLINE_EN.items()}
    return f"{named.get(kind, kind)} {number}".strip()


def action_title(action: str, language: str) -> str | None:
    """An action's name; None where the registry has no such action."""
    found = ACTIONS.get(action)
    return None if found is None else found.zh if _is_zh(language) else found.en


def grade_title(grade: str, language: str) -> str:
    """A grade's name; an unknown one as it stands."""
    known = grade in set(Grade)
    return GRADE_ZH[Grade(grade)] if known and _is_zh(language) else grade


def _is_zh(language: str) -> bool:
    return language.lower().startswith("zh")
