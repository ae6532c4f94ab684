"""How many at a time, and how long, we ask one host."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from fedcop.errors import Unreachable


def unreachable(host: str, after: int = 30) -> Unreachable:
    """The one thing that is said about a host that does not answer.

    Whether its address was refused by us, or by it, or nobody was there, reads the same, so that
    nobody can map a private network through us. The cause is chained, for the log.
    """
    return Unreachable(f"{host} does not answer; try again later.", after)


@asynccontextmanager
async def within(seconds: float, host: str) -> AsyncGenerator[None]:
    """Raises Unreachable if what stands under it takes longer than `seconds` in all."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise unreachable(host) from error


class Origins:
    """Lets at most `at_once` go on for one host; the others wait. Idle hosts take no memory."""

    def __init__(self, at_once: int = 4) -> None:
        self._at_once = at_once
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._here: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, host: str, until: float) -> AsyncGenerator[None]:
        """Hold a turn at `host`; raises Unreachable if none comes `until` that loop time."""
        gate = self._gates.setdefault(host, asyncio.Semaphore(self._at_once))
        self._here[host] = self._here.get(host, 0) + 1
        try:
            try:
                async with asyncio.timeout_at(until):
                    await gate.acquire()
            except TimeoutError as error:
                raise unreachable(host) from error
            try:
                yield
            finally:
                gate.release()
        finally:
            self._here[host] -= 1
            if self._here[host] == 0:
                del self._here[host], self._gates[host]

    def __len__(self) -> int:
        """How many hosts are being asked, or waited for, now."""
        return len(self._gates)
