"""Where the CPU time of this process goes: its stacks, looked at each millisecond.

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
_FILE = "FEDCOP_BENCH_SPENT"
_OURS = ("tests.", "__main__.")


@dataclass(slots=True)
class Spent:
    """CPU nanoseconds by function: its own, and with all that it called.

    What C code uses counts for the Python function that called it. What the bench itself uses is
    left out.
    """

    own: Counter[str] = field(default_factory=Counter[str])
    whole: Counter[str] = field(default_factory=Counter[str])

    def note(self, stack: list[str], nanoseconds: int) -> None:
        """Count this for a stack of functions, the innermost first."""
        if stack[0].startswith(_OURS):
            return
        self.own[stack[0]] += nanoseconds
        for name in set(stack):  # who calls itself is on it more than once
            if not name.startswith(_OURS):
                self.whole[name] += nanoseconds


class Sampler:
    """Counts, while it is entered, the CPU time of each thread for the function where it stands.

    It may be entered again and again, in the main thread only. Between two looks a thread has used
    what its own clock says, whatever else the machine does.
    """

    def __init__(self) -> None:
        self.spent = Spent()
        self._clocks: dict[int, tuple[int, int]] = {}
        self._names: dict[int, tuple[CodeType, str]] = {}
        self._main = threading.get_ident()
        self._looking = False

    def __enter__(self) -> Spent:
        for ident in _frames():
            self._used(ident)
        self._before = signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, _PAUSE, _PAUSE)  # that of CPU time ticks too seldom
        return self.spent

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _look(self, _: int, here: FrameType | None) -> None:
        if self._looking:
            return
        self._looking = True
        for ident, frame in _frames().items():
            if used := self._used(ident):
                stack = self._stack(here if ident == self._main else frame)
                self.spent.note(stack, used)
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
        yield lambda: Spent(**{k: Counter(v) for k, v in orjson.loads(file.read_bytes()).items()})
    finally:
        del os.environ[_FILE]


def reporting() -> bool:
    """Whether this process was started to report what it spends."""
    return _FILE in os.environ


@contextmanager
def reported() -> Iterator[None]:
    """Watch this process, and write down what it spent for the process that has started it."""
    sampler = Sampler()
    with sampler as spent:
        yield
    Path(os.environ[_FILE]).write_bytes(orjson.dumps({"own": spent.own, "whole": spent.whole}))
