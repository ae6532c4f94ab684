"""The index is kept in the transaction that changes what it says: a statement for a whole unit.

What stewards took out stays in it: whoever asks is shown only what may be seen. What an author
deleted leaves it at once.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from fedcop.domain.communities.facts import CommunityChanged, CommunityFounded
from fedcop.domain.communities.models import Community
from fedcop.domain.people.facts import (
    ActorDescribed,
    PersonLeft,
    PersonRegistered,
    ProfileChanged,
)
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostDeleted, PostEdited, PostPublished
from fedcop.domain.posts.models import Post
from fedcop.text.folding import fold, shown_words
from fedcop.work.unit_of_work import UnitOfWork

Said = PostPublished | PostEdited
Described = PersonRegistered | ProfileChanged | ActorDescribed | CommunityFounded | CommunityChanged

_FIND_POST = {
    "sqlite": text("INSERT OR REPLACE INTO post_search (rowid, title, text) VALUES (:id, :a, :b)"),
    "postgresql": text(
        "INSERT INTO post_search (id, words) VALUES (:id, CAST(CAST(:words AS TEXT) AS tsvector))"
        " ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words"
    ),
}
_FIND_ACTOR = {
    "sqlite": text(
        "INSERT OR REPLACE INTO actor_search (rowid, names, purpose) VALUES (:id, :a, :b)"
    ),
    "postgresql": text(
        "INSERT INTO actor_search (id, words) VALUES (:id, CAST(CAST(:words AS TEXT) AS tsvector))"
        " ON CONFLICT (id) DO UPDATE SET words = EXCLUDED.words"
    ),
}
_FORGET_POST = {
    "sqlite": text("DELETE FROM post_search WHERE rowid = :id"),
    "postgresql": text("DELETE FROM post_search WHERE id = :id"),
}
_FORGET_ACTOR = {
    "sqlite": text("DELETE FROM actor_search WHERE rowid = :id"),
    "postgresql": text("DELETE FROM actor_search WHERE id = :id"),
}
_FORGET_AUTHOR = {
    "sqlite": text(
        "DELETE FROM post_search WHERE rowid IN (SELECT id FROM posts WHERE author_id = :id)"
    ),
    "postgresql": text(
        "DELETE FROM post_search WHERE id IN (SELECT id FROM posts WHERE author_id = :id)"
    ),
}


def index_post(uow: UnitOfWork, fact: Said) -> None:
    """What was said, or said anew, can be found."""
    post = uow.get(Post, fact.post_id)
    if post.confirmed and post.deleted_at is None:
        kind = _kind(uow.session)
        uow.once(_FIND_POST[kind], _post_row(kind, post))


def forget_post(uow: UnitOfWork, fact: PostDeleted) -> None:
    """What was taken back is found no more."""
    uow.once(_FORGET_POST[_kind(uow.session)], {"id": fact.post_id})


def index_actor(uow: UnitOfWork, fact: Described) -> None:
    """A person or a community can be found by what it is called; one that is gone cannot."""
    actor_id = (
        fact.community_id
        if isinstance(fact, CommunityFounded | CommunityChanged)
        else fact.actor_id
    )
    kind, actor = _kind(uow.session), uow.get(Actor, actor_id)
    if actor.deleted_at is not None:
        uow.once(_FORGET_ACTOR[kind], {"id": actor_id})
        return
    community = uow.look_up(Community, actor_id) if actor.type == "Group" else None
    uow.once(_FIND_ACTOR[kind], _actor_row(kind, actor, community))


def forget_person(uow: UnitOfWork, fact: PersonLeft) -> None:
    """Neither they nor what they said is found any more."""
    kind = _kind(uow.session)
    uow.once(_FORGET_ACTOR[kind], {"id": fact.actor_id})
    uow.once(_FORGET_AUTHOR[kind], {"id": fact.actor_id})


def put_posts(session: Session, posts: Iterable[Post]) -> None:
    """Index these posts, whose words may be shown."""
    kind = _kind(session)
    _put(session, _FIND_POST[kind], [_post_row(kind, post) for post in posts])


def put_actors(session: Session, actors: Iterable[tuple[Actor, Community | None]]) -> None:
    """Index these people, and communities with their row."""
    kind = _kind(session)
    _put(session, _FIND_ACTOR[kind], [_actor_row(kind, *pair) for pair in actors])


def _put(session: Session, statement: TextClause, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(statement, rows)


def _kind(session: Session) -> str:
    return session.get_bind().dialect.name


def _post_row(kind: str, post: Post) -> dict[str, Any]:
    return {"id": post.id} | _row(kind, fold(post.title), fold(shown_words(post.html)))


def _actor_row(kind: str, actor: Actor, community: Community | None) -> dict[str, Any]:
    names = fold(f"{actor.name} {actor.display_name}")
    return {"id": actor.id} | _row(kind, names, fold(community.purpose if community else ""))


def _row(kind: str, first: list[str], second: list[str]) -> dict[str, Any]:
    """The words of both fields, those of the first counting for more."""
    if kind == "sqlite":
        return {"a": " ".join(first), "b": " ".join(second)}
    return {"words": _tsvector(first, second)}


def _tsvector(first: list[str], second: list[str]) -> str:
    """The text form of a tsvector: no parser of PostgreSQL has a say in what a word is.

    Source: PostgreSQL's documentation, section 8.11.1: positions end at 16,383, and a word keeps
    at most 256 of them. A gap stands between the fields, so that no phrase reaches over it.
    """
    places: dict[str, list[str]] = {}
    for number, word in enumerate(first, 1):
        places.setdefault(word, []).append(f"{min(number, 5_000)}A")
    for number, word in enumerate(second, min(len(first), 5_000) + 10):
        places.setdefault(word, []).append(f"{min(number, 16_000)}")
    return " ".join(f"'{word}':{','.join(at[:250])}" for word, at in places.items())
