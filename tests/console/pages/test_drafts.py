"""Drafting and signing, on pages and by the API: checked by the law twice, sent once, both named."""

from __future__ import annotations

import re

import pytest

from neiic.console.acting import Drafted, Proposed, new_decision_id, propose
from tests.console.conftest import APPLIED
from tests.console.house import Console, location

ASSESSED = {
    "agency": "丙机构",
    "conclusion": "support",
    "opinion": "可行",
}
DECIDED = {
    "decision": "approve",
    "document_no": "发改高技〔2031〕120号",
    "document_date": "2031-06-30",
}


@pytest.fixture
async def drafted(console: Console) -> int:
    """An approval that ndrc has drafted and another has to sign."""
    outcome = await propose(
        console.house,
        console.person("assessor"),
        Proposed(APPLIED, "formation.assess", ASSESSED, None, new_decision_id()),
    )
    assert not isinstance(outcome, Drafted), outcome
    console.sign_twice("ndrc")
    return await draft(console)


async def draft(console: Console) -> int:
    proposed = Proposed(APPLIED, "formation.decide", DECIDED, "附言", new_decision_id())
    outcome = await propose(console.house, console.person("ndrc"), proposed)
    assert isinstance(outcome, Drafted), outcome
    return outcome.draft


def stage(console: Console) -> str:
    center = console.house.records.center(APPLIED)
    assert center is not None
    return center.stage


def state(console: Console, number: int) -> str:
    return console.house.desk.find_draft(console.person("ndrc"), number).state


def test_the_draft_shows_the_act_and_what_will_follow(console: Console, drafted: int) -> None:
    colleague = console.client_as("ndrc2")
    colleague.shows("/drafts", f"/drafts/{drafted}", "Ndrc 某")
    text = colleague.shows(f"/drafts/{drafted}", "发改高技〔2031〕120号", "第十五条", "附言")
    assert f"/drafts/{drafted}/sign" in text
    assert "筹建期" in text
    own = console.client_as("ndrc").shows(f"/drafts/{drafted}", "撤回")
    assert f"/drafts/{drafted}/sign" not in own


def test_a_colleague_signs_and_the_record_names_both(console: Console, drafted: int) -> None:
    colleague = console.client_as("ndrc2")
    unsure = colleague.post(f"/drafts/{drafted}/sign")
    assert unsure.status_code == 422
    assert (stage(console), state(console, drafted)) == ("application", "draft")
    target = location(colleague.post(f"/drafts/{drafted}/sign", confirmed="yes"))
    assert re.fullmatch(rf"/centers/{APPLIED}/decisions/console-[\w-]+", target)
    assert stage(console) == "preparation"
    assert console.house.desk.find_draft(console.person("ndrc"), drafted).sent is not None
    event = console.house.records.timeline(APPLIED)[-1]
    assert event.actor is not None
    assert (event.actor.user, event.actor.name) == ("ndrc2", "Ndrc2 某（Ndrc 某拟办）")
    assert event.remarks == "附言"
    colleague.shows(f"/drafts/{drafted}", "已审签并记录")
    again = colleague.post(f"/drafts/{drafted}/sign", confirmed="yes")
    assert again.status_code == 409
    assert len(console.door.sent) == 2


def test_the_rail_counts_what_one_can_sign(console: Console, drafted: int) -> None:
    entry = re.compile(r'href="/drafts"[^>]*><span>[^<]*</span> <span class="count">(\d+)<')
    assert entry.findall(console.client_as("ndrc2").get("/drafts").text) == ["1"]
    assert entry.findall(console.client_as("ndrc").get("/drafts").text) != ["1"]


def test_nobody_signs_their_own(console: Console, drafted: int) -> None:
    answer = console.client_as("ndrc").post(f"/drafts/{drafted}/sign", confirmed="yes")
    assert answer.status_code == 403
    assert state(console, drafted) == "draft"


@pytest.mark.parametrize("login", ["competent", "assessor", "operator", "foreign", "customs"])
def test_other_units_know_nothing_of_it(console: Console, drafted: int, login: str) -> None:
    browser = console.client_as(login)
    assert browser.get(f"/drafts/{drafted}").status_code == 404
    for step in ("sign", "return", "withdraw", "edit", "send"):
        assert browser.post(f"/drafts/{drafted}/{step}", confirmed="yes").status_code == 404
    assert f"/drafts/{drafted}" not in browser.get("/drafts").text
    api = console.api_as(login)
    assert api.get("/api/v1/drafts").json() == {"items": []}
    assert api.post(f"/api/v1/drafts/{drafted}/sign").status_code in (403, 404)
    assert state(console, drafted) == "draft"


async def test_what_the_law_would_refuse_now_is_not_signed(console: Console, drafted: int) -> None:
    second = await draft(console)
    colleague = console.client_as("ndrc2")
    location(colleague.post(f"/drafts/{drafted}/sign", confirmed="yes"))
    sent = len(console.door.sent)
    answer = colleague.post(f"/drafts/{second}/sign", confirmed="yes")
    assert answer.status_code == 409
    assert "未审签" in answer.text
    assert (state(console, second), len(console.door.sent)) == ("draft", sent)


