"""What somebody here has just said, in case its form is sent again.

Whoever got no answer, because the connection was cut or a button was pressed twice, sends the form
again. It has no key of its own: the same words by the same person in the same place, within a short
time, are the same post.
"""

from datetime import timedelta

from sqlalchemy import select

from fedcop.domain.people.models import Account
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.words import Words
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

AGAIN_WITHIN = timedelta(minutes=10)


def just_said(
    uow: UnitOfWork, author_id: int, words: Words, *, community_id: int, parent_id: int | None
) -> Post | None:
    """The standing post of this account with these words in this place, of the last ten minutes.

    Until the unit ends, the same account waits here: of two forms that come together the second
    finds the post of the first.
    """
    uow.session.get_one(Account, author_id, with_for_update={"key_share": True})
    query = (
        select(Post)
        .where(Post.author_id == author_id, Post.id > new_id(uow.now - AGAIN_WITHIN))
        .where(Post.community_id == community_id, Post.parent_id.is_not_distinct_from(parent_id))
        .where(Post.title == words.title, Post.source == words.source)
        .where(Post.deleted_at.is_(None), Post.removed_at.is_(None))
    )
    return uow.session.scalars(query.limit(1)).one_or_none()
