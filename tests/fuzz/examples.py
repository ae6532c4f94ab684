"""How long the fuzzing goes on: a little in every run of the tests, as long as one likes by hand.

`FEDCOP_FUZZ=20` makes every count twenty times as large.
"""

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("FEDCOP_FUZZ", "1"))


def few(count: int) -> settings:
    """So many examples, and no complaint about a slow machine."""
    return settings(
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
