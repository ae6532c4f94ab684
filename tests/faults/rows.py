"""Whether the database is as the ledger says: nothing lost, nothing doubled, the counts right."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.errors import Busy
from tests.faults.expected import World
from tests.faults.ledger import ACKNOWLEDGED, UNKNOWN, Read

T = TypeVar("T")
_SOME = 5

_POSTS = """
SELECT p.uri, a.uri, c.uri, q.uri, p.html, p.deleted_at IS NOT NULL,
       (SELECT count(*) FROM revisions r WHERE r.post_id = p.id)
FROM posts p JOIN actors a ON a.id = p.author_id JOIN actors c ON c.id = p.community_id
LEFT JOIN posts q ON q.id = p.parent_id WHERE NOT p.local
"""
_VOTES = """
SELECT p.uri, a.uri, v.uri FROM votes v JOIN posts p ON p.id = v.post_id
JOIN actors a ON a.id = v.actor_id WHERE v.value <> 0
"""
_MEMBERS = """
SELECT c.uri, a.uri, m.follow_uri FROM memberships m JOIN actors a ON a.id = m.actor_id
JOIN actors c ON c.id = m.community_id WHERE a.host_id IS NOT NULL AND m.standing = 'active'
"""
_NOTICES = """
SELECT n.reason, a.uri, p.uri FROM notifications n JOIN actors a ON a.id = n.actor_id
JOIN posts p ON p.id = n.post_id
"""
_MISCOUNTED = {
    "likes of a post": """
SELECT p.uri FROM posts p WHERE p.likes <>
 (SELECT count(*) FROM votes v WHERE v.post_id = p.id AND v.value = 1)""",
    "replies to a post": """
SELECT p.uri FROM posts p WHERE p.reply_count <>
 (SELECT count(*) FROM posts r WHERE r.parent_id = p.id AND r.deleted_at IS NULL)""",
    "replies of a thread": """
SELECT p.uri FROM posts p WHERE p.parent_id IS NULL AND p.thread_count <>
 (SELECT count(*) FROM posts r WHERE r.root_id = p.id AND r.id <> p.id AND r.deleted_at IS NULL)""",
    "members of a community": """
SELECT a.uri FROM communities c JOIN actors a ON a.id = c.actor_id WHERE c.members_count <>
 (SELECT count(*) FROM memberships m
  WHERE m.community_id = c.actor_id AND m.standing = 'active')""",
    "threads of a community": """
SELECT a.uri FROM communities c JOIN actors a ON a.id = c.actor_id WHERE c.threads_count <>
 (SELECT count(*) FROM posts p WHERE p.community_id = c.actor_id AND p.parent_id IS NULL)""",
    "hosts in an audience": """
SELECT a.uri FROM communities c JOIN actors a ON a.id = c.actor_id WHERE
 (SELECT count(*) FROM audiences u WHERE u.community_id = c.actor_id) <>
 (SELECT count(DISTINCT b.delivery_inbox_id) FROM memberships m JOIN actors b ON b.id = m.actor_id
  WHERE m.community_id = c.actor_id AND m.standing = 'active')""",
    "words of a post in the search": """
SELECT p.uri FROM posts p WHERE p.deleted_at IS NULL AND NOT EXISTS
 (SELECT 1 FROM {search} s WHERE s.{key} = p.id)""",
}
_LEFT = """
SELECT (SELECT count(*) FROM inbox_messages WHERE state = 'waiting')
 + (SELECT count(*) FROM told WHERE NOT spread) + (SELECT count(*) FROM deliveries)
