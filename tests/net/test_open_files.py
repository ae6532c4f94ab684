"""A server asks for as many open files as the system lets it have."""

import resource
import subprocess
import sys

import pytest

from fedcop.net import open_files
from fedcop.net.open_files import MOST, raise_limit

EVERYTHING = resource.RLIM_INFINITY


class System:
    """Stands for the system: one process, its limits, and above what it says no."""

    def __init__(self, soft: int, hard: int, refuses_above: int = 1 << 40) -> None:
        self.soft, self.hard, self._refuses_above = soft, hard, refuses_above

    def getrlimit(self, _: int) -> tuple[int, int]:
        return self.soft, self.hard

    def setrlimit(self, _: int, limits: tuple[int, int]) -> None:
        if limits[0] > self._refuses_above:
            raise ValueError("current limit exceeds maximum limit")
        self.soft, self.hard = limits


@pytest.mark.parametrize(
    ("system", "allowed"),
    [
        (System(1_024, 20_000), 20_000),
        (System(1_024, 1 << 30), MOST),
        (System(1_024, EVERYTHING), MOST),
        (System(256, EVERYTHING, refuses_above=10_240), 10_240),  # macOS
        (System(1_024, 20_000, refuses_above=0), 1_024),
        (System(1_024, 1_024), 1_024),
        (System(MOST + 1, 1 << 30), MOST + 1),
    ],
)
def test_it_is_raised_to_what_is_allowed(
    system: System, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hard = system.hard
    for name in ("getrlimit", "setrlimit"):
        monkeypatch.setattr(open_files.resource, name, getattr(system, name))
    assert raise_limit() == allowed
    assert (system.soft, system.hard) == (allowed, hard)


def test_without_any_limit_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System(EVERYTHING, EVERYTHING, refuses_above=0)
    monkeypatch.setattr(open_files.resource, "getrlimit", system.getrlimit)
    assert raise_limit() == MOST


def test_of_a_real_process() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    few = 64
    program = (
        "import resource as r; from fedcop.net.open_files import raise_limit;"
        f"r.setrlimit(r.RLIMIT_NOFILE, ({few}, {hard}));"
        "print(raise_limit() == r.getrlimit(r.RLIMIT_NOFILE)[0] > 64)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "True"
