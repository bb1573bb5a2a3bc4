"""``neiic dev`` as its users run it, and the commands that they type."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from neiic.starter.ports import free_port
from neiic.statute.terms import Role

BIN = Path(sys.executable).parent
PROJECT = Path(__file__).parents[2]
CODE = "NEIIC-2026-001"


@dataclass
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Stack:
    """``neiic dev`` as a process of its own, and commands that talk to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.ui_port, self.console_port = free_port(), free_port(), free_port()
        #: Of the demo users, as they were told at the first start.
        self.passwords: dict[str, str] = {}
        self.environment = {
            **os.environ,
            "NEIIC_DATA_DIR": str(folder),
            "NEIIC_TEMPORAL_ADDRESS": f"127.0.0.1:{self.port}",
        }
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it and wait for its ``ready`` line."""
        self.process = subprocess.Popen(
            [
                BIN / "neiic",
                "dev",
                "--data",
                self.folder,
                "--temporal-port",
                str(self.port),
                "--ui-port",
                str(self.ui_port),
                "--console-port",
                str(self.console_port),
                "--examples",
                PROJECT / "examples",
            ],
            stdout=subprocess.PIPE,
            stderr=(self.folder / "dev.log").open("a"),
            text=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            words = line.split()
            if words and words[0] in set(map(str, Role)):
                self.passwords[words[0]] = words[1]
            if line.startswith("ready"):
                return line
        raise AssertionError((self.folder / "dev.log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def neiic(self, *words: str) -> Ran:
        return self._run(BIN / "neiic", *words)

    def temporal(self, *words: str) -> Ran:
        return self._run(BIN / "temporal", *words, "--address", f"127.0.0.1:{self.port}")

    def _run(self, *command: str | Path) -> Ran:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def console(self, login: str) -> httpx.Client:
        """A client of the API, signed in as a demo user."""
        address = f"http://127.0.0.1:{self.console_port}/api/v1"
        given = {"name": login, "password": self.passwords[login]}
        opened = httpx.post(f"{address}/session", json=given).raise_for_status().json()
        signed_in = {"Authorization": f"Bearer {opened['token']}"}
        return httpx.Client(base_url=address, timeout=30, headers=signed_in)

    def counted(self, query: str) -> int:
        """How many workflows the server lists for a query."""
        return int(re.search(r"\d+", self.temporal("workflow", "count", "-q", query).out)[0])  # type: ignore[index]

    def show(self, code: str) -> Any:
        return self.neiic("center", "show", code, "--json").json()
