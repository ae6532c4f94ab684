"""What is found: posts, people, communities, as far as whoever asks may see them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from fedcop.db.sqlite import APART
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.queries import Listed
from fedcop.domain.people.models import Actor
from fedcop.domain.people.queries import by_handle
from fedcop.domain.posts.models import Post, PostTag
from fedcop.domain.posts.tags import tag_called
from fedcop.domain.posts.visible import heard_by, starters, visible
from fedcop.domain.search.engines import ACTORS, POSTS, engine
from fedcop.domain.search.query import Asked, Field, Narrowing

RANKED = 2_000
"""So many of the newest that match are ranked: a common word matches half of all there is."""
EACH = 20
MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Hit:
    """A post that was found, and where it stands."""

    post: Post
    author: Actor
    community: Actor
    root: Post


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of posts; `unknown` are the names in the query that stand for nobody here."""

    items: Sequence[Hit] = ()
    more: bool = False
    unknown: Sequence[str] = ()


def find_posts(
    session: Session, asked: Asked, home: str, reader_id: int | None = None, page: int = 1
) -> Hits:
    """Discussions and replies that have all that is asked for, the best first, then the newest.

    `home` is our own host, which handles may name. Of what matches the newest 2,000 are ranked.
    A reply is found where the discussion that it stands in is: a hit's title is the starter's.
    """
    if asked.is_empty:
        return Hits()
    conditions, unknown = _narrowed(session, asked, home)
    if unknown:
        return Hits(unknown=unknown)
    author, community = aliased(Actor), aliased(Actor)
    index = engine(session, POSTS)
    if asked.wanted:
        ranked = select(index.id.label("id"), index.rank(asked).label("rank"))
        ranked = ranked.join_from(index.rows, Post, Post.id == index.id)
        ranked = ranked.where(index.matches(asked)).order_by(index.id.desc())
    else:
        ranked = select(Post.id.label("id"), (-Post.id).label("rank")).order_by(Post.id.desc())
        if asked.unwanted:
            ranked = ranked.where(Post.id.not_in(index.unwanted(asked)))
    found = (
        ranked.join(author, author.id == Post.author_id)
        .join(community, community.id == Post.community_id)
        .where(*visible(), *conditions, *heard_by(reader_id, author), *heard_by(None, community))
        .limit(RANKED)
        .subquery()
    )
    root, began_it = aliased(Post), aliased(Actor)
    query = (
        select(Post, author, community, root)
        .join(found, found.c.id == Post.id)
        .join(author, author.id == Post.author_id)
        .join(community, community.id == Post.community_id)
        .join(root, root.id == Post.root_id)
        .join(began_it, began_it.id == root.author_id)
        .where(*visible(root), *heard_by(reader_id, began_it))
        .order_by(found.c.rank, Post.id.desc())
        .offset(_offset(page, EACH))
        .limit(EACH + 1)
    )
    rows = session.execute(query, execution_options={APART: True}).all()
    return Hits([Hit(*row) for row in rows[:EACH]], len(rows) > EACH)


def find_people(
    session: Session, asked: Asked, reader_id: int | None = None, page: int = 1, each: int = EACH
) -> tuple[Sequence[Actor], bool]:
    """People by parts of their names, those of this server first; and whether there are more."""
    if not asked.wanted:
        return (), False
    index = engine(session, ACTORS)
    query = (
        select(Actor)
        .join_from(index.rows, Actor, Actor.id == index.id)
        .where(index.matches(asked), Actor.type.in_(("Person", "Service")))
        .where(Actor.deleted_at.is_(None), *heard_by(reader_id))
        .order_by(Actor.host_id.is_not(None), index.rank(asked), Actor.id)
        .offset(_offset(page, each))
        .limit(each + 1)
    )
    found = session.scalars(query, execution_options={APART: True}).all()
    return found[:each], len(found) > each


def find_communities(
    session: Session,
    asked: Asked,
    page: int = 1,
    each: int = EACH,
    *,
    local: bool | None = None,
) -> tuple[Sequence[Listed], bool]:
    """Communities by words of their names and purpose, those of this server first.

    With `local` only those of this server, or only those of others.
    """
    if not asked.wanted:
        return (), False
    index = engine(session, ACTORS)
    query = (
        select(Community, Actor)
        .join_from(index.rows, Actor, Actor.id == index.id)
        .join(Community, Community.actor_id == Actor.id)
        .where(index.matches(asked), Actor.deleted_at.is_(None), *heard_by(None))
        .where(*([] if local is None else [Community.local.is_(local)]))
        .order_by(Actor.host_id.is_not(None), index.rank(asked), Actor.id)
        .offset(_offset(page, each))
        .limit(each + 1)
    )
    found = session.execute(query, execution_options={APART: True}).all()
    return [Listed(row[0], row[1]) for row in found[:each]], len(found) > each


def _offset(page: int, each: int) -> int:
    return (max(1, min(page, MOST_PAGES)) - 1) * each


def _narrowed(
    session: Session, asked: Asked, home: str
) -> tuple[list[ColumnElement[bool]], list[str]]:
    """What the narrowings mean, and those that name nobody who is known here."""
    conditions: list[ColumnElement[bool]] = []
    unknown: list[str] = []
    for one in asked.narrowed:
        condition = _condition(session, one, home)
        if condition is not None:
            conditions.append(condition if one.wanted else ~condition)
        elif one.wanted:
            unknown.append(f"#{one.value}" if one.field is Field.TAG else f"@{one.value}")
    if not asked.wanted and not asked.is_held_by_person_or_tag:
        conditions.extend(starters())  # all that is said in a community has no index of its own
    return conditions, unknown


def _condition(session: Session, one: Narrowing, home: str) -> ColumnElement[bool] | None:
    if one.field is Field.TYPE:
        return Post.parent_id.is_not(None) if one.value == "reply" else Post.parent_id.is_(None)
    if one.field is Field.TAG:
        tag = tag_called(session, one.value)
        hung = select(PostTag.post_id)
        return None if tag is None else Post.id.in_(hung.where(PostTag.tag_id == tag.id))
    name, _, host = one.value.partition("@")
    actor = by_handle(session, name, host if host and host != home else None)
    if actor is None or (actor.type == "Group") is not (one.field is Field.IN):
        return None
    return Post.community_id == actor.id if one.field is Field.IN else Post.author_id == actor.id
