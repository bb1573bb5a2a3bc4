"""The seal on what a release has left: nobody edits an old one."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from neiic import __version__
from tests.histories.fingerprint import HISTORIES, kept_in

SEALS = HISTORIES / "SEALS"


def seal(release: str) -> str:
    """A digest of all that a release has recorded, names and contents."""
    digest = sha256()
    for path in [*sorted((HISTORIES / release).glob("*.json")), kept_in(release)]:
        digest.update(f"{path.name}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def seals() -> dict[str, str]:
    """The seals that were set, by release, oldest first."""
    lines = SEALS.read_text(encoding="utf-8").splitlines() if SEALS.exists() else []
    return dict(line.split() for line in lines)  # type: ignore[misc]


def set_seal(release: str) -> None:
    """Seal a release that has no seal yet."""
    if release in seals():
        raise SystemExit(f"{release} is sealed already; a release's set is never made anew")
    with SEALS.open("a", encoding="utf-8") as file:
        file.write(f"{release} {seal(release)}\n")


def recorded_releases() -> list[Path]:
    return sorted(path for path in HISTORIES.iterdir() if any(path.glob("*.json")))


if __name__ == "__main__":
    set_seal(sys.argv[1] if len(sys.argv) > 1 else __version__)
