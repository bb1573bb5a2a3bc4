"""Passwords: which will do, how they are kept, and how one is made.

As NIST SP 800-63B has it: long enough and not easily guessed; no rules about kinds of signs.
"""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from neiic.console.accounts.faults import FaultError, invalid

SHORTEST, LONGEST = 12, 128

#: OWASP's minimum for argon2id: 19 MiB and two passes, some 20 ms of one core.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

#: What a login without a password is compared with, so that it takes as long as any other: the
#: hash of random bits that nobody kept. Made once, since making it takes as long as comparing.
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$BPhMJQcezKaBEaWq3su4eQ$"
    "uJnaH7w7sagO5i4e8kNxI60FKytUo0hEy2ZNyniY9Qk"
)

#: Signs that cannot be mistaken for one another when read aloud or from paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"

#: What people take first when twelve signs are asked for.
_COMMON = frozenset({
    "administrator", "admin1234567", "adminadminadmin", "password1234", "password12345",
    "password123456", "passwordpassword", "p@ssw0rd1234", "passw0rd1234", "welcome12345",
    "letmein12345", "iloveyou1234", "changeme1234", "changemechangeme", "qwerty123456",
    "qwertyuiop123", "abc123456789", "abcd12345678", "a12345678901", "1q2w3e4r5t6y",
    "1qaz2wsx3edc", "qazwsxedcrfv", "zaq12wsxcde3", "woaini1314520", "woaini5201314",
    "5201314520131", "woaizhongguo", "zhongguo1949", "beijing2008beijing", "neiicneiicneiic",
    "fagaiwei1234", "fagaiwei12345", "trustno1trustno1", "monkey123456", "dragon123456",
})  # fmt: skip

_ROWS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
)


def check_password(password: str, login: str, field: str = "password") -> None:
    """Nothing, if the password will do for this login; else a FaultError that says why not."""
    found = _fault(_plain(password), login.lower(), field)
    if found is not None:
        raise found


def _fault(password: str, login: str, field: str) -> FaultError | None:
    if len(password) < SHORTEST:
        return invalid(field, f"至少 {SHORTEST} 位", f"needs at least {SHORTEST} characters")
    if len(password) > LONGEST:
        return invalid(field, f"至多 {LONGEST} 位", f"takes at most {LONGEST} characters")
    low = password.lower()
    rest = low.replace(login, "") if len(login) > 3 else low
    if low == login or len(rest) < SHORTEST // 2:
        return invalid(field, "不能是登录名", "must not be the login")
    if low in _COMMON or _is_pattern(low):
        return invalid(
            field,
            "太常见或太有规律，请换一个，例如几个不相干的词",
            "is too common or follows a pattern; take another, such as some unrelated words",
        )
    return None


def _is_pattern(password: str) -> bool:
    """Few signs, a short piece repeated, or a walk along the alphabet, digits or keyboard."""
    if len(set(password)) < 5:
        return True
    for length in range(1, 7):
        piece = password[:length]
        if (piece * (len(password) // length + 1))[: len(password)] == password:
            return True
    return any(password in row * 3 or password in row[::-1] * 3 for row in _ROWS)


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    return _HASHER.hash(_bytes(password))


def fits(stored: str | None, password: str) -> bool:
    """Whether this is the password; takes as long where there is none (``stored`` is None)."""
    try:
        _HASHER.verify(stored if stored is not None else _NOBODY, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than are used today."""
    return _HASHER.check_needs_rehash(stored)


def generate_password() -> str:
    """Twenty random signs in groups, some 99 bits, easily read from a screen."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(4))


def _plain(password: str) -> str:
    # The same password typed on another keyboard must be the same signs.
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    # Nobody's password is longer, and nobody makes us hash a megabyte.
    return _plain(password[: LONGEST * 4]).encode("utf-8", "surrogatepass")
