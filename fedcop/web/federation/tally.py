"""What the inboxes answered, told in one log line a second for each kind of answer.

A line for each request would cost a third of the whole answer, and a flood of forged requests
would fill the disk with them.
"""

import asyncio
from collections import Counter

from fedcop.log import logger

_SECONDS = 1.0
_MOST_KINDS = 50
_log = logger("inbox")


class Tally:
    """Counts answers by status, reason and the host that the request claims."""

    def __init__(self) -> None:
        self._accepted = 0
        self._refused: Counter[tuple[int, str, str]] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def accept(self) -> None:
        """One that was answered 202."""
        self._accepted += 1
        if self._timer is None:
            self._begin()

    def refuse(self, status: int, reason: str, host: str) -> None:
        """One that was not; beyond fifty kinds in a second only statuses are told apart."""
        kind = status, reason, host
        if len(self._refused) >= _MOST_KINDS and kind not in self._refused:
            kind = status, "", "others"
        self._refused[kind] += 1
        if self._timer is None:
            self._begin()

    def tell(self) -> None:
        """Write down what was counted since the last time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._accepted:
            _log.info("accepted", status=202, many=self._accepted)
        for (status, reason, host), many in self._refused.items():
            _log.info("refused", status=status, many=many, error=reason, claims=host)
        self._accepted, self._refused = 0, Counter()

    def _begin(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_SECONDS, self.tell)
