"""What is remembered for a while: a mapping whose entries end after some seconds.

The road of every request leads through several of these: one look-up is a tenth of that of
`cachetools.TTLCache`.
"""

import time
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """At most `most` entries, each for `seconds`; the oldest makes room for a new one."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._entries: dict[str, tuple[float, V]] = {}

    def get(self, key: str) -> V | None:
        """The value, None if there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        until, value = entry
        if until > time.monotonic():
            return value
        del self._entries[key]
        return None

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def __setitem__(self, key: str, value: V) -> None:
        entries = self._entries
        entries.pop(key, None)  # so that the oldest stays the first
        if len(entries) >= self._most:
            del entries[next(iter(entries))]
        entries[key] = time.monotonic() + self._seconds, value

    def pop(self, key: str) -> None:
        """Forget it, if it is remembered."""
        self._entries.pop(key, None)

    def items(self) -> list[tuple[str, V]]:
        """All entries, those included whose time is over."""
        return [(key, value) for key, (_, value) in self._entries.items()]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