def test_a_refusal_of_the_center_gives_it_back(
    console: Console, drafted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from neiic.console import signing

    # As if something had happened at the center between the look and the sending.
    monkeypatch.setattr(signing, "previewed", lambda *_: None)
    monkeypatch.setattr(type(console.door), "_decided", refuse)
    target = location(console.client_as("ndrc2").post(f"/drafts/{drafted}/sign", confirmed="yes"))
    assert target == f"/drafts/{drafted}"
    monkeypatch.undo()
    console.client_as("ndrc").shows(f"/drafts/{drafted}", "不行了")
    assert state(console, drafted) == "returned"


def refuse(*_: object) -> object:
    from neiic.statute.acts import Refused

    return Refused(
        code="wrong_stage", article="第十五条", message_zh="不行了。", message_en="No more."
    )


def test_an_answer_that_did_not_come_is_found_in_the_records(
    console: Console, drafted: int
) -> None:
    colleague = console.client_as("ndrc2")
    console.door.silent = True
    target = location(colleague.post(f"/drafts/{drafted}/sign", confirmed="yes"))
    assert "/decisions/" in target
    assert console.house.desk.find_draft(console.person("ndrc"), drafted).sent is None
    colleague.shows("/drafts", "已审签并记录")
    assert console.house.desk.find_draft(console.person("ndrc"), drafted).sent is not None


def test_what_was_lost_is_sent_again_by_who_signed(console: Console, drafted: int) -> None:
    colleague = console.client_as("ndrc2")
    console.door.silent = console.door.loses = True
    location(colleague.post(f"/drafts/{drafted}/sign", confirmed="yes"))
    console.door.silent = console.door.loses = False
    assert stage(console) == "application"
    assert console.client_as("ndrc").post(f"/drafts/{drafted}/send").status_code == 403
    colleague.shows(f"/drafts/{drafted}", "重新发送")
    location(colleague.post(f"/drafts/{drafted}/send"))
    assert stage(console) == "preparation"
    ids = {message["decision_id"] for _, action, message in console.door.sent[1:]}
    assert len(ids) == 1


def test_it_is_returned_with_a_note_and_edited_again(console: Console, drafted: int) -> None:
    colleague, own = console.client_as("ndrc2"), console.client_as("ndrc")
    empty = colleague.post(f"/drafts/{drafted}/return", note=" ")
    assert empty.status_code == 422
    assert 'href="#note"' in empty.text
    location(colleague.post(f"/drafts/{drafted}/return", note="文号有误"))
    own.shows(f"/drafts/{drafted}", "文号有误")
    assert colleague.post(f"/drafts/{drafted}/edit").status_code == 404
    target = location(own.post(f"/drafts/{drafted}/edit"))
    assert target == f"/centers/{APPLIED}/acts/formation.decide"
    own.shows(target, "发改高技〔2031〕120号", "附言")


def test_the_drafter_withdraws_or_changes_what_still_waits(console: Console, drafted: int) -> None:
    own = console.client_as("ndrc")
    location(own.post(f"/drafts/{drafted}/edit"))
    assert state(console, drafted) == "withdrawn"
    assert own.post(f"/drafts/{drafted}/withdraw").status_code == 409


def test_odd_numbers_are_not_found(console: Console) -> None:
    browser = console.client_as("ndrc")
    for number in ("0", "x", "99999999999999999999999", "-1"):
        assert browser.get(f"/drafts/{number}").status_code == 404


def test_signing_by_the_api(console: Console, drafted: int) -> None:
    drafter, signer = console.api_as("ndrc"), console.api_as("ndrc2")
    [item] = signer.get("/api/v1/drafts").json()["items"]
    assert (item["id"], item["may_sign"], item["data"]) == (drafted, True, DECIDED)
    assert drafter.get("/api/v1/drafts").json()["items"][0]["may_sign"] is False
    own = drafter.post(f"/api/v1/drafts/{drafted}/sign")
    assert (own.status_code, own.headers["content-type"]) == (403, "application/problem+json")
    reader = console.api_as("ndrc2", scopes=["read"])
    assert reader.post(f"/api/v1/drafts/{drafted}/sign").status_code == 403
    answer = signer.post(f"/api/v1/drafts/{drafted}/sign")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "done"
    assert answer.json()["snapshot"]["stage"] == "preparation"
    assert signer.post(f"/api/v1/drafts/{drafted}/sign").status_code == 409


def test_returning_by_the_api(console: Console, drafted: int) -> None:
    signer = console.api_as("ndrc2")
    assert signer.post(f"/api/v1/drafts/{drafted}/return", json={"note": ""}).status_code == 422
    answer = signer.post(f"/api/v1/drafts/{drafted}/return", json={"note": "改"})
    assert answer.status_code == 204
    returned = signer.get("/api/v1/drafts?state=returned").json()["items"]
    assert [(one["state"], one["note"]) for one in returned] == [("returned", "改")]


def test_an_unknown_outcome_by_the_api(console: Console, drafted: int) -> None:
    console.door.silent = True
    answer = console.api_as("ndrc2").post(f"/api/v1/drafts/{drafted}/sign")
    assert (answer.status_code, answer.json()["status"]) == (202, "unknown")
