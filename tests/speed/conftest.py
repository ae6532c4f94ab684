"""A whole server on either database, with people of other servers in its community."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedcop.domain.network import book
from tests.bench.town import Town, town


@pytest.fixture
async def here(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """A community with a discussion, and 20 members on 20 other servers.

    The policies, which are read every two seconds, are read once, before anything is counted.
    """
    monkeypatch.setattr(book, "FRESH_SECONDS", 3_600.0)
    async with town(database_url, tmp_path, speakers=20) as made:
        await made.house.app.policies.rules()
        yield made
