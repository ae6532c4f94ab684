"""Index what was here before the index was: some hundred rows in a transaction."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.domain.search.index import put_actors, put_posts

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Filled:
    """How far it has come: the last rows that were indexed; `done` when none are left."""

    actor_id: int = 0
    post_id: int = 0
    done: bool = False


def fill(session: Session, sofar: Filled) -> Filled:
    """Index the next rows. Doing the same again changes nothing."""
    actors = (
        select(Actor, Community)
        .join(Community, Community.actor_id == Actor.id, isouter=True)
        .where(Actor.id > sofar.actor_id, Actor.deleted_at.is_(None))
        .order_by(Actor.id)
        .limit(_AT_ONCE)
    )
    found = [(row[0], row[1]) for row in session.execute(actors)]
    if found:
        put_actors(session, found)
        return Filled(found[-1][0].id, sofar.post_id)
    posts = (
        select(Post)
        .where(Post.id > sofar.post_id, Post.confirmed, Post.deleted_at.is_(None))
        .order_by(Post.id)
        .limit(_AT_ONCE)
    )
    said = session.scalars(posts).all()
    put_posts(session, said)
    return Filled(sofar.actor_id, said[-1].id if said else sofar.post_id, not said)
