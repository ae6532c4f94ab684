"""What is left of an actor who is gone."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post


def standing_posts(session: Session, author: Actor) -> Sequence[Post]:
    """What the actor has said and not deleted: replies before what they answer."""
    query = select(Post).where(Post.author_id == author.id, Post.deleted_at.is_(None))
    return session.scalars(query.order_by(Post.id.desc())).all()
