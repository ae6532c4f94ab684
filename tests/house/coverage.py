"""Measures which lines and branches of fedcop/ the tests reach; loaded by scripts/test.

By slipcover, whose probes are part of the bytecode: a traced interpreter took almost twice the
time for the whole run. Each worker hands its own figures to the first process, which writes the
report for the gate and prints what no test reaches.
"""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import slipcover

ROOT = Path(__file__).resolve().parent.parent.parent
_SOURCE = str(ROOT / "fedcop")
_NEVER = 2**31 - 1  # probes stay: taking them out swaps the code of functions that run
_PLACE = "fedcop_coverage"


def begin() -> slipcover.Slipcover:
    """Put probes in every module of fedcop/ that is imported from now on."""
    probes = slipcover.Slipcover(
        branch=True, source=[_SOURCE], exclude_also=[r"\.\.\.$"], d_miss_threshold=_NEVER
    )
    matcher = slipcover.FileMatcher(sources=[_SOURCE])
    slipcover.wrap_spec_from_file_location(probes, matcher)  # as Alembic loads its migrations
    slipcover.ImportManager(probes, matcher).__enter__()
    return probes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--coverage-report", metavar="FILE", type=Path, help="where the coverage is written (JSON)"
    )


def pytest_configure(config: pytest.Config) -> None:
    reach = Reach(_PROBES, config.getoption("coverage_report"))
    config.pluginmanager.register(reach, "house-coverage")


@dataclass
class Reach:
    """What this process reached, and in the first process what all of them did."""

    probes: slipcover.Slipcover
    report: Path | None
    others: list[dict[str, Any]] = field(default_factory=list)
    whole: dict[str, Any] = field(default_factory=dict)

    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended; one that died has nothing to say."""
        said = getattr(node, "workeroutput", {}).get(_PLACE)
        if said is not None:
            self.others.append(json.loads(said))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.whole = self.probes.get_coverage()
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_PLACE] = json.dumps(self.whole)  # pyright: ignore[reportAttributeAccessIssue]
            return
        for other in self.others:
            slipcover.merge_coverage(self.whole, other)
        if self.report is not None:
            self.report.write_text(json.dumps(self.whole))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        table = io.StringIO()
        slipcover.print_coverage(self.whole, outfile=table, missing_width=48, skip_covered=True)
        terminalreporter.section("what no test reaches")
        terminalreporter.write(table.getvalue())


_PROBES = begin()
