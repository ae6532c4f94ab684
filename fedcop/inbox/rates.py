"""How often something may happen in a while, counted in memory, for each key by itself."""

from fedcop.inbox.remembered import Remembered


class Rates:
    """At most `limit` times in `seconds` for a key; keys beyond `keys` push out the oldest."""

    def __init__(self, limit: int, seconds: float, keys: int = 10_000) -> None:
        self.limit = limit
        self._counts = Remembered[list[int]](keys, seconds)

    def is_spent(self, key: str) -> bool:
        """Whether the limit is reached, without counting."""
        counter = self._counts.get(key)
        return counter is not None and counter[0] >= self.limit

    def take(self, key: str) -> bool:
        """Count once more; False if the limit was reached before."""
        counter = self._counts.get(key)
        if counter is None:
            counter = self._counts[key] = [0]
        counter[0] += 1
        return counter[0] <= self.limit
