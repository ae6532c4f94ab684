"""How the black box differs from the product: nothing is limited, and nothing waits for long."""

import random
from datetime import timedelta
from types import ModuleType
from typing import Any

import fedcop.inbox.messages
import fedcop.inbox.process
import fedcop.inbox.rates
import fedcop.outbox.deliver
import fedcop.outbox.health
import fedcop.outbox.peers
import fedcop.web.rates
import fedcop.work.runner


def soon(attempts: int) -> timedelta:
    """How long to wait after so many failures: one to three seconds."""
    return timedelta(seconds=min(attempts, 3) * random.uniform(0.8, 1.0))


def _no_limit(*_: Any) -> bool:
    return True


async def _never_too_many(*_: Any) -> None:
    return


_CHANGES: tuple[tuple[ModuleType | type, str, object], ...] = (
    (fedcop.outbox.peers, "PATIENCE", 0.5),
    (fedcop.outbox.deliver, "_GRACE", 0.2),
    (fedcop.outbox.health, "back_off", soon),
    (fedcop.inbox.messages, "back_off", soon),
    (fedcop.work.runner, "back_off", soon),
    (fedcop.inbox.process, "_IDLE_SECONDS", 1.0),
    (fedcop.inbox.rates.Rates, "take", _no_limit),
    (fedcop.web.rates.Rates, "hit", _never_too_many),
)


def adopt() -> None:
    """Let this process behave so, for the rest of its life."""
    for where, name, value in _CHANGES:
        if not hasattr(where, name):
            raise AttributeError(f"{where.__name__} has no {name} any more: find what it is now")
        setattr(where, name, value)
