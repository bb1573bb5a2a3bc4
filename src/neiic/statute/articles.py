"""What the articles say that actions and deadlines rest on, in our own plain words.

They stand beside a decision to remind; the Measures themselves decide.
"""

from __future__ import annotations

from typing import NamedTuple


class Summary(NamedTuple):
    """One article in a sentence or two, in Chinese and English."""

    zh: str
    en: str


ARTICLES: dict[str, Summary] = {
    "第四条": Summary(
        "全国的布局、组建指导和运行评价，归国家发展改革委。",
        "NDRC plans where centers are set up, guides their formation and runs the evaluations.",
    ),
    "第五条": Summary(
        "主管单位是省级等地方发展改革委或中央企业：推荐申报、落实条件、组织验收，并负责日常管理和监督。",
        "The competent unit, a regional DRC or a central enterprise, recommends a center, sees to"
        " its conditions and supervises it from day to day.",
    ),
    "第六条": Summary(
        "牵头单位拟定组建方案，牵头设立法人企业，并筹措建设和运行所需。",
        "The lead unit draws up the plan, founds the legal entity and finds what it needs.",
    ),
    "第七条": Summary(
        "实施单位是依法设立的企业法人，中心的建设、运行和改造由它承担。",
        "The implementing unit is a legal entity of its own that builds and runs the center.",
    ),
    "第十四条": Summary(
        "拟组建的中心要过六道门槛：领域、目标、基础、规模、组织、机制。",
        "A proposed center meets six basic requirements: field, goals, foundation, scale,"
        " organisation and mechanisms.",
    ),
    "第十五条": Summary(
        "主管单位来函推荐；第三方先作论证，方案按意见完善，之后国家发展改革委再作决定。",
        "The competent unit recommends by letter; a third party assesses, the plan is improved"
        " where needed, and then NDRC decides.",
    ),
    "第十六条": Summary(
        "获准后即为筹建期，名称后须带“（筹）”；其间由主管单位加强监督。",
        "Once approved, the center is in preparation and its name says so; the competent unit"
        " supervises it closely.",
    ),
    "第十七条": Summary(
        "筹建以三年为限。任务完成后，实施单位带着总结和证明申请确认，主管单位先行评估。",
        "Preparation takes three years at most as a rule. Its work done, the implementing unit"
        " applies for confirmation, and the competent unit evaluates first.",
    ),
    "第十八条": Summary(
        "到期前可由主管单位申请延期，仅一次，至多一年。到期仍未完成的，资格取消，筹建名称停用，善后归主管单位。",
        "Before the end the competent unit may apply for more time: once, one year at most. If"
        " the work is not done by the end, the standing and the name are lost and the competent"
        " unit settles what remains.",
    ),
    "第十九条": Summary(
        "国家发展改革委对申请复核；予以确认的，去掉“（筹）”字，并致函海关、税务两部门。",
        "NDRC reviews the application; a confirmed center drops the mark of preparation from its"
        " name, and customs and tax are told by letter.",
    ),
    "第二十二条": Summary(
        "上一年的运行情况和指标，主管单位须在次年二月末以前报送；有重大成果则随时报。",
        "By the end of February the competent unit reports on the year before; major achievements"
        " are reported as they come.",
    ),
    "第二十三条": Summary(
        "运行评价三年一轮：实施单位备材料，主管单位审核，参考第三方意见并商海关、税务后确认结果。不参加的，等于放弃资格；当年新组建的可以不参加。",
        "Every three years centers are evaluated: materials from the implementing unit, endorsed"
        " by the competent unit, a third party's opinion, concurrence of customs and tax. Who"
        " takes no part gives the standing up; one newly formed that year may stay out.",
    ),
    "第二十四条": Summary(
        "等次有优秀、合格、不合格。首次不合格，有三年时间改进；下一轮再不合格，进入撤销程序。",
        "Grades are excellent, qualified and unqualified. A first failure gives three years to"
        " improve; failing the next round as well leads to revocation.",
    ),
    "第二十五条": Summary(
        "方案有变要及时报告。影响不大的由主管单位审核、备案即可；影响功能，或更名、股权变动、破产重组的，由国家发展改革委审核。",
        "Changes of plan are reported in time. The competent unit approves minor ones for NDRC's"
        " record; NDRC decides where the function, the name, the shares or the existence of the"
        " entity is concerned.",
    ),
    "第二十六条": Summary(
        "查实弄虚作假或违法违规的，责令整改；严重的，或久拖不改的，撤销资格、追回补助、记入信用并追究责任。",
        "Verified fraud or breaches of law are to be put right; if serious, or never put right,"
        " the standing is revoked, subsidies are recovered, and credit and legal consequences"
        " follow.",
    ),
    "第三十四条": Summary(
        "中英文名称有统一格式，以所在领域区分。",
        "Centers bear one form of name in Chinese and English, told apart by their field.",
    ),
    "第三十五条": Summary(
        "同一团队一般不同时建设另一个国家级平台。",
        "As a rule a team that builds a center builds no other national platform.",
    ),
    "第三十六条": Summary(
        "办法自2026年2月起用五年，由国家发展改革委解释。",
        "The Measures hold for five years from February 2026; NDRC interprets them.",
    ),
    "民法典第二百零三条": Summary(
        "期限的最后一天遇放假的，顺延到放假后的第一个工作日。",
        "A period whose last day is a day off ends on the next day that is none.",
    ),
}


def summaries(citation: str) -> list[tuple[str, Summary]]:
    """The articles of a citation like ``第二十四条、第二十六条`` that have a summary, in its order."""
    return [(one, ARTICLES[one]) for one in citation.split("、") if one in ARTICLES]
