"""A post is deleted by its author, or taken out by its community and let in again."""

from sqlalchemy import String, cast, literal, update
from sqlalchemy import delete as sql_delete

from fedcop.domain.communities.policy import check_is_steward
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.facts import PostDeleted, PostRemoved, PostRestored
from fedcop.domain.posts.models import Attachment, Mention, Post, PostTag, Revision
from fedcop.domain.posts.policy import check_is_author
from fedcop.errors import Invalid, Sentence
from fedcop.uris import slug
from fedcop.work.unit_of_work import UnitOfWork

LONGEST_REASON = 1_000


def delete(uow: UnitOfWork, post: Post, by: Actor) -> None:
    """The author takes it back: the words go for good, a tombstone stays so that replies hold.

    Deleting twice changes nothing. Raises NotTheirs for anybody but the author.
    """
    check_is_author(post, by)
    _hold(uow, post)
    if post.deleted_at is not None:
        return
    _count(uow, post, -1)
    post.deleted_at = uow.now
    post.pinned_at = None
    post.title = post.html = post.summary = ""
    post.source = post.warning = None
    uow.write()
    _forget_title(uow, post)
    for table in (Mention, Attachment, Revision, PostTag):
        uow.session.execute(sql_delete(table).where(table.post_id == post.id))
    uow.emit(PostDeleted(post.id))


def remove(uow: UnitOfWork, post: Post, by: Actor | None = None, reason: str = "") -> bool:
    """The community takes it out: hidden here, its words kept for the author and for appeal.

    `by` is one of its stewards; None, if only the community's own host says so. False if it is
    gone already. Raises NotAllowed for somebody who is no steward, Invalid (field reason).
    """
    if by is not None:
        check_is_steward(uow.session, post.community_id, by.id)
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            fields={"reason": Sentence("At most {most} characters.", most=LONGEST_REASON)}
        )
    _hold(uow, post)
    if post.removed_at is not None or post.deleted_at is not None:
        return False
    _count(uow, post, -1)
    post.removed_at = uow.now
    post.removed_by_id = by.id if by else None
    post.removal_reason = reason
    uow.emit(PostRemoved(post.id, post.removed_by_id, reason))
    return True


def restore(uow: UnitOfWork, post: Post, by: Actor | None = None) -> bool:
    """What the community took out stands again, as it was; `by` as in `remove`.

    False if it was not taken out, or if its author has deleted it: those words are gone. Raises
    NotAllowed for somebody who is no steward.
    """
    if by is not None:
        check_is_steward(uow.session, post.community_id, by.id)
    _hold(uow, post)
    if post.removed_at is None or post.deleted_at is not None:
        return False
    post.removed_at = post.removed_by_id = None
    post.removal_reason = ""
    _count(uow, post, +1)
    uow.emit(PostRestored(post.id, by.id if by else None))
    return True


def _forget_title(uow: UnitOfWork, post: Post) -> None:
    """The address of its page has the title in it, and so have those of the replies from here."""
    post.url = post.uri
    if not post.is_starter:
        return
    place = uow.get(Actor, post.community_id)
    name = place.name if place.is_local else handle(place, uow.uris.host)
    plain = uow.uris.thread_page(name, post.id, slug(""))
    if post.local:
        post.url = plain
    replies = update(Post).where(Post.root_id == post.id, Post.id != post.id, Post.local.is_(True))
    replies = replies.values(url=literal(f"{plain}#r") + cast(Post.id, String))
    uow.session.execute(replies, execution_options={"synchronize_session": False})


def _hold(uow: UnitOfWork, post: Post) -> None:
    """The post, and where it counts."""
    above = [] if post.parent_id is None else [post.parent_id, post.root_id]
    uow.hold(post, *(uow.get(Post, row_id) for row_id in above))


def _count(uow: UnitOfWork, post: Post, change: int) -> None:
    """Let a visible reply count, or no longer, in what it answers and in its thread."""
    if not post.is_visible or post.parent_id is None:
        return
    parent, root = uow.get(Post, post.parent_id), uow.get(Post, post.root_id)
    parent.reply_count = max(0, parent.reply_count + change)
    root.thread_count = max(0, root.thread_count + change)
