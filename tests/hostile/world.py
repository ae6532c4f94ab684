"""The world of the cases, laid once as a database: communities, people, posts, bans, blocks."""

import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import select

from fedcop.activitypub.parse import parse
from fedcop.activitypub.vocab.actors import Actor as WireActor
from fedcop.activitypub.vocab.base import Object
from fedcop.bootstrap import House, build
from fedcop.domain.access.passwords import hash_password
from fedcop.domain.access.sessions import begin, set_password
from fedcop.domain.communities.ban import ban
from fedcop.domain.communities.federation import remember_actor
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import granted, join
from fedcop.domain.communities.models import Community, Membership, Role
from fedcop.domain.network.hosts import host_named
from fedcop.domain.network.models import Host
from fedcop.domain.people.models import Account, Actor
from fedcop.domain.people.register import register
from fedcop.domain.people.suspend import suspend
from fedcop.domain.posts.compose import compose_starter
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import start
from fedcop.domain.site.found import set_up
from fedcop.inbox.activities.create import publish
from fedcop.outbox.dialects import of_software
from fedcop.outbox.policing import block
from fedcop.settings import Settings
from fedcop.work.unit_of_work import UnitOfWork
from tests.databases import lay_sqlite
from tests.hostile.people import EMAIL, HOSTS, PASSWORD, REMOTE, SOFTWARE, document_of, note

