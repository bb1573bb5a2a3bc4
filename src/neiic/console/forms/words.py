"""What a form says beside the law's own titles: help under a field, names of what is chosen.

Message ids are English; ``translations/forms.zh.po`` has the Chinese. A field is looked up as
``action.field`` first, then by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from neiic.console.translating import translator
from neiic.statute.terms import (
    FOLLOWUP_EN,
    FOLLOWUP_ZH,
    GRADE_ZH,
    ROLE_EN,
    ROLE_ZH,
    FollowUp,
    Grade,
    Role,
)


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for: translated later)
    """Mark a message for translation where it is written down."""
    return message


HELP: dict[str, str] = {
    "document_no": N_("As printed on the document."),
    "document_date": N_(
        "The date printed on the document: the effect counts from it, not from today."
    ),
    "letter_no": N_("As printed on the letter."),
    "agency": N_("The agency that was entrusted."),
    "year": N_("The year that this is about."),
    "case": N_("The case that this is about."),
    "summary": N_("What was done and reached in the year, in your own words."),
    "indicators": N_(
        "One indicator a row, its name as in the formation plan. Empty rows are left out."
    ),
    "comments": N_("The other side reads this: say what was found."),
    "uscc": N_("18 digits and letters. May follow later."),
    "rule_set": N_("The rule set says how periods are counted."),
    "formation.assess.date": N_("The day of the assessment. Leave empty if it was today."),
    "formation.assess.opinion": N_("The main findings. The conclusion above is what counts."),
    "formation.request_revision.comments": N_("What is to be improved, point by point."),
    "formation.revise.summary": N_("What was changed, along the comments."),
    "formation.decide.until": N_("Only if the approval names an earlier end than three years."),
    "formation.decide.reason": N_("Required to reject, and to approve against a warning."),
    "formation.withdraw.reason": N_("Why the recommendation is taken back."),
    "followup.complete.note": N_("What was done, when and by whom."),
    "extension.apply.reasons": N_("Why the work will not be done in time."),
    "extension.apply.measures": N_("What will be done so that it is done by the planned date."),
    "extension.apply.planned_completion": N_(
        "After the present end of preparation, one year at most."
    ),
    "extension.decide.until": N_("Leave empty to grant until the date that was applied for."),
    "extension.decide.reason": N_("Required to refuse."),
    "preparation.lapse.reason": N_("What was not completed by the end of preparation."),
    "supervision.note.text": N_("What was found, and what was agreed."),
    "confirmation.apply.summary_report": N_("What was to be reached, and what was reached."),
    "confirmation.apply.evidence": N_("One document a line."),
    "confirmation.evaluate.letter_no": N_(
        "The letter by which the result goes to NDRC, if there is one."
    ),
    "confirmation.review.reason": N_("Required to return or to refuse."),
    "achievement.report.title": N_("The achievement in one line."),
    "achievement.report.description": N_("What it is, and what it is good for."),
    "achievement.report.date": N_("The day on which it was reached."),
    "evaluation.set_round.year": N_("A year that has a round."),
    "evaluation.set_round.opens": N_("The first day on which materials can be sent."),
    "evaluation.set_round.materials_due": N_("After the opening."),
    "evaluation.set_round.closes": N_(
        "Who has sent nothing by the end of this day has given up the standing."
    ),
    "evaluation.submit.materials": N_("A summary along the points of the evaluation."),
    "evaluation.assess.score": N_("From 0 to 100, if one was given."),
    "evaluation.grade.reason": N_("What the grade rests on."),
    "evaluation.concur.comment": N_("Required by nobody, read by NDRC."),
    "evaluation.concur.letter_no": N_("Required when NDRC records the answer from a letter."),
    "evaluation.deem_abandoned.reason": N_("How it was found that the center took no part."),
    "adjustment.report.kind": N_("What affects the function or the legal entity goes to NDRC."),
    "adjustment.report.description": N_("What changes, and why."),
    "adjustment.report.new_name": N_("Required for a renaming: the entity's new full name."),
    "adjustment.decide.reason": N_("Required to reject."),
    "discipline.open.facts": N_("Only what is verified."),
    "discipline.open.severity": N_("A serious case opens a revocation procedure at once."),
    "discipline.open.rectify_by": N_("Required for an ordinary case: a day after today."),
    "discipline.report.measures": N_("What was put right, point by point."),
    "revocation.decide.reason": N_("What the decision rests on; it answers all pending grounds."),
    "revocation.decide.recover_amount": N_(
        "Only on a ground under Article 26; leave empty if nothing is recovered."
    ),
    "revocation.decide.legal_referral": N_("Only on a ground under Article 26."),
    "ruleset.move.reason": N_("Why the center is moved."),
    "registration.code": N_("Letters, digits, dots and hyphens, such as NEIIC-2031-001."),
    "registration.field": N_("The name's first part, before the words that all centers share."),
    "registration.field_en": N_("The field in the English name."),
    "registration.implementing_unit.name": N_("The full name of the legal entity."),
    "registration.recommendation.letter_no": N_("As printed on the recommendation letter."),
    "registration.recommendation.letter_date": N_(
        "The date printed on the letter, not in the future."
    ),
    "registration.requirements.domain": N_(
        "The field is one of those announced for construction, and the center serves it."
    ),
    "registration.requirements.goals": N_(
        "What is to be reached, and by when, is said so that it can be measured."
    ),
    "registration.requirements.foundation": N_(
        "The people, the laboratories and the equipment to begin with are there."
    ),
    "registration.requirements.scale": N_(
        "The units behind it lead the field in size, output or market."
    ),
    "registration.requirements.organisation": N_(
        "It is settled who leads, who builds and who decides what."
    ),
    "registration.requirements.mechanism": N_(
        "Rules for money, people and results are written down and can be kept."
    ),
    "registration.team_has_other_platform": N_(
        "If so, NDRC needs a reason to approve all the same (Article 35)."
    ),
    "registration.rule_set": N_("Leave as it is to take the rule set in force today."),
}

CHOICES: dict[str, dict[str, str]] = {
    "formation.assess.conclusion": {
        "support": N_("Supports the formation"),
        "revise": N_("Asks for improvement"),
        "oppose": N_("Does not support it"),
    },
    "formation.decide.decision": {
        "approve": N_("Approve the formation"),
        "reject": N_("Reject the application"),
    },
    "extension.decide.decision": {
        "grant": N_("Grant the extension"),
        "refuse": N_("Refuse the extension"),
    },
    "confirmation.evaluate.outcome": {"pass": N_("Passed"), "fail": N_("Not passed")},
    "confirmation.review.decision": {
        "confirm": N_("Confirm the center"),
        "return": N_("Return for supplement"),
        "refuse": N_("Refuse confirmation"),
    },
    "evaluation.endorse.outcome": {
        "endorse": N_("Endorse the materials"),
        "return": N_("Return the materials"),
    },
    "evaluation.concur.concur": {"yes": N_("Concurs"), "no": N_("Objects")},
    "adjustment.report.kind": {
        "minor": N_("Minor, the function is not affected"),
        "functional": N_("Affects the function"),
        "rename": N_("Renaming of the legal entity"),
        "equity": N_("Change of shares"),
        "bankruptcy": N_("Bankruptcy"),
        "restructuring": N_("Restructuring"),
    },
    "adjustment.review.outcome": {
        "approve": N_("Approve, or propose to NDRC"),
        "return": N_("Return the report"),
        "reject": N_("Reject the adjustment"),
    },
    "adjustment.decide.decision": {
        "approve": N_("Approve the adjustment"),
        "reject": N_("Reject the adjustment"),
    },
    "discipline.open.severity": {"ordinary": N_("Ordinary"), "serious": N_("Serious")},
    "discipline.close.outcome": {
        "rectified": N_("Rectified"),
        "not_rectified": N_("Not rectified"),
    },
    "revocation.decide.decision": {
        "revoke": N_("Revoke the standing"),
        "dismiss": N_("Dismiss the grounds"),
    },
}
YES_NO = {"yes": N_("Yes"), "no": N_("No")}

_BY_LAW_ZH: dict[str, Mapping[str, str]] = {
    "evaluation.grade.grade": {str(grade): GRADE_ZH[grade] for grade in Grade},
    "followup.complete.kind": {str(kind): FOLLOWUP_ZH[kind] for kind in FollowUp},
    "evaluation.concur.authority": {str(role): ROLE_ZH[role] for role in (Role.CUSTOMS, Role.TAX)},
}
_BY_LAW_EN: dict[str, Mapping[str, str]] = {
    "evaluation.grade.grade": {str(grade): grade.value.capitalize() for grade in Grade},
    "followup.complete.kind": {str(kind): FOLLOWUP_EN[kind] for kind in FollowUp},
    "evaluation.concur.authority": {str(role): ROLE_EN[role] for role in (Role.CUSTOMS, Role.TAX)},
}


def help_of(of: str, name: str, language: str) -> str:
    """The help line of a field; empty where its title says it all."""
    message = HELP.get(f"{of}.{name}") or HELP.get(name.rsplit(".", 1)[-1])
    return translator(language)(message) if message else ""


def choices_of(of: str, name: str, language: str) -> Mapping[str, str]:
    """The names of what can be chosen in a field, by value; the law's own where it has them."""
    by_law = (_BY_LAW_ZH if language == "zh" else _BY_LAW_EN).get(f"{of}.{name}")
    if by_law is not None:
        return by_law
    told = translator(language)
    return {value: told(message) for value, message in CHOICES.get(f"{of}.{name}", {}).items()}


def yes_no(of: str, name: str, language: str) -> Mapping[str, str]:
    """The two answers to a question, in the field's own words where it has some."""
    told = translator(language)
    return choices_of(of, name, language) or {v: told(message) for v, message in YES_NO.items()}


def listed(language: str, names: Iterable[str]) -> str:
    """Several names in one line."""
    return ("、" if language == "zh" else ", ").join(names)
