"""No list and no search reads all posts, whatever is in the database."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.orm import Session

from fedcop.db.engine import Database
from fedcop.db.paging import Cursor
from fedcop.domain import timelines
from fedcop.domain.communities.models import Community, Membership
from fedcop.domain.people.models import Actor, Follow
from fedcop.domain.posts.models import Post, PostTag, Tag
from fedcop.domain.posts.queries import Order
from fedcop.domain.posts.tags import most_used
from fedcop.domain.search.fill import Filled, fill
from fedcop.domain.search.find import find_communities, find_people, find_posts
from fedcop.domain.search.query import parse
from fedcop.ids import new_id
from fedcop.settings import Settings
from tests.databases import lay_sqlite

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
PLACES, PEOPLE, POSTS = range(1, 41), range(101, 301), 2_000
WORDS = ["oak", "stakes", "clay", "river", "bank", "willow", "water", "stone", "mat", "net"]


@pytest.fixture(params=["sqlite", "postgresql"])
async def db(request, tmp_path):
    if request.param == "sqlite":
        url = lay_sqlite(tmp_path / "fedcop.db")
    else:
        url = request.getfixturevalue("postgresql").migrated()
    database = Database(Settings(host="a.test", database_url=url).database)
    await database.write(_fill)
    filled = Filled()
    while not filled.done:
        filled = await database.write(lambda session, sofar=filled: fill(session, sofar))
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE"))
    yield database
    await database.close()
    if request.param == "postgresql":
        request.getfixturevalue("postgresql").drop(url)


def _fill(session: Session) -> None:
    chance = random.Random(7)
    actors = [_actor(n, "Group") for n in PLACES] + [_actor(n, "Person") for n in PEOPLE]
    session.execute(insert(Actor), actors)
    session.execute(
        insert(Community), [{"actor_id": n, "local": n % 2 == 0, "founded_at": NOW} for n in PLACES]
    )
    session.execute(
        insert(Membership),
        [{"community_id": n, "actor_id": 101, "joined_at": NOW} for n in PLACES if n % 5 == 0],
    )
    session.execute(
        insert(Follow),
        [{"follower_id": 101, "target_id": n, "followed_at": NOW} for n in range(110, 120)],
    )
    posts: list[dict[str, Any]] = []
    for number in range(POSTS):
        at = NOW - timedelta(minutes=POSTS - number)
        starter = posts[chance.randrange(len(posts))] if number % 3 and posts else None
        posts.append(_post(chance, new_id(at), at, starter))
    session.execute(insert(Post), posts)
    session.execute(insert(Tag), [{"id": n, "name": w, "shown": w} for n, w in enumerate(WORDS)])
    tagged = [(chance.randrange(len(WORDS)), post["id"]) for post in posts]
    session.execute(insert(PostTag), [{"tag_id": t, "post_id": p} for t, p in tagged])


def _actor(number: int, kind: str) -> dict[str, Any]:
    name = f"{kind.lower()}{number}"
    return {"id": number, "uri": f"https://a.test/{name}", "type": kind, "name": name}


def _post(chance: random.Random, row_id: int, at: datetime, starter: Any) -> dict[str, Any]:
    root = starter["root_id"] if starter else row_id
    place = starter["community_id"] if starter else chance.choice(PLACES)
    said = " ".join(chance.choices(WORDS, k=12))
    return {
        "id": row_id,
        "uri": f"https://a.test/post/{row_id}",
        "type": "Note",
        "kind": "reply" if starter else "discussion",
        "local": True,
        "author_id": chance.choice(PEOPLE),
        "community_id": place,
        "root_id": root,
        "parent_id": root if starter else None,
        "published_at": at,
        "active_at": at,
        "title": "" if starter else said[:40],
        "html": f"<p>{said}</p>",
        "thread_count": chance.randrange(3),
    }


@contextmanager
def noted(session: Session) -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []
    engine = session.get_bind().engine

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        said.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans(session: Session, query: Any) -> list[str]:
    """How the database goes about each statement of a query."""
    connection = session.connection()
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:  # so small a table is read whole wherever it is allowed
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    with noted(session) as said:
        query(session)
    explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
    found: list[str] = []
    for statement, parameters in said:
        rows = connection.exec_driver_sql(explain + statement, parameters)
        found.append("\n".join(str(row[-1]) for row in rows))
    return found


CURSORS = [
    Cursor(),
    Cursor(before=new_id(NOW - timedelta(hours=20)), moment=NOW - timedelta(hours=20)),
    Cursor(after=new_id(NOW - timedelta(hours=60))),
]
LISTS = {
    "home": lambda cursor, order: lambda s: timelines.home(s, 101, cursor, order),
    "community": lambda cursor, order: lambda s: timelines.community(s, 5, cursor, order, 101),
    "local": lambda cursor, order: lambda s: timelines.local(s, cursor, order, 101),
    "tag": lambda cursor, order: lambda s: timelines.tag(s, 3, cursor, order, 101),
}
SEARCHES = [
    "oak wil",
    '"oak stakes" -mat',
    "clay in:group6 type:reply",
    "from:person110 oak",
    "from:person110",
    "in:group6",
    "#willow -stone",
    "#oak stone from:person111",
]


async def test_no_list_and_no_search_reads_all_posts(db) -> None:
    queries: dict[str, Any] = {
        f"{name} {order} {number}": make(cursor, order)
        for name, make in LISTS.items()
        for order in Order
        for number, cursor in enumerate(CURSORS)
    }
    queries |= {
        words: lambda s, w=words: find_posts(s, parse(w), "a.test", 101) for words in SEARCHES
    }
    queries["people"] = lambda s: find_people(s, parse("perso").as_name, 101)
    queries["communities"] = lambda s: find_communities(s, parse("grou").as_name)
    queries["tags of a community"] = lambda s: most_used(s, 5, NOW)
    for name, query in queries.items():
        for plan in await db.read(lambda s, q=query: plans(s, q)):
            assert not re.search(r"SCAN posts(?:_\d+)?(?!\w)|Seq Scan on posts\b", plan), (
                f"{name}\n{plan}"
            )
