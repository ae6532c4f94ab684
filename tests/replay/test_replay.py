"""What other software really sent, sent again: signed, verified, gathered for and applied.

Every activity of the corpus whose verb does something here is signed with a key that the test made
for its actor, received and processed by a whole server, with the corpus itself behind the client
as the rest of the network. `scenes` says what must be there before and afterwards; `reasons` says
which documents rightly do nothing. Nothing of the corpus is copied here.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedcop.errors import FedcopError
from tests.databases import PostgreSql, lay_sqlite
from tests.replay.documents import PLATFORMS, Document, Json, activities, everything
from tests.replay.reasons import NOTHING, reason
from tests.replay.scenes import SCENES, Case
from tests.replay.stage import Stage

pytestmark = pytest.mark.anyio

_FOLDER = Path(os.environ.get("FEDCOP_SHARED", Path(__file__).parents[3] / "shared")) / "corpus"
_DOCUMENTS = [one for platform in PLATFORMS for one in activities(_FOLDER, platform)]
_REPLAYED = [one for one in _DOCUMENTS if not one.cannot]

AT_LEAST: dict[str, dict[str, int]] = {
    "lemmy": {
        "threaded": 2,
        "reply": 1,
        "edited": 1,
        "deleted": 2,
        "removed": 1,
        "member": 1,
        "left": 1,
        "accepted": 1,
        "vote": 2,
        "unvote": 2,
    },
    "piefed": {"threaded": 1, "reply": 1, "vote": 2},
    "mbin": {
        "threaded": 5,
        "reply": 3,
        "edited": 6,
        "deleted": 6,
        "removed": 4,
        "profile": 4,
        "member": 2,
        "left": 2,
        "accepted": 3,
        "rejected": 2,
        "vote": 2,
        "unvote": 2,
    },
    "nodebb": {"edited": 2, "deleted": 2, "member": 1, "accepted": 1, "vote": 2, "unvote": 1},
    "discourse": {"threaded": 10, "vote": 6},
    "gotosocial": {"reply": 1, "deleted": 3, "rejected": 1, "profile": 1},
    "mastodon": {
        "threaded": 11,
        "reply": 1,
        "edited": 1,
        "deleted": 8,
        "profile": 3,
        "member": 4,
        "left": 4,
        "accepted": 4,
        "rejected": 3,
        "vote": 10,
        "unvote": 6,
    },
}
"""How many documents did what when this was written; more is welcome, fewer is a regression."""

AT_MOST_IDLE = {
    "lemmy": 10,
    "piefed": 4,
    "mbin": 10,
    "nodebb": 5,
    "discourse": 0,
    "gotosocial": 19,
    "mastodon": 26,
}
"""How many may do nothing, be refused, or not be replayed."""


def _said(platform: str) -> list[Json]:
    """All that the network behind our server knows."""
    known = [document for _, document in everything(_FOLDER, platform)]
    return known + [one.json for one in _DOCUMENTS if one.platform == platform]


class Replays:
    """The stages by platform, and what became of each document that was played."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stages: dict[str, Stage] = {}
        self._outcomes: dict[str, str] = {}

    async def outcome(self, document: Document) -> str:
        if document.path not in self._outcomes:
            self._outcomes[document.path] = await play(await self._stage(document), document)
        return self._outcomes[document.path]

    async def _stage(self, document: Document) -> Stage:
        name = f"{document.platform}-{'development' if document.development else 'public'}"
        if name not in self._stages:
            self._stages[name] = await Stage.build(
                self._folder,
                lay_sqlite(self._folder / f"{name}.db"),
                _said(document.platform),
                development=document.development,
            )
        return self._stages[name]

    async def close(self) -> None:
        for stage in self._stages.values():
            await stage.close()


async def play(stage: Stage, document: Document) -> str:
    """Set the scene, send the document, check all that it did: the outcome, with the reason if it
    did nothing."""
    await stage.clear()
    stage.origin.serve(document.json)
    case = Case.of(document.json)
    why = reason(case, stage.origin)
    expected = await SCENES[case.verb](stage, case)
    before = await stage.effects()
    try:
        became = await stage.deliver(case.json)
    except FedcopError as error:
        became = f"refused: {error}"
    after = await stage.effects()
    if why is not None:
        how, words = why
        assert became.startswith("done" if how == NOTHING else ("dead", "refused")), became
        assert after == before, f"it did something, but should not: {words}"
        return f"{how}: {words}"
    assert became in {"done", "nothing kept"}
    assert await stage.read(expected.holds), f"it should have become: {expected.outcome}"
    assert await stage.deliver(case.json) in {"done", "nothing kept"}
    assert await stage.effects() == after, "the same once more did something again"
    return expected.outcome


@pytest.fixture(scope="module")
async def replays(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replays]:
    found = Replays(tmp_path_factory.mktemp("replay"))
    yield found
    await found.close()


@pytest.mark.parametrize(
    "document", _REPLAYED or [Document("no corpus", {})], ids=lambda document: document.path
)
async def test_what_was_sent_does_what_it_should(
    shared: Path, replays: Replays, document: Document
) -> None:
    await replays.outcome(document)


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_as_much_as_ever_is_understood(shared: Path, replays: Replays, platform: str) -> None:
    counts = Counter[str]()
    for document in _DOCUMENTS:
        if document.platform == platform:
            outcome = "" if document.cannot else await replays.outcome(document)
            counts[outcome.partition(":")[0] or "not replayed"] += 1
    lacking = {name: counts[name] for name, n in AT_LEAST[platform].items() if counts[name] < n}
    assert not lacking, f"{platform}: {dict(counts)}"
    idle = counts["nothing"] + counts["refused"] + counts["not replayed"]
    assert idle <= AT_MOST_IDLE[platform], f"{platform}: {dict(counts)}"


async def test_postgresql_does_the_same(
    shared: Path, tmp_path: Path, postgresql: PostgreSql
) -> None:
    url = postgresql.migrated()
    stage = await Stage.build(tmp_path, url, _said("lemmy"), development=True)
    try:
        for document in _REPLAYED:
            if document.platform == "lemmy":
                await play(stage, document)
    finally:
        await stage.close()
        postgresql.drop(url)
