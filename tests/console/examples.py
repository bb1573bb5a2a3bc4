"""Examples of the API from a real run: ``python -m tests.console.examples`` writes them anew.

They become part of the OpenAPI document; a test sees to it that a fresh run still answers alike.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from neiic.console.api import documenting
from neiic.console.desk.audit import COMMAND_LINE
from neiic.migrations import migrate
from neiic.statute.terms import Role
from tests.console.http.people import PASSWORD, People, Units, days_ago, now, registration
from tests.console.http.serving import Loop, Site, Stack, eventually

#: The center of the examples; what others see of it is asked for by its own people.
UNITS = Units(
    code="NEIIC-2026-001",
    competent="宁夏回族自治区发展和改革委员会",
    lead="宁夏铸造研究院有限公司",
    implementing="宁夏智能铸造创新中心有限公司",
    agency="国信工程咨询研究院",
    field="智能铸造",
    field_en="Smart Casting",
    letter="宁发改〔2026〕86号",
    document="发改高技〔2026〕1203号",
)
#: What stands for a token: nobody's is ever published.
TOKEN = "neiic_" + "x" * 43

Examples = dict[str, dict[str, Any]]


class Run:
    """Calls of the API, each noted under its operation and status."""

    def __init__(self, site: Site, code: str) -> None:
        self.found: Examples = {}
        self.units = dataclasses.replace(UNITS, code=code)
        self.people = People(site)
        for login, role in (
            ("zhou", Role.NDRC),
            ("wang", Role.COMPETENT),
            ("li", Role.COMPETENT),
            ("ding", Role.ASSESSOR),
        ):
            self.people.add(login, role, UNITS.unit_of(role))

    def call(self, login: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """One call; the first example of each operation and status stays."""
        api = self.people.api(login)
        names = ("action", "decision_id", "draft_id")
        values = {name: more.pop(name) for name in names if name in more}
        values["code"] = more.pop("code", self.units.code)
        answer = api.request(method, path.format(**values), **more)
        examples = self.found.setdefault(f"{method} {path}", {})
        if answer.content:
            examples.setdefault(str(answer.status_code), _masked(answer.json()))
        if answer.is_success and "json" in more:
            examples.setdefault("request", more["json"])
        return answer


def record(site: Site, code: str = UNITS.code) -> Examples:
    """A center from its registration to its approval, with what goes wrong on the way."""
    run = Run(site, code)
    _sessions(run)
    _starts(run)
    _acts(run)
    _drafts(run)
    _reads(run)
    return run.found


def _sessions(run: Run) -> None:
    session = "/api/v1/session"
    run.call(
        None, "POST", session, json={"name": "wang", "password": PASSWORD, "role": "competent"}
    )
    run.call(None, "POST", session, json={"name": "wang", "password": "wrong"})
    run.call(None, "POST", session, json={"name": "wang"})
    for _ in range(6):
        run.call(None, "POST", session, json={"name": "nobody", "password": "wrong"})
    run.call("wang", "GET", session)
    run.call(None, "GET", session)


def _starts(run: Run) -> None:
    centers = "/api/v1/centers"
    sent = registration(run.units)
    run.call("wang", "POST", centers, json=sent | {"code": "?"})
    run.call("ding", "POST", centers, json=sent)
    run.call("wang", "POST", centers, json=sent)
    show = f"{centers}/{run.units.code}"
    eventually(lambda: run.people.api("zhou").get(show).is_success)


def _acts(run: Run) -> None:
    act = "/api/v1/centers/{code}/actions/{action}"
    approval = {"document_no": UNITS.document, "document_date": days_ago(0)}
    approved = {"decision_id": "zhou-2026-0017", "data": {"decision": "approve", **approval}}
    run.call("zhou", "POST", act, action="formation.decide", json=approved)
    assessed = {"agency": UNITS.agency, "conclusion": "support", "opinion": "可行，建议组建。"}
    run.call("ding", "POST", act, action="formation.assess", json={"data": assessed})
    run.call("wang", "POST", act, action="formation.decide", json=approved)
    run.call("zhou", "POST", act, action="formation.decide", json={"data": {}})
    run.call("zhou", "POST", act, action="formation.decide", json=approved)
    run.call("zhou", "POST", act, action="formation.decide", code="NEIIC-1999-9", json=approved)


def _drafts(run: Run) -> None:
    """What one person of a unit drafts and another signs."""
    accounts, drafts = run.people.site.house.accounts, "/api/v1/drafts"
    unit = accounts.user("wang").grants[0].unit_id
    accounts.set_signing(COMMAND_LINE, unit, now(), on=True, actions=["supervision.note"])
    act = "/api/v1/centers/{code}/actions/{action}"
    notes = [
        run.call("wang", "POST", act, action="supervision.note", json={"data": {"text": text}})
        for text in ("现场检查，进展正常。", "设备到位一半。")
    ]
    signed, returned = [note.json()["draft"] for note in notes]
    run.call("li", "GET", drafts)
    run.call("wang", "POST", f"{drafts}/{{draft_id}}/sign", draft_id=signed)
    run.call("li", "POST", f"{drafts}/{{draft_id}}/sign", draft_id=signed)
    run.call("li", "POST", f"{drafts}/{{draft_id}}/sign", draft_id=signed)
    run.call("li", "POST", f"{drafts}/{{draft_id}}/sign", draft_id=987654321)
    why = {"note": "请写明已到位的设备。"}
    run.call("li", "POST", f"{drafts}/{{draft_id}}/return", draft_id=returned, json=why)
    accounts.set_signing(COMMAND_LINE, unit, now(), on=False)


def _reads(run: Run) -> None:
    one = "/api/v1/centers/{code}"
    for path in (one, f"{one}/deadlines", f"{one}/timeline", f"{one}/actions"):
        run.call("wang", "GET", path)
        run.call("wang", "GET", path, code="NEIIC-1999-9")
    decision = f"{one}/decisions/{{decision_id}}"
    run.call("wang", "GET", decision, decision_id="zhou-2026-0017")
    run.call("wang", "GET", decision, decision_id="wang-2026-0001")
    for path in ("/api/v1/centers", "/api/v1/tasks", "/api/v1/deadlines"):
        run.call("wang", "GET", path)
        run.call("wang", "GET", path, params={"cursor": "torn"})


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: TOKEN if name == "token" else _masked(one) for name, one in value.items()}
    return list(map(_masked, value)) if isinstance(value, list) else value


def alike(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two answers differ in shape: keys and kinds of values, not what they say."""
    if one is None or other is None:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        # Years and stages are names of what there is, not of fields.
        if any(re.match(r"\d", name) for name in (*one, *other)) or where.endswith(".stages"):
            one, other = dict(enumerate(one.values())), dict(enumerate(other.values()))
            shared = one.keys() & other.keys()
        else:
            shared = one.keys() & other.keys()
            if one.keys() != other.keys():
                return [f"{where}: {sorted(one.keys() ^ other.keys())}"]
        return [
            told for name in shared for told in alike(one[name], other[name], f"{where}.{name}")
        ]
    if isinstance(one, list) and isinstance(other, list):
        return [
            told for a, b in zip(one[:1], other[:1], strict=False) for told in alike(a, b, where)
        ]
    kinds = {type(one), type(other)}
    return [] if len(kinds) == 1 or kinds == {int, float} else [f"{where}: {kinds}"]


def main() -> None:
    """Write the examples of a fresh run over those that are there."""
    target = resources.files(documenting.__package__).joinpath(documenting.EXAMPLES)
    loop = Loop()
    with tempfile.TemporaryDirectory(prefix="neiic-examples-", ignore_cleanup_errors=True) as name:
        stack = Stack(Path(name), loop)
        migrate(stack.settings.database)
        with stack.running(), stack.console() as site:
            found = record(site)
    loop.close()
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    Path(str(target)).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{target}: {len(found)} operations, {len(text.encode()) // 1024} KiB\n")


if __name__ == "__main__":
    main()
