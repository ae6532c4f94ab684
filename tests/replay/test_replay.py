"""What other software really sent, sent again: signed, verified, gathered for and applied.

Every activity of the corpus whose verb does something here is signed with a key that the test made
for its actor, received and processed by a whole server, with the corpus itself behind the client
as the rest of the network. `scenes` says what must be there before and afterwards; `reasons` says
which documents rightly do nothing; `agreement` holds against it what `explain` says. Nothing of
the corpus is copied here: docs/partners/what-we-understand.md has the counts.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import PostgreSql
from tests.replay import outcomes, table
from tests.replay.agreement import disagreement
from tests.replay.documents import PLATFORMS, Document
from tests.replay.run import REPLAYED, Replays, play, said
from tests.replay.stage import Stage

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def replays(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replays]:
    found = Replays(tmp_path_factory.mktemp("replay"))
    yield found
    await found.close()


@pytest.mark.parametrize(
    "document", REPLAYED or [Document("no corpus", {})], ids=lambda document: document.path
)
async def test_what_was_sent_does_what_it_should(
    shared: Path, replays: Replays, document: Document
) -> None:
    result = await replays.result(document)
    assert not disagreement(document, result)


async def test_the_page_says_what_became_of_it(shared: Path, replays: Replays) -> None:
    results = {document.path: await replays.result(document) for document in REPLAYED}
    assert table.written(table.REPLAYED) == table.replayed_part(results), table.AGAIN
    for platform in PLATFORMS:
        found = outcomes.digest(table.of_folder(platform, results))
        assert found == outcomes.kept(platform, outcomes.SENT), f"{platform}: {table.AGAIN}"


async def test_postgresql_does_the_same(
    shared: Path, tmp_path: Path, postgresql: PostgreSql
) -> None:
    url = postgresql.migrated()
    stage = await Stage.build(tmp_path, url, said("lemmy"), development=True)
    try:
        for document in REPLAYED:
            if document.platform == "lemmy":
                await play(stage, document, again=True)
    finally:
        await stage.close()
        postgresql.drop(url)
