"""What no scene is made for, posted to the inbox as it stands, signed by its actor."""

import json
from collections.abc import Iterator

from fedcop.errors import FedcopError
from tests.replay.documents import VERBS, Json, host, id_of
from tests.replay.result import Result
from tests.replay.roads import Piece, types_of
from tests.replay.stage import Stage

_SOMEBODY = "https://somebody.example/made-up"


async def post(stage: Stage, piece: Piece) -> Result:
    """It is refused, or does nothing: no exception, no 5xx, no row of an effect."""
    body = json.dumps(piece.json).encode()
    before = await stage.rows.effects()
    try:
        became = await stage.post_raw(body, _speaker(piece.json))
    except FedcopError as error:
        if error.status >= 500:
            raise
        became = f"refused: {error}"
    assert await stage.rows.effects() == before, "it did something"
    how, _, words = became.partition(": ")
    if how == "waiting":
        return Result("nothing", "it waits for what it is about")
    refused_for = words if how in {"dead", "refused"} else ""
    why = next(_classes(piece.json, refused=bool(refused_for)), refused_for)
    return Result("nothing" if how == "done" else "refused", why)


def _speaker(document: object) -> str:
    said = id_of(document.get("actor")) if isinstance(document, dict) else ""
    return said if said.startswith("http") and host(said) else _SOMEBODY


def _classes(document: object, *, refused: bool) -> Iterator[str]:
    """What it is instead of an activity of somebody, or why one does nothing."""
    if not isinstance(document, dict):
        yield "a list: no server sends one"
        return
    known: Json = document
    if "@graph" in known or known.keys() <= {"@context", "@id"}:
        yield "JSON-LD that defines words, and is never loaded"
    elif "$schema" in known:
        yield "a JSON schema"
    elif "type" not in known and "@type" not in known:
        yield "a part of a document: nothing says what it is"
    elif "actor" not in known or "object" not in known:
        yield "a thing of which nothing here is made"
    elif VERBS.isdisjoint(types_of(known)):
        yield "a verb with which nothing is done here"
    elif not refused:
        yield "nothing and nobody of this server is meant"
