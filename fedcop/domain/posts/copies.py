"""Where else a post is held: whoever has a copy is to hear what becomes of the original."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Audience
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.facts import PostCopied
from fedcop.domain.posts.models import KnownAt, Post
from fedcop.work.unit_of_work import UnitOfWork


def copied(uow: UnitOfWork, post: Post, actor: Actor) -> None:
    """The server of a remote actor has this post. Nothing is said of posts that are not ours."""
    if post.local and post.is_visible and not actor.is_local:
        uow.emit(PostCopied(post.id, actor.id))


def copied_by(uow: UnitOfWork, uri: str, actor_uri: str) -> None:
    """As `copied`, by ids; one that is not known here changes nothing."""
    post, actor = uow.find(Post, uri), uow.find(Actor, actor_uri)
    if post is not None and actor is not None:
        copied(uow, post, actor)


def hears_of(session: Session, uri: str, host_name: str) -> bool:
    """Whether this host is told anyway what becomes of a post, or there is no such post.

    Forum software is told by the community, and so is whoever listens to it, of discussions.
    """
    query = select(Post.id, Post.community_id, Post.parent_id).where(Post.uri == uri, Post.local)
    post = session.execute(query).first()
    if post is None:
        return True
    host = session.scalar(select(Host).where(Host.name == host_name))
    if host is None or host.dialect == "forum":
        return host is not None
    known = select(KnownAt.post_id).where(KnownAt.post_id == post[0], KnownAt.host_id == host.id)
    if session.scalar(known.limit(1)) is not None:
        return True
    listens = select(Audience.host_id).where(
        Audience.community_id == post[1], Audience.host_id == host.id
    )
    return post[2] is None and session.scalar(listens.limit(1)) is not None
