"""Which passwords will do, and how they are kept."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from neiic.console.accounts.faults import FaultError
from neiic.console.accounts.passwords import (
    _NOBODY,
    check_password,
    fits,
    generate_password,
    hash_password,
    is_outdated,
)


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevensigns",
        "x" * 129,
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "123456789012",
        "987654321098",
        "qwertyuiopasd",
        "ABCDEFGHIJKLM",
        "Password1234",
        "woaini1314520",
        "li.si.ningxia",
        "li.si.ningxia123",
        "LI.SI.NINGXIA",
        "1212121212121212",
        "ＰＡＳＳＷＯＲＤ１２３４",
    ],
)
def test_what_is_easily_guessed_will_not_do(password: str) -> None:
    with pytest.raises(FaultError) as caught:
        check_password(password, "li.si.ningxia")
    assert caught.value.kind == "invalid"
    assert caught.value.fault.field == "password"
    assert caught.value.fault.zh
    assert caught.value.fault.en


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "今天天气不错我们去爬山吧好不好", "gK7-2mmPQ4xz", "x y z 1 2 3 4 5!"],
)  # fmt: skip
def test_any_kind_of_signs_will_do(password: str) -> None:
    check_password(password, "li.si")


def test_a_generated_one_will_do_and_is_another_each_time() -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    for one in made:
        check_password(one, "li.si")


def test_only_the_password_fits_its_hash() -> None:
    stored = hash_password("correct horse battery")
    assert stored.startswith("$argon2id$")
    assert "correct" not in stored
    assert fits(stored, "correct horse battery")
    assert not fits(stored, "correct horse battery ")
    assert not fits(None, "correct horse battery")
    assert not fits("no hash", "correct horse battery")


def test_the_same_signs_of_another_keyboard_fit() -> None:
    assert fits(
        hash_password("ｃａｆé horse battery"), "cafe\N{COMBINING ACUTE ACCENT} horse battery"
    )


def test_no_text_breaks_it() -> None:
    for odd in ("\ud800" * 12, "\x00" * 12, "x" * 1_000_000, ""):
        assert not fits(hash_password("correct horse battery"), odd)


def test_nobodys_password_takes_as_long_as_anybodys() -> None:
    stored = hash_password("correct horse battery")

    def quickest(what: Callable[[], object]) -> float:
        # Of this process alone: other work on the machine takes none of it.
        taken = []
        for _ in range(5):
            began = time.process_time()
            what()
            taken.append(time.process_time() - began)
        return min(taken)

    somebody = quickest(lambda: fits(stored, "another horse"))
    nobody = quickest(lambda: fits(None, "another horse"))
    assert 0.5 < nobody / somebody < 2


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert is_outdated(PasswordHasher(time_cost=1, memory_cost=1024).hash("x"))
    assert not is_outdated(hash_password("x"))
    assert not is_outdated(_NOBODY)
