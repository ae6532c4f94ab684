"""Three servers, one community, and bad weather between them: what each holds when it is over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from fedcop.db.columns import LONG_AGO
from fedcop.domain.communities.models import Community
from fedcop.domain.communities.roles import appoint
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Actor
from fedcop.domain.posts.adopt import AWAITED
from fedcop.domain.posts.feature import lock, pin, unlock, unpin
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.thread import thread
from fedcop.errors import FedcopError
from fedcop.inbox.models import InboxMessage
from fedcop.work.unit_of_work import UnitOfWork
from tests.convergence.weather import Line, Sky
from tests.fediverse import Fediverse, Person, Place, Server

DEEDS_EACH = 30
HOSTS = ("a.test", "b.test", "c.test")
DEEDS = (
    "write", "reply", "reply", "reply", "like", "like", "dislike", "unvote", "edit", "edit",
    "delete", "pin", "unpin", "lock", "unlock",
)  # fmt: skip

View = dict[str, list[tuple[Any, ...]]]


@dataclass
class Outcome:
    """What became of one seed: what happened on the wires, and where the servers differ."""

    seed: int
    deeds: int
    refused: int
    happened: dict[str, int]
    posts: int
    turned_away: int
    """Rows that a server holds alone, since the community's host refused them: who had not heard of
    a lock went on writing."""
    differences: list[str] = field(default_factory=list)


class Stormy(Fediverse):
    """A fediverse whose servers reach each other under one sky."""

    def __init__(self, folder: Path, database: Callable[[str], str], sky: Sky) -> None:
        super().__init__(folder, database)
        self.sky = sky

    async def _start(self, host: str) -> Server:
        plain, self.wires = self.wires, Line(host, self.wires, self.sky)
        try:
            return await super()._start(host)
        finally:
            self.wires = plain

    async def later(self) -> None:
        """As if the time of every next attempt had come, at every server."""
        again = {"next_try_at": LONG_AGO, "leased_until": LONG_AGO, "parked": False}

        def pass_time(uow: UnitOfWork) -> None:
            uow.session.execute(update(Host).values(again))
            uow.session.execute(update(InboxMessage).values(due_at=LONG_AGO))

        for server in self.servers:
            await server.act(pass_time)

    async def heal(self) -> None:
        """The weather clears, and everything that is still owed arrives."""
        self.sky.calm = True
        await self.sky.bring_late()
        for _ in range(4):
            await self.later()
            await self.settle()


@dataclass
class Village:
    """The people of the three servers, and what they do at random."""

    world: Stormy
    rnd: Random
    place: Place
    people: list[Person]
    refused: int = 0

    async def deed(self) -> None:
        """Somebody does something on their own server, with what that has by now."""
        person, name = self.rnd.choice(self.people), self.rnd.choice(DEEDS)
        uris = await person.server.read(_shown)
        chosen = self.rnd.choice(uris) if uris else ""
        try:
            if name == "write" or not uris:
                await person.write(self.place, self._words("Title"), self._words("Text"))
            elif name == "reply":
                await person.reply(chosen, self._words("Reply"))
            elif name in {"edit", "delete"}:
                await self._own(person, name)
            else:
                await self._decide(person, name, chosen)
        except FedcopError:
            self.refused += 1

    def _words(self, kind: str) -> str:
        return f"{kind} {self.rnd.randrange(1_000_000)}"

    async def _own(self, person: Person, name: str) -> None:
        own = await person.server.read(lambda session: _shown(session, person.id))
        if own and name == "edit":
            await person.edit(self.rnd.choice(own), self._words("Edited"))
        elif own:
            await person.delete(self.rnd.choice(own))

    async def _decide(self, person: Person, name: str, uri: str) -> None:
        if name in {"like", "dislike", "unvote"}:
            await person.vote(uri, {"like": 1, "dislike": -1, "unvote": 0}[name])
            return
        ways = {"pin": pin, "unpin": unpin, "lock": lock, "unlock": unlock}

        def act(uow: UnitOfWork) -> None:
            post = uow.find(Post, uri)
            assert post is not None
            ways[name](uow, post, uow.get(Actor, person.id))

        await person.server.act(act)


async def play(
    seed: int, folder: Path, database: Callable[[str], str], deeds: int = DEEDS_EACH
) -> Outcome:
    """Let people act in bad weather, then let it clear; what each server holds is compared."""
    rnd = Random(seed)
    sky = Sky(Random(seed + 1_000_000), calm=True)
    world = Stormy(folder, database, sky)
    try:
        village = await _settled(world, rnd)
        sky.calm = False
        for _ in range(deeds):
            await village.deed()
            sky.turn(list(HOSTS))
            for server in world.servers:
                if rnd.random() < 0.5:
                    await server.work()
            if rnd.random() < 0.2:
                await world.later()
            await sky.bring_late()
        await world.heal()
        refused = await world.servers[0].read(_refused)
        views = [
            await server.read(lambda s: _view(s, village.place.uri)) for server in world.servers
        ]
    finally:
        await world.close()
    differences, turned_away = _differences(views, refused)
    posts = sum(map(len, views[0].values()))
    happened = dict(sky.happened)
    return Outcome(seed, deeds, village.refused, happened, posts, turned_away, differences)


async def _settled(world: Stormy, rnd: Random) -> Village:
    """Everybody knows everybody: Ann founded the community, Ben looks after it, too."""
    servers = await world(*HOSTS)
    names = ("ann", "ben", "cyd")
    people = [await one.person(name) for one, name in zip(servers, names, strict=True)]
    place = await servers[0].community("garden", people[0])
    for person in people[1:]:
        await person.join(place)
    await world.settle()
    ben = await servers[0].meet(people[1].uri)

    def steward(uow: UnitOfWork) -> None:
        ann = uow.get(Actor, people[0].id)
        appoint(uow, uow.get(Community, place.id), uow.get(Actor, ben), ann)

    await servers[0].act(steward)
    await world.settle()
    for person in people:
        first = await person.write(place, f"From {person.name}", "Where do we begin?")
        await world.settle()
        for other in people:  # each server asks the others what software they run
            await other.reply(first, f"Welcome from {other.name}")
            await world.settle()
    return Village(world, rnd, place, people)


def _shown(session: Session, author_id: int | None = None) -> list[str]:
    """The posts that this server shows, oldest first by their ids on the network."""
    query = select(Post).where(Post.deleted_at.is_(None), Post.confirmed)
    if author_id is not None:
        query = query.where(Post.author_id == author_id)
    return sorted(post.uri for post in session.scalars(query))


def _refused(session: Session) -> str:
    """All that the inbox refused for good, in one text."""
    bodies = session.scalars(select(InboxMessage.body).where(InboxMessage.state == "dead"))
    return b" ".join(bodies).decode()


def _view(session: Session, place: str) -> View:
    """Each thread of the community that is shown, in its order, with all that is said about it."""
    group = select(Actor.id).where(Actor.uri == place).scalar_subquery()
    starters = session.scalars(
        select(Post).where(Post.community_id == group, Post.root_id == Post.id)
    )
    found: View = {}
    for starter in list(starters):
        held = thread(session, starter.id)
        lines = [] if held is None else [held.starter, *held.replies]
        rows = [_row(session.get_one(Post, line.post.id), line.depth) for line in lines]
        if any(row[1] == "there" for row in rows):
            found[rows[0][0]] = rows
    return found


def _row(post: Post, depth: int) -> tuple[Any, ...]:
    """What was deleted before it came is as good as what was deleted afterwards."""
    if post.deleted_at is not None or not post.confirmed:
        return (post.uri.removeprefix(AWAITED), "deleted", depth)
    state = "removed" if post.removed_at is not None else "there"
    marks = (post.pinned_at is not None, post.locked_at is not None)
    votes = (post.likes + post.reported_likes, post.dislikes + post.reported_dislikes)
    return (post.uri, state, depth, post.title, post.html, *marks, *votes)


def _differences(views: list[View], refused: str) -> tuple[list[str], int]:
    """Where the second and third server hold something else than the community's own, and how
    many rows they hold alone because that refused them."""
    found: list[str] = []
    turned_away = 0
    for host, view in zip(HOSTS[1:], views[1:], strict=True):
        for uri in sorted(views[0].keys() | view.keys()):
            ours, theirs = views[0].get(uri, []), view.get(uri, [])
            known = {row[0] for row in ours}
            alone = [row for row in theirs if row[0] not in known and row[0] in refused]
            turned_away += len(alone)
            theirs = [row for row in theirs if row not in alone]
            found += [f"only {HOSTS[0]}, not {host}: {row}" for row in ours if row not in theirs]
            found += [f"only {host}: {row}" for row in theirs if row not in ours]
            if sorted(ours) == sorted(theirs) and ours != theirs:
                found.append(f"{host} has another order in {uri}")
    return found, turned_away
