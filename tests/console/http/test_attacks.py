"""What somebody with bad intentions tries: forms from elsewhere, keys of others, odd bytes."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest

from neiic.console.accounts.keys import csrf_of
from neiic.console.asking import COOKIE
from neiic.console.guarding import HEADERS, LARGEST_BODY, masked
from neiic.statute.terms import Role
from tests.console.http.people import OWN, PASSWORD, Browser, People, now
from tests.console.http.serving import GROUP, Site, Stack

pytestmark = pytest.mark.xdist_group(GROUP)

SESSION = "/api/v1/session"
NOTE = f"/api/v1/centers/{OWN.code}/actions/supervision.note"
PAGE = f"/centers/{OWN.code}/acts/supervision.note"


@pytest.fixture(scope="module")
def victim(people: People) -> Browser:
    """A browser in which somebody is signed in, whatever other sites have it send."""
    return people.browser("ndrc")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    ],
)
@pytest.mark.parametrize("path", [PAGE, "/sign-in", "/sign-out", "/language", SESSION, NOTE])
def test_a_form_from_another_site(
    people: People, victim: Browser, path: str, headers: dict[str, str]
) -> None:
    browser = victim
    sent = {"csrf": browser.csrf, "login": "ndrc", "password": PASSWORD}
    answer = browser.client.post(path, data=sent, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert browser.get("/tasks").status_code == 200
    if path.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_with_a_token_that_is_not_its_sessions(people: People) -> None:
    browser, other = people.browser("ndrc"), people.browser("ndrc")
    for token in ("", "x", other.csrf, masked(csrf_of("")), browser.csrf[:-8], "字" * 99, "=" * 99):
        answer = browser.client.post(PAGE, data={"csrf": token})
        assert answer.status_code == 403, token
    assert browser.client.post(PAGE, data={"csrf": browser.csrf}).status_code == 200


def test_a_cookie_that_was_set_beforehand_is_not_adopted(people: People) -> None:
    browser = Browser(people.site)
    browser.client.cookies.set(COOKIE, "fixed-by-somebody-else-0123456789-0123456789")
    assert browser.sign_in("ndrc").status_code == 303
    (mine,) = {c.value for c in browser.client.cookies.jar if c.domain != ""} - {None}
    assert mine != "fixed-by-somebody-else-0123456789-0123456789"
    before, answer = mine, browser.sign_in("ndrc")
    assert _cookie_of(answer) != before


def test_a_password_change_ends_what_was_before(people: People) -> None:
    people.add("changing", Role.NDRC, None)
    one, two = people.browser("changing"), people.browser("changing")
    accounts = people.site.house.accounts
    person = accounts.person_of_session(one.cookie, now())
    assert person is not None
    opened = accounts.change_password(person, PASSWORD, "another good 口令 here", "", "", now())
    assert opened.key not in (one.cookie, two.cookie)
    assert [one.get("/tasks").status_code, two.get("/tasks").status_code] == [303, 303]


def _cookie_of(answer: httpx.Response) -> str:
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert found, answer.headers
    return found[1]


def test_cookies_are_kept_from_scripts_and_other_sites(stack: Stack, people: People) -> None:
    flags = Browser(people.site).sign_in("ndrc").headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" not in flags
    assert "domain=" not in flags
    with stack.console(console_url="https://console.example") as site:
        answer = Browser(site).sign_in("ndrc")
        assert "; secure" in answer.headers["set-cookie"].lower()
        assert "max-age=" in answer.headers["strict-transport-security"]


def _answers(people: People) -> Iterator[tuple[str, httpx.Response]]:
    visitor, api, browser = people.api(None), people.api("ndrc"), people.browser("ndrc")
    yield "page", browser.get("/tasks")
    yield "redirect", visitor.get("/tasks")
    yield "sign-in", visitor.get("/sign-in")
    yield "not found", visitor.get("/nowhere")
    yield "forbidden", browser.client.post(PAGE)
    yield "sheet", browser.get("/centers/export.xlsx")
    yield "file", visitor.get("/static/console.css")
    yield "no file", visitor.get("/static/none.css")
    yield "json", api.get("/api/v1/tasks")
    yield "problem", visitor.get("/api/v1/tasks")
    yield "document", visitor.get("/api/openapi.json")
    yield "too large", visitor.post(SESSION, content=b"x" * (LARGEST_BODY + 1))
    yield "foreign", visitor.post("/sign-in", headers={"origin": "https://evil.example"})
    yield "method", visitor.put("/tasks")
    yield "health", visitor.get("/health")


def test_security_headers_on_every_kind_of_answer(people: People) -> None:
    for kind, answer in _answers(people):
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (kind, name)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "*" not in policy
        if kind not in ("file", "no file"):
            assert (
                "no-store" in answer.headers["cache-control"]
                or "private" in (answer.headers["cache-control"])
            ), kind
        assert "server" not in answer.headers


def test_an_error_of_ours_keeps_the_headers_and_tells_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(people.site.house.accounts), "may_see", fail)
    for client, path in (
        (people.api("ndrc"), f"/api/v1/centers/{OWN.code}"),
        (people.browser("ndrc").client, f"/centers/{OWN.code}"),
    ):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert answer.headers.get("x-content-type-options") == "nosniff"
        assert answer.headers.get("content-security-policy")


BODIES: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("no json", b"{"),
    ("deep", b'{"data":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
    ("deep list", b"[" * 200_000),
    ("huge number", b'{"data":{"text":' + b"9" * 5_000 + b"}}"),
    ("huge exponent", b'{"data":{"text":1e999999}}'),
    ("NaN", b'{"data":{"text":NaN}}'),
    ("Infinity", b'{"data":{"text":-Infinity}}'),
    ("invalid UTF-8", b'{"data":{"text":"\xff\xfe"}}'),
    ("lone surrogate", b'{"data":{"text":"\\ud800"}}'),
    ("NUL", b'{"data":{"text":"a\\u0000b"}}'),
    ("NUL in id", b'{"decision_id":"a\\u0000b","data":{"text":"x"}}'),
    ("surrogate in id", b'{"decision_id":"\\ud800","data":{"text":"x"}}'),
    ("NUL in remarks", b'{"remarks":"a\\u0000b","data":{"text":"x"}}'),
    ("surrogate in remarks", b'{"remarks":"\\udc00","data":{"text":"x"}}'),
    ("surrogate key", b'{"data":{"\\ud800":"x","text":"x"}}'),
    ("NUL key", b'{"data":{"\\u0000":"x","text":"x"}}'),
    ("many fields", json.dumps({"data": {f"f{n}": n for n in range(20_000)}}).encode()),
    ("list", b"[]"),
    ("text", b'"x"'),
    ("null", b"null"),
    ("twice", b'{"data":{"text":1},"data":[]}'),
]


@pytest.mark.parametrize("path", [NOTE, "/api/v1/centers", SESSION])
@pytest.mark.parametrize(("what", "body"), BODIES, ids=[name for name, _ in BODIES])
def test_bodies_that_nobody_means_well_with(
    people: People, what: str, body: bytes, path: str
) -> None:
    api = people.api(None if path == SESSION else "ndrc")
    headers = {"content-type": "application/json"}
    answer = api.post(path, content=body, headers=headers)
    assert 400 <= answer.status_code < 500, (what, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json", what
    assert answer.json()["status"] == answer.status_code


def test_bodies_that_are_too_large(people: People) -> None:
    api, browser = people.api("ndrc"), people.browser("ndrc")
    chunk = b"x" * 65_536

    def chunks() -> Iterator[bytes]:
        yield from (chunk for _ in range(LARGEST_BODY // len(chunk) + 2))

    for path, client in ((NOTE, api), (SESSION, api), (PAGE, browser.client), ("/sign-in", api)):
        for body in (b"x" * (LARGEST_BODY + 1), chunks()):
            answer = _tolerant(client, path, body)
            assert answer is None or answer.status_code in (413, 422, 403, 401), (path, answer)
    chunked = _tolerant(api, NOTE, chunks())
    assert chunked is None or chunked.status_code == 413
    declared = api.post(NOTE, content=b"x" * (LARGEST_BODY + 1))
    assert declared.status_code == 413
    assert declared.headers["content-type"] == "application/problem+json"
    many = browser.client.post(PAGE, data={f"f{n}": "x" for n in range(3_000)})
    assert many.status_code in (400, 403, 413, 422)
    assert people.site.client().get("/health").status_code == 200


def _tolerant(client: httpx.Client, path: str, body: Any) -> httpx.Response | None:
    """The answer, or None where the connection was cut before it could be read."""
    try:
        return client.post(path, content=body, headers={"content-type": "application/json"})
    except httpx.TransportError:
        return None


def _raw(site: Site, *lines: str | bytes, body: bytes = b"") -> bytes:
    """What comes back for bytes that no client would send."""
    where = urlsplit(site.address)
    with socket.create_connection((where.hostname, where.port), 10) as wire:
        sent = [line if isinstance(line, bytes) else line.encode("latin-1") for line in lines]
        wire.sendall(b"\r\n".join(sent) + b"\r\n\r\n" + body)
        wire.settimeout(10)
        got = b""
        while chunk := wire.recv(65_536):
            got += chunk
    return got


PATHS = [
    "/static/../guarding.py",
    "/static/..%2fguarding.py",
    "/static/..%252fguarding.py",
    "/static/%2e%2e/guarding.py",
    "/static/....//guarding.py",
    "/static//etc/passwd",
    "/static/..\\guarding.py",
    "/static/console.css%00.py",
    "/static/",
    "/static",
    "/static/sub/console.css",
    "/static/CONSOLE.CSS",
    "//evil.example/tasks",
    "/centers/%00",
    "/centers/..",
    "/centers/..%2f..%2fetc%2fpasswd",
    "/centers/" + "x" * 5_000,
    "/centers/%F0%9F%98%80",
    "/centers/%ED%A0%80",
    "/centers/%ff",
    f"/centers/{OWN.code}.",
    f"/centers/{OWN.code}%20",
    f"/centers/{OWN.code}/",
    f"/centers/{OWN.code.lower()}",
    f"/centers/{OWN.code}%0d%0aSet-Cookie:%20x=1",
    f"/centers/{OWN.code}/acts/supervision.note/..",
    f"/centers/{OWN.code}/acts/" + "x" * 2_000,
    f"/centers/{OWN.code}/acts/supervision.note/%00",
    f"/centers/{OWN.code}/decisions/%00",
    f"/centers/{OWN.code}/decisions/%ED%A0%80",
    "/tasks%00",
    "/TASKS",
]


def test_paths_that_lead_nowhere(people: People) -> None:
    token = people.token("ndrc")
    cookie = people.browser("ndrc").cookie
    for path in PATHS:
        for prefix in ("", "/api/v1"):
            got = _raw(
                people.site,
                f"GET {prefix}{path} HTTP/1.1",
                "Host: console",
                f"Authorization: Bearer {token}",
                f"Cookie: {COOKIE}={cookie}",
                "Connection: close",
            )
            status = int(got.split(b" ", 2)[1])
            assert status < 500, (prefix + path, got[:300])
            assert b"import annotations" not in got, path
            assert b"root:" not in got, path
            assert b"\r\nset-cookie: x" not in got.lower(), path
            if path.startswith("/static"):
                assert status in (400, 404, 307, 303), (path, status)


TARGETS = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/tasks\r\nSet-Cookie: x=1",
    "http:evil.example",
    "/ /evil.example",
    " //evil.example",
    "/%09/evil.example",
    "",
]


@pytest.mark.parametrize("target", TARGETS)
def test_nobody_is_sent_to_another_site(people: People, target: str) -> None:
    browser = Browser(people.site)
    signed_in = browser.client.post(
        "/sign-in", data={"login": "ndrc", "password": PASSWORD, "next": target}
    )
    switched = browser.post("/language", language="zh", back=target)
    for answer in (signed_in, switched):
        assert answer.status_code == 303
        where = answer.headers["location"]
        assert where.startswith("/")
        assert not re.match(r"/[/\\\s]", where), where
        assert not urlsplit(where).netloc
        assert "x=1" not in answer.headers.get("set-cookie", "")
    shown = people.api(None).get("/sign-in", params={"next": target})
    assert 'value="/tasks"' in shown.text or quote(target) not in shown.text
    assert "javascript:" not in shown.text


def test_another_hosts_name_leads_nobody_astray(people: People) -> None:
    for name in ("evil.example", "evil.example:80@console", "console/evil"):
        answer = people.api(None).get("/tasks", headers={"host": name})
        assert "evil" not in answer.headers.get("location", "")
        page = people.browser("ndrc").client.get("/tasks", headers={"x-forwarded-host": name})
        assert "evil" not in page.text


def test_a_method_is_what_it_is(people: People) -> None:
    browser = people.browser("ndrc")
    overriding = {"x-http-method-override": "DELETE", "x-method-override": "DELETE"}
    api = people.api("ndrc")
    assert api.get(SESSION, headers=overriding).status_code == 200
    assert api.get(SESSION, params={"_method": "DELETE"}).status_code == 200
    assert api.get(SESSION).status_code == 200
    for method in ("HEAD", "OPTIONS", "TRACE", "PROPFIND", "DELETE", "PUT"):
        for client, path in ((browser.client, "/tasks"), (api, "/api/v1/tasks"), (api, NOTE)):
            answer = client.request(method, path)
            assert answer.status_code in (200, 404, 405), (method, path)
            if answer.status_code == 405:
                assert answer.headers["allow"], (method, path)
            assert "access-control-allow-origin" not in answer.headers
    assert browser.client.request("HEAD", "/sign-out").status_code in (404, 405)
    assert browser.get("/tasks").status_code == 200


def test_the_name_of_a_download_cannot_carry_a_header(people: People) -> None:
    browser = people.browser("ndrc")
    for path in ("/centers/export.xlsx", "/deadlines/export.xlsx"):
        answer = browser.client.get(path, params={"q": "a\r\nX-Evil: 1", "unit": '"; x="'})
        assert answer.status_code == 200
        assert "x-evil" not in answer.headers
        assert answer.headers["content-disposition"].startswith("attachment; ")


def test_the_wire_is_read_strictly(people: People) -> None:
    """Requests that two readers could take for different ones are refused."""
    both = _raw(
        people.site,
        "POST /api/v1/session HTTP/1.1",
        "Host: console",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        "Connection: close",
        body=b"0\r\n\r\n",
    )
    assert both.split(b" ", 2)[1][:1] == b"4", both[:200]
    negative = _raw(
        people.site,
        "POST /api/v1/session HTTP/1.1",
        "Host: console",
        "Content-Length: -1",
        "Connection: close",
    )
    assert negative.split(b" ", 2)[1][:1] == b"4", negative[:200]
