"""The console's own data for a recording: every table with a row, every column filled once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from neiic.console.accounts.access import Person
from neiic.console.accounts.accounts import Accounts
from neiic.console.accounts.sessions import Opened
from neiic.console.desk.audit import COMMAND_LINE
from neiic.console.desk.claims import Matter
from neiic.console.desk.desk import Desk
from neiic.statute.terms import Role
from tests.records.lives import COMPETENT

NOW = datetime(2031, 4, 1, 1, 2, 3, tzinfo=UTC)
LATER, NEXT_DAY = NOW + timedelta(hours=1), NOW + timedelta(days=1)
PASSWORD = "不该被猜到的口令 2031"


def furnish(engine: Engine, center: str, *, odd: str) -> None:
    """Users, units and the work inside them, about a center that the records hold."""
    accounts, desk = Accounts(engine), Desk(engine)
    for login, name, role, unit in (
        ("ma", "马晓燕", Role.COMPETENT, COMPETENT),
        ("li", "李建", Role.COMPETENT, COMPETENT),
        ("ma", None, Role.NDRC, None),
        ("sun", "孙立", Role.ASSESSOR, "丙机构"),
    ):
        accounts.add_user(login, name, role, unit, now=NOW, password=PASSWORD, must_change=False)
    ma, li = (_signed_in(accounts, login) for login in ("ma", "li"))
    _units(accounts)
    _keys(accounts, ma)
    accounts.delegate(ma, "li", date(2031, 4, 1), date(2031, 4, 30), NOW)
    accounts.end_delegation(ma, accounts.delegations(ma.user_id)[0].id, LATER)
    handed = accounts.delegate(ma, "li", date(2031, 4, 2), date(2031, 4, 30), LATER)
    matter = Matter(center, "report.submit", "2031")
    desk.claim(ma, matter, NOW)
    desk.hand_over(ma, matter, "li", odd[:200].replace("\n", " "), NOW)
    desk.comment(ma, center, odd[:2_000], NOW)
    _drafts(accounts, desk, ma, li, center, handed)
    desk.keep(ma.user_id, f"/centers/{center}/acts/report.submit", {"data.summary": [odd]}, NOW)
    desk.save_filter(ma, "deadlines", "逾期", "light=red", NOW)
    desk.record_attempt(
        ma,
        center=center,
        action="formation.decide",
        status=404,
        reason="unknown",
        now=NOW,
        address="127.0.0.1",
    )


def _signed_in(accounts: Accounts, login: str) -> Person:
    opened = accounts.sign_in(login, PASSWORD, "127.0.0.1", "Browser 1.0", NOW)
    assert isinstance(opened, Opened)
    person = accounts.person_of_session(opened.key, NOW)
    assert person is not None
    return person


def _units(accounts: Accounts) -> None:
    accounts.tie(COMMAND_LINE, COMPETENT, "丙机构", "同一集团", NOW)
    accounts.rename_unit(COMMAND_LINE, "丙机构", "丙评估机构", LATER)
    accounts.engage(COMMAND_LINE, "NEIIC-2031-003", "丙评估机构", NOW)
    accounts.add_unit(COMMAND_LINE, Role.LEAD, "甲公司", NOW, COMPETENT)
    for unit in accounts.units():
        if unit.name == COMPETENT:
            accounts.set_signing(COMMAND_LINE, unit.id, NOW, on=True, actions=["report.submit"])


def _keys(accounts: Accounts, ma: Person) -> None:
    made = accounts.make_token(
        COMMAND_LINE, ma.user_id, ma.grant.id, name="报表", scopes=["read"], now=NOW
    )
    accounts.person_of_token(made.key, LATER)
    accounts.end_token(COMMAND_LINE, made.id, LATER)
    again = accounts.sign_in("ma", PASSWORD, "::1", "Browser 2.0", NOW)
    assert isinstance(again, Opened)
    ndrc = next(grant for grant in ma.grants if grant.role is Role.NDRC)
    accounts.act_as(ma, ndrc.id, None, NOW)
    accounts.end_session(COMMAND_LINE, ma.user_id, again.id, LATER)
    accounts.end_grant(COMMAND_LINE, ndrc.id, LATER)


def _drafts(
    accounts: Accounts, desk: Desk, ma: Person, li: Person, center: str, delegation: int
) -> None:
    data = {"year": 2031, "summary": "年度报告", "indicators": {"研发投入（万元）": 1.5}}
    signed, returned = (
        desk.draft(
            ma,
            center=center,
            action="report.submit",
            data=data,
            remarks="请审签",
            subject="2031",
            now=NOW,
        )
        for _ in range(2)
    )
    desk.sign(li, signed, LATER)
    desk.taken(signed, LATER)
    desk.return_draft(li, returned, "请补充指标", LATER)
    opened = accounts.sign_in("li", PASSWORD, "127.0.0.1", "Browser 1.0", NEXT_DAY)
    assert isinstance(opened, Opened)
    person = accounts.person_of_session(opened.key, NEXT_DAY)
    assert person is not None
    lent = next(grant for grant in person.grants if grant.delegation_id == delegation)
    accounts.act_as(person, lent.id, delegation, NEXT_DAY)
    for_ma = accounts.person_of_session(opened.key, NEXT_DAY)
    assert for_ma is not None, "just signed in"
    desk.draft(for_ma, center=center, action="report.submit", data=data, now=NEXT_DAY)
