"""A thread as a tree: the starter, and all under it in the order of a conversation."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.network.hosts import host_of
from fedcop.domain.network.policies import load
from fedcop.domain.people.apart import blocked_by
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.posts.lines import Author, Line, author, line, lines_of
from fedcop.domain.posts.models import Attachment, Post, Vote

MOST = 500


@dataclass(slots=True)
class Said:
    """One post of a thread, who wrote it, how deep it stands, and how the reader voted."""

    post: Line
    author: Author
    depth: int
    hidden: bool = False
    """Whether an admin has blocked the author's server: its place is kept, nothing is shown."""
    folded: bool = False
    """Whether the reader blocks the author: it is shown only to who opens it."""
    answers: Author | None = None
    """Whose post it replies to, if that is not the starter."""
    my_vote: int = 0
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Thread:
    """A starter, its community, and the replies, each after the one that it answers."""

    starter: Said
    community: Author
    replies: Sequence[Said]
    more: bool = False
    """Whether there are more replies than are shown."""


def thread(
    session: Session, root_id: int, reader_id: int | None = None, *, steward: bool = False
) -> Thread | None:
    """The thread that begins with this post; None if there is no such starter, or only its id.

    Deleted posts keep their place while there is a reply under them; unconfirmed ones too.
    What was taken out keeps it for its author and for a `steward`.
    """
    found, actors = lines_of(session, root_id, MOST + 2)
    root = next((post for post in found if post.is_starter), None)
    if root is None:  # it came here later than so many of its replies, or is none
        alone, its_author = line(session, root_id)
        root = next((post for post in alone if post.is_starter), None)
        actors |= its_author
    if root is None:
        return None
    posts = [root, *(post for post in found if post is not root)]
    more = len(posts) > MOST + 1
    del posts[MOST + 1 :]
    ids = [post.id for post in posts]
    actors[root.community_id] = author(session, root.community_id)
    hidden = {actor.id for actor in actors.values() if actor.hidden}
    if not hidden.isdisjoint({root.author_id, root.community_id}):
        return None
    votes, blocked = _votes(session, ids, reader_id), blocked_by(session, reader_id)
    hung: defaultdict[int, list[Attachment]] = defaultdict(list)
    for row in _attached(session, [post.id for post in posts if post.has_attachments]):
        hung[row.post_id].append(row)
    by_id = {post.id: post for post in posts}

    def said(post: Line, depth: int) -> Said:
        parent = by_id.get(post.parent_id) if post.parent_id else None
        named = parent if parent is not None and parent.confirmed else None
        return Said(
            post=post,
            author=actors[post.author_id],
            depth=depth,
            hidden=post.author_id in hidden,
            folded=post.author_id in blocked,
            answers=actors[named.author_id] if named and not named.is_starter else None,
            my_vote=votes.get(post.id, 0),
            attachments=tuple(hung.get(post.id, ())),
        )

    kept = {post.id for post in posts if _is_kept(post, reader_id, steward=steward)}
    replies = [said(post, depth) for post, depth in _in_order(posts, hidden, kept)]
    if not root.confirmed and not replies:
        return None
    return Thread(said(root, 0), actors[root.community_id], replies, more)


def ids_of(session: Session, root_id: int) -> Sequence[str]:
    """The URIs of a thread's visible posts: the root first, then in order of time."""
    query = (
        select(Post.uri)
        .where(Post.root_id == root_id, Post.confirmed)
        .where(Post.deleted_at.is_(None), Post.removed_at.is_(None), ~is_hidden(Post.author_id))
    )
    return session.scalars(query.order_by(Post.id != root_id, Post.id)).all()


def _attached(session: Session, ids: Sequence[int]) -> Sequence[Attachment]:
    """What is attached to these posts, less what lies on hosts that are blocked."""
    if not ids:
        return ()
    query = select(Attachment).where(Attachment.post_id.in_(ids)).order_by(Attachment.id)
    rules = load(session, "")
    return [row for row in session.scalars(query) if not rules.refuses(host_of(row.url))]


def _votes(session: Session, ids: Sequence[int], reader_id: int | None) -> dict[int, int]:
    if reader_id is None:
        return {}
    query = select(Vote.post_id, Vote.value).where(
        Vote.actor_id == reader_id, Vote.post_id.in_(ids)
    )
    return {row.post_id: row.value for row in session.execute(query)}


def _is_kept(post: Line, reader_id: int | None, *, steward: bool) -> bool:
    """Whether this reader still sees what stewards have taken out."""
    taken_out = post.removed_at is not None and post.deleted_at is None
    return taken_out and post.confirmed and (steward or post.author_id == reader_id)


def _in_order(
    posts: Sequence[Line], hidden: Collection[int], kept: Collection[int]
) -> list[tuple[Line, int]]:
    """Depth first, elder siblings first; what is gone and has nothing under it is left out, unless
    it is `kept`.

    Times cross the network in whole seconds, so within one the URIs decide: every server shows the
    same order.
    """
    root, *others = posts
    below: defaultdict[int, list[Line]] = defaultdict(list)
    for post in others:
        below[post.parent_id or root.id].append(post)
    for siblings in below.values():
        if len(siblings) > 1:
            siblings.sort(key=lambda post: (post.published_at.replace(microsecond=0), post.uri))
    ordered: list[tuple[Line, int]] = []
    waiting = [(post, 1) for post in reversed(below[root.id])]
    while waiting:
        post, depth = waiting.pop()
        shown = (post.is_visible or post.id in kept) and post.author_id not in hidden
        if shown or below[post.id]:
            ordered.append((post, depth))
        waiting.extend((child, depth + 1) for child in reversed(below[post.id]))
    return ordered
