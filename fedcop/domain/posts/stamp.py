"""What the page of a thread rests on, so that one sees at once whether any of it has changed.

Two stamps are equal exactly if a reader who is not signed in would read the same: they are the
values themselves, of every row that such a page shows. Nothing has to be told when it changes, so
nothing can be forgotten, whichever process changed it.

The statements are written out, once: putting them together costs more than running them.
"""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Community
from fedcop.domain.network.policies import load
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.lines import Author, Line
from fedcop.domain.posts.models import Attachment, Post

Stamp = tuple[object, ...]

_FOR_EVER = frozenset({"uri", "local", "host_id", "has_source"})
"""What a row keeps as long as it lives, and what only its author is shown."""

_NOT_OF_THE_PAGE = frozenset({"last_post_at"})
"""What changes with every post of a community, and is not shown beside a thread."""


def _shown(of: type[Line | Author], table: Any) -> list[str]:
    names = [field.name for field in fields(of) if field.name not in _FOR_EVER]
    return [name for name in names if name in table.c]


def _columns(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


_WHO = _shown(Author, Actor.__table__)
_OF_THE_PLACE = [c.name for c in Community.__table__.c if c.name not in _NOT_OF_THE_PAGE]
_POSTS = text(
    f"SELECT p.community_id, {_columns('p', _shown(Line, Post.__table__))},"  # noqa: S608 - columns
    f" {_columns('a', _WHO)}, h.blocked FROM posts p JOIN actors a ON a.id = p.author_id"
    " LEFT JOIN hosts h ON h.id = a.host_id WHERE p.root_id = :root ORDER BY p.id LIMIT :most"
)
_PLACE = text(
    f"SELECT {_columns('c', _OF_THE_PLACE)}, {_columns('a', _WHO)},"  # noqa: S608
    f" {_columns('s', _WHO)}, m.joined_at, h.blocked,"
    " EXISTS (SELECT 1 FROM attachments x JOIN posts p ON p.id = x.post_id"
    " WHERE p.root_id = :root) AS attached"
    " FROM communities c JOIN actors a ON a.id = c.actor_id LEFT JOIN hosts h ON h.id = a.host_id"
    " LEFT JOIN memberships m ON m.community_id = c.actor_id"
    " AND m.role = 'steward' AND m.standing = 'active'"
    " LEFT JOIN actors s ON s.id = m.actor_id"
    " WHERE c.actor_id = :community ORDER BY m.joined_at, m.actor_id"
)
_ATTACHED = text(
    f"SELECT {_columns('x', Attachment.__table__.c.keys())} FROM attachments x"  # noqa: S608
    " JOIN posts p ON p.id = x.post_id WHERE p.root_id = :root ORDER BY x.id"
)


def stamp(session: Session, root_id: int, most: int) -> Stamp | None:
    """What the page of this thread rests on, of at most so many replies; None if there is none."""
    root = {"root": root_id}
    posts = session.execute(_POSTS, {**root, "most": most + 2}).all()
    if not posts:
        return None
    place = session.execute(_PLACE, {**root, "community": posts[0].community_id}).all()
    if not any(row.attached for row in place):
        return (posts, place)
    rules = load(session, "").decided
    return (posts, place, session.execute(_ATTACHED, root).all(), rules)
