"""Notes every statement of a run of the tests, and fails the run if one reads a whole table.

Loaded by scripts/test. Each worker hands over what its tests sent; when all have ended, the first
process explains it (tests/statements.py).
"""

import os
import pickle
import re
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Engine, event

_PLACE = "fedcop_statements"
_PASSED_OVER = (
    "fedcop/db/migrat",
    "fedcop/db/backup",
    "fedcop/upkeep/",
    "fedcop/demo/",
    "fedcop/cli/",
)
"""What is not asked by a server that runs: migrations, commands."""
_BETWEEN = ("fedcop/db/", "fedcop/work/unit_of_work.py")
"""What sends statements for others: the place is whoever called it."""

_PRODUCT = f"{os.sep}fedcop{os.sep}"
_READS = re.compile(
    r"\s*(?:SELECT|UPDATE|DELETE|WITH|INSERT\b.*\bSELECT)\b", re.IGNORECASE | re.DOTALL
)
_LISTS = re.compile(r"\((?:\?|\$\d+(?:::\w+)?)(?:, (?:\?|\$\d+(?:::\w+)?))+\)")


@dataclass(frozen=True, slots=True)
class Noted:
    """A statement as it was first sent, and the function of the product that sent it."""

    statement: str
    parameters: Any
    place: str
    line: int


Statements = dict[str, dict[str, Noted]]
"""The distinct ones, by database."""


@dataclass
class Recorder:
    """Takes down what this process sends, and in the first process has what all of them sent."""

    found: Statements = field(default_factory=lambda: {"sqlite": {}, "postgresql": {}})
    others: list[Statements] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def note(
        self, connection: Any, _: Any, statement: str, parameters: Any, __: Any, many: bool
    ) -> None:
        """A statement has run: take it down, unless it is known, or none that reads."""
        kind: str = connection.dialect.name
        if (kind, statement) in self._seen:
            return
        self._seen.add((kind, statement))
        alike = _LISTS.sub("(…)", statement)
        if alike in self.found[kind] or not _READS.match(statement):
            return
        sender = _sender()
        if sender is not None and not sender[0].startswith(_PASSED_OVER):
            first = parameters[0] if many and parameters else parameters
            self.found[kind][alike] = Noted(statement, _plain(first), *sender)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended; one that died has nothing to say."""
        said = getattr(node, "workeroutput", {}).get(_PLACE)
        if said is not None:
            self.others.append(pickle.loads(said))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        event.remove(Engine, "after_cursor_execute", self.note)
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[_PLACE] = pickle.dumps(self.found)  # pyright: ignore[reportAttributeAccessIssue]
            return
        for other in self.others:
            for kind, statements in other.items():
                self.found[kind] = statements | self.found[kind]
        from tests.statements import explained  # not before pytest rewrites what it imports

        self.wrong = explained(self.found)
        if self.wrong and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        sent = sum(len(statements) for statements in self.found.values())
        terminalreporter.section(f"{sent} statements, {len(self.wrong)} read whole tables")
        for one in self.wrong:
            terminalreporter.write_line(f"{one}\n", red=True)


def _plain(parameters: Any) -> Any:
    """So that they can be handed over: bytes are wrapped for the database."""
    if isinstance(parameters, dict):
        return {name: _plain(value) for name, value in parameters.items()}
    if isinstance(parameters, tuple | list):
        return tuple(bytes(it) if isinstance(it, memoryview) else it for it in parameters)
    return bytes(parameters) if isinstance(parameters, memoryview) else parameters


def _sender() -> tuple[str, int] | None:
    """The innermost function of the product on the stack, and its line; None: a test's own."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if _PRODUCT in name:
            file = f"fedcop/{name.rpartition(_PRODUCT)[2]}".replace(os.sep, "/")
            function = frame.f_code.co_name
            if not file.startswith(_BETWEEN) and not function.startswith("<"):
                return f"{file}:{function}", frame.f_lineno
            if file.startswith(_PASSED_OVER):
                return file, frame.f_lineno
        if f"{os.sep}tests{os.sep}" in name:
            return None
        frame = frame.f_back
    return None


def pytest_configure(config: pytest.Config) -> None:
    recorder = Recorder()
    event.listen(Engine, "after_cursor_execute", recorder.note)
    config.pluginmanager.register(recorder, "house-explained")
