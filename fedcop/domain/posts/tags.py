"""Hashtags of posts: their names, written down by sets, and read."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import Executable

from fedcop.db.columns import BigInt
from fedcop.domain.posts.models import Post, PostTag, Tag
from fedcop.ids import new_id
from fedcop.text.folding import shown_words
from fedcop.work.unit_of_work import UnitOfWork

LONGEST = 100
MOST = 30
"""So many tags of one post are kept; more is a list of words to be found by."""
RECENT = timedelta(days=90)

_NAME = re.compile(r"[\w-]*[^\W\d_][\w-]*")
_TAGS, _POST_TAGS = cast("Table", Tag.__table__), cast("Table", PostTag.__table__)


@dataclass(frozen=True, slots=True)
class Tagged:
    """The hashtags of a post as they are shown, without the `#`."""

    shown: tuple[str, ...] = ()


def tag_name(shown: str) -> str:
    """The name by which a hashtag is found: `#Raised_Beds` is raised_beds; "" if it can be none."""
    name = unicodedata.normalize("NFKC", shown.strip().lstrip("#＃")).casefold()
    return name if len(name) <= LONGEST and _NAME.fullmatch(name) else ""


def distinct(tags: Iterable[str]) -> tuple[str, ...]:
    """Hashtags without `#`, each once by its name, at most 30; what can be none is left out."""
    found: dict[str, str] = {}
    for shown in tags:
        name = tag_name(shown)
        if name:
            found.setdefault(name, shown.strip().lstrip("#＃"))
    return tuple(found.values())[:MOST]


def said_by_author(shown: Iterable[str], place: str, html: str) -> tuple[str, ...]:
    """Hashtags without the one that Lemmy and others add for the community itself.

    It is kept where it stands in the text. Source: Lemmy's `Page.tag`, which names the community
    so that micro-blog software shows the post to who follows that tag.
    """
    own = tag_name(place)
    written = f"#{own}" in shown_words(html).casefold()
    return tuple(one for one in shown if written or tag_name(one) != own)


def put_tags(uow: UnitOfWork, post_id: int, shown: Collection[str]) -> None:
    """Give a post that has none yet these hashtags (`distinct`): two statements for a unit."""
    uow.remember(post_id, Tagged(tuple(shown)))
    if not shown:
        return
    know, hang = _STATEMENTS[uow.session.get_bind().dialect.name]
    named = sorted((tag_name(one), one) for one in shown)  # in one order, for who locks rows
    for name, written in named:
        uow.once(know, {"id": new_id(), "name": name, "shown": written})
    for name, _ in named:
        uow.once(hang, {"of_post": post_id, "tag": name})


def drop_tags(session: Session, post_ids: Collection[int]) -> None:
    """Take the hashtags off these posts."""
    session.execute(delete(PostTag).where(PostTag.post_id.in_(post_ids)))


def tags_in(uow: UnitOfWork, post_id: int) -> tuple[str, ...]:
    """The hashtags of a post, those of one that was written in this unit without a query."""
    known = uow.recall(Tagged, post_id)
    return known.shown if known is not None else tags_of(uow.session, [post_id]).get(post_id, ())


def tags_of(session: Session, post_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The hashtags of each of these posts that has any, in the order of their names."""
    query = (
        select(PostTag.post_id, Tag.shown)
        .join(Tag, Tag.id == PostTag.tag_id)
        .where(PostTag.post_id.in_(post_ids))
        .order_by(Tag.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for post_id, shown in session.execute(query) if post_ids else ():
        found[post_id] = (*found.get(post_id, ()), shown)
    return found


def tag_called(session: Session, name: str) -> Tag | None:
    """The hashtag of this name (`tag_name`), if a post has ever carried it."""
    return session.scalar(select(Tag).where(Tag.name == name))


def most_used(session: Session, community_id: int, now: datetime, limit: int = 12) -> list[Tag]:
    """The hashtags of a community's discussions of the last 90 days, the most used first."""
    recent = (
        select(Post.id)
        .where(Post.parent_id.is_(None), Post.kind != literal_column("'reply'"))
        .where(Post.community_id == community_id, Post.id >= new_id(now - RECENT))
        .where(Post.confirmed, Post.deleted_at.is_(None), Post.removed_at.is_(None))
    )
    used = func.count()
    query = (
        select(Tag)
        .join(PostTag, PostTag.tag_id == Tag.id)
        .where(PostTag.post_id.in_(recent))
        .group_by(Tag.id, Tag.name, Tag.shown)
        .order_by(used.desc(), Tag.name)
        .limit(limit)
    )
    return list(session.scalars(query))


def _statements(on: Any) -> tuple[Executable, Executable]:
    row = select(_TAGS.c.id, bindparam("of_post", type_=BigInt))
    named = row.where(_TAGS.c.name == bindparam("tag"))
    hang = on.insert(_POST_TAGS).from_select(["tag_id", "post_id"], named)
    return (
        on.insert(_TAGS).on_conflict_do_nothing(index_elements=["name"]),
        hang.on_conflict_do_nothing(),
    )


_STATEMENTS = {"sqlite": _statements(sqlite), "postgresql": _statements(postgresql)}
