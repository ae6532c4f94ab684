"""Three servers that lose sight of each other hold the same threads when all has arrived.

`python -m tests.convergence --seeds 1-50` tries more of them.
"""

from pathlib import Path

import pytest

from tests.convergence.partition import play
from tests.databases import PostgreSql, lay_sqlite

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_threads_are_equal(seed: int, tmp_path: Path) -> None:
    outcome = await play(seed, tmp_path, lambda host: lay_sqlite(tmp_path / f"{host}.db"))
    assert outcome.differences == []
    assert outcome.posts > 3
    assert outcome.happened["arrived"] < sum(outcome.happened.values())


async def test_the_threads_are_equal_on_postgresql(tmp_path: Path, postgresql: PostgreSql) -> None:
    urls: list[str] = []

    def database(_: str) -> str:
        urls.append(postgresql.migrated())
        return urls[-1]

    outcome = await play(4, tmp_path, database)
    assert outcome.differences == []
    for url in urls:
        postgresql.drop(url)
