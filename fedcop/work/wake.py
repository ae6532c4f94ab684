"""Wake-up calls between those who write rows and those who wait for them."""

import asyncio
from contextlib import suppress


class Wake:
    """Named bells. A call that nobody waits for is kept until the next wait."""

    def __init__(self) -> None:
        self._bells: dict[str, asyncio.Event] = {}

    def call(self, *names: str) -> None:
        """Wake whoever waits for one of these names."""
        for name in names:
            self._bell(name).set()

    async def wait(self, name: str, seconds: float) -> bool:
        """Wait until called, at most so many seconds; True if called."""
        bell = self._bell(name)
        with suppress(TimeoutError):
            await asyncio.wait_for(bell.wait(), seconds)
        called = bell.is_set()
        bell.clear()
        return called

    def _bell(self, name: str) -> asyncio.Event:
        return self._bells.setdefault(name, asyncio.Event())
