"""A whole server on either database, with people of other servers in its community."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bench.town import Town, town


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A community with a discussion, and 20 members on 20 other servers."""
    async with town(database_url, tmp_path, speakers=20) as made:
        yield made
