"""Who is being answered at this moment, so that the work behind lets them pass.

Pages and the worker share one event loop: a batch that begins while a page is half made holds the
page up for the whole batch.
"""

import asyncio
import time
from types import TracebackType

_RECENT_SECONDS = 1.0
_APART_SECONDS = 0.001


class Traffic:
    """Counts what is being answered: `with traffic: …` around each answer."""

    def __init__(self) -> None:
        self._inside = 0
        self._last = float("-inf")
        self._lull = asyncio.Event()
        self._lull.set()
        self._next_turn = 0.0

    def __enter__(self) -> None:
        self._inside += 1
        self._lull.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inside -= 1
        if not self._inside:
            self._last = time.monotonic()
            self._lull.set()

    @property
    def is_lively(self) -> bool:
        """Whether somebody is being answered, or was within the last second."""
        return self._inside > 0 or time.monotonic() - self._last < _RECENT_SECONDS

    async def lull(self, seconds: float) -> None:
        """Wait until nobody is being answered, but never for longer than so many seconds."""
        if self._inside:
            waiting = asyncio.ensure_future(self._lull.wait())
            await asyncio.wait({waiting}, timeout=seconds)
            waiting.cancel()

    async def turn(self) -> None:
        """Wait for a turn to begin something short; while it is lively there is one each
        millisecond, so that hundreds who are ready at once do not all go before the next answer.
        """
        if not self.is_lively:
            return
        now = time.monotonic()
        mine = max(now, self._next_turn)
        self._next_turn = mine + _APART_SECONDS
        if mine > now:
            await asyncio.sleep(mine - now)
