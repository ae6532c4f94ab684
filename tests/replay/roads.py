"""By which road each document of the corpus comes to a server: chosen by what it is, by no name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from fedcop.activitypub.vocab.activities import VERBS
from fedcop.activitypub.vocab.actors import ACTOR_TYPES
from fedcop.activitypub.vocab.collections import COLLECTION_TYPES
from fedcop.activitypub.vocab.objects import POST_TYPES
from tests.replay.documents import NOT_REPLAYED, PLATFORMS, Json, activities, many

FOLDERS = (*PLATFORMS, *NOT_REPLAYED)
_PARTS = "pasture-inputs"


class Road(StrEnum):
    """How a document reaches us."""

    SENT = "sent"
    """An activity of a server, with a scene of its own (`scenes`)."""
    LOOKED_UP = "looked up"
    """An actor whose address somebody here types into the search."""
    ANNOUNCED = "announced"
    """A post that a community announces by its id, so that it is read from its author's host."""
    LISTED = "listed"
    """A collection that a community names as its outbox, its pins and its stewards."""
    DISCOVERED = "discovered"
    """An answer of WebFinger or NodeInfo, where those are asked for."""
    BUILT = "built"
    """Parts of a post, sent in a Create to a community of ours."""
    POSTED = "posted"
    """Anything else: posted to the inbox as it stands there."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One document of the corpus, the road on which it comes, and its types for the table."""

    path: str
    json: Any
    road: Road

    @property
    def folder(self) -> str:
        return self.path.partition("/")[0]

    @property
    def kind(self) -> str:
        """Its types from the outside in, as the table of the activities has them."""
        return "/".join(_kinds(self.json)) or "–"


def pieces(corpus: Path, folder: str) -> list[Piece]:
    """Every document of a folder that has no scene of its own."""
    played = {one.path for one in activities(corpus, folder) if not one.cannot}
    if folder not in PLATFORMS:
        played = set()
    found: list[Piece] = []
    for file in sorted((corpus / folder).rglob("*.json")):
        path = file.relative_to(corpus).as_posix()
        if path not in played:
            document = json.loads(file.read_bytes())
            found.append(Piece(path, document, _road(folder, document)))
    return found


def types_of(document: Json) -> list[str]:
    return [one for one in many(document.get("type")) if isinstance(one, str)]


def _road(folder: str, document: Any) -> Road:
    if folder == _PARTS:
        return Road.BUILT
    if not isinstance(document, dict):
        return Road.POSTED
    if isinstance(document.get("links"), list) or "software" in document:
        return Road.DISCOVERED
    known = set(types_of(document))
    for types, road in (
        (ACTOR_TYPES, Road.LOOKED_UP),
        (COLLECTION_TYPES, Road.LISTED),
        (VERBS.keys(), Road.POSTED),
        (POST_TYPES, Road.ANNOUNCED),
    ):
        if known & set(types):
            return road
    return Road.POSTED


def _kinds(document: Any) -> Iterator[str]:
    if isinstance(document, list):
        yield "a list"
    while isinstance(document, dict):
        types = types_of(document)
        if types:
            yield ",".join(types)
        document = document.get("object") if types else None
