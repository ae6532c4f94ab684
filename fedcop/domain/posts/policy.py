"""Who may edit, delete, vote on a post, and reply to it."""

from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community
from fedcop.domain.communities.policy import check_may_reply, check_may_take_part
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.errors import Gone, Locked, NotAllowed, NotTheirs


def check_may_answer(
    session: Session, author: Actor, parent: Post, root: Post, community: Community
) -> None:
    """Raise unless this actor may reply to this post of the thread that begins with `root`.

    Whether somebody elsewhere may reply in a community elsewhere is for its server to say. Who
    answered elsewhere before they heard that its author had deleted it is heard: a thread keeps
    the place of what was deleted.
    """
    if author.is_local or (community.local and parent.removed_at is not None):
        check_is_there(parent)
    if community.local or author.is_local:
        check_is_unlocked(parent, root)
    check_may_reply(session, community, author.id, here=author.is_local)


def check_is_unlocked(parent: Post, root: Post) -> None:
    """Raise Locked for what stewards have locked, and for all of a locked discussion."""
    if root.locked_at is not None:
        raise Locked("The stewards have locked this discussion: nobody can reply any more.")
    if parent.locked_at is not None:
        raise Locked("The stewards have locked this reply: nobody can answer it any more.")


def check_is_there(post: Post) -> None:
    """Raise Gone for what was deleted or taken out."""
    if post.deleted_at is not None:
        raise Gone("Its author has deleted this.")
    if post.removed_at is not None:
        raise Gone("The stewards have taken this out of the community.")


def check_is_author(post: Post, actor: Actor) -> None:
    """Raise NotTheirs unless exactly this actor wrote it (the same host is not enough)."""
    if post.author_id != actor.id:
        raise NotTheirs("Only who wrote it can change or delete it.")


def check_may_vote(session: Session, post: Post, actor: Actor, community: Community) -> None:
    """Raise unless this actor may vote on this.

    What somebody elsewhere says about a post that stewards took out counts if it stands again.
    """
    if actor.is_local or post.deleted_at is not None:
        check_is_there(post)
    if actor.is_local and post.author_id == actor.id:
        raise NotAllowed("Others say whether what you wrote is helpful.")
    check_may_take_part(session, community, actor.id)
