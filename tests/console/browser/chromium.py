"""The browser of the tests: found, or installed where that is possible.

``python -m tests.console.browser.chromium`` (which ``make test`` runs first) says which one it
is. It ends well in any case: without a browser the tests are skipped, and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

VARIABLE = "NEIIC_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-wqy-microhei")
HOW = (
    f"install Chromium and a Chinese font (Debian: apt-get install {' '.join(PACKAGES)}),"
    f" or name the browser in {VARIABLE}"
)
#: Seconds that an installation may take.
PATIENCE = 600


def find() -> str | None:
    """Path of a Chromium: the one that is named, or one of those that are usual."""
    named = os.environ.get(VARIABLE)
    if named:
        return named if os.access(named, os.X_OK) else None
    return next(filter(None, map(shutil.which, NAMES)), None)


def has_chinese_font() -> bool:
    """Whether the pages can be read on screenshots."""
    listing = shutil.which("fc-list")
    if listing is None:
        return False
    asked = subprocess.run([listing, ":lang=zh"], capture_output=True, check=False)
    return bool(asked.stdout.strip())


@cache
def missing() -> str | None:
    """What is missing for the tests, and how to get it; None where nothing is."""
    named = os.environ.get(VARIABLE)
    if find() is None:
        return f"{VARIABLE}={named} is no program" if named else f"no Chromium: {HOW}"
    return None if has_chinese_font() else f"no Chinese font: {HOW}"


def _may_install() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists()


def _install() -> str | None:
    """Install both packages; answers what went wrong."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *PACKAGES],
    ):
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=quiet, timeout=PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{command[0]} {command[1]}: {error}"
        if done.returncode:
            return (done.stderr or done.stdout).strip()[-500:]
    missing.cache_clear()
    return None


def main() -> None:
    """Find or install, and say so."""
    lacking = missing()
    if lacking and _may_install():
        print(f"browser tests: {lacking.partition(':')[0]}; installing {' '.join(PACKAGES)} …")
        wrong = _install()
        lacking = missing()
        if wrong and lacking:
            print(f"browser tests: could not install: {wrong}", file=sys.stderr)
    if lacking:
        print(f"browser tests will be skipped: {lacking}", file=sys.stderr)
    else:
        print(f"browser tests: {find()}")


if __name__ == "__main__":
    main()
