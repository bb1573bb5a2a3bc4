"""``neiic user``: as its users run it, within this process."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from neiic.activities.database import connect
from neiic.console.accounts.accounts import Accounts
from neiic.console.accounts.sessions import Opened
from neiic.migrations import migrate
from neiic.starter.main import run

UNIT = "宁夏发改委"


class Line:
    """The command line over a migrated database of its own."""

    def __init__(
        self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        url = f"sqlite:///{folder / 'neiic.db'}"
        migrate(url)
        patch.setenv("NEIIC_DATABASE_URL", url)
        self._patch, self._capture = patch, capture
        self.engine = connect(url)
        self.accounts = Accounts(self.engine)

    def __call__(self, *words: str, typed: str = "", code: int = 0) -> str:
        self._patch.setattr("sys.stdin", io.StringIO(typed))
        self._capture.readouterr()
        assert run(["user", *words]) == code
        said = self._capture.readouterr()
        return said.out + said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def enters(self, login: str, password: str) -> bool:
        answer = self.accounts.sign_in(login, password, "", "", datetime.now(UTC))
        return isinstance(answer, Opened)


@pytest.fixture
def neiic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Line]:
    line = Line(tmp_path, monkeypatch, capsys)
    yield line
    line.engine.dispose()


def add_li(neiic: Line) -> None:
    neiic("add", "li.si", "--name", "李四", "--role", "competent", "--unit", UNIT)


def secret_in(said: str, shape: str) -> str:
    found = re.findall(rf"^{shape}$", said, re.MULTILINE)
    assert len(found) == 1, said
    return str(found[0])


GENERATED = r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}"


def test_a_user_is_added_with_a_password_that_is_printed_once(neiic: Line) -> None:
    said = neiic("add", "Li.Si", "--name", "李四", "--role", "competent", "--unit", UNIT)
    assert "new unit" in said
    assert neiic.enters("li.si", secret_in(said, GENERATED))
    [user] = neiic.json("list")
    assert (user["login"], user["name"], user["must_change"]) == ("li.si", "李四", True)
    assert [(one["role"], one["unit"]) for one in user["grants"]] == [("competent", UNIT)]
    assert "password" not in user
    assert "李四" in neiic("list")


def test_a_password_is_read_from_standard_input(neiic: Line) -> None:
    words = ("add", "boss", "--name", "Boss", "--role", "ndrc", "--password-stdin")
    said = neiic(*words, typed="short\n", code=2)
    assert "password" in said
    assert "12" in said
    said = neiic(*words, typed="correct horse battery\n")
    assert "shown once" not in said
    assert "horse" not in said
    assert neiic.enters("boss", "correct horse battery")


def test_added_again_it_says_what_was_done(neiic: Line) -> None:
    add_li(neiic)
    assert "now also acts as" in neiic("add", "li.si", "--role", "ndrc")
    assert "nothing was changed" in neiic("add", "li.si", "--role", "ndrc")
    said = neiic(
        "add", "li.si", "--role", "lead", "--unit", "甲公司", "--name", "王五", "--password-stdin",
        typed="correct horse battery\n",
    )  # fmt: skip
    assert "stay as they were" in said
    assert not neiic.enters("li.si", "correct horse battery")
    [user] = neiic.json("list")
    assert (user["name"], len(user["grants"])) == ("李四", 3)


@pytest.mark.parametrize(
    ("words", "field", "code"),
    [
        (["add", "x", "--name", "X", "--role", "ndrc"], "login", 2),
        (["add", "li.si", "--role", "ndrc"], "name", 2),
        (["add", "li.si", "--name", "X", "--role", "lead"], "unit", 2),
        (["add", "li.si", "--name", "X", "--role", "ndrc", "--unit", "甲"], "unit", 2),
        (["add", "li.si", "--name", "X", "--role", "king"], "king", 2),
        (["add", "li.si", "--name", "X", "--role", "ndrc", "--language", "fr"], "language", 2),
        (["disable", "nobody"], "nobody", 1),
        (["password", "nobody"], "nobody", 1),
        (["token", "nobody", "--name", "x"], "nobody", 1),
        (["unit", "rename", "甲", "乙"], "甲", 1),
        (["unit", "tie", "甲", "乙", "--note", "x"], "甲", 1),
        (["unit", "signing", "甲", "--on"], "甲", 1),
    ],
)
def test_what_does_not_fit_is_told(words: list[str], field: str, code: int, neiic: Line) -> None:
    said = neiic(*words, code=code)
    assert field in said
    assert "Traceback" not in said


def test_somebody_is_shut_out_and_let_in(neiic: Line) -> None:
    password = secret_in(neiic("add", "li.si", "--name", "李四", "--role", "ndrc"), GENERATED)
    neiic("disable", "LI.SI")
    assert not neiic.enters("li.si", password)
    assert "disabled" in neiic("list")
    neiic("enable", "li.si")
    assert neiic.enters("li.si", password)
    anew = secret_in(neiic("password", "li.si"), GENERATED)
    assert not neiic.enters("li.si", password)
    assert neiic.enters("li.si", anew)


def test_a_token_is_printed_once_and_only_reads_by_default(neiic: Line) -> None:
    add_li(neiic)
    key = secret_in(neiic("token", "li.si", "--name", "夜间同步"), r"neiic_[\w-]{43}")
    person = neiic.accounts.person_of_token(key, datetime.now(UTC))
    assert person is not None
    assert person.permits == {"read"}
    neiic("add", "li.si", "--role", "ndrc")
    assert "--role ndrc" in neiic("token", "li.si", "--name", "x", code=1)
    said = neiic("token", "li.si", "--name", "x", "--role", "ndrc", "--scope", "read",
                 "--scope", "act", "--days", "1")  # fmt: skip
    person = neiic.accounts.person_of_token(secret_in(said, r"neiic_[\w-]{43}"), datetime.now(UTC))
    assert person is not None
    assert (person.scope.role, person.permits) == ("ndrc", {"read", "act"})
    assert "scopes" in neiic("token", "li.si", "--name", "x", "--role", "ndrc",
                             "--scope", "fly", code=2)  # fmt: skip
    neiic("revoke", "li.si", "--role", "competent", "--unit", UNIT)
    assert neiic.accounts.person_of_token(key, datetime.now(UTC)) is None


def test_units_are_renamed_and_tied(neiic: Line) -> None:
    add_li(neiic)
    neiic("unit", "add", "丙机构", "--role", "assessor")
    neiic("unit", "rename", UNIT, "宁夏委")
    neiic("unit", "tie", UNIT, "丙机构", "--note", "挂靠")
    neiic("unit", "signing", "宁夏委", "--on")
    units = {unit["name"]: unit for unit in neiic.json("units")}
    assert units["宁夏委"]["former_names"] == [UNIT]
    assert units["宁夏委"]["ties"] == [{"unit": "丙机构", "note": "挂靠"}]
    assert units["宁夏委"]["signing"] == "irreversible"
    assert "挂靠" in neiic("units")
    neiic("unit", "untie", "丙机构", "宁夏委")
    neiic("unit", "signing", UNIT, "--off")
    assert all(not unit["ties"] and not unit["signing"] for unit in neiic.json("units"))
    assert "no action" in neiic("unit", "signing", UNIT, "--on", "--action", "fly", code=2)


def test_a_database_without_tables_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEIIC_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    assert run(["user", "list"]) == 1
    assert "neiic migrate" in capsys.readouterr().err
