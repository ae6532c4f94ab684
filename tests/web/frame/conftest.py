"""The sample site and a browser without a session."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import httpx
import pytest
import structlog
from sample_site import Site, make_site, visit

Lines = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logged() -> Iterator[Lines]:
    """What was logged; nothing is written."""
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        yield lines


@pytest.fixture
def site() -> Site:
    return make_site()


@pytest.fixture
async def ask(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(site) as client:
        yield client
