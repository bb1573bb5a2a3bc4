"""The Measures' own words: who acts, where a center stands, which grade it got.

Each Chinese term stands here once; everywhere else the English name is used.
Articles are cited by number as they are printed, e.g. ``第十八条``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """Who acts (Articles 4-7, 15, 19, 23)."""

    NDRC = "ndrc"
    COMPETENT = "competent"
    LEAD = "lead"
    IMPLEMENTING = "implementing"
    ASSESSOR = "assessor"
    CUSTOMS = "customs"
    TAX = "tax"
    OPERATOR = "operator"


ROLE_ZH = {
    Role.NDRC: "国家发展改革委",
    Role.COMPETENT: "主管单位",
    Role.LEAD: "牵头单位",
    Role.IMPLEMENTING: "实施单位",
    Role.ASSESSOR: "第三方机构",
    Role.CUSTOMS: "海关总署",
    Role.TAX: "税务总局",
    Role.OPERATOR: "系统运行",
}
ROLE_EN = {
    Role.NDRC: "NDRC",
    Role.COMPETENT: "competent unit",
    Role.LEAD: "lead unit",
    Role.IMPLEMENTING: "implementing unit",
    Role.ASSESSOR: "third-party assessor",
    Role.CUSTOMS: "customs administration",
    Role.TAX: "tax administration",
    Role.OPERATOR: "system operator",
}

#: Roles that are one national body each: their unit needs no naming.
NATIONAL_UNITS = {
    Role.NDRC: "国家发展改革委",
    Role.CUSTOMS: "海关总署",
    Role.TAX: "税务总局",
}

#: Roles that act for a unit of this center and for no other center.
UNIT_ROLES = (Role.COMPETENT, Role.LEAD, Role.IMPLEMENTING)


class Stage(StrEnum):
    """Where a center stands in its life."""

    APPLICATION = "application"
    PREPARATION = "preparation"
    OPERATION = "operation"
    IMPROVEMENT = "improvement"
    NOT_APPROVED = "not_approved"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"
    REVOKED = "revoked"


STAGE_ZH = {
    Stage.APPLICATION: "申报论证",
    Stage.PREPARATION: "筹建期",
    Stage.OPERATION: "运行",
    Stage.IMPROVEMENT: "优化提升期",
    Stage.NOT_APPROVED: "未予批准",
    Stage.WITHDRAWN: "撤回申报",
    Stage.CANCELLED: "取消资格",
    Stage.ABANDONED: "视为放弃",
    Stage.REVOKED: "撤销",
}
STAGE_EN = {stage: stage.value.replace("_", " ") for stage in Stage}

#: A center here has its name and its duties.
STANDING = frozenset({Stage.PREPARATION, Stage.OPERATION, Stage.IMPROVEMENT})
#: A center here takes part in national evaluations (Article 23).
EVALUATED = frozenset({Stage.OPERATION, Stage.IMPROVEMENT})
#: A center here is alive: something can still happen to its standing.
LIVING = STANDING | {Stage.APPLICATION}
#: A center here has lost its standing and owes follow-ups.
ENDED_WITH_FOLLOWUPS = frozenset({Stage.CANCELLED, Stage.ABANDONED, Stage.REVOKED})
TERMINAL = ENDED_WITH_FOLLOWUPS | {Stage.NOT_APPROVED, Stage.WITHDRAWN}


class Grade(StrEnum):
    """The three grades of an evaluation (Article 24)."""

    EXCELLENT = "excellent"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"


GRADE_EN = {grade: grade.value for grade in Grade}
GRADE_ZH = {Grade.EXCELLENT: "优秀", Grade.QUALIFIED: "合格", Grade.UNQUALIFIED: "不合格"}


class FollowUp(StrEnum):
    """What is still owed after a center has lost its standing (Articles 18, 26)."""

    DISPOSITION = "disposition"
    RECOVER_SUBSIDY = "recover_subsidy"
    CREDIT_LISTING = "credit_listing"
    LEGAL_REFERRAL = "legal_referral"
    NAME_WITHDRAWAL = "name_withdrawal"


FOLLOWUP_ZH = {
    FollowUp.DISPOSITION: "后续事宜处理",
    FollowUp.RECOVER_SUBSIDY: "收回国家补助资金",
    FollowUp.CREDIT_LISTING: "失信信息归集",
    FollowUp.LEGAL_REFERRAL: "移送追究责任",
    FollowUp.NAME_WITHDRAWAL: "停用名称",
}
FOLLOWUP_EN = {
    FollowUp.DISPOSITION: "disposition of what remains",
    FollowUp.RECOVER_SUBSIDY: "recovery of the subsidy",
    FollowUp.CREDIT_LISTING: "entry of the breach of trust",
    FollowUp.LEGAL_REFERRAL: "referral to the authorities",
    FollowUp.NAME_WITHDRAWAL: "withdrawal of the name",
}

DeadlineKind = Literal[
    "preparation_end",
    "supplement",
    "annual_report",
    "evaluation_materials",
    "evaluation_close",
    "rectification",
]

#: Titles of deadlines, by kind.
DEADLINE_ZH: dict[DeadlineKind, str] = {
    "preparation_end": "筹建期届满",
    "supplement": "补充材料期限",
    "annual_report": "年度报告",
    "evaluation_materials": "运行评价材料",
    "evaluation_close": "运行评价截止",
    "rectification": "整改期限",
}
DEADLINE_EN: dict[DeadlineKind, str] = {
    "preparation_end": "End of preparation",
    "supplement": "Supplement window",
    "annual_report": "Annual report",
    "evaluation_materials": "Evaluation materials",
    "evaluation_close": "Close of the evaluation round",
    "rectification": "Rectification",
}

#: Titles of what happens by itself: events that are no act of anybody's.
EVENT_ZH: dict[str, str] = {
    "center.registered": "登记推荐申报",
    "deadline.held": "届满暂缓",
    "deadline.overdue": "逾期",
    "deadline.resolved": "期限重新核定",
    "evaluation.abandoned": "未参加评价，视为放弃",
    "evaluation.opened": "运行评价开始",
    "preparation.lapsed": "筹建期满，取消资格",
    "reminder": "催办提醒",
    "report.opened": "年度报告开始报送",
    "supplement.expired": "补充材料期限届满",
}
EVENT_EN: dict[str, str] = {
    "center.registered": "Recommendation registered",
    "deadline.held": "End held by an application",
    "deadline.overdue": "Overdue",
    "deadline.resolved": "Deadline resolved again",
    "evaluation.abandoned": "Took no part in the evaluation: standing given up",
    "evaluation.opened": "Evaluation round opened",
    "preparation.lapsed": "Preparation ended: standing cancelled",
    "reminder": "Reminder",
    "report.opened": "Annual report opened",
    "supplement.expired": "Supplement window ended",
}
