"""What the inbox is tested in: a server of ours, and a small web of others beside it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from fedcop.activitypub.signatures import cavage, proofs
from fedcop.activitypub.signatures.keys import PrivateKey
from fedcop.activitypub.signatures.request import HttpRequest
from fedcop.app import App
from fedcop.domain.communities.models import Membership, Standing
from fedcop.domain.posts.models import Post
from fedcop.inbox.keys import KeyFinder
from fedcop.inbox.models import InboxMessage
from fedcop.inbox.process import Processor
from fedcop.inbox.receive import Receiver
from fedcop.inbox.resolve import Resolver
from fedcop.uris import PUBLIC

T = TypeVar("T")
AS = "application/activity+json"
SECRET = "a secret for tests"
_numbers = count(1)


@dataclass
class Web(httpx.AsyncBaseTransport):
    """Documents of other servers by URL; `silent` hosts do not answer, `asked` is what was."""

    documents: dict[str, Any] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        if request.url.host in self.silent:
            raise httpx.ConnectError("nobody answers", request=request)
        found = self.documents.get(url, 404)
        if isinstance(found, int):
            return httpx.Response(found, stream=httpx.ByteStream(b""))
        kind = "application/jrd+json" if "webfinger" in url else AS
        body = found if isinstance(found, bytes) else json.dumps(found).encode()
        return httpx.Response(200, headers={"content-type": kind}, stream=httpx.ByteStream(body))


@dataclass
class Them:
    """An actor of another server, with its keys; what it says is signed by it."""

    web: Web
    uri: str
    rsa: str
    ed25519: str
    type: str = "Person"
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.uri.split("/")[2]

    @property
    def key(self) -> PrivateKey:
        return PrivateKey.from_pem(f"{self.uri}#main-key", self.uri, self.rsa, trusted=True)

    @property
    def proof_key(self) -> PrivateKey:
        return PrivateKey.from_pem(f"{self.uri}#ed25519-key", self.uri, self.ed25519, trusted=True)

    def document(self) -> dict[str, Any]:
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.uri,
            "type": self.type,
            "preferredUsername": self.uri.rsplit("/", 1)[-1],
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "endpoints": {"sharedInbox": f"https://{self.host}/inbox"},
            "publicKey": {
                "id": self.key.id,
                "owner": self.uri,
                "publicKeyPem": self.key.public.pem,
            },
            "assertionMethod": [
                {
                    "id": self.proof_key.id,
                    "type": "Multikey",
                    "controller": self.uri,
                    "publicKeyMultibase": self.proof_key.public.multibase,
                }
            ],
        } | self.more

    def live(self) -> "Them":
        self.web.documents[self.uri] = self.document()
        return self

    def says(self, verb: str, thing: Any, **more: Any) -> dict[str, Any]:
        uri = f"https://{self.host}/activities/{next(_numbers)}"
        return {"id": uri, "type": verb, "actor": self.uri, "object": thing} | more

    def note(self, **more: Any) -> dict[str, Any]:
        """A public Note of theirs, served by their host."""
        uri = f"https://{self.host}/notes/{next(_numbers)}"
        note = {
            "id": uri,
            "type": "Note",
            "attributedTo": self.uri,
            "to": [PUBLIC],
            "cc": [],
            "content": "<p>Rotate the chair every month.</p>",
            "published": "2026-11-01T10:00:00Z",
        } | more
        self.web.documents[note["id"]] = note
        return note

    def creates(self, note: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.says("Create", note, to=[PUBLIC], **more)

    def proves(self, document: dict[str, Any]) -> dict[str, Any]:
        context = {"@context": "https://www.w3.org/ns/activitystreams"}
        return proofs.sign(context | document, self.proof_key, datetime.now(UTC))

    def request(
        self, document: dict[str, Any] | bytes, key: PrivateKey | None = None
    ) -> HttpRequest:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        headers = cavage.sign(
            "POST", "https://cop.test/inbox", body, key or self.key, datetime.now(UTC)
        )
        pairs = tuple((name.lower(), value) for name, value in headers.items())
        return HttpRequest("POST", "/inbox", "https", "cop.test", pairs, body)


@dataclass
class Home:
    """Our server, with one community, one member (also its steward) and one discussion."""

    app: App
    web: Web
    resolver: Resolver
    keys: KeyFinder
    receiver: Receiver
    processor: Processor
    ada: int = 0
    garden: int = 0
    post: int = 0
    post_uri: str = ""
    garden_uri: str = "https://cop.test/c/garden"
    ada_uri: str = "https://cop.test/u/ada"

    async def read(self, query: Callable[[Session], T]) -> T:
        return await self.app.read(query)

    async def count(self, table: Any, *conditions: Any) -> int:
        query = select(func.count()).select_from(table).where(*conditions)
        return await self.read(lambda session: session.scalar(query) or 0)

    async def row(self, table: type[T], *conditions: Any) -> T:
        query = select(table).where(*conditions)
        return await self.read(lambda session: session.scalars(query).one())

    async def find_post(self, uri: str) -> Post | None:
        return await self.read(lambda session: session.scalar(select(Post).where(Post.uri == uri)))

    async def hears(self, them: Them, *documents: dict[str, Any]) -> None:
        """Each arrives signed by them, and all that follows from it is done."""
        for document in documents:
            await self.receiver.receive(them.request(document), AS)
            await self.processor.settle()

    async def states(self) -> list[str]:
        query = select(InboxMessage.state).order_by(InboxMessage.id)
        return await self.read(lambda session: list(session.scalars(query)))

    async def last(self) -> InboxMessage:
        query = select(InboxMessage).order_by(InboxMessage.id.desc()).limit(1)
        return await self.read(lambda session: session.scalars(query).one())

    async def make_due(self) -> None:
        """As if every waiting message had waited long enough."""
        from sqlalchemy import update

        past = datetime.now(UTC) - timedelta(hours=1)
        await self.app.db.write(lambda s: s.execute(update(InboxMessage).values(due_at=past)))
        await self.processor.settle()

    async def joins(self, actor_uri: str) -> int:
        """Ada is an accepted member of this community elsewhere."""
        row_id = await self.resolver.actor(actor_uri)
        membership = Membership(
            community_id=row_id,
            actor_id=self.ada,
            joined_at=datetime.now(UTC),
            standing=Standing.ACTIVE,
            follow_uri="https://cop.test/activity/7",
        )
        await self.app.act(lambda uow: uow.add(membership))
        return row_id