"""


async def left(db: Database) -> int:
    """How much still waits: to be processed, to be spread, to be delivered."""
    return await patiently(db, lambda session: session.scalar(text(_LEFT)) or 0)


async def patiently(db: Database, query: Callable[[Session], T]) -> T:
    """As `read`, by a connection that may have been cut: then by another."""
    for _ in range(20):
        with suppress(Busy):
            return await db.read(query)
        await asyncio.sleep(0.2)
    return await db.read(query)


async def check(db: Database, world: World, ledger: Read) -> list[str]:
    """Everything in the database that is not as it must be, in words."""
    found = await db.read(lambda session: _whole(session, is_sqlite=db.is_sqlite))
    for look in (_messages, _journal):
        found += await db.read(lambda session, look=look: look(session, ledger))
    for compare in (_posts, _votes, _members, _notices):
        found += await db.read(lambda session, compare=compare: compare(session, world))
    return found + await db.read(_counts)


def _whole(session: Session, *, is_sqlite: bool) -> list[str]:
    """`integrity_check` and `foreign_key_check`; on PostgreSQL every index, and every reference."""
    if is_sqlite:
        found = [row[0] for row in session.execute(text("PRAGMA integrity_check"))]
        broken = session.execute(text("PRAGMA foreign_key_check")).all()
        return [*(one for one in found if one != "ok"), *(f"broken: {row}" for row in broken)]
    return [f"broken: {row}" for row in session.execute(text(_VALID)) if row[0]]


_VALID = """
SELECT conname FROM pg_constraint WHERE NOT convalidated
UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready
"""


def _messages(session: Session, ledger: Read) -> list[str]:
    """What was acknowledged stands in the inbox once, and is done; nothing else does."""
    rows = session.execute(text("SELECT key, state, error FROM inbox_messages")).all()
    kept = Counter(row[0].partition(" ")[2] for row in rows)
    lost = [e.id for e in ledger.of_kind(ACKNOWLEDGED) if not kept[e.id]]
    allowed = {e.id for kind in (ACKNOWLEDGED, UNKNOWN) for e in ledger.of_kind(kind)}
    return [
        *_words("acknowledged, and not kept", lost),
        *_words("kept twice", [uri for uri, times in kept.items() if times > 1]),
        *_words("refused or never sent, and kept", kept.keys() - allowed),
        *_words("not done", [f"{r[0]}: {r[1]} {r[2]}" for r in rows if r[1] != "done"]),
    ]


def _journal(session: Session, ledger: Read) -> list[str]:
    """What took effect is written down with the bytes that were sent."""
    rows = session.execute(text("SELECT uri, body FROM activities WHERE NOT local")).all()
    written = {row[0] for row in rows}
    lost = [e.id for e in ledger.of_kind(ACKNOWLEDGED) if e.id not in written]
    other = [
        uri for uri, body in rows if body and (uri not in ledger or _hash(body) != ledger[uri].hash)
    ]
    return [
        *_words("acknowledged, and not written down", lost),
        *_words("written down with other bytes", other),
        *_words("written down, and never sent", written - ledger.keys()),
    ]


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _posts(session: Session, world: World) -> list[str]:
    rows = session.execute(text(_POSTS)).all()
    there = {row[0]: row for row in rows}
    wrong: list[str] = []
    for uri, post in world.posts.items():
        row = there.get(uri)
        if row is None:
            continue
        want = (post.author, post.community, post.deleted, 0 if post.deleted else post.edits)
        if (row[1], row[2], bool(row[5]), row[6]) != want:
            wrong.append(f"{uri}: {row[1:3]} {row[5:]}, expected {want}")
        if post.parent and row[3] != post.parent:
            wrong.append(f"{uri} answers {row[3]}, expected {post.parent}")
        if (post.mark in row[4]) == post.deleted:
            wrong.append(f"{uri} does not read as {post.mark}, deleted: {post.deleted}")
    return [
        *_words("posts lost", world.posts.keys() - there.keys()),
        *_words("posts of nobody", there.keys() - world.posts.keys()),
        *_words("posts that differ", wrong),
    ]


def _votes(session: Session, world: World) -> list[str]:
    rows = {(row[0], row[1]): row[2] for row in session.execute(text(_VOTES))}
    for key, uri in list(rows.items()):
        if uri in world.maybe:
            world.said[uri] = world.maybe[uri]
            del rows[key]
    return _same("votes", rows.items(), world.votes.items())


def _members(session: Session, world: World) -> list[str]:
    rows = {(row[0], row[1]): row[2] for row in session.execute(text(_MEMBERS))}
    return _same("members", rows.items(), world.members.items())


def _notices(session: Session, world: World) -> list[str]:
    rows = Counter((row[0], row[1], row[2]) for row in session.execute(text(_NOTICES)))
    return _same("notifications", rows.items(), world.notices.items())


def _counts(session: Session) -> list[str]:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    table, key = ("post_search", "rowid") if on_sqlite else ("post_search", "id")
    found: list[str] = []
    for what, query in _MISCOUNTED.items():
        rows = session.execute(text(query.format(search=table, key=key)))
        found += _words(f"wrong {what}", [row[0] for row in rows])
    return found


def _same(what: str, there: Iterable[Any], wanted: Iterable[Any]) -> list[str]:
    """Both hold the same; items need not be hashable as a whole, only as text."""
    left, right = set(map(str, there)), set(map(str, wanted))
    return [*_words(f"{what} lost", right - left), *_words(f"{what} too many", left - right)]


def _words(what: str, which: Iterable[object]) -> list[str]:
    some = sorted(map(str, which))
    if not some:
        return []
    more = f" … and {len(some) - _SOME} more" if len(some) > _SOME else ""
    return [f"{len(some)} {what}: {'; '.join(some[:_SOME])}{more}"]


def members(session: Session) -> int:
    """How many from elsewhere belong to the communities."""
    return len(session.execute(text(_MEMBERS)).all())
