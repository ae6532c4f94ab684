"""The foreign implementations, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.oracles.packages import Missing, Oracle


@pytest.fixture(scope="session")
def oracle() -> Iterator[Oracle]:
    try:
        made = Oracle()
    except Missing as missing:
        pytest.skip(f"on this machine: {missing}")
    yield made
    made.close()
