"""What was not as it must be, all of it at the end and not only the first."""

from __future__ import annotations

import httpx


class Findings:
    """What was not as it must be, all of it at the end."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def expect(self, holds: object, route: object, answer: httpx.Response, wanted: object) -> None:
        if not holds:
            told = answer.text[:200].replace("\n", " ")
            self.found.append(f"{route}: {answer.status_code} instead of {wanted}: {told}")

    def settle(self) -> None:
        assert not self.found, "\n".join(self.found)

    def status(self, route: object, answer: httpx.Response, *wanted: int) -> None:
        self.expect(answer.status_code in wanted, route, answer, wanted)
