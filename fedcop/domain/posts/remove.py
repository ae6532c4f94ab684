"""A post is deleted by its author, or taken out by its community."""

from sqlalchemy import delete as sql_delete

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostDeleted, PostRemoved
from fedcop.domain.posts.models import Attachment, Mention, Post, Revision
from fedcop.domain.posts.policy import check_is_author
from fedcop.work.unit_of_work import UnitOfWork


def delete(uow: UnitOfWork, post: Post, by: Actor) -> None:
    """The author takes it back: the words go for good, a tombstone stays so that replies hold.

    Deleting twice changes nothing. Raises NotTheirs for anybody but the author.
    """
    check_is_author(post, by)
    if post.deleted_at is not None:
        return
    _take_from_counts(uow, post)
    post.deleted_at = uow.now
    post.title = post.html = post.summary = ""
    post.source = post.warning = None
    uow.write()
    for table in (Mention, Attachment, Revision):
        uow.session.execute(sql_delete(table).where(table.post_id == post.id))
    uow.emit(PostDeleted(post.id))


def remove(uow: UnitOfWork, post: Post, by: Actor | None = None) -> None:
    """The community takes it out: hidden here, its words kept for the author and for appeal."""
    if post.removed_at is None and post.deleted_at is None:
        _take_from_counts(uow, post)
        post.removed_at = uow.now
        uow.emit(PostRemoved(post.id, by.id if by else None))


def _take_from_counts(uow: UnitOfWork, post: Post) -> None:
    if not post.is_visible or post.parent_id is None:
        return
    parent, root = uow.get(Post, post.parent_id), uow.get(Post, post.root_id)
    parent.reply_count = max(0, parent.reply_count - 1)
    root.thread_count = max(0, root.thread_count - 1)
