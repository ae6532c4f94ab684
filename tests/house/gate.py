"""What a whole run of the tests must reach besides passing; loaded by scripts/test.

Coverage of the rooms that must not fail silently, and in CI no skipped test: a skip there is a
hole, unless its reason says that only this machine cannot run the test.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

MINIMUMS = {"activitypub": 90, "inbox": 90, "outbox": 80, "domain": 80}
ALLOWED_SKIP = "on this machine:"
LONGEST = (
    "demo/test_check.py",
    "demo/test_player.py",
    "doors/test_page_addresses.py",
    "doors/test_stored_markup.py",
    "web/pages/test_pages_in_browser.py",
    "web/frame/test_browser.py",
    "convergence/test_all_orders.py",
    "convergence/test_partitions.py",
    "cli/test_serve_command.py",
)
"""Files that take longest: they begin, so that no worker is left with one of them at the end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--coverage-minimums",
        metavar="FILE",
        type=Path,
        help="the JSON report of coverage, to be held against the minimum of each package",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Gate(config.getoption("coverage_minimums")), "house-gate")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    name = "/".join(item.path.parts)
    return next((n for n, file in enumerate(LONGEST) if name.endswith(file)), len(LONGEST))


def covered(report: dict[str, Any], package: str) -> float | None:
    """Per cent of the statements and branches of a package that ran; None if it has none."""
    reached = missed = 0
    for path, file in report["files"].items():
        if Path(path).parts[:2] == ("fedcop", package):
            of = file["summary"]
            reached += of["covered_lines"] + of["covered_branches"]
            missed += of["missing_lines"] + of["missing_branches"]
    return 100 * reached / (reached + missed) if reached + missed else None


def shortfalls(report: dict[str, Any]) -> list[str]:
    """A sentence for each package that is covered less than its minimum."""
    found = ((p, covered(report, p), least) for p, least in MINIMUMS.items())
    return [
        f"fedcop/{package} is covered {share:.1f} %, and {least} % is its minimum: "
        "test what the table above lists as missing"
        for package, share, least in found
        if share is not None and share < least
    ]


@dataclass
class Gate:
    """Holds a finished run against the rules, and fails it with a sentence for each broken one."""

    coverage: Path | None
    skipped: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.note_skip(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.note_skip(report)

    def note_skip(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED_SKIP):
            self.skipped.append(f"{report.nodeid} was skipped: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if os.environ.get("CI") == "true":
            self.complaints += self.skipped
        if self.coverage is not None:
            if self.coverage.exists():
                self.complaints += shortfalls(json.loads(self.coverage.read_text()))
            elif exitstatus == pytest.ExitCode.OK:
                self.complaints.append(f"coverage wrote no report to {self.coverage}")
        if self.complaints and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.complaints:
            terminalreporter.section("the house", red=True)
            for complaint in self.complaints:
                terminalreporter.line(complaint)
