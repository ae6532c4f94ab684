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
        self._many: Counter[tuple[int, str, str]] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def note(self, status: int, reason: str = "", host: str = "") -> None:
        """One answer; beyond fifty kinds in a second only statuses are told apart."""
        kind = status, reason, host
        if len(self._many) >= _MOST_KINDS and kind not in self._many:
            kind = status, "", "others"
        self._many[kind] += 1
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SECONDS, self.tell)

    def tell(self) -> None:
        """Write down what was counted since the last time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        counted, self._many = self._many, Counter()
        for (status, reason, host), many in counted.items():
            more = {"error": reason, "claims": host} if reason or host else {}
            _log.info("answered", status=status, many=many, **more)
