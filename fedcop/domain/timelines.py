"""Lists of discussions: at home, in a community, on this server, under a hashtag.

Each is one query, whatever its order; there is no algorithm. A list of many communities takes the
first rows of each from an index and sorts those, so what it costs grows with the communities and
not with all that was ever said in them.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, outerjoin, select, true, tuple_, union
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import CompoundSelect

from fedcop.db.paging import Cursor, Page
from fedcop.domain.communities.models import Community, Membership, Standing
from fedcop.domain.people.hidden import is_hidden
from fedcop.domain.people.models import Actor, Follow, FollowStanding
from fedcop.domain.posts.models import Post, PostTag
from fedcop.domain.posts.queries import Order, Row
from fedcop.domain.posts.visible import heard_by, starters, visible

_NONE: ColumnElement[int] = literal_column("0")
"""Not a parameter: only so a database sees that the index of unanswered ones fits."""
_MOST_PINNED = 10


def home(session: Session, reader_id: int, cursor: Cursor, order: Order = Order.NEW) -> Page[Row]:
    """What is discussed in the communities of a person, and started by those whom they follow."""
    mine = select(Membership.community_id.label("id")).where(
        Membership.actor_id == reader_id, Membership.standing != Standing.REFUSED
    )
    followed = select(Follow.target_id.label("id")).where(
        Follow.follower_id == reader_id, Follow.standing == FollowStanding.ACTIVE
    )
    lists = _Lists(session, cursor, order, reader_id)
    return lists.page(union(lists.of_communities(mine), lists.of_people(followed)))


def community(
    session: Session,
    community_id: int,
    cursor: Cursor,
    order: Order = Order.NEW,
    reader_id: int | None = None,
) -> Page[Row]:
    """The discussions of a community. Those that are pinned come first, on the first page."""
    lists = _Lists(session, cursor, order, reader_id)
    post = aliased(Post)
    here = post.community_id == community_id
    if order is Order.UNANSWERED:
        return lists.page(lists.first(post, here))
    found = lists.page(lists.first(post, here, post.pinned_at.is_(None)))
    if cursor.before is not None or cursor.after is not None:
        return found
    above = [*_pinned(session, community_id, reader_id), *found.items]
    return Page(above, found.older, found.newer, found.moment)


def local(
    session: Session, cursor: Cursor, order: Order = Order.NEW, reader_id: int | None = None
) -> Page[Row]:
    """The discussions of all communities of this server."""
    ours = select(Community.actor_id.label("id")).where(Community.local.is_(True))
    lists = _Lists(session, cursor, order, reader_id)
    return lists.page(lists.of_communities(ours))


def tag(
    session: Session,
    tag_id: int,
    cursor: Cursor,
    order: Order = Order.NEW,
    reader_id: int | None = None,
) -> Page[Row]:
    """The discussions that carry a hashtag, wherever they are."""
    lists = _Lists(session, cursor, order, reader_id)
    post = aliased(Post)
    tagged = select(PostTag.post_id).where(PostTag.tag_id == tag_id)
    return lists.page(lists.first(post, post.id.in_(tagged)))


def _pinned(session: Session, community_id: int, reader_id: int | None) -> list[Row]:
    lists = _Lists(session, Cursor(limit=_MOST_PINNED - 1), Order.NEW, reader_id)
    post = aliased(Post)
    pinned = lists.first(post, post.community_id == community_id, post.pinned_at.is_not(None))
    return list(lists.page(pinned).items)


class _Lists:
    """One page of one order, for one reader."""

    def __init__(
        self, session: Session, cursor: Cursor, order: Order, reader_id: int | None
    ) -> None:
        self._session, self._cursor, self._order, self._reader_id = (
            session,
            cursor,
            order,
            reader_id,
        )
        self._by_activity = order is Order.ACTIVE
        self._upward = cursor.after is not None and cursor.before is None and not self._by_activity

    def of_communities(self, places: Select[int]) -> Select[int]:
        """The first of each of these communities (their ids as `id`)."""
        post = aliased(Post)
        place = places.subquery()
        return self._of_each(place.c.id, self.first(post, post.community_id == place.c.id))

    def of_people(self, people: Select[int]) -> Select[int]:
        """The first that each of these people has started."""
        post = aliased(Post)
        person = people.subquery()
        return self._of_each(person.c.id, self.first(post, post.author_id == person.c.id))

    def first(self, post: type[Post], *conditions: ColumnElement[bool]) -> Select[int]:
        """The ids of as many as one page shows, and one more."""
        author = aliased(Actor)
        query = (
            select(post.id)
            .join(author, author.id == post.author_id)
            .where(*conditions, *starters(post), *visible(post), *heard_by(self._reader_id, author))
            .where(~is_hidden(post.community_id), *self._beyond(post))
        )
        if self._order is Order.UNANSWERED:
            query = query.where(post.thread_count == _NONE)
        return query.order_by(*self._by(post)).limit(self._cursor.limit + 1)

    def page(self, ids: Select[int] | CompoundSelect[int]) -> Page[Row]:
        """Read the page whose rows are among these."""
        author, place = aliased(Actor), aliased(Actor)
        query = (
            select(Post, author, place)
            .join(author, author.id == Post.author_id)
            .join(place, place.id == Post.community_id)
            .where(Post.id.in_(ids))
            .order_by(*self._by(Post))
            .limit(self._cursor.limit + 1)
        )
        found = [Row(*row) for row in self._session.execute(query)]
        more = len(found) > self._cursor.limit
        rows = found[: self._cursor.limit]
        if self._upward:
            rows.reverse()
        if not rows:
            return Page([])
        last = rows[-1].post
        older = last.id if more or self._upward else None
        if self._by_activity:
            return Page(rows, older, None, last.active_at)
        newer = self._cursor.before is not None or (self._upward and more)
        return Page(rows, older, rows[0].post.id if newer else None)

    def _of_each(self, each: ColumnElement[int], first: Select[int]) -> Select[int]:
        """`first` for every row that has an `each`: SQLite has no LATERAL, and needs none."""
        if self._session.get_bind().dialect.name == "sqlite":
            chosen = aliased(Post)
            rows = first.correlate(each.table)  # pyright: ignore[reportAttributeAccessIssue]
            # an outer join keeps this order; the NULL of a place without posts is among no ids
            both = outerjoin(each.table, chosen, chosen.id.in_(rows))  # pyright: ignore[reportAttributeAccessIssue]
            return select(chosen.id).select_from(both)
        rows = first.lateral()
        return select(rows.c.id).select_from(each.table).join(rows, true())

    def _by(self, post: type[Post]) -> list[ColumnElement[Any]]:
        if self._by_activity:
            return [post.active_at.desc(), post.id.desc()]
        return [post.id.asc() if self._upward else post.id.desc()]

    def _beyond(self, post: type[Post]) -> list[ColumnElement[bool]]:
        before, after, moment = self._cursor.before, self._cursor.after, self._cursor.moment
        if self._by_activity:
            if before is None or moment is None:
                return []
            return [tuple_(post.active_at, post.id) < (moment, before)]
        beyond: list[ColumnElement[bool]] = []
        if before is not None:
            beyond.append(post.id < before)
        if after is not None:
            beyond.append(post.id > after)
        return beyond
