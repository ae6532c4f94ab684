"""Plays every document of the corpus, each on its road, on one server for each folder."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import orjson

from fedcop.errors import FedcopError
from fedcop.inbox.explain.documents import explain
from fedcop.inbox.explain.outcomes import Outcome
from fedcop.wiring import OBJECT_TYPES
from tests.databases import lay_sqlite
from tests.replay.announced import announce
from tests.replay.built import build
from tests.replay.discovered import discover
from tests.replay.documents import everything, of_development
from tests.replay.listed import catch_up
from tests.replay.looked_up import look_up
from tests.replay.posted import post
from tests.replay.result import Result
from tests.replay.roads import Piece, Road, pieces
from tests.replay.run import FOLDER
from tests.replay.stage import Stage

_PLAY: Mapping[Road, Callable[[Stage, Piece], Awaitable[Result]]] = {
    Road.LOOKED_UP: look_up,
    Road.ANNOUNCED: announce,
    Road.LISTED: catch_up,
    Road.DISCOVERED: discover,
    Road.BUILT: build,
    Road.POSTED: post,
}


_EXPLAINED = {
    Road.LOOKED_UP: {Outcome.ACTOR},
    Road.ANNOUNCED: {Outcome.POST, Outcome.REPLY, Outcome.DELIVERY_ONLY},
}
_NOT_HERE = {Outcome.REFUSED, Outcome.DELIVERY_ONLY, Outcome.IGNORED}


async def play_folder(folder: str, data: Path) -> tuple[dict[Piece, Result], list[str]]:
    """What became of each document of a folder that has no scene, and what went wrong with whom."""
    known = [document for _, document in everything(FOLDER, folder)]
    results: dict[Piece, Result] = {}
    wrong: list[str] = []
    stages: dict[bool, Stage] = {}
    try:
        for piece in pieces(FOLDER, folder):
            development = piece.road is Road.BUILT or of_development(piece.json)
            if development not in stages:
                url = lay_sqlite(data / f"{folder}-{development}.db")
                stages[development] = await Stage.build(data, url, known, development=development)
            stage = stages[development]
            await stage.clear()
            try:
                results[piece] = await _PLAY[piece.road](stage, piece)
            except (AssertionError, FedcopError) as error:
                wrong.append(f"{piece.path} ({piece.road}): {type(error).__name__} {error}")
    finally:
        for stage in stages.values():
            await stage.close()
    return results, wrong


def disagreements(results: Mapping[Piece, Result]) -> list[str]:
    """The actors and posts of which `explain` says something else than what became of them."""
    found: list[str] = []
    for piece, result in results.items():
        expected = _EXPLAINED.get(piece.road)
        if expected is None:
            continue
        said = explain(orjson.dumps(piece.json), OBJECT_TYPES)
        refused = result.outcome == "refused"
        if said.outcome not in (_NOT_HERE if refused else expected):
            found.append(f"{piece.path}: {said.outcome} ({said.reason}), but {result}")
    return found
