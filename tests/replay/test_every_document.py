"""Every document of the corpus that has no scene comes on its road, and what it should be, it is.

No exception, no 5xx; the page of the partners has the counts and the reasons, and `outcomes.json`
a digest of what became of each.
"""

from pathlib import Path

import pytest

from tests.replay import outcomes, table
from tests.replay.documents import PLATFORMS
from tests.replay.every import disagreements, play_folder
from tests.replay.roads import FOLDERS, pieces
from tests.replay.run import REPLAYED

pytestmark = pytest.mark.anyio


def test_no_document_is_left_out(shared: Path) -> None:
    corpus = shared / "corpus"
    there = {file.relative_to(corpus).as_posix() for file in corpus.rglob("*.json")}
    played = {piece.path for folder in FOLDERS for piece in pieces(corpus, folder)}
    assert there == played | {document.path for document in REPLAYED}


@pytest.mark.parametrize("folder", FOLDERS)
async def test_each_is_understood_or_there_is_a_reason(
    shared: Path, tmp_path: Path, folder: str
) -> None:
    results, wrong = await play_folder(folder, tmp_path)
    assert not wrong, "\n".join(wrong)
    if folder in PLATFORMS:
        assert not disagreements(results)
    assert table.folder_part(folder, results) in table.written(table.OTHERS), table.AGAIN
    found = outcomes.digest((piece.path, one) for piece, one in results.items())
    assert found == outcomes.kept(folder, outcomes.OTHERS), table.AGAIN
