"""The previous release is found in the git history, wherever its last commit lies."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from drill import DrillError
from drill.releases import VERSION_FILE, named_release, previous_release


class Repository:
    """A scratch repository with nothing but a version file and notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        ran = subprocess.run(
            ["git", "-C", str(self.folder), *who, *words],
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.strip()

    def commit(self, what: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", what)
        return self.git("rev-parse", "HEAD")

    def version(self, version: str) -> str:
        path = self.folder / VERSION_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""Doc."""\n\n__version__ = "{version}"\n')
        return self.commit(f"Version {version}")

    def note(self, name: str) -> str:
        (self.folder / name).write_text(name)
        return self.commit(name)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_it_is_the_last_commit_of_the_version_before(repository: Repository) -> None:
    repository.version("0.1.0")
    repository.note("first")
    last = repository.note("last of 0.1.0")
    repository.version("0.2.0")
    repository.note("later")
    assert previous_release(repository.folder) == ("0.1.0", last)


def test_earlier_releases_are_passed_over(repository: Repository) -> None:
    repository.version("0.9.0")
    repository.version("0.10.0")
    last = repository.note("last of 0.10.0")
    repository.version("1.0.0")
    assert previous_release(repository.folder) == ("0.10.0", last)


def test_other_edits_of_the_file_are_no_release(repository: Repository) -> None:
    last = repository.version("0.1.0")
    repository.version("0.2.0")
    path = repository.folder / VERSION_FILE
    path.write_text(path.read_text().replace("Doc", "Documentation"))
    repository.commit("Words")
    assert previous_release(repository.folder) == ("0.1.0", last)


def test_a_version_that_came_by_a_merge(repository: Repository) -> None:
    repository.version("0.1.0")
    repository.git("checkout", "--quiet", "-b", "release")
    repository.version("0.2.0")
    repository.git("checkout", "--quiet", "main")
    last = repository.note("on main meanwhile")
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "release")
    assert previous_release(repository.folder) == ("0.1.0", last)


def test_a_version_that_is_not_committed_yet(repository: Repository) -> None:
    last = repository.version("0.1.0")
    (repository.folder / VERSION_FILE).write_text('__version__ = "0.2.0"\n')
    assert previous_release(repository.folder) == ("0.1.0", last)


def test_without_a_release_before_the_way_out_is_said(repository: Repository) -> None:
    repository.version("0.1.0")
    repository.note("more")
    with pytest.raises(DrillError, match=r"git fetch --unshallow.*--previous COMMIT"):
        previous_release(repository.folder)


def test_a_shallow_clone_says_the_way_out(repository: Repository, tmp_path: Path) -> None:
    repository.version("0.1.0")
    repository.version("0.2.0")
    shallow = tmp_path / "shallow"
    source = repository.folder.as_uri()
    repository.git("clone", "--quiet", "--depth", "1", source, str(shallow))
    with pytest.raises(DrillError, match="git fetch --unshallow"):
        previous_release(shallow)


def test_outside_of_git_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / VERSION_FILE
    path.parent.mkdir(parents=True)
    path.write_text('__version__ = "0.2.0"\n')
    with pytest.raises(DrillError, match="not a git repository"):
        previous_release(tmp_path)


def test_a_version_that_fell(repository: Repository) -> None:
    repository.version("0.2.0")
    repository.version("0.1.0")
    with pytest.raises(DrillError, match="lower"):
        previous_release(repository.folder)


def test_a_named_commit(repository: Repository) -> None:
    first = repository.version("0.1.0")
    repository.version("0.2.0")
    assert named_release(repository.folder, "HEAD~1") == ("0.1.0", first)
    with pytest.raises(DrillError, match="no such commit"):
        named_release(repository.folder, "HEAD~7")
