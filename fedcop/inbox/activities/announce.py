"""Announce of one post: by a community its publication, by anybody else a boost."""

from fedcop.activitypub.vocab.activities import Announce
from fedcop.domain.posts.copies import copied
from fedcop.domain.posts.models import Post
from fedcop.inbox.inbound import Inbound, Means
from fedcop.work.unit_of_work import UnitOfWork


def announce(uow: UnitOfWork, inbound: Inbound[Announce], means: Means) -> bool:
    """A boost shows that another server has the post: it hears when that is edited or deleted.

    What a community that we listen to announces was fetched from its author's host and published
    before, so nothing is left to do for it.
    """
    post = uow.find(Post, inbound.activity.object_id or "")
    if post is not None and inbound.actor is not None:
        copied(uow, post, inbound.actor)
    return False
