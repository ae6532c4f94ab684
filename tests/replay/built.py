"""Parts of a post, as they stand in the corpus, sent in a Create to a community of ours."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.domain.posts.models import Post
from fedcop.errors import FedcopError
from fedcop.uris import PUBLIC
from tests.replay.documents import Json, host, id_of, is_public, many
from tests.replay.kept import lost, says_nothing
from tests.replay.origin import made_up_author
from tests.replay.result import Result
from tests.replay.roads import Piece
from tests.replay.stage import Stage

_HOST = "http://pasture-one-actor"
_ACTOR, _POST = f"{_HOST}/actor", f"{_HOST}/object/made-up"


async def build(stage: Stage, piece: Piece) -> Result:
    """Send it; afterwards it stands in the community with all that it says.

    Raises AssertionError if it does not, though nothing in it is wrong.
    """
    ours = await stage.community()
    wire = _whole(piece.json, ours.uri)
    why = _why_not(wire)
    parent = id_of(wire.get("inReplyTo"))
    if parent and not why:
        await stage.post(parent, made_up_author(parent), ours.id)
    message: Json = {
        "@context": wire.get("@context", "https://www.w3.org/ns/activitystreams"),
        "id": f"{_POST}/create",
        "type": "Create",
        "actor": _ACTOR,
        "to": wire["to"],
        "cc": wire["cc"],
        "object": {key: value for key, value in wire.items() if key != "@context"},
    }
    try:
        became = await stage.deliver(message)
    except FedcopError as error:
        if error.status >= 500:
            raise
        became = f"refused: {error}"
    there = await stage.read(_count)
    if why:
        assert not there, f"it is there, though: {why}"
        return Result("refused" if became.startswith(("refused", "dead")) else "nothing", why)
    assert there, became
    missing = await stage.read(lambda session: lost(session, _one(session), wire))
    assert not missing, missing
    return Result("reply" if parent else "threaded")


def _whole(parts: Json, community: str) -> Json:
    """A Note to the community with these parts in it; null takes one out."""
    note: Json = {
        "id": _POST,
        "type": "Note",
        "attributedTo": _ACTOR,
        "to": [PUBLIC],
        "cc": [community],
        "published": "2026-11-01T10:00:00Z",
    }
    return {key: value for key, value in (note | parts).items() if value is not None}


def _one(session: Session) -> Post:
    return session.scalars(select(Post).where(Post.uri == _POST)).one()


def _count(session: Session) -> bool:
    return session.scalar(select(Post.id).where(Post.uri == _POST)) is not None


def _why_not(wire: Json) -> str:
    kinds = [one for one in many(wire.get("type")) if one in POST_TYPES]
    parent = wire.get("inReplyTo")
    authors = [id_of(one) for one in many(wire.get("attributedTo"))]
    for is_so, words in (
        ("id" not in wire, "it has no id, so nothing can refer to it"),
        (wire.get("type") is None, "nothing says what it is"),
        (len(kinds) > 1, "it says that it is several things at once"),
        (not kinds, "no type of post"),
        (not authors, "nobody says whose it is"),
        (authors and host(authors[0]) != host(_POST), "its author is on another host"),
        (isinstance(parent, list), "a reply to several things, or one in a list"),
        (not is_public(wire), "it is not public"),
        (says_nothing(wire), "it says nothing"),
    ):
        if is_so:
            return words
    return ""
