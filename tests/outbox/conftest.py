"""One server of ours on a real database, and a net of peers that only take notes."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from fedcop.activitypub.client import ActivityPubClient
from fedcop.app import App
from fedcop.db.engine import Database
from fedcop.domain.communities.found import found
from fedcop.domain.communities.join import granted, join
from fedcop.domain.communities.models import Community
from fedcop.domain.network.hosts import host_named, inbox_at
from fedcop.domain.network.models import Activity, Host
from fedcop.domain.people.keys import FreshKeys, KeyRing, Sealer, generate
from fedcop.domain.people.models import Actor
from fedcop.domain.people.register import register
from fedcop.domain.posts.compose import compose_reply, compose_starter
from fedcop.domain.posts.models import Post
from fedcop.domain.posts.publish import reply, start
from fedcop.domain.posts.words import Origin, Words
from fedcop.ids import new_id
from fedcop.metrics import Metrics
from fedcop.net.client import Client
from fedcop.outbox.deliver import Deliverer
from fedcop.outbox.dialects import of_software
from fedcop.outbox.models import Delivery
from fedcop.settings import Settings
from fedcop.text.sanitize import clean
from fedcop.uris import Uris
from fedcop.wiring import OBJECT_TYPES, reactions
from fedcop.work.unit_of_work import UnitOfWork

T = TypeVar("T")
SEALER = Sealer("a secret for tests")
SERVERS = {"lemmy": "lemmy", "fed": "fedcop", "masto": "mastodon", "ghost": "ghost"}


class Net(httpx.AsyncBaseTransport):
    """Every other server: `software` by host, what it answers to a POST, what it was brought."""

    def __init__(self) -> None:
        self.software: dict[str, str | None] = {}
        self.answers: dict[str, list[httpx.Response | int]] = {}
        self.silent: set[str] = set()
        self.brought: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[httpx.Request] = []
        self.on_post: Callable[[str], Any] = lambda host: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if host in self.silent:
            raise httpx.ConnectError("nobody answers", request=request)
        if request.method == "GET":
            return self._nodeinfo(host, request.url.path)
        if (held_up := self.on_post(host)) is not None:
            await held_up
        self.requests.append(request)
        queue = self.answers.get(host) or [202]
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        response = answer if isinstance(answer, httpx.Response) else httpx.Response(answer)
        if response.status_code < 300:
            self.brought.append((host, orjson.loads(request.read())))
        return httpx.Response(response.status_code, headers=response.headers, stream=_Nothing())

    def _nodeinfo(self, host: str, path: str) -> httpx.Response:
        name = self.software.get(host)
        if name is None:
            return httpx.Response(404, stream=_Nothing())
        rel = "http://nodeinfo.diaspora.software/ns/schema/2.1"
        index = {"links": [{"rel": rel, "href": f"https://{host}/nodeinfo/2.1"}]}
        info = {"software": {"name": name, "version": "1"}}
        document = index if path.startswith("/.well-known") else info
        return httpx.Response(200, stream=_Nothing(orjson.dumps(document)))

    def heard(self, host: str) -> list[str]:
        """What a host was brought, in words: `Announce{Create}`, `Announce(id)`, `Create`."""
        return [said(document) for at, document in self.brought if at == host]


class _Nothing(httpx.AsyncByteStream):
    def __init__(self, body: bytes = b"") -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


def said(document: dict[str, Any]) -> str:
    thing = document["object"]
    if isinstance(thing, str):
        return f"{document['type']}(id)"
    inner = thing["type"]
    if document["type"] == "Announce" and isinstance(thing.get("object"), dict):
        inner += f":{thing['object']['type']}"
    return f"{document['type']}{{{inner}}}"


class Here:
    """Our server, with the shortest words for what tests do on it."""

    def __init__(self, app: App, net: Net, keys: FreshKeys) -> None:
        self.app, self.net, self.keys = app, net, keys
        self.act, self.read = app.act, app.read

    async def person(self, name: str) -> int:
        return await self.act(
            lambda uow: register(uow, name=name, display_name=name.title(), keys=self.keys).id
        )

    async def community(self, name: str, founder: int) -> int:
        return await self.act(
            lambda uow: (
                found(
                    uow,
                    uow.get(Actor, founder),
                    name=name,
                    title=name.title(),
                    purpose="To learn.",
                    charter="By doing.",
                    keys=self.keys,
                ).actor_id
            )
        )

    async def remote(
        self, host: str, name: str, software: str | None = None, kind: str = "Person"
    ) -> int:
        """An actor elsewhere; `software` None: nobody has asked its host yet."""

        def act(uow: UnitOfWork) -> int:
            place = host_named(uow, host)
            if software is not None:
                manner = of_software(software)
                place.software, place.dialect, place.view = software, manner.dialect, manner.view
                place.asked_at = uow.now
            uri = f"https://{host}/{'c' if kind == 'Group' else 'u'}/{name}"
            actor = Actor(
                id=new_id(),
                uri=uri,
                type=kind,
                name=name,
                host_id=place.id,
                inbox_uri=f"{uri}/inbox",
                followers_uri=f"{uri}/followers",
                delivery_inbox_id=inbox_at(uow, f"https://{host}/inbox").id,
            )
            uow.add(actor)
            if kind == "Group":
                uow.add(Community(actor_id=actor.id, local=False, founded_at=uow.now))
            return actor.id

        return await self.act(act)

    async def member(self, community: int, actor: int) -> None:
        await self.act(
            lambda uow: join(uow, uow.get(Community, community), uow.get(Actor, actor)) and None
        )

    async def start(self, author: int, community: int, text: str = "What now?") -> int:
        def act(uow: UnitOfWork) -> int:
            words = compose_starter(uow.session, uow.uris, "A question", text)
            return start(uow, uow.get(Actor, author), uow.get(Community, community), words).id

        return await self.act(act)

    async def reply(self, author: int, parent: int, text: str = "This.") -> int:
        def act(uow: UnitOfWork) -> int:
            words = compose_reply(uow.session, uow.uris, text)
            return reply(uow, uow.get(Actor, author), uow.get(Post, parent), words).id

        return await self.act(act)

    async def arrive(
        self, author: int, community: int, parent: int | None = None, *, cause: bool = True
    ) -> int:
        """A post of a remote author, as the inbox applies it."""

        def act(uow: UnitOfWork) -> int:
            who = uow.get(Actor, author)
            number = new_id()
            uri = f"{who.uri}/notes/{number}"
            words = Words(
                title="" if parent else "From afar", html=clean("<p>hi</p>"), summary="hi"
            )
            origin = Origin(uri=uri, type="Note", published_at=uow.now)
            if cause:
                thing = {"id": uri, "type": "Note", "content": "<p>hi</p>"}
                create = {
                    "id": f"{uri}/create",
                    "type": "Create",
                    "actor": who.uri,
                    "object": thing,
                }
                uow.cause = orjson.dumps(create, option=orjson.OPT_INDENT_2)
                uow.add(
                    Activity(
                        uri=create["id"],
                        type="Create",
                        actor_uri=who.uri,
                        object_uri=uri,
                        body=uow.cause,
                    )
                )
            if parent:
                return reply(uow, who, uow.get(Post, parent), words, origin).id
            return start(uow, who, uow.get(Community, community), words, origin).id

        return await self.act(act)

    async def deliver(self) -> Net:
        """Deliver all that waits, and forget what was heard before."""
        self.net.brought.clear()
        worker = Deliverer(self.app)
        while await worker.run_once():
            pass
        assert await self.rows(Delivery) == []
        return self.net

    async def scene(self) -> tuple[dict[str, int], int, int]:
        """People here and on four servers, who belong to a community here; one elsewhere."""
        ada, ben = await self.person("ada"), await self.person("ben")
        home = await self.community("garden", ada)
        people = {"ada": ada, "ben": ben}
        for name, software in SERVERS.items():
            people[name] = await self.remote(f"{name}.example", "eve", software)
            await self.member(home, people[name])
        away = await self.remote("away.example", "woods", "lemmy", "Group")
        await self.member(home, ben)
        await self.member(away, ada)
        await self.act(lambda uow: granted(uow, uow.get(Community, away), uow.get(Actor, ada)))
        await self.deliver()
        return people, home, away

    async def rows(self, kind: type[T], *where: Any) -> list[T]:
        query = select(kind).where(*where)
        return await self.read(lambda session: list(session.scalars(query)))

    async def host(self, name: str) -> Host:
        return (await self.rows(Host, Host.name == name))[0]

    async def change(self, name: str, **values: Any) -> None:
        def act(uow: UnitOfWork) -> None:
            host = host_named(uow, name)
            for column, value in values.items():
                setattr(host, column, value)

        await self.act(act)

    async def retry_now(self, name: str) -> None:
        """As if the time of the next attempt had come."""
        await self.change(name, next_try_at=datetime.now(UTC) - timedelta(seconds=1))


@pytest.fixture(scope="session")
def keys() -> FreshKeys:
    return generate(SEALER)


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
async def here(migrated_url: str, net: Net, keys: FreshKeys) -> AsyncIterator[Here]:
    settings = Settings(host="cop.example", database_url=migrated_url, secret_key=SecretStr("s"))
    db = Database(settings.database)
    ring = KeyRing(SEALER)
    client = Client(net, user_agent="FedCoP/test")
    app = App(
        settings=settings,
        uris=Uris("cop.example"),
        db=db,
        metrics=Metrics(),
        client=ActivityPubClient(client),
        reactions=reactions(ring),
        objects=OBJECT_TYPES,
        keys=ring,
    )
    yield Here(app, net, keys)
    await db.close()
