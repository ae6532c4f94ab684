"""A reply to something that is not here stands under a placeholder, until that arrives."""

from sqlalchemy import select

from fedcop.domain.communities.models import Community
from fedcop.domain.posts.models import Kind, Post
from fedcop.errors import NotFound
from fedcop.ids import new_id
from fedcop.work.unit_of_work import UnitOfWork

AWAITED = "awaited:"
"""Before the id of what a placeholder stands for: so nobody takes it for the post itself."""


def stand_in(uow: UnitOfWork, uri: str, community: Community, context: str | None) -> Post:
    """What stands for the post with this id: only its place is known, nothing of it is shown.

    `context` is the conversation that the reply names: if it is that of a discussion of the
    community that is here, the placeholder stands in it, else it begins a thread of its own, that
    no list shows. A community of ours takes only what belongs to a discussion that it has: raises
    NotFound otherwise.
    """
    known = _placeholder(uow, uri, community.actor_id)
    if known is not None:
        return known
    root = _root_of(uow, community, context)
    if root is None and community.local:
        raise NotFound(f"What it answers is not to be found: {uri}")
    row_id = new_id()
    post = Post(
        id=row_id,
        uri=_name(uow, uri, community.actor_id),
        type="Note",
        kind=Kind.REPLY,
        local=False,
        author_id=community.actor_id,  # of the author nothing is known
        community_id=community.actor_id,
        root_id=root.id if root is not None else row_id,
        parent_id=root.id if root is not None else None,
        published_at=uow.now,
        active_at=uow.now,
        confirmed=False,
    )
    uow.add(post)
    return post


def take_place(uow: UnitOfWork, post: Post) -> None:
    """A post has arrived: what stood under its placeholder stands under it from now on.

    The replies move into its thread, and are counted there. A placeholder in another community
    than the post's stays: what stands under it does not belong here.
    """
    placeholder = _placeholder(uow, post.uri, post.community_id)
    if placeholder is None:
        return
    uow.write()
    old, new = uow.get(Post, placeholder.root_id), uow.get(Post, post.root_id)
    uow.hold(old, new)
    below = _below(uow, placeholder)
    for one in below:
        one.root_id = new.id
        if one.parent_id == placeholder.id:
            one.parent_id = post.id
            post.reply_count += one.is_visible
        new.active_at = max(new.active_at, one.published_at)
    moved = sum(one.is_visible for one in below)
    old.thread_count = max(0, old.thread_count - moved)
    new.thread_count += moved
    uow.write()
    uow.session.delete(placeholder)
    uow.write()
    uow.forget(Post, placeholder.uri)
    uow.forget(Post, placeholder.id)


def _placeholder(uow: UnitOfWork, uri: str, community_id: int) -> Post | None:
    """What stands for `uri` in this community: each has its own, so that whoever is first to answer
    something unknown does not draw the answers of others into their community."""
    first = uow.find(Post, AWAITED + uri)
    if first is None or first.community_id == community_id:
        return first
    return uow.find(Post, _in(community_id, uri))


def _name(uow: UnitOfWork, uri: str, community_id: int) -> str:
    taken = uow.find(Post, AWAITED + uri) is not None
    return _in(community_id, uri) if taken else AWAITED + uri


def _in(community_id: int, uri: str) -> str:
    return f"{AWAITED}{community_id}:{uri}"


def _root_of(uow: UnitOfWork, community: Community, context: str | None) -> Post | None:
    if not context:
        return None
    for uri in (context.removesuffix("/context"), context):
        found = uow.find(Post, uri)
        if found is not None and found.community_id == community.actor_id:
            return uow.get(Post, found.root_id)
    return None


def _below(uow: UnitOfWork, top: Post) -> list[Post]:
    """All that stands under a post, however deep."""
    query = select(Post).where(Post.root_id == top.root_id, Post.id != top.root_id)
    under: dict[int, list[Post]] = {}
    for post in uow.session.scalars(query):
        uow.know(post)
        under.setdefault(post.parent_id or 0, []).append(post)
    found: list[Post] = []
    waiting = [top.id]
    while waiting:
        for post in under.get(waiting.pop(), ()):
            found.append(post)
            waiting.append(post.id)
    return found
