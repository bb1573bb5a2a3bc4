"""Registration of a center on a competent unit's recommendation (Articles 5-7, 14, 15, 35)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, ValidationError

from neiic.statute.acts import Refused, invalid
from neiic.statute.forms import Day, Fault, Frozen, ShortText, Yes, faults_of, said
from neiic.statute.rules import LIBRARY

ARTICLE = "第十五条"


def _fit_for_an_id(code: str) -> str:
    if not re.fullmatch(r"[\w][\w.\-]{0,63}", code):
        raise ValueError("code")
    return code


class ImplementingUnit(Frozen):
    """The legal entity that builds and runs the center; its credit code may come later."""

    name: ShortText = said("名称", "Name")
    uscc: ShortText | None = said("统一社会信用代码", "Unified social credit code", default=None)


class Recommendation(Frozen):
    """The competent unit's letter (Article 15)."""

    letter_no: ShortText = said("函号", "Letter number")
    letter_date: Day = said("函件日期", "Letter date")


class Requirements(Frozen):
    """The six basic requirements of Article 14, as ticked by the competent unit."""

    domain: Yes = said("符合建设领域", "Fits an announced field")
    goals: Yes = said("目标定位明确", "Clear, measurable goals")
    foundation: Yes = said("基础条件良好", "Team and facilities")
    scale: Yes = said("规模优势突出", "Outstanding scale")
    organisation: Yes = said("组织体系清晰", "Clear organisation")
    mechanism: Yes = said("运行机制健全", "Sound mechanisms")

    @property
    def unmet(self) -> tuple[str, ...]:
        """Names of the requirements that are not met."""
        return tuple(name for name in type(self).model_fields if not getattr(self, name))


class Registration(Frozen):
    """The one argument with which a center's workflow starts."""

    code: Annotated[ShortText, AfterValidator(_fit_for_an_id)] = said("编号", "Code")
    field: ShortText = said("领域", "Field")
    field_en: ShortText = said("领域（英文）", "Field in English")
    competent_unit: ShortText = said("主管单位", "Competent unit")
    lead_unit: ShortText = said("牵头单位", "Lead unit")
    implementing_unit: ImplementingUnit = said("实施单位", "Implementing unit")
    recommendation: Recommendation = said("推荐函", "Recommendation")
    requirements: Requirements = said("基本要求", "Basic requirements")
    team_has_other_platform: Yes = said(
        "团队是否承担其他国家级平台", "Team builds another platform"
    )
    rule_set: ShortText | None = said("规则集", "Rule set", default=None)


def read_registration(message: object) -> Registration | Refused:
    """The registration in a raw message, or the refusal that names the fields that do not fit."""
    if not isinstance(message, Mapping):
        return invalid((Fault("registration", "须为对象", "must be an object"),), ARTICLE)
    try:
        registration = Registration.model_validate(message)
    except ValidationError as error:
        return invalid(tuple(map(_explained, faults_of(error, ""))), ARTICLE)
    if registration.rule_set is not None and registration.rule_set not in LIBRARY:
        known = ", ".join(name for name in LIBRARY if "~" not in name)
        fault = Fault("rule_set", f"没有此规则集（已有：{known}）", f"is unknown (known: {known})")
        return invalid((fault,), ARTICLE)
    return registration


def _explained(fault: Fault) -> Fault:
    if fault.field == "code" and "Value error, code" in fault.en:
        return Fault(
            "code",
            "须由字母、数字、点、横线组成，至多 64 个字符，如 NEIIC-2031-001",
            "must be letters, digits, dots and hyphens, 64 at most, such as NEIIC-2031-001",
        )
    return fault


def code_taken(code: str) -> Refused:
    """The refusal of a registration whose code another center has."""
    fault = Fault("code", f"{code} 已被使用，请另取编号", f"{code} is in use already: take another")
    return invalid((fault,), ARTICLE)


def not_recorded(code: str) -> Refused:
    """The refusal to restore a center from records that do not have it."""
    fault = Fault("code", f"{code} 没有记录，无从恢复", f"{code} is in no records to restore from")
    return invalid((fault,), ARTICLE)


def code_mismatch(code: str, workflow_id: str) -> Refused:
    """The refusal of a registration that was started under another workflow id."""
    fault = Fault(
        "code",
        f"工作流编号须为 center/{code}，而非 {workflow_id}",
        f"the workflow id must be center/{code}, not {workflow_id}",
    )
    return invalid((fault,), ARTICLE)
