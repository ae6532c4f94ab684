"""CPU time, its median over rounds, and a figure beside its limit and its aim."""

import gc
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from statistics import median

from fedcop.net.open_files import raise_limit
from tests.quality.record import processor

LEAST, MOST = "≥", "≤"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that was measured.

    `value` is what `of` says for one `unit`; `limit` is what the same machine needs for the part
    that cannot be saved. The ratio is limit / value: 1.0 would be physically perfect.
    Where there is no limit, `must` and `aim` are about `value` itself, and smaller is better.
    What falls short of `must` is a fault; what falls short of `aim` is named with its reason.
    """

    name: str
    on: str
    value: float
    unit: str
    of: str = "CPU µs"
    """What `value` counts."""
    limit: float | None = None
    limit_name: str = ""
    must: float | None = None
    aim: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.limit is None else self.limit / self.value

    @property
    def holds(self) -> bool | None:
        """Whether what must be is; None if nothing must."""
        return self._is(self.must)

    @property
    def reached(self) -> bool | None:
        """Whether the aim is reached; None if there is none."""
        return self._is(self.aim)

    def _is(self, bar: float | None) -> bool | None:
        if bar is None:
            return None
        return self.value <= bar if self.ratio is None else self.ratio >= bar

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "on": self.on,
            "value": round(self.value, 2),
            "of": self.of,
            "unit": self.unit,
            "limit": self.limit_name or None,
            "limit_value": None if self.limit is None else round(self.limit, 2),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "must": self.must,
            "holds": self.holds,
            "aim": self.aim,
            "reached": self.reached,
            "note": self.note,
        }


class Cpu:
    """The CPU time of this process, all threads, user and system, in microseconds."""

    def __enter__(self) -> "Cpu":
        gc.collect()
        self.us = 0.0
        self._began = time.process_time_ns()
        return self

    def __exit__(self, *_: object) -> None:
        self.us = (time.process_time_ns() - self._began) / 1000


async def rounds(many: int, work: Callable[[], Awaitable[float]]) -> float:
    """The median of what `work` answers, after one round that is not counted."""
    await work()
    return median([await work() for _ in range(many)])


async def side_by_side(
    many: int, works: Mapping[str, Callable[[], Awaitable[float]]]
) -> dict[str, float]:
    """The median of each, all measured in every round, after one round that is not counted."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(many + 1):
        for name, work in works.items():
            found[name].append(await work())
    return {name: median(values[1:]) for name, values in found.items()}


def in_turn(many: int, work: Callable[[], object], times: int = 1) -> float:
    """The median CPU µs of one of the `times` calls of a plain function."""
    found: list[float] = []
    for _ in range(many + 1):
        with Cpu() as cpu:
            for _ in range(times):
                work()
        found.append(cpu.us / times)
    return median(found[1:])


def open_files() -> int:
    """Raise the limit of open files as the server does, and answer it."""
    return raise_limit()


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    return {
        "cpu": processor(),
        "cores": str(len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()),
        "load": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "sqlalchemy": version("sqlalchemy"),
        "cryptography": version("cryptography"),
        "aiohttp": version("aiohttp"),
        "uvicorn": version("uvicorn"),
    }
