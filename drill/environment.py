"""A release's code with an environment of its own, from which its programs are run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from drill import DrillError
from drill.releases import ReleaseCommit, git
from neiic.starter.folder import held

#: Seconds in which an environment is made: it downloads some fifty packages.
INSTALLING = 600

_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class Release:
    """A release that can be run: ``program`` is its ``neiic``."""

    version: str
    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def todays(version: str, tree: Path | None = None) -> Release:
    """Today's release in the environment that runs the drill; ``tree`` has its code elsewhere."""
    program = Path(sys.executable).parent / "neiic"
    return Release(version, program, {"PYTHONPATH": str(tree / "src")} if tree else {})


def prepared(repository: Path, commit: ReleaseCommit, cache: Path) -> Release:
    """The release at a commit, installed in the cache unless it is there already.

    Git's registration of the worktree is gone afterwards, so that the cache is a folder like
    any other and may be deleted at any time. Raises DrillError, naming the log, if the
    installation fails.
    """
    home = cache / commit.sha[:16]
    tree, done = home / "tree", home / "installed"
    with held(cache):
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            _check_out(repository, commit.sha, tree)
            _install(tree, home / "install.log")
            done.touch()
    return Release(commit.version, tree / ".venv" / "bin" / "neiic")


def _check_out(repository: Path, sha: str, tree: Path) -> None:
    checkout = tree.with_name("checkout")
    checkout.parent.mkdir(parents=True)
    git(repository, "worktree", "add", "--detach", "--force", str(checkout), sha)
    try:
        checkout.rename(tree)
    finally:
        git(repository, "worktree", "remove", "--force", "--force", str(checkout))
    (tree / ".git").unlink()


def _install(tree: Path, log: Path) -> None:
    with log.open("w") as output:
        try:
            code = subprocess.run(
                ["make", "install", f"PYTHON={sys.executable}"],
                cwd=tree,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=INSTALLING,
                check=False,
            ).returncode
        except FileNotFoundError:
            raise DrillError("the previous release is installed with make; install make") from None
        except subprocess.TimeoutExpired:
            code = -1
    if code:
        words = "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
        raise DrillError(f"the previous release does not install; {log} ends with:\n{words}")
