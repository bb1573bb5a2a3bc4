"""Keys that open something: 256 random bits, handed out once, kept as their SHA-256.

Random keys need no slow hash: nobody guesses one, so its digest tells nothing of it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

#: By which a token of the API is known in texts, for people and for secret scanners.
PREFIX = "neiic_"
_LONGEST = 128


def new_cookie() -> str:
    """A key for a cookie."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """A key for the API."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(key: str) -> str | None:
    """What is kept of a key; None for what can be none."""
    if not 40 <= len(key) <= _LONGEST or not key.isascii():
        return None
    return hashlib.sha256(key.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """The word that a form of this browser carries; it tells nothing of the cookie.

    Derived, not stored: also a browser that is not signed in yet has one, of its own cookie.
    """
    return hmac.new(cookie.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def csrf_fits(cookie: str, given: str) -> bool:
    """Whether a form came from a page that this browser was given."""
    said = given.encode("utf-8", "replace")
    return bool(cookie) and hmac.compare_digest(csrf_of(cookie).encode(), said)
