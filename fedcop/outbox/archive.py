"""All that a person of this server said and did, as one file that they can keep and others read.

| in the archive | what it is |
|---|---|
| `actor.json` | the person as other servers read them (ActivityStreams) |
| `outbox.json` | everything they said, oldest first, each as its `Create` (ActivityStreams) |
| `posts.csv` | the same as a table, with the Markdown that they wrote |
| `communities.csv` | where they belong, as what, since when |
| `follows.csv` | whom they follow, who follows them, whom they block |
| `votes.csv` | what they found helpful, or not |

The tables can be opened in a spreadsheet: no cell is taken for a formula.
"""

import asyncio
import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO

import orjson
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from fedcop.activitypub.vocab.write import CONTEXT
from fedcop.app import App
from fedcop.domain.communities.models import Membership
from fedcop.domain.people.federation import actor_document
from fedcop.domain.people.models import Actor, Block, Follow
from fedcop.domain.people.queries import handle
from fedcop.domain.posts.models import Post, Vote
from fedcop.domain.posts.objects import ObjectTypes
from fedcop.domain.posts.view import views_of
from fedcop.outbox.activities import create
from fedcop.uris import Uris

_AT_ONCE = 100
_IN_MEMORY = 1 << 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_POSTS = (
    "id",
    "address",
    "published",
    "edited",
    "removed by stewards",
    "community",
    "in reply to",
    "title",
    "text",
)
_COMMUNITIES = ("address", "id", "role", "standing", "since")
_FOLLOWS = ("relation", "address", "id", "standing", "since")
_VOTES = ("post", "vote")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some posts in both forms, and the id after which the next begin."""

    creates: list[bytes]
    rows: list[Sequence[object]]
    last: int


async def write_archive(app: App, actor_id: int, to: IO[bytes]) -> None:
    """Write the ZIP archive of a person of this server into `to`.

    Read in small pieces, so that others are served meanwhile. Raises sqlalchemy's NoResultFound for
    an unknown id.
    """
    tables = await app.read(partial(_tables, actor_id=actor_id, uris=app.uris))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tables.items():
            await asyncio.to_thread(archive.writestr, name, content)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as table:
            table.write(as_table(_POSTS, []))
            with archive.open("outbox.json", "w", force_zip64=True) as outbox:
                await _posts(app, actor_id, outbox, table)
            table.seek(0)
            with archive.open("posts.csv", "w", force_zip64=True) as posts:
                await asyncio.to_thread(shutil.copyfileobj, table, posts)


async def _posts(app: App, actor_id: int, outbox: IO[bytes], table: IO[bytes]) -> None:
    """Every post into both, chunk by chunk; the collection is closed behind the last."""
    uri = await app.read(lambda session: session.get_one(Actor, actor_id).uri)
    head = {"@context": CONTEXT, "id": f"{uri}/outbox", "type": "OrderedCollection"}
    outbox.write(orjson.dumps(head)[:-1] + b',"orderedItems":[')
    last, total = 0, 0
    while True:
        read = partial(_chunk, actor_id=actor_id, after=last, uris=app.uris, types=app.objects)
        chunk = await app.read(read)
        if not chunk.creates:
            break
        joined = b"".join((b"," if total or i else b"") + c for i, c in enumerate(chunk.creates))
        await asyncio.to_thread(outbox.write, joined)
        table.write(as_table((), chunk.rows))
        last, total = chunk.last, total + len(chunk.creates)
    outbox.write(b'],"totalItems":%d}' % total)


def _chunk(
    session: Session, *, actor_id: int, after: int, uris: Uris, types: ObjectTypes
) -> _Chunk:
    query = select(Post).where(
        Post.author_id == actor_id, Post.id > after, Post.deleted_at.is_(None), Post.local
    )
    posts = session.scalars(query.order_by(Post.id).limit(_AT_ONCE)).all()
    creates: list[bytes] = []
    rows: list[Sequence[object]] = []
    for view in views_of(session, posts, uris) if posts else ():
        post, thing = view.post, types.of_kind(view.post.kind).native(view)
        said = create(f"{post.uri}/create", view.author, thing, post.published_at)
        said.pop("@context")
        said.pop("id")  # which Create it was is no longer known of old ones
        creates.append(orjson.dumps(said))
        rows.append(
            (
                post.uri,
                post.url,
                post.published_at,
                post.edited_at,
                post.removed_at,
                handle(view.community, uris.host),
                view.parent.uri if view.parent else None,
                post.title,
                post.source,
            )
        )
    return _Chunk(creates, rows, posts[-1].id if posts else after)


def _tables(session: Session, *, actor_id: int, uris: Uris) -> Mapping[str, bytes]:
    """What is small: the person, and the tables besides the posts."""
    actor = session.get_one(Actor, actor_id)
    document = orjson.dumps(actor_document(session, actor, uris), option=orjson.OPT_INDENT_2)
    return {
        "actor.json": document,
        "communities.csv": as_table(_COMMUNITIES, _memberships(session, actor_id, uris)),
        "follows.csv": as_table(_FOLLOWS, _relations(session, actor_id, uris)),
        "votes.csv": as_table(_VOTES, _votes(session, actor_id)),
    }


def _memberships(session: Session, actor_id: int, uris: Uris) -> list[Sequence[object]]:
    query = (
        select(Actor, Membership)
        .join(Membership, Membership.community_id == Actor.id)
        .where(Membership.actor_id == actor_id)
        .order_by(Membership.joined_at, Actor.id)
    )
    return [
        (handle(group, uris.host), group.uri, it.role, it.standing, it.joined_at)
        for group, it in session.execute(query)
    ]


def _relations(session: Session, actor_id: int, uris: Uris) -> list[Sequence[object]]:
    follows = (
        select(Actor, Follow)
        .join(Follow, or_(Follow.target_id == Actor.id, Follow.follower_id == Actor.id))
        .where(or_(Follow.target_id == actor_id, Follow.follower_id == actor_id))
        .where(Actor.id != actor_id)
        .order_by(Follow.followed_at, Actor.id)
    )
    blocks = (
        select(Actor, Block)
        .join(Block, Block.target_id == Actor.id)
        .where(Block.blocker_id == actor_id)
        .order_by(Block.blocked_at, Actor.id)
    )
    rows: list[Sequence[object]] = []
    for other, it in session.execute(follows):
        relation = "follows" if it.follower_id == actor_id else "is followed by"
        rows.append((relation, handle(other, uris.host), other.uri, it.standing, it.followed_at))
    for other, it in session.execute(blocks):
        rows.append(("blocks", handle(other, uris.host), other.uri, None, it.blocked_at))
    return rows


def _votes(session: Session, actor_id: int) -> list[Sequence[object]]:
    query = select(Post.uri, Vote.value).join(Post, Post.id == Vote.post_id)
    query = query.where(Vote.actor_id == actor_id, Vote.value != 0).order_by(Post.id)
    return [(uri, value) for uri, value in session.execute(query)]


def as_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV in UTF-8, without a first line if `head` is empty.

    Text that a spreadsheet would take for a formula gets a quotation mark in front.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    if head:
        writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return "" if value is None else str(value)
