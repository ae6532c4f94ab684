"""Whose turn it is where only one may be at work: who is waited for goes before work behind."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

_MOST_PASSED = 8
"""So often one who works behind is passed; then it is their turn."""


class Turns:
    """A lock in order of arrival, with two queues: `async with turns.turn(behind=…)`."""

    def __init__(self) -> None:
        self._taken = False
        self._ahead: deque[asyncio.Future[None]] = deque()
        self._behind: deque[asyncio.Future[None]] = deque()
        self._passed = 0

    @asynccontextmanager
    async def turn(self, *, behind: bool = False) -> AsyncGenerator[None]:
        """Be the only one inside; those who come `behind` let the others go first."""
        await self._take(self._behind if behind else self._ahead)
        try:
            yield
        finally:
            self._pass_on()

    async def _take(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine in queue:
                queue.remove(mine)
            else:  # the turn came in the same moment
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        queue = self._next()
        if queue is None:
            self._taken = False
        else:
            queue.popleft().set_result(None)

    def _next(self) -> deque[asyncio.Future[None]] | None:
        if self._behind and (not self._ahead or self._passed >= _MOST_PASSED):
            self._passed = 0
            return self._behind
        if self._ahead:
            self._passed += bool(self._behind)
            return self._ahead
        return None
