"""Tests that need what a machine may lack are left out there: told loudly at the end, and refused where `CI` is set."""

import os
import shutil
from collections import Counter

import pytest

_SKIPPED = "Skipped: "
_NOT_INSTALLED = "not installed: "


def needs(program: str) -> pytest.MarkDecorator:
    """Leave a test out where this program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=not_installed(program))


def not_installed(what: str) -> str:
    """The reason of a test that is left out for want of something that could be installed, and so is there in CI."""
    return f"{_NOT_INSTALLED}{what}"


class LeftOut:
    """Counts what did not run, by its reason."""

    def __init__(self) -> None:
        self._reasons = Counter[str]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that was left out."""
        if report.skipped and isinstance(report.longrepr, tuple):
            self._reasons[report.longrepr[2].removeprefix(_SKIPPED)] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In CI a run without what could have been installed is a failed one."""
        if os.environ.get("CI") and any(reason.startswith(_NOT_INSTALLED) for reason in self._reasons):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was not tried."""
        for reason, count in sorted(self._reasons.items()):
            tests = "1 test" if count == 1 else f"{count} tests"
            terminalreporter.write_line(f"NOT RUN: {tests}; {reason}", yellow=True, bold=True)
