"""What the console's own data cannot take, told in both languages with the field's name."""

from __future__ import annotations

from typing import Any, Literal

from neiic.statute.forms import UNPRINTABLE, Fault

#: ``invalid``: the field does not fit. ``unknown``: there is no such thing, or not for this
#: person. ``conflict``: somebody was first, or it is not so any more. ``forbidden``: not for them.
Kind = Literal["invalid", "unknown", "conflict", "forbidden"]


LONGEST_LOGIN = 64


class FaultError(Exception):
    """Nothing was written; ``fault`` names the field and the way out."""

    def __init__(self, kind: Kind, field: str, zh: str, en: str) -> None:
        super().__init__(f"{field}: {en}")
        self.kind: Kind = kind
        self.fault = Fault(field, zh, en)


def invalid(field: str, zh: str, en: str) -> FaultError:
    """The field does not fit."""
    return FaultError("invalid", field, zh, en)


def unknown(field: str, zh: str, en: str) -> FaultError:
    """There is no such thing, or it is not this person's to know of."""
    return FaultError("unknown", field, zh, en)


def conflict(field: str, zh: str, en: str) -> FaultError:
    """Somebody was first, or it is not so any more."""
    return FaultError("conflict", field, zh, en)


def forbidden(field: str, zh: str, en: str) -> FaultError:
    """It is there, but not for this person to do."""
    return FaultError("forbidden", field, zh, en)


def words(field: str, text: str, longest: int, *, empty: bool = False) -> str:
    """The text without blanks at its ends. Raises FaultError: empty, too long, unprintable."""
    said = text.strip()
    if not said and not empty:
        raise invalid(field, "不能为空", "must not be empty")
    if len(said) > longest:
        raise invalid(field, f"超过 {longest} 字", f"is longer than {longest} characters")
    if UNPRINTABLE.search(said):
        raise invalid(field, "含无法保存的字符", "has characters that cannot be kept")
    return said


def can_be_kept(value: Any) -> bool:
    """Whether every text in a JSON value is printable, keys as well."""
    if isinstance(value, str):
        return UNPRINTABLE.search(value) is None
    if isinstance(value, dict):
        return all(can_be_kept(str(key)) and can_be_kept(one) for key, one in value.items())
    return all(map(can_be_kept, value)) if isinstance(value, list | tuple) else True


def typed_login(login: str) -> str:
    """A login as somebody typed it, fit to be looked up; what cannot be one finds nobody."""
    # One more than any login has: what is longer must not be taken for one that is not.
    return kept(login.strip().lower(), LONGEST_LOGIN + 1)


def kept(text: str, longest: int) -> str:
    """Whatever somebody sent, made printable and cut, so that it can be written down."""
    return UNPRINTABLE.sub("�", text)[:longest]
