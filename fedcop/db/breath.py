"""Long plain work lets the others in the loop go on, every few milliseconds."""

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from sqlalchemy.util import await_only, greenlet_spawn

T = TypeVar("T")
_STRETCH = 0.002
"""Seconds for which work goes on at a stretch."""


class _Breath:
    """Of one piece of work: since when it goes on without a pause."""

    def __init__(self) -> None:
        self.since = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self.since > _STRETCH

    async def draw(self) -> None:
        await asyncio.sleep(0)
        self.since = time.monotonic()


_breath: ContextVar[_Breath | None] = ContextVar("breath", default=None)


async def breathing(work: Callable[[], T]) -> T:
    """What `work` answers: a plain function that calls `breathe` now and then, or asks a database.

    Meanwhile others go on. What it reads outside of its transaction may change under its hands
    whenever it breathes.
    """
    token = _breath.set(_Breath())
    try:
        return await greenlet_spawn(work)
    finally:
        _breath.reset(token)


def breathe() -> None:
    """Let the others go on, if it is time; without effect outside of `breathing`."""
    breath = _breath.get()
    if breath is not None and breath.is_due:
        await_only(breath.draw())


async def breathe_here() -> None:
    """As `breathe`, in what a database driver awaits for such work."""
    breath = _breath.get()
    if breath is not None and breath.is_due:
        await breath.draw()
