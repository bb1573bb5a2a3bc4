"""What a whole run says at its end: each mutation, and the gate that caught it."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    caught = sorted(
        str(said)
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, said in report.user_properties
        if name == "mutation"
    )
    if caught:
        terminalreporter.section("mutations and the gates that caught them")
        for line in caught:
            terminalreporter.line(line)
