"""Row ids in order of time, so that an id is also a page cursor."""

import secrets
import threading
import time
from datetime import UTC, datetime

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01: 41 bits of milliseconds reach the year 2094
_SEQUENCE_BITS = 22
_MASK = (1 << _SEQUENCE_BITS) - 1

_lock = threading.Lock()
_last = 0


def new_id(at: datetime | None = None) -> int:
    """A positive 63-bit id: 41 bits of milliseconds since 2025, 22 bits that tell apart.

    Ids for now grow strictly within this process; each millisecond starts at a random place, so
    that two processes do not mint the same one. With `at` (an aware time, of something that was
    published elsewhere) the id sorts among those of that time; later than now counts as now,
    earlier than 2025 as its first millisecond. Most servers publish in whole seconds: such an id
    lies anywhere in its second, so that many of the same one do not clash.
    """
    now = time.time_ns() // 1_000_000 - _EPOCH_MS
    if at is not None:
        then = int(at.timestamp() * 1000) - _EPOCH_MS
        if at.microsecond == 0:
            then += secrets.randbelow(1000)
        if then < now:
            return (max(then, 0) << _SEQUENCE_BITS) | secrets.randbits(_SEQUENCE_BITS)
    global _last
    with _lock:
        fresh = (now << _SEQUENCE_BITS) | secrets.randbits(_SEQUENCE_BITS - 1)
        _last = max(fresh, _last + 1)
        return _last


def minted_at(row_id: int) -> datetime:
    """When an id of `new_id` was minted, to the millisecond, in UTC."""
    return datetime.fromtimestamp(((row_id >> _SEQUENCE_BITS) + _EPOCH_MS) / 1000, UTC)
