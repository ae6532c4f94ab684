"""How the answers of a host change how it is treated: tried again, later, or parked."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from fedcop.db.columns import LONG_AGO
from fedcop.outbox.queue import Due
from fedcop.work.queue import GIVE_UP_AFTER, back_off

SILENCE = GIVE_UP_AFTER
"""A host that has failed for so long, without one success, is parked."""
PROBE_EVERY = timedelta(days=1)
UNPROVED = timedelta(days=1)
"""For so long something is brought again to a host that answers 401 to both signatures."""


class Verdict(StrEnum):
    """What an answer means for one delivery."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """For good: the same bytes would be refused again."""
    MISSING = "missing"
    """Nobody is at this address: held back, and tried again in its own time."""
    LATER = "later"
    DROPPED = "dropped"
    """It might have passed, but it has waited for a week."""


_TRY_AGAIN = frozenset({401, 408, 425, 429})
_OVERLOADED = frozenset({429, 503})
_NOBODY_THERE = frozenset({404, 410})


def verdict(status: int) -> Verdict:
    """2xx: delivered. 404, 410: missing. Other 4xx than 401, 408, 425, 429: refused. All else may
    pass.
    """
    if 200 <= status < 300:
        return Verdict.DELIVERED
    if status in _NOBODY_THERE:
        return Verdict.MISSING
    if 400 <= status < 500 and status not in _TRY_AGAIN:
        return Verdict.REFUSED
    return Verdict.LATER


def stops_the_host(status: int) -> bool:
    """Whether a host that answers so should be left alone in all lanes, not only in this one."""
    return status in _OVERLOADED


class Hearer(NamedTuple):
    """A host as it was when it was claimed: as much of its row as a turn needs."""

    id: int
    name: str
    view: str | None
    signature_spec: str
    failures: int
    failing_since: datetime | None
    last_success_at: datetime | None
    last_error: str | None = None


@dataclass(slots=True)
class Outcome:
    """What became of the deliveries of one host."""

    host: Hearer
    settled: list[Due] = field(default_factory=list[Due])
    """What needs no further try: a beginning of each lane."""
    tried: int = 0
    delivered: int = 0
    missed: dict[int, tuple[int, int]] = field(default_factory=dict[int, tuple[int, int]])
    """The inboxes that answered 404 or 410: host and status."""
    held: list[Due] = field(default_factory=list[Due])
    """What is held back for these, and for others that are closed; all of it is in `settled`."""
    found: set[int] = field(default_factory=set[int])
    """The inboxes that were missing, and are there again."""
    trouble: str | None = None
    """Why the rest has to wait, in words."""
    asked_to_wait: int | None = None
    only_busy: bool = False
    """The trouble is that it asked for patience (429): it is alive."""
    spec: str = ""
    page: bool = False
    """It took something with a web page, as no inbox does: its software is asked for again."""

    def settle(self, due: Due, result: Verdict) -> None:
        """This one needs no further try."""
        self.settled.append(due)
        self.delivered += result is Verdict.DELIVERED

    def miss(self, due: Due, status: int) -> None:
        """Nobody is at its address; what else is for that in this turn is held back with it."""
        self.missed[due.inbox_id] = (due.host_id, status)
        self.hold(due)

    def hold(self, due: Due) -> None:
        """This one is no delivery until its inbox is tried again."""
        self.settled.append(due)
        self.held.append(due)

    def put_off(
        self, why: str, status: int | None = None, wait: int | None = None, *, ours: bool = False
    ) -> None:
        """Something may be delivered later; the first reason counts. `ours`: not their fault."""
        if self.trouble is None:
            self.trouble, self.only_busy = why, ours or status == 429
        if wait is not None:
            self.asked_to_wait = max(wait, self.asked_to_wait or 0)

    def after(self, now: datetime) -> dict[str, Any]:
        """The columns of the host as they are from now on."""
        if self.held and self.tried == 0:
            return self._as_it_was(now)
        host = self.host
        alive = self.delivered > 0 or self.only_busy
        failing_since = None if alive else host.failing_since
        failures = 0 if self.delivered else host.failures
        failed = self.trouble is not None or bool(self.missed)
        next_try = now if failed else LONG_AGO
        if self.trouble is not None:
            failures += 1
            wait = timedelta(seconds=max(self.asked_to_wait or 0, 1))
            next_try = now + (wait if self.asked_to_wait is not None else back_off(failures))
        else:
            failures = 0
        if failed and not alive:
            failing_since = failing_since or now
        parked = failing_since is not None and now - failing_since >= SILENCE
        return {
            "failures": failures,
            "failing_since": failing_since,
            "last_error": self._error(),
            "last_success_at": now if self.delivered else host.last_success_at,
            "next_try_at": now + PROBE_EVERY if parked else next_try,
            "parked": parked,
            "signature_spec": self.spec or host.signature_spec,
        }

    def _as_it_was(self, now: datetime) -> dict[str, Any]:
        """The columns of a host that was asked for nothing, since all was held back."""
        host = self.host
        fine = host.failing_since is None
        return {
            "failures": host.failures,
            "failing_since": host.failing_since,
            "last_error": host.last_error,
            "last_success_at": host.last_success_at,
            "next_try_at": LONG_AGO if fine else now,
            "parked": False,
            "signature_spec": host.signature_spec,
        }

    def _error(self) -> str | None:
        """What an admin should know, in words."""
        if self.trouble is not None:
            return self.trouble
        if self.missed:
            statuses = sorted({status for _, status in self.missed.values()})
            return f"An inbox answered {' and '.join(map(str, statuses))}."
        return "It answered with a web page." if self.page else None
