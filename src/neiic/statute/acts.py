"""What is said to a center and what it answers: actor, act, event, refusal.

An *act* is one human decision. It is accepted as *events* or answered by a *refusal*;
both name their article.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from neiic.statute.forms import (
    LARGEST_DATA,
    Fault,
    Frozen,
    ShortText,
    Text,
    faults_of,
    said,
    too_large,
)
from neiic.statute.terms import NATIONAL_UNITS, UNIT_ROLES, Role

RefusalCode = Literal[
    "invalid",
    "role_not_allowed",
    "unit_not_allowed",
    "wrong_stage",
    "unknown_case",
    "already_used",
    "not_pending",
    "too_early",
    "too_late",
    "assessment_missing",
    "revision_pending",
    "concurrence_missing",
    "bad_document_date",
    "exceeds_limit",
    "override_reason_missing",
]

#: The article under which a malformed message is refused: decisions go by documents (Article 36).
ANY_ARTICLE = "第四条、第五条"


class Refused(Frozen):
    """Why an act is not accepted, in both languages, with the article and the way out."""

    code: RefusalCode
    article: str
    message_zh: str
    message_en: str


class RefusedActError(Exception):
    """Carries a refusal out of a rule; ``decide`` returns it as a value."""

    def __init__(self, refusal: Refused) -> None:
        super().__init__(refusal.message_en)
        self.refusal = refusal


def refuse(code: RefusalCode, article: str, zh: str, en: str) -> RefusedActError:
    """The exception by which a rule refuses."""
    return RefusedActError(Refused(code=code, article=article, message_zh=zh, message_en=en))


def invalid(faults: tuple[Fault, ...], article: str = ANY_ARTICLE) -> Refused:
    """A refusal that names each offending field."""
    return Refused(
        code="invalid",
        article=article,
        message_zh="；".join(f"{fault.field}：{fault.zh}" for fault in faults) + "。",
        message_en="; ".join(f"{fault.field}: {fault.en}" for fault in faults) + ".",
    )


class Actor(Frozen):
    """Who acts: a user of a unit in a role. National bodies need not name their unit."""

    user: ShortText = said("用户", "User")
    name: ShortText | None = said("姓名", "Name", default=None)
    role: Role = said("角色", "Role")
    unit: ShortText | None = said("单位", "Unit", default=None)

    @model_validator(mode="after")
    def _unit_is_named(self) -> Self:
        if self.unit is None and self.role in UNIT_ROLES:
            raise ValueError("unit_required")
        return self

    @property
    def acts_for(self) -> str:
        """The unit's name; of a national body the body's own."""
        return self.unit or NATIONAL_UNITS.get(self.role, "")


DecisionId = Annotated[ShortText, StringConstraints(max_length=64)]


class Act(Frozen):
    """One action with its data, as it comes through any door."""

    action: str
    decision_id: DecisionId = said("决定编号", "Decision id")
    actor: Actor
    data: dict[str, Any] = Field(default_factory=dict)
    remarks: Text | None = said("备注", "Remarks", default=None)


class TimePasses(Frozen):
    """The system's own action: a timer fired, so let everything due by now happen."""


class CalendarPublished(Frozen):
    """The system's own action: provisional deadlines are resolved again (T4)."""


def decision_id_in(message: object) -> str | None:
    """The decision id of a raw message, whatever else is wrong with it."""
    given = message.get("decision_id") if isinstance(message, dict) else None
    return given.strip() if isinstance(given, str) and given.strip() else None


def read_act(action: str, message: object) -> Act | Refused:
    """The act in a raw message, or the refusal that names what does not fit."""
    if not isinstance(message, dict):
        return invalid((Fault("argument", "须为对象", "must be an object"),))
    if "action" in message:
        return invalid((Fault("action", "未知字段", "is not a field of the message"),))
    try:
        act = Act.model_validate(message | {"action": action})
    except ValidationError as error:
        return invalid(tuple(map(_unit_missing, faults_of(error, ""))))
    if too_large(act.data):
        limit = LARGEST_DATA // 1024
        return invalid((Fault("data", f"超过 {limit} KiB", f"is larger than {limit} KiB"),))
    return act


def _unit_missing(fault: Fault) -> Fault:
    if "unit_required" in fault.en:
        return Fault("actor.unit", "必填", "is required for this role")
    return fault


class Event(Frozen):
    """Something that happened to a center: the record's smallest piece, never changed.

    ``at`` is the instant at which it happened in the center's order of things, ``recorded``
    when the engine wrote it down (later, if a worker was away), ``effective`` the legal date
    (the document's, T6). ``data`` holds JSON values only, so that a stored event and a fresh
    one evolve a center alike.
    """

    schema_version: int = 1
    sequence: int
    kind: str
    article: str
    at: datetime
    recorded: datetime
    effective: date
    actor: Actor | None = None
    document_no: str | None = None
    decision_id: str | None = None
    remarks: str | None = None
    data: dict[str, Any] = Field(default_factory=dict)
