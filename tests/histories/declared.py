"""What docs/changes.md declares: patches, and differences in lives that earlier releases began."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import neiic

CHANGES = Path(__file__).parents[2] / "docs" / "changes.md"
WORKFLOWS = Path(neiic.__file__).parent / "workflows"


class Difference(NamedTuple):
    """Lines of some histories' fingerprints that may differ, since a patch guards the change."""

    histories: str
    commands: str
    patch: str

    def covers(self, history: str, line: str) -> bool:
        """Whether this line of this history (``0.1.0/05-two-strikes-run2``) may differ."""
        return fnmatchcase(history, self.histories) and line.startswith(self.commands)


def declared_differences(text: str) -> list[Difference]:
    return [
        Difference(*cells[:3]) for cells in _rows(text, "| histories | commands | patch | why |")
    ]


def declared_patches(text: str) -> set[str]:
    return {cells[0] for cells in _rows(text, "| patch | since | what it guards |")}


def _rows(text: str, heading: str) -> Iterator[list[str]]:
    lines = iter(text.splitlines())
    for line in lines:
        if line.strip() != heading:
            continue
        next(lines, None)
        for row in lines:
            if not row.startswith("|"):
                break
            yield [cell.strip().strip("`") for cell in row.strip().strip("|").split("|")]


def patches_in_code() -> set[str]:
    """Every id with which workflow code asks ``patched`` or ``deprecate_patch``."""
    found: set[str] = set()
    for file in WORKFLOWS.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and re.search(
                r"\b(patched|deprecate_patch)$", ast.unparse(node.func)
            ):
                [asked] = node.args
                found.add(
                    asked.value if isinstance(asked, ast.Constant) else named[ast.unparse(asked)]
                )
    return found
