"""Plays the documents of the corpus, each on the stage of its platform, and keeps the results."""

import os
from pathlib import Path

from fedcop.errors import FedcopError
from tests.databases import lay_sqlite
from tests.replay.case import Case
from tests.replay.documents import PLATFORMS, Document, Json, activities, everything
from tests.replay.reasons import NOTHING, reason
from tests.replay.result import Result
from tests.replay.scenes import SCENES
from tests.replay.stage import Stage

FOLDER = Path(os.environ.get("FEDCOP_SHARED", Path(__file__).parents[3] / "shared")) / "corpus"
DOCUMENTS = [one for platform in PLATFORMS for one in activities(FOLDER, platform)]
REPLAYED = [one for one in DOCUMENTS if not one.cannot]


def said(platform: str) -> list[Json]:
    """All that the network behind our server knows."""
    known = [document for _, document in everything(FOLDER, platform)]
    return known + [one.json for one in DOCUMENTS if one.platform == platform]


class Replays:
    """The stages by platform, and what became of each document that was played."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: dict[str, Stage] = {}
        self._results: dict[str, Result] = {}
        self._sorts: set[str] = set()

    async def result(self, document: Document) -> Result:
        """Play it, if it was not played before. Raises AssertionError as `play` does."""
        if document.path not in self._results:
            sort = f"{document.platform} {document.verbs}"
            again, self._sorts = sort not in self._sorts, self._sorts | {sort}
            stage = await self._stage(document)
            self._results[document.path] = await play(stage, document, again=again)
        return self._results[document.path]

    async def _stage(self, document: Document) -> Stage:
        name = f"{document.platform}-{'development' if document.development else 'public'}"
        if name not in self._stages:
            self._stages[name] = await Stage.build(
                self._folder,
                lay_sqlite(self._folder / f"{name}.db"),
                said(document.platform),
                development=document.development,
            )
        return self._stages[name]

    async def close(self) -> None:
        """Let go of every server."""
        for stage in self._stages.values():
            await stage.close()


async def play(stage: Stage, document: Document, *, again: bool) -> Result:
    """Set the scene, send the document, check all that it did, and, if `again`, that the same once
    more does nothing. What became of it.
    """
    await stage.clear()
    stage.origin.serve(document.json)
    case = Case.of(document.json)
    why = reason(case, stage.origin)
    expected = await SCENES[case.verb](stage, case)
    before = await stage.rows.effects() if why is not None else {}
    try:
        became = await stage.deliver(case.json)
    except FedcopError as error:
        became = f"refused: {error}"
    after = await stage.rows.effects() if again or why is not None else {}
    if why is not None:
        how, words = why
        assert became.startswith("done" if how == NOTHING else ("dead", "refused")), became
        assert after == before, f"it did something, but should not: {words}"
        return Result(how, words)
    assert became in {"done", "nothing kept"}, became
    assert await stage.read(expected.holds), f"it should have become: {expected.outcome}"
    if again:
        assert await stage.deliver(case.json) in {"done", "nothing kept"}
        assert await stage.rows.effects() == after, "the same once more did something again"
    return Result(expected.outcome)
