"""Demo users of the embedded stack: one for each role, with passwords that are told once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from neiic.settings import Settings
from neiic.starter import printing
from neiic.starter.connecting import open_records
from neiic.statute.terms import Role


class DemoUser(NamedTuple):
    """Somebody to try the console as; ``unit`` is None for a national body."""

    login: str
    name: str
    role: Role
    unit: str | None = None


#: Their units are those of the example centers, so that each finds something to do.
USERS = (
    DemoUser("ndrc", "周明远", Role.NDRC),
    DemoUser("competent", "马晓燕", Role.COMPETENT, "宁夏回族自治区发展和改革委员会"),
    DemoUser("lead", "陈建国", Role.LEAD, "贺兰稀土材料集团有限公司"),
    DemoUser("implementing", "刘芳", Role.IMPLEMENTING, "国创寒测（呼伦贝尔）有限公司"),
    DemoUser("assessor", "孙立", Role.ASSESSOR, "衡鉴产业技术评估有限公司"),
    DemoUser("customs", "郑海", Role.CUSTOMS),
    DemoUser("tax", "吴静", Role.TAX),
    DemoUser("operator", "何伟", Role.OPERATOR),
)


def tell_demo_users(settings: Settings) -> None:
    """Make the demo users where nobody can sign in yet, and print their passwords, this once."""
    # Hashing and what belongs to it are loaded for this alone.
    from neiic.console.accounts.accounts import Accounts

    records = open_records(settings)
    try:
        accounts = Accounts(records.engine)
        if accounts.users():
            printing.out.print("users are there already; a new password: neiic user password LOGIN")
            return
        made = printing.table("login", "password", "name", "role", "unit")
        for user in USERS:
            added = accounts.add_user(
                user.login,
                user.name,
                user.role,
                user.unit,
                now=datetime.now(UTC),
                must_change=False,
            )
            made.add_row(user.login, added.password or "", user.name, user.role, user.unit or "—")
        printing.out.print("demo users of the console; the passwords are told this once:")
        printing.out.print(made)
    finally:
        records.engine.dispose()
