"""The author changes the words; the former ones are kept."""

from datetime import datetime

from sqlalchemy import delete

from fedcop.domain.communities.banned import check_not_banned
from fedcop.domain.communities.models import Community
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostEdited
from fedcop.domain.posts.models import Attachment, Mention, Post, Revision
from fedcop.domain.posts.policy import check_is_author, check_is_there
from fedcop.domain.posts.publish import hang_on, set_words
from fedcop.domain.posts.tags import drop_tags
from fedcop.domain.posts.words import Words
from fedcop.work.unit_of_work import UnitOfWork


def edit(
    uow: UnitOfWork, post: Post, editor: Actor, words: Words, at: datetime | None = None
) -> bool:
    """Replace the words of a post; False if nothing changed.

    What somebody elsewhere changes in a post that stewards took out is shown if it stands again.
    `at` is the `updated` of a remote edit (now, for one made here): it only grows, so an older or
    repeated one leaves the text as it stands. Raises NotTheirs, Gone, or
    NotAllowed for who is banned from the community.
    """
    check_is_author(post, editor)
    if editor.is_local or post.deleted_at is not None:
        check_is_there(post)
    check_not_banned(uow, uow.get(Community, post.community_id), editor)
    when = min(at or uow.now, uow.now)
    if at is not None and post.edited_at is not None and when <= post.edited_at:
        return False
    if _same(post, words):
        return False
    uow.add(
        Revision(
            post_id=post.id,
            title=post.title,
            html=post.html,
            source=post.source,
            replaced_at=uow.now,
        )
    )
    set_words(post, words)
    post.edited_at = when
    uow.write()
    uow.session.execute(delete(Mention).where(Mention.post_id == post.id))
    uow.session.execute(delete(Attachment).where(Attachment.post_id == post.id))
    drop_tags(uow.session, [post.id])
    hang_on(uow, post, words)
    uow.emit(PostEdited(post.id, words.mentioned))
    return True


def _same(post: Post, words: Words) -> bool:
    return (post.title, post.html, post.warning) == (words.title, words.html, words.warning)
