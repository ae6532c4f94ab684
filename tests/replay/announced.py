"""A post of the corpus that a community announces by its id: it is read from its author's host."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.objects import POST_TYPES
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.errors import FedcopError
from fedcop.uris import PUBLIC
from tests.replay.documents import Json, host, id_of, is_public, many, recipients
from tests.replay.kept import lost, says_nothing
from tests.replay.origin import made_up_author
from tests.replay.result import Result
from tests.replay.roads import Piece
from tests.replay.stage import Stage
from tests.replay.whole import unusable

NAMED = "once it was made to name the community"


async def announce(stage: Stage, piece: Piece) -> Result:
    """Let the community that it names announce it; one that names none is made to name one.

    Afterwards it stands there with all its words. Raises AssertionError if it does not.
    """
    document: Json = piece.json
    development = stage.app.settings.development
    why = unusable(document, development=development)
    if why:
        return await _refused(stage, document, why)
    uri = id_of(document)
    group, added = _group_of(stage, document, uri)
    served = document | ({"audience": group} if added else {})
    why = _why_not(served)
    parent = id_of(document.get("inReplyTo"))
    community_id = await stage.listen(group)
    if parent and parent != uri and not why:
        await stage.post(parent, made_up_author(parent), community_id)
    stage.origin.answers[uri] = served
    message = {
        "id": f"{group}/made-up/announce",
        "type": "Announce",
        "actor": group,
        "object": uri,
        "to": [PUBLIC],
    }
    became = await stage.deliver(message)
    post = await stage.read(lambda session: _held(session, uri))
    if why:
        assert post is None, f"it is there, though: {why}"
        assert became.startswith(("dead", "waiting")), became
        return Result("refused", why)
    assert post is not None, became
    missing = await stage.read(lambda session: _missing(session, uri, served))
    assert not missing, missing
    outcome = "reply" if parent else "threaded"
    return Result(outcome, NAMED if added and not parent else "")


def _held(session: Session, uri: str) -> Post | None:
    return session.scalars(select(Post).where(Post.uri == uri)).one_or_none()


def _missing(session: Session, uri: str, served: Json) -> list[str]:
    post = session.scalars(select(Post).where(Post.uri == uri)).one()
    author = session.get_one(Actor, post.author_id).uri
    by_them = author in [id_of(one) for one in many(served.get("attributedTo"))]
    return [*([] if by_them else ["its author"]), *lost(session, post, served)]


def _group_of(stage: Stage, document: Json, uri: str) -> tuple[str, bool]:
    """The community that it names, else one on its own host; and whether that was made up."""
    authors = many(document.get("attributedTo"))
    groups = [id_of(one) for one in authors if isinstance(one, dict) and one["type"] == "Group"]
    groups += [id_of(one) for one in authors if stage.origin.is_group(id_of(one))]
    if document.get("actor") and id_of(document["actor"]) not in [id_of(one) for one in authors]:
        groups += [
            id_of(one) for one in authors
        ]  # Mobilizon says beside the group who spoke for it
    audience = [id_of(one) for one in many(document.get("audience")) if id_of(one)]
    named = [one for one in recipients(document) if stage.origin.is_group(one)]
    found = next(iter([one for one in [*audience, *named, *groups] if host(one)]), "")
    scheme = uri.partition("://")[0]
    return (found, False) if found else (f"{scheme}://{host(uri)}/made-up/community", True)


async def _refused(stage: Stage, document: Json, why: str) -> Result:
    """Nobody can ask for it: read from another address it is not believed."""
    uri = "https://nobody.example/made-up"
    stage.origin.answers[uri] = document
    with pytest.raises(FedcopError):
        await stage.resolver.object(uri)
    return Result("refused", why)


def _why_not(document: Json) -> str:
    uri, author = id_of(document), id_of(next(iter(many(document.get("attributedTo"))), None))
    kinds = [one for one in many(document.get("type")) if one in POST_TYPES]
    for is_so, words in (
        (len(set(kinds)) > 1, "it says that it is several things at once"),
        (not author, "nobody says whose it is"),
        (author and host(author) != host(uri), "its author is on another host"),
        (not is_public(document), "it is not public"),
        (says_nothing(document), "it says nothing"),
    ):
        if is_so:
            return words
    return ""
