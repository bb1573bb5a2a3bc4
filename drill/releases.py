"""Which commit is the previous release, by the history of the file that holds the version."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from drill import DrillError

VERSION_FILE = "src/neiic/__init__.py"

_VERSION = re.compile(r"""^__version__ = ["'](\d+(?:\.\d+)*)["']""", re.MULTILINE)

WAY_OUT = (
    "If the history was cut off, fetch the rest (git fetch --unshallow); or name the commit of"
    " the previous release (python -m drill --previous COMMIT)."
)


class ReleaseCommit(NamedTuple):
    """A release and the last commit at which the code called itself so."""

    version: str
    sha: str


def git(repository: Path, *arguments: str) -> str:
    """What git prints. Raises DrillError with git's own words."""
    # A hook's GIT_DIR would send the question to another repository.
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        ran = subprocess.run(
            ["git", "-C", str(repository), *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )
    except FileNotFoundError:
        raise DrillError("the drill needs git to find the previous release; install it") from None
    if ran.returncode:
        raise DrillError(f"git {' '.join(arguments[:2])}: {ran.stderr.strip()}")
    return ran.stdout


def version_in(text: str, where: str) -> str:
    """The version that the text of the version file states. Raises DrillError if it has none."""
    found = _VERSION.search(text)
    if found is None:
        raise DrillError(f"{where} states no __version__ of the form 1.2.3")
    return found[1]


def today(repository: Path) -> str:
    """The version of the working tree."""
    path = repository / VERSION_FILE
    try:
        return version_in(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise DrillError(f"{path} cannot be read: {error.strerror}") from None


def named_release(repository: Path, commit: str) -> ReleaseCommit:
    """The release at a commit that the user named."""
    try:
        sha = git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").strip()
    except DrillError:
        raise DrillError(f"--previous {commit}: there is no such commit here") from None
    return ReleaseCommit(_version_at(repository, sha), sha)


def previous_release(repository: Path) -> ReleaseCommit:
    """The last commit whose version was lower than today's, on the line of first parents.

    Raises DrillError where the history does not reach back so far, or the version fell.
    """
    now = today(repository)
    touched = git(repository, "log", "--first-parent", "--format=%H", "--", VERSION_FILE).split()
    before = git(repository, "rev-parse", "HEAD").strip()
    for commit in (None, *touched):
        if commit is not None:
            before = _parent(repository, commit, now)
        version = _version_at(repository, before)
        if version == now:
            continue
        if _order(version) > _order(now):
            raise DrillError(f"today's version {now} is lower than {version} of the commit before")
        return ReleaseCommit(version, before)
    raise DrillError(f"the git history knows of no release before {now}. {WAY_OUT}")


def _parent(repository: Path, commit: str, now: str) -> str:
    try:
        return git(repository, "rev-parse", "--verify", "--quiet", f"{commit}^1").strip()
    except DrillError:
        raise DrillError(
            f"the git history ends at {commit[:12]}, where the version is {now} already:"
            f" no release before it is there. {WAY_OUT}"
        ) from None


def _version_at(repository: Path, sha: str) -> str:
    where = f"{VERSION_FILE} of commit {sha[:12]}"
    try:
        text = git(repository, "show", f"{sha}:{VERSION_FILE}")
    except DrillError:
        raise DrillError(f"there is no {where}. {WAY_OUT}") from None
    return version_in(text, where)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
