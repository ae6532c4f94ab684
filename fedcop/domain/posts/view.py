"""A post with everything that its form on the wire needs, loaded in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Attachment, Mention, Post
from fedcop.domain.posts.tags import tags_in, tags_of
from fedcop.uris import Uris
from fedcop.work.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post, its people and its place in the thread."""

    uris: Uris
    post: Post
    author: Actor
    community: Actor
    root: Post
    parent: Post | None = None
    parent_author: Actor | None = None
    mentioned: tuple[Actor, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    hashtags: tuple[str, ...] = ()


def view_in(uow: UnitOfWork, post: Post, mentioned: Collection[int]) -> PostView:
    """The view of a post that was just written in this unit; attachments are those of local posts:
    none yet."""
    parent = uow.get(Post, post.parent_id) if post.parent_id else None
    return PostView(
        uris=uow.uris,
        post=post,
        author=uow.get(Actor, post.author_id),
        community=uow.get(Actor, post.community_id),
        root=uow.get(Post, post.root_id),
        parent=parent,
        parent_author=uow.get(Actor, parent.author_id) if parent else None,
        mentioned=tuple(uow.get(Actor, actor_id) for actor_id in mentioned),
        hashtags=tags_in(uow, post.id),
    )


def views_of(session: Session, posts: Sequence[Post], uris: Uris) -> list[PostView]:
    """The views of these posts, in their order."""
    near = {post.id: post for post in posts}
    missing = {
        post_id
        for post in posts
        for post_id in (post.root_id, post.parent_id)
        if post_id and post_id not in near
    }
    for post in session.scalars(select(Post).where(Post.id.in_(missing))) if missing else ():
        near[post.id] = post
    ids = [post.id for post in posts]
    named: defaultdict[int, list[int]] = defaultdict(list)
    mentions = select(Mention.post_id, Mention.actor_id).where(Mention.post_id.in_(ids))
    for post_id, actor_id in session.execute(mentions):
        named[post_id].append(actor_id)
    hung: defaultdict[int, list[Attachment]] = defaultdict(list)
    for row in session.scalars(select(Attachment).where(Attachment.post_id.in_(ids))):
        hung[row.post_id].append(row)
    tagged = tags_of(session, ids)
    people = {post.author_id for post in near.values()} | {p.community_id for p in posts}
    people.update(actor_id for actor_ids in named.values() for actor_id in actor_ids)
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(people)))}

    def view(post: Post) -> PostView:
        parent = near.get(post.parent_id) if post.parent_id else None
        return PostView(
            uris=uris,
            post=post,
            author=actors[post.author_id],
            community=actors[post.community_id],
            root=near[post.root_id],
            parent=parent,
            parent_author=actors[parent.author_id] if parent else None,
            mentioned=tuple(actors[a] for a in named[post.id] if a in actors),
            attachments=tuple(hung[post.id]),
            hashtags=tagged.get(post.id, ()),
        )

    return [view(post) for post in posts]


def view_of(session: Session, post: Post, uris: Uris) -> PostView:
    """The view of one post."""
    return views_of(session, [post], uris)[0]
