"""Where the CPU time of this process goes: its stacks, looked at again and again.

A profiler that follows every call makes small functions look dearer than they are, several times
over; a thread that looks sees the others mostly where they let go of the interpreter. A signal
finds the main thread wherever it is.
"""

import gc
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType

import orjson

_PAUSE = 0.001
"""Seconds of CPU time; a system whose clock ticks more seldom looks at each tick."""
_FILE = "FEDCOP_BENCH_SPENT"
_OURS = ("tests.", "__main__.")
_COLLECTION = "tests.bench.measure.Cpu.__enter__"
"""Collects garbage before it measures; what is called then is nobody's."""
_LOOP = "asyncio.runners.Runner.run"


@dataclass(slots=True)
class Spent:
    """CPU nanoseconds by function: its own, and with all that it called.

    What C code uses counts for the Python function that called it. What the bench itself uses is
    `left_out`.
    """

    own: Counter[str] = field(default_factory=Counter[str])
    whole: Counter[str] = field(default_factory=Counter[str])
    left_out: float = 0

    def note(self, stack: list[str], used: float) -> None:
        """Count this for a stack of functions, the innermost first."""
        if stack[0].startswith(_OURS) or _COLLECTION in stack:
            self.left_out += used
            return
        self.own[stack[0]] += used  # pyright: ignore[reportArgumentType]
        for name in set(stack):  # who calls itself is on it more than once
            if not name.startswith(_OURS):
                self.whole[name] += used  # pyright: ignore[reportArgumentType]

    @property
    def total(self) -> float:
        return self.own.total() + self.left_out

    def add(self, other: "Spent", times: float) -> None:
        """What `other` has counted, so many times."""
        for mine, its in ((self.own, other.own), (self.whole, other.whole)):
            for name, value in its.items():
                mine[name] += round(value * times)
        self.left_out += other.left_out * times


class Sampler:
    """Counts, while it is entered, where this process uses its CPU time; `spent` says it then.

    It may be entered again and again, in the main thread only; its loop is uvloop, which a signal
    wakes. A look is due with the CPU time of the process, so that nobody is woken who waits. How
    much each thread uses, its own clock says; the looks say what the main thread used its part for.
    Where its loop stands, it may as well wait for another thread: so many of those looks are left
    out as the others' part lets expect.
    """

    def __init__(self) -> None:
        self._at_work, self._at_loop, self._others = Spent(), Spent(), Spent()
        self._looks = self._main_used = 0
        self._clocks: dict[int, tuple[int, int]] = {}
        self._names: dict[int, tuple[CodeType, str]] = {}
        self._main = threading.get_ident()
        self._looking = False

    def __enter__(self) -> "Sampler":
        for ident in _frames():
            self._used(ident)
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _PAUSE, _PAUSE)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)
        self._main_used += self._used(self._main)

    @property
    def spent(self) -> Spent:
        """What was used so far."""
        found = Spent()
        found.add(self._others, 1)
        everybody = self._main_used + self._others.total
        waited = self._looks * self._others.total / everybody if everybody else 0
        looped = max(self._at_loop.total - waited, 0)
        if looks := self._at_work.total + looped:
            found.add(self._at_work, self._main_used / looks)
        if looped:
            found.add(self._at_loop, self._main_used / looks * looped / self._at_loop.total)
        return found

    def _look(self, _: int, here: FrameType | None) -> None:
        if self._looking:
            return
        self._looking = True
        self._looks += 1
        self._main_used += self._used(self._main)
        for ident, frame in _frames().items():
            if ident == self._main:
                stack = self._stack(here)
                (self._at_loop if stack[0] == _LOOP else self._at_work).note(stack, 1)
            elif used := self._used(ident):
                self._others.note(self._stack(frame), used)
        self._used(self._main)  # what looking has used counts for nobody
        self._looking = False

    def _used(self, ident: int) -> int:
        """CPU nanoseconds of a thread since it was last asked; of a new one, since it began."""
        clock, before = self._clocks.get(ident, (None, 0))
        try:
            if clock is None:
                clock = time.pthread_getcpuclockid(ident)
            now = time.clock_gettime_ns(clock)
        except OSError:  # that thread has ended, and another may have its number
            self._clocks.pop(ident, None)
            return 0
        self._clocks[ident] = clock, now
        return now - before

    def _stack(self, frame: FrameType | None) -> list[str]:
        found: list[str] = []
        while frame is not None:
            found.append(self._name(frame))
            frame = frame.f_back
        return found

    def _name(self, frame: FrameType) -> str:
        code = frame.f_code
        known = self._names.get(id(code))  # code of two modules may be equal
        if known is None:
            known = self._names[id(code)] = code, function_name(frame)
        return known[1]


def _frames() -> dict[int, FrameType]:
    """Where each thread stands. What a collection calls would wait for the lock of this call."""
    collects = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if collects:
            gc.enable()


def function_name(frame: FrameType) -> str:
    """`module.function`; for the code of a template, the name of its file is the module."""
    code = frame.f_code
    module = frame.f_globals.get("__name__") or Path(code.co_filename).name
    return f"{module}.{code.co_qualname}".replace(".<locals>", "")


@contextmanager
def spent_afar(folder: Path) -> Iterator[Callable[[], Spent]]:
    """The one process that is started meanwhile reports, when it ends, what it spent."""
    file = folder / "spent.json"
    file.unlink(missing_ok=True)
    os.environ[_FILE] = str(file)
    try:
        yield lambda: _read(file)
    finally:
        del os.environ[_FILE]


def _read(file: Path) -> Spent:
    document = orjson.loads(file.read_bytes())
    return Spent(Counter(document["own"]), Counter(document["whole"]))


def reporting() -> bool:
    """Whether this process was started to report what it spends."""
    return _FILE in os.environ


@contextmanager
def reported() -> Iterator[None]:
    """Watch this process, and write down what it spent for the process that has started it."""
    sampler = Sampler()
    with sampler:
        yield
    spent = sampler.spent
    Path(os.environ[_FILE]).write_bytes(orjson.dumps({"own": spent.own, "whole": spent.whole}))
