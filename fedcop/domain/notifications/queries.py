"""What waits for a person, newest first; marking it as seen."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from fedcop.db.paging import Cursor, Page, page
from fedcop.domain.communities.models import Ban, Membership, Role, Standing
from fedcop.domain.notifications.models import Mute, Notification
from fedcop.domain.notifications.reasons import Part, Reason, of_part
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.errors import NotFound
from fedcop.ids import minted_at
from fedcop.work.unit_of_work import UnitOfWork

_MOST_COUNTED = 100
"""More is shown as 99+."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification with all that its line says; what it does not concern is None."""

    notification: Notification
    reason: Reason
    actor: Actor
    post: Post | None
    root: Post | None
    community: Actor | None
    ban: Ban | None
    muted: bool
    """Whether the reader has muted the discussion."""


def unread(session: Session, account_id: int) -> int:
    """How many have not been seen; at most 100."""
    return _count(session, account_id, frozenset(Reason))


def unread_of(session: Session, account_id: int, part: Part) -> int:
    """How many of this part of the inbox have not been seen; at most 100."""
    return _count(session, account_id, of_part(part))


def _count(session: Session, account_id: int, reasons: Collection[Reason]) -> int:
    rows = select(Notification.id).where(
        Notification.account_id == account_id, Notification.read_at.is_(None)
    )
    if len(reasons) < len(Reason):
        rows = rows.where(Notification.reason.in_(reasons))
    return (
        session.scalar(select(func.count()).select_from(rows.limit(_MOST_COUNTED).subquery())) or 0
    )


def looks_after(session: Session, account_id: int) -> bool:
    """Whether this person is a steward anywhere."""
    query = select(Membership.community_id).where(
        Membership.actor_id == account_id,
        Membership.role == Role.STEWARD,
        Membership.standing == Standing.ACTIVE,
    )
    return session.scalar(query.limit(1)) is not None


def notices(session: Session, account_id: int, part: Part, cursor: Cursor) -> Page[Notice]:
    """One page of a part of the inbox."""
    query = select(Notification).where(
        Notification.account_id == account_id, Notification.reason.in_(of_part(part))
    )
    found = page(session, query, Notification.id, cursor, lambda row: row.id)
    return Page(_noticed(session, account_id, found.items), found.older, found.newer)


def mark_read(uow: UnitOfWork, account_id: int, row_id: int) -> None:
    """This one has been seen. Raises NotFound for that of another, and for none."""
    theirs = select(Notification.id).where(
        Notification.id == row_id, Notification.account_id == account_id
    )
    if uow.session.scalar(theirs) is None:
        raise NotFound("Nothing is here, or it is not open to you.")
    _mark(uow, account_id, Notification.id == row_id)


def mark_all_read(uow: UnitOfWork, account_id: int, part: Part | None = None) -> None:
    """Everything so far has been seen, or everything of a part."""
    reasons = frozenset(Reason) if part is None else of_part(part)
    _mark(uow, account_id, Notification.reason.in_(reasons))


def _mark(uow: UnitOfWork, account_id: int, which: ColumnElement[bool]) -> None:
    seen = update(Notification).where(
        Notification.account_id == account_id, Notification.read_at.is_(None), which
    )
    uow.session.execute(seen.values(read_at=uow.now).execution_options(synchronize_session=False))


def _noticed(session: Session, account_id: int, rows: Sequence[Notification]) -> list[Notice]:
    posts = _by_id(session, {row.post_id for row in rows if row.post_id is not None})
    roots = _by_id(session, {post.root_id for post in posts.values()})
    ids = {row.actor_id for row in rows} | {post.community_id for post in posts.values()}
    ids |= {row.community_id for row in rows if row.community_id is not None}
    actors = {a.id: a for a in session.scalars(select(Actor).where(Actor.id.in_(ids)))}
    muted = set(
        session.scalars(
            select(Mute.root_id).where(Mute.account_id == account_id, Mute.root_id.in_(roots))
        )
    )
    bans = _bans(session, account_id, rows)

    def notice(row: Notification) -> Notice:
        post = posts.get(row.post_id or 0)
        place = row.community_id or (post.community_id if post else None)
        return Notice(
            notification=row,
            reason=Reason(row.reason),
            actor=actors[row.actor_id],
            post=post,
            root=roots[post.root_id] if post else None,
            community=actors[place] if place else None,
            ban=bans.get(row.id),
            muted=post is not None and post.root_id in muted,
        )

    return [notice(row) for row in rows]


def _bans(session: Session, account_id: int, rows: Sequence[Notification]) -> dict[int, Ban]:
    """The ban that each notice of one is about: the newest when it was written."""
    about = [row for row in rows if row.reason == Reason.BANNED]
    if not about:
        return {}
    places = {row.community_id for row in about}
    query = select(Ban).where(Ban.actor_id == account_id, Ban.community_id.in_(places))
    bans = session.scalars(query.order_by(Ban.id)).all()
    return {
        row.id: ban
        for row in about
        for ban in bans
        if ban.community_id == row.community_id and ban.banned_at <= minted_at(row.id + _TICK)
    }


_TICK = 1 << 22
"""A millisecond of an id, which knows no parts of one."""


def _by_id(session: Session, ids: set[int]) -> dict[int, Post]:
    return {post.id: post for post in session.scalars(select(Post).where(Post.id.in_(ids)))}
