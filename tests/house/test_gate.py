"""The gate of a whole run: coverage by package, and no silent skip in CI."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.house import gate


def _report(**packages: tuple[int, int]) -> dict[str, Any]:
    return {
        "files": {
            f"fedcop/{name}/x.py": {
                "summary": {
                    "covered_lines": reached,
                    "missing_lines": whole - reached,
                    "covered_branches": 0,
                    "missing_branches": 0,
                }
            }
            for name, (reached, whole) in packages.items()
        }
    }


def test_a_package_below_its_minimum_is_named() -> None:
    (words,) = gate.shortfalls(_report(inbox=(89, 100), outbox=(80, 100), web=(1, 100)))
    assert "fedcop/inbox is covered 89.0 %" in words


def test_a_package_that_is_not_there_is_not_asked_for() -> None:
    assert gate.shortfalls(_report()) == []
    assert gate.covered(_report(inbox=(0, 0)), "inbox") is None


class _Session:
    exitstatus = pytest.ExitCode.OK


def _run(tmp_path: Path, reason: str) -> tuple[gate.Gate, _Session]:
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps(_report(inbox=(99, 100))))
    judge, session = gate.Gate(report), _Session()
    skipped = pytest.TestReport(
        "test_x", ("x.py", 1, "test_x"), {}, "skipped", ("x.py", 1, f"Skipped: {reason}"), "call"
    )
    judge.pytest_runtest_logreport(skipped)
    judge.pytest_sessionfinish(session, pytest.ExitCode.OK)  # pyright: ignore[reportArgumentType]
    return judge, session


@pytest.mark.parametrize(
    ("ci", "reason", "fails"),
    [
        ("true", "no browser", True),
        ("true", "on this machine: no browser", False),
        ("", "no browser", False),
    ],
)
def test_a_skip_fails_ci_unless_the_machine_is_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, reason: str, *, fails: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    judge, session = _run(tmp_path, reason)
    assert bool(judge.complaints) is fails
    assert (session.exitstatus == pytest.ExitCode.TESTS_FAILED) is fails