T = TypeVar("T")
SECRET = "a secret of the hostile cases"
LOCAL = HOSTS["L"]
USERS = {"lara": "member", "mona": "member", "nils": "member", "adm": "admin"}
MARKERS = ("PRIVTITLE", "PRIVBODY", "PRIVMEDIA", "PRIVMEMBER")
BLOCKED_IDN = "xn--blcked-9va.test"
_SOMEDAY = datetime(2026, 1, 5, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """The file of the database, and what of it the cases name."""

    file: Path
    sessions: dict[str, str]
    """The session token of each local user."""
    uris: dict[str, str]
    """Names of fixtures (`post`, `private post`, `follow of rgroup`, `ban`), with their URIs."""


class _Nobody(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("the world is laid without a network", request=request)


@asynccontextmanager
async def inside(file: Path) -> AsyncGenerator["Hand"]:
    """A hand that writes into a database as the product does, beside a server at rest.

    What this would tell other servers is taken as told.
    """
    settings = Settings(
        host=LOCAL,
        database_url=f"sqlite:///{file}",
        data_dir=file.parent,
        secret_key=SECRET,  # pyright: ignore[reportArgumentType]
    )
    house = build(settings, _Nobody())
    try:
        yield Hand(house)
    finally:
        await house.close()
    with closing(sqlite3.connect(file, timeout=10)) as db, db:
        db.execute("UPDATE told SET spread = 1")
        db.execute("DELETE FROM deliveries")
        db.execute(
            "DELETE FROM jobs WHERE name NOT LIKE 'sweep%' AND due_at < datetime('now', '1 hour')"
        )
        db.execute("UPDATE hosts SET failures = 0, failing_since = NULL, last_error = NULL")


@dataclass(slots=True)
class Hand:
    """Acts of the domain, by the names that the cases use."""

    house: House

    async def act(self, action: Callable[[UnitOfWork], T]) -> T:
        return await self.house.app.act(action)

    async def meet(self, name: str, *, document: dict[str, Any] | None = None) -> str:
        """Know a remote actor, as its host serves it."""
        wire = parse(document or document_of(name))
        assert isinstance(wire, WireActor)
        await self.act(lambda uow: remember_actor(uow, wire).id)
        return wire.id or ""

    async def join(self, uri: str, place: str, *, approved: bool = True) -> None:
        def act(uow: UnitOfWork) -> None:
            member = join(uow, self.place(uow, place), self.actor(uow, uri), f"{uri}/follows/1")
            member.approved = approved

        await self.act(act)

    async def store(self, document: dict[str, Any], place: str) -> None:
        """Have a remote post in a community, whatever its document names."""
        wire = parse(document)
        assert isinstance(wire, Object)

        def act(uow: UnitOfWork) -> None:
            if uow.find(Post, wire.id or "") is not None:
                return
            author = self.actor(uow, wire.author or "")
            parent = uow.find(Post, wire.in_reply_to) if wire.in_reply_to else None
            means = self.house.resolver.means
            where = (self.place(uow, place), parent)
            publish(uow, wire, author, where, means, received_at=_SOMEDAY)

        await self.act(act)

    @staticmethod
    def actor(uow: UnitOfWork, uri: str) -> Actor:
        return uow.session.scalars(select(Actor).where(Actor.uri == uri)).one()

    @classmethod
    def place(cls, uow: UnitOfWork, uri: str) -> Community:
        return uow.session.get_one(Community, cls.actor(uow, uri).id)


def local(path: str) -> str:
    return f"https://{LOCAL}{path}"


async def lay(file: Path) -> World:
    """Write the world into a new database."""
    lay_sqlite(file)
    async with inside(file) as hand:
        sessions = await _people(hand)
        await _places(hand)
        await _strangers(hand)
        uris = await _said(hand)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return World(file, sessions, uris)


async def _people(hand: Hand) -> dict[str, str]:
    app = hand.house.app
    site_keys = await app.fresh_keys()
    await hand.act(lambda uow: set_up(uow, name=LOCAL, keys=site_keys).id)
    await hand.house.start()
    sessions: dict[str, str] = {}
    for name, role in USERS.items():
        keys = await app.fresh_keys()

        def act(uow: UnitOfWork, name: str = name, role: str = role, keys: Any = keys) -> str:
            actor = register(uow, name=name, display_name=name.title(), keys=keys, role=role)
            uow.write()
            if name == "lara":
                uow.session.get_one(Account, actor.id).email = EMAIL
                set_password(uow, actor.id, hash_password(PASSWORD))
            return begin(uow, actor.id)

        sessions[name] = await hand.act(act)
    return sessions


async def _places(hand: Hand) -> None:
    for name in ("public", "private", "announcements"):
        keys = await hand.house.app.fresh_keys()

        def act(uow: UnitOfWork, name: str = name, keys: Any = keys) -> None:
            mona = hand.actor(uow, local("/u/mona"))
            community = found(
                uow,
                mona,
                name=name,
                title=name.title(),
                purpose="To try things out.",
                charter="We learn by doing.",
                keys=keys,
            )
            community.approval = name == "private"
            community.stewards_only = name == "announcements"

        await hand.act(act)
    await hand.join(local("/u/lara"), local("/c/public"))
    await hand.join(local("/u/lara"), local("/c/private"))


async def _strangers(hand: Hand) -> None:
    for name in ("alice", "bob", "mod", "banned", "rgroup", "victor", "bert"):
        await hand.meet(name)
    public, private = local("/c/public"), local("/c/private")
    for name in ("alice", "victor", "mod", "banned", "bert"):
        await hand.join(REMOTE[name].uri, public)
    await hand.join(REMOTE["alice"].uri, private)

    def act(uow: UnitOfWork) -> None:
        place = hand.place(uow, public)
        mod = hand.actor(uow, REMOTE["mod"].uri)
        uow.session.get_one(Membership, (place.actor_id, mod.id)).role = Role.STEWARD
        _follow_rgroup(uow, hand)
        for host, software in SOFTWARE.items():
            row = host_named(uow, host)
            row.software, row.version, row.asked_at = software, "1.0", uow.now
            manner = of_software(software)
            row.dialect, row.view = manner.dialect, manner.view

    await hand.act(act)
    await hand.store(_old(), public)
    await hand.act(lambda uow: _shut_out(uow, hand))


def _follow_rgroup(uow: UnitOfWork, hand: Hand) -> None:
    rgroup = hand.place(uow, REMOTE["rgroup"].uri)
    lara = hand.actor(uow, local("/u/lara"))
    join(uow, rgroup, lara)
    uow.write()
    granted(uow, rgroup, lara)


def _old() -> dict[str, Any]:
    banned = REMOTE["banned"].uri
    uri = "https://peer.test/n/old"
    return note(uri, banned, local("/c/public"), "<p>Said before the ban.</p>")


def _shut_out(uow: UnitOfWork, hand: Hand) -> None:
    public, mona = hand.place(uow, local("/c/public")), hand.actor(uow, local("/u/mona"))
    banned = hand.actor(uow, REMOTE["banned"].uri)
    ban(uow, public, banned, mona, reason="spam")
    suspend(uow, banned, hand.actor(uow, local("/u/adm")))
    for name in (HOSTS["B"], BLOCKED_IDN):
        block(uow, name)


async def _said(hand: Hand) -> dict[str, str]:
    def act(uow: UnitOfWork) -> dict[str, str]:
        lara = hand.actor(uow, local("/u/lara"))
        uris: dict[str, str] = {}
        for name, title, text in (
            ("public", "Who rotates the chair?", "Every month somebody else."),
            ("private", MARKERS[0], f"{MARKERS[1]} is only for us."),
        ):
            words = compose_starter(uow.session, uow.uris, title, text)
            uris[name] = start(uow, lara, hand.place(uow, local(f"/c/{name}")), words).uri
        rgroup = hand.actor(uow, REMOTE["rgroup"].uri)
        follow = uow.session.get_one(Membership, (rgroup.id, lara.id)).follow_uri
        blocked = uow.session.scalars(select(Host).where(Host.name == HOSTS["B"])).one()
        assert blocked.blocked
        return uris | {"follow": follow or ""}

    return await hand.act(act)
