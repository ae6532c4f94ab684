"""How the figures grow with the data: the same questions to a server with more and more posts.

`python -m tests.bench --growth` fills one server to 1,000, 10,000 and 100,000 posts (and a tenth as
many people of other servers, all followers), and asks each question at each size.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from fedcop.domain.communities.models import Membership
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.models import Post
from fedcop.domain.search.fill import Filled, fill
from fedcop.ids import new_id
from tests.bench.asking import ask
from tests.bench.databases import Place
from tests.bench.measure import Cpu, rounds
from tests.bench.town import AS, HOST, Town, town

SIZES = (1_000, 10_000, 100_000)
_PAGE, _CHUNK, _BATCH = 20, 2_000, 100
_WORDS = ("soil", "clay", "sand", "water", "stone", "willow", "river", "bank", "spade", "compost")
Question = Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Curve:
    """What one question cost at each size, in CPU microseconds."""

    name: str
    on: str
    values: tuple[float, ...]

    @property
    def growth(self) -> float:
        """How often the smallest goes into the largest."""
        return self.values[-1] / self.values[0]


async def growth(place: Place, many: int, sizes: tuple[int, ...] = SIZES) -> list[Curve]:
    """The curves of one database."""
    found: dict[str, list[float]] = {}
    async with town(place.database(), place.folder) as here:
        for size in sizes:
            await _grow(here, size)
            for name, question in (await _questions(here)).items():
                found.setdefault(name, []).append(await rounds(many, question))
    return [Curve(name, place.kind, tuple(values)) for name, values in found.items()]


async def _questions(here: Town) -> dict[str, Question]:
    newest = select(Post.uri).where(Post.parent_id.is_(None)).order_by(Post.id.desc()).limit(1)
    thread = urlsplit(await here.house.app.read(lambda session: session.scalar(newest)) or "").path
    answer = await ask(here.house.web, HOST, thread)
    paths = {
        "thread page": urlsplit(answer.headers["location"]).path,
        "community page": "/c/garden",
        "start page": "/",
        "search, newest": "/search?q=willow",
        "search, ranked": "/search?q=willow&order=relevance",
    }

    def page(path: str) -> Question:
        return lambda: _asked(here, path)

    questions = {name: page(path) for name, path in paths.items()}
    questions["actor document"] = lambda: _asked(here, "/u/ada", accept=AS)
    questions["inbox, one reply processed"] = lambda: _processed(here)
    return questions


async def _asked(here: Town, path: str, **headers: str) -> float:
    web = here.house.web
    web.state.kept_pages = web.state.kept_actors = None
    with Cpu() as cpu:
        answer = await ask(web, HOST, path, **headers)
    assert answer.status == 200, (path, answer.status)
    return cpu.us


async def _processed(here: Town) -> float:
    await here.keep([here.reply() for _ in range(_BATCH)])
    with Cpu() as cpu:
        while await here.house.processor.run_once():
            pass
    return cpu.us / _BATCH


async def _grow(here: Town, size: int) -> None:
    """More posts in the community until there are so many, and as many people again by a tenth."""
    db = here.house.app.db
    have = await db.read(lambda session: session.scalar(select(func.count(Post.id)))) or 0
    while have < size:
        more = min(_CHUNK, size - have)
        await db.write(lambda session, more=more, have=have: _write(session, here, more, have))
        have += more
    filled = Filled()
    while not filled.done:
        filled = await db.write(lambda session, sofar=filled: fill(session, sofar))
    await db.write(lambda session: session.execute(text("ANALYZE")) and None)


def _write(session: Session, here: Town, more: int, have: int) -> None:
    chance = random.Random(have)
    people = [_person(have + n, new_id()) for n in range(max(1, more // 10))]
    session.execute(insert(Actor), people)
    members = [
        {"community_id": here.garden, "actor_id": it["id"], "joined_at": _at(0)} for it in people
    ]
    session.execute(insert(Membership), members)
    posts: list[dict[str, Any]] = []
    for number in range(more):
        root = posts[number - number % _PAGE] if number % _PAGE else None
        author = chance.choice(people)["id"]
        posts.append(_post(chance, here.garden, author, _at(have + number), root))
    session.execute(insert(Post), posts)


def _at(number: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)


def _person(number: int, row_id: int) -> dict[str, Any]:
    uri = f"https://grown.example/u/g{number}"
    return {"id": row_id, "uri": uri, "type": "Person", "name": f"g{number}"}


def _post(
    chance: random.Random, place: int, author: int, at: datetime, root: Any
) -> dict[str, Any]:
    row_id = new_id()
    said = " ".join(chance.choices(_WORDS, k=40))
    return {
        "id": row_id,
        "uri": f"https://{HOST}/{'comment' if root else 'post'}/{row_id}",
        "type": "Note" if root else "Page",
        "kind": "reply" if root else "discussion",
        "local": True,
        "author_id": author,
        "community_id": place,
        "root_id": root["id"] if root else row_id,
        "parent_id": root["id"] if root else None,
        "published_at": at,
        "active_at": at,
        "title": "" if root else said[:60],
        "html": f"<p>{said}</p>",
        "summary": said[:200],
        "thread_count": 0 if root else _PAGE - 1,
    }
