"""Runs the loops of a server: inbox, outbox, jobs; beside the web or in a process alone."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fedcop.errors import Temporary
from fedcop.log import logger

Loop = Callable[[asyncio.Event], Awaitable[None]]
_PAUSE_SECONDS = 1.0
_log = logger("worker")


class Worker:
    """Each loop runs until told to stop; one that fails is logged and begun again."""

    def __init__(self, loops: Mapping[str, Loop]) -> None:
        self._loops = loops
        self._running: set[str] = set()

    @property
    def is_alive(self) -> bool:
        """Whether every loop runs."""
        return self._running == set(self._loops)

    async def run(self, stop: asyncio.Event) -> None:
        """Run all loops; returns when `stop` is set and each has finished its piece of work."""
        async with asyncio.TaskGroup() as group:
            for name, loop in self._loops.items():
                group.create_task(self._keep_up(name, loop, stop), name=name)

    async def _keep_up(self, name: str, loop: Loop, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._running.add(name)
            try:
                await loop(stop)
            except Temporary as error:
                _log.warning("a loop pauses", loop=name, error=str(error))
            except Exception:  # noqa: BLE001  a bug in one message must not end the server
                _log.exception("a loop failed", loop=name)
            finally:
                self._running.discard(name)
            if not stop.is_set():
                await _pause(stop)


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), _PAUSE_SECONDS)
    except TimeoutError:
        return
