"""One act for many centers: chosen in the list, asked once, sent to each by itself."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from neiic.console.accounts.access import Person
from neiic.console.acting import Outcome, Proposed
from neiic.console.desk.audit import COMMAND_LINE
from neiic.console.house import House
from neiic.console.pages import batch
from neiic.console.pages.batch_rows import MOST
from neiic.statute.terms import Role
from tests.console.conftest import APPLIED, PREPARED
from tests.console.house import AGENCY, Browser, Console, location, texts
from tests.records.lives import Life, approved, eventful

OTHER, THIRD = "NEIIC-2031-003", "NEIIC-2031-004"
ASSESS = texts({"agency": AGENCY, "conclusion": "support", "opinion": "可行"})
DECIDE = texts(
    {"decision": "approve", "document_no": "发改高技〔2031〕9号", "document_date": "2031-06-30"}
)


def key(code: str, matter: str = "formation") -> str:
    return f"{code}/{matter}"


def opened(browser: Browser, action: str, *keys: str) -> tuple[str, dict[str, str]]:
    """The form for these rows, and the decision ids that are hidden in it."""
    to = location(browser.post(batch.PATH, step="choose", action=action, row=keys))
    text = browser.shows(to)
    return text, dict(re.findall(r'name="(decision:[^"]+)" value="([^"]+)"', text))


def hidden(text: str) -> dict[str, list[str]]:
    """What the confirm page carries."""
    form = text[text.index('action="/tasks/batch"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        if name != "csrf":
            found.setdefault(name, []).append(value)
    return found


def assessed(code: str) -> Life:
    """Registered and supported: NDRC decides."""
    life = Life(code, f"run-{code}", "2031-06-02T09:00")
    said = {"agency": AGENCY, "conclusion": "support", "opinion": "可行"}
    life.act("2031-06-10T10:00", Role.ASSESSOR, "formation.assess", **said)
    return life


def acts(console: Console, code: str, action: str) -> int:
    return sum(event.kind == action for event in console.house.records.timeline(code))


def test_rows_are_chosen_where_the_list_shows_one_act(console: Console) -> None:
    browser = console.client_as("assessor")
    assert 'name="row"' not in browser.shows("/tasks")
    text = browser.shows("/tasks?kind=formation.assess", "办理所选：", 'action="/tasks/batch"')
    assert f'name="row" value="{key(APPLIED)}"' in text
    assert 'name="row"' not in browser.shows("/tasks?kind=formation")
    assert 'name="row"' not in console.client_as("ndrc").shows("/tasks?kind=extension.apply")


def test_one_form_is_recorded_at_each_center_once(console: Console) -> None:
    console.write_center(OTHER)
    browser, action = console.client_as("assessor"), "formation.assess"
    keys = (key(APPLIED), key(OTHER))
    text, ids = opened(browser, action, *keys)
    assert 'class="law"' in text
    assert len(set(ids.values())) == 2
    sent = {"step": "act", "action": action, "row": keys, "remarks": "一并办理", **ids, **ASSESS}
    for _ in range(2):
        answer = browser.post(batch.PATH, **sent)
        assert answer.status_code == 200
        assert answer.text.count("已记录") == 3, answer.text[-3000:]
    for code in (APPLIED, OTHER):
        assert acts(console, code, action) == 1
        event = next(one for one in console.house.records.timeline(code) if one.kind == action)
        assert event.decision_id == ids[f"decision:{key(code)}"]
    assert len(console.door.sent) == 2


def test_errors_stand_at_their_fields_and_nothing_is_sent(console: Console) -> None:
    console.write_center(OTHER)
    browser = console.client_as("assessor")
    answer = browser.post(
        batch.PATH,
        step="act",
        action="formation.assess",
        row=(key(APPLIED), key(OTHER)),
        **{"data.agency": AGENCY},
        **{f"decision:{key(OTHER)}": "fixed-1"},
    )
    assert answer.status_code == 422
    assert answer.text.count('href="#f-data-opinion"') == 1
    assert f'value="{AGENCY}"' in answer.text
    assert 'value="fixed-1"' in answer.text
    assert console.door.sent == []


def test_what_cannot_be_undone_is_asked_with_every_center_named(console: Console) -> None:
    for code in (OTHER, THIRD):
        console.write(assessed(code))
    browser, action = console.client_as("ndrc"), "formation.decide"
    keys = (key(OTHER), key(THIRD))
    text, ids = opened(browser, action, *keys)
    assert "共用一份文件" in text
    asked = browser.post(batch.PATH, step="act", action=action, row=keys, **ids, **DECIDE)
    assert asked.status_code == 200
    assert console.door.sent == []
    # A second Enter must not confirm: the question has the focus, not its yes.
    assert re.findall(r"<(\w+)[^>]* autofocus", asked.text) == ["h1"]
    for word in (OTHER, THIRD, "请确认", "发改高技〔2031〕9号", ">同意组建<"):
        assert word in asked.text
    carried = hidden(asked.text)
    assert {name: carried[name] for name in ids} == {name: [one] for name, one in ids.items()}
    done = browser.post(batch.PATH, step="confirmed", **carried)
    assert done.text.count("已记录") == 3
    assert [acts(console, code, action) for code in (OTHER, THIRD)] == [1, 1]


def test_what_the_law_would_refuse_is_left_out_before_it_is_asked(console: Console) -> None:
    console.write(assessed(OTHER))
    late = Life(THIRD, "run-late", "2031-06-30T08:00")
    said = {"agency": AGENCY, "conclusion": "support", "opinion": "可行"}
    late.act("2031-06-30T08:30", Role.ASSESSOR, "formation.assess", **said)
    console.write(late)
    browser, action = console.client_as("ndrc"), "formation.decide"
    keys, early = (key(OTHER), key(THIRD)), DECIDE | {"data.document_date": "2031-06-20"}
    sent = {"step": "act", "action": action, "row": keys, **early}
    text = browser.post(batch.PATH, **sent).text
    assert "不会被受理" in text
    assert hidden(text)["row"] == [key(OTHER)]
    alone = browser.post(batch.PATH, **sent | {"row": key(THIRD)})
    assert alone.status_code == 409
    assert 'href="#f-data-document-date"' in alone.text


def test_each_outcome_is_told_by_itself(console: Console) -> None:
    console.write_center(OTHER, lead_unit="丁公司")
    console.house.accounts.add_user("tied", "某", Role.LEAD, "丁公司", now=console.now)
    console.house.accounts.tie(COMMAND_LINE, AGENCY, "丁公司", "持股30%", console.now)
    browser, action = console.client_as("assessor"), "formation.assess"
    future = ASSESS | {"data.date": "2031-12-01"}
    keys = (key(APPLIED), key(OTHER))
    text = browser.post(batch.PATH, step="act", action=action, row=keys, **future).text
    assert "未受理" in text
    assert "存在利益关联" in text
    assert "持股30%" in text
    assert f'href="/centers/{OTHER}/acts/{action}"' in text
    # What was typed waits in the center's own form.
    browser.shows(f"/centers/{OTHER}/acts/{action}", "2031-12-01")
    assert [code for code, *_ in console.door.sent] == [APPLIED]


def test_what_is_not_answered_is_being_found_out(console: Console) -> None:
    browser = console.client_as("assessor")
    console.door.silent = True
    _, ids = opened(browser, "formation.assess", key(APPLIED))
    sent = {"step": "act", "action": "formation.assess", "row": key(APPLIED), **ids, **ASSESS}
    text = browser.post(batch.PATH, **sent).text
    assert "正在查明" in text
    [decision] = ids.values()
    assert f"/centers/{APPLIED}/decisions/{decision}" in text
    console.door.silent = False
    assert "已记录" in browser.post(batch.PATH, **sent).text
    assert acts(console, APPLIED, "formation.assess") == 1


def test_a_second_signature_makes_one_draft_for_each(console: Console) -> None:
    for code in (OTHER, THIRD):
        console.write(assessed(code))
    console.sign_twice("ndrc")
    browser, action = console.client_as("ndrc"), "formation.decide"
    keys = (key(OTHER), key(THIRD))
    _, ids = opened(browser, action, *keys)
    sent = {"step": "confirmed", "action": action, "row": keys, **ids, **DECIDE}
    first, again = browser.post(batch.PATH, **sent).text, browser.post(batch.PATH, **sent).text
    drafts = set(re.findall(r'href="(/drafts/\d+)"', first))
    assert len(drafts) == 2
    assert set(re.findall(r'href="(/drafts/\d+)"', again)) == drafts
    assert console.door.sent == []


def test_what_does_not_wait_any_more_is_told_and_not_sent(console: Console) -> None:
    ndrc = console.client_as("ndrc")
    gone = ndrc.get(f"{batch.PATH}?action=formation.decide&row={key(PREPARED)}")
    assert gone.status_code == 409
    assert "已不再等待" in gone.text
    sent = {"step": "confirmed", "action": "formation.decide", **DECIDE}
    told = ndrc.post(batch.PATH, row=key(PREPARED), **sent)
    assert "未发送：已不再等待" in told.text
    assert console.door.sent == []


@pytest.mark.parametrize(
    ("login", "action", "row"),
    [
        ("foreign", "formation.withdraw", key(APPLIED)),
        ("assessor", "formation.decide", key(APPLIED)),
        ("operator", "formation.assess", key(APPLIED)),
        ("assessor", "no.such", key(APPLIED)),
        ("assessor", "formation.assess", "NEIIC-2099-001/formation"),
        ("assessor", "formation.assess", "x'y"),
        ("assessor", "formation.assess", f"{APPLIED}\0/formation"),
    ],
)
def test_what_is_not_theirs_does_not_exist(
    console: Console, login: str, action: str, row: str
) -> None:
    browser = console.client_as(login)
    rows = (key(APPLIED), row)
    for step in ("act", "confirmed", "preview"):
        answer = browser.post(batch.PATH, step=step, action=action, row=rows, **ASSESS)
        assert answer.status_code in (403, 404), (step, answer.status_code)
    assert console.door.sent == []


def test_nothing_chosen_or_too_much_is_told(console: Console) -> None:
    browser = console.client_as("assessor")
    none = browser.post(batch.PATH, step="choose", action="formation.assess")
    assert none.status_code == 422
    assert "至少选择一项" in none.text
    many = [key(APPLIED, f"m{number}") for number in range(MOST + 1)]
    for step in ("choose", "act"):
        much = browser.post(batch.PATH, step=step, action="formation.assess", row=many, **ASSESS)
        assert much.status_code == 422
        assert f"一次最多办理{MOST}项" in much.text
    assert location(browser.get(batch.PATH)) == "/tasks"
    assert console.door.sent == []


def test_the_year_comes_from_each_row(console: Console) -> None:
    for code in (OTHER, THIRD):
        life = approved(code, f"run-{code}")
        life.wait("2032-01-20T09:00")
        console.write(life)
    console.later(days=215)
    browser = console.client_as("competent")
    text = browser.shows("/tasks?kind=report.submit")
    keys = re.findall(r'name="row" value="([^"]+)"', text)
    assert key(OTHER, "annual_report:2031") in keys
    keys = [one for one in keys if one.startswith((OTHER, THIRD))]
    text, ids = opened(browser, "report.submit", *keys)
    assert 'name="data.year"' not in text
    typed = texts({"summary": "进展顺利"})
    sent = {"step": "act", "action": "report.submit", "row": keys, **ids, **typed}
    assert browser.post(batch.PATH, **sent).text.count("已记录") == 3
    assert [message["data"]["year"] for _, _, message in console.door.sent] == [2031, 2031]


def test_each_row_of_a_follow_up_names_its_own(console: Console) -> None:
    lives = [eventful(code, f"run-{code}") for code in (OTHER, THIRD)]
    for life in lives:
        console.write(life)
    console.later(days=(lives[0].center.clock - console.now).days + 1)
    keys = [
        key(life.center.code, f"followup:{kind}")
        for life in lives
        for kind in life.center.followups
    ]
    browser, action = console.client_as("ndrc"), "followup.complete"
    text = browser.shows(f"/tasks?kind={action}")
    assert all(f'value="{one}"' in text for one in keys)
    text, ids = opened(browser, action, *keys)
    assert 'name="data.kind"' not in text
    sent = {"action": action, "row": keys, **ids, **texts({"note": "已办"})}
    asked = browser.post(batch.PATH, step="act", **sent)
    assert asked.status_code == 200
    assert browser.post(batch.PATH, step="confirmed", **sent).text.count("已记录") == len(keys) + 1
    told = [f"{code}/followup:{one['data']['kind']}" for code, _, one in console.door.sent]
    assert sorted(told) == sorted(keys)


def test_at_most_four_are_on_their_way_and_one_failure_hides_no_other(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [APPLIED, *(f"NEIIC-2031-{number:03}" for number in range(3, 9))]
    for code in codes[1:]:
        console.write_center(code)
    real, under_way, most = batch.propose, 0, 0

    async def counted(house: House, person: Person, proposed: Proposed) -> Outcome:
        # All that are let come here before the first of them goes on.
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        outcome = await real(house, person, proposed)
        under_way -= 1
        if proposed.code == APPLIED:
            raise RuntimeError("torn")
        return outcome

    monkeypatch.setattr(batch, "propose", counted)
    browser, keys = console.client_as("assessor"), [key(code) for code in codes]
    sent = {"step": "act", "action": "formation.assess", "row": keys, **ASSESS}
    text = browser.post(batch.PATH, **sent).text
    assert "结果不明" in text
    assert text.count("已记录") == len(codes)
    assert most == 4


def test_a_form_without_its_token_is_not_taken(console: Console) -> None:
    client = console.client_as("assessor").client
    sent = {"step": "act", "action": "formation.assess", "row": key(APPLIED), **ASSESS}
    assert client.post(batch.PATH, data=sent).status_code == 403
    assert console.door.sent == []


def test_the_choice_stands_in_the_address(console: Console) -> None:
    to = location(
        console.client_as("assessor").post(
            batch.PATH, step="choose", action="formation.assess", row=(key(APPLIED),) * 2
        )
    )
    assert parse_qs(urlsplit(to).query) == {"action": ["formation.assess"], "row": [key(APPLIED)]}
