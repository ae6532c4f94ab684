"""A server of other software, small enough to read, behind the wires of the tests."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

import httpx

from fedcop.activitypub.signatures import cavage
from fedcop.activitypub.signatures.keys import PrivateKey, generate_rsa
from tests.fediverse import Wires
from tests.peers import knock, microblogs
from tests.peers.strict import PUBLIC, Json, Refused, check

ACTIVITY = "application/activity+json"
ACCEPT = f'{ACTIVITY}, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@cache
def pem(number: int) -> str:
    """Two keys are enough for all peers: one for servers, one for their people."""
    return generate_rsa()


@dataclass
class Received:
    """What was delivered to us: where, the bytes, who signed."""

    path: str
    body: bytes
    signer: str
    document: Json = field(default_factory=dict)

    @property
    def form(self) -> str:
        """In short: `Create{Note}`, `Announce{Create{Article}}`, `Announce(id)`."""
        return form(self.document)


def form(document: Json) -> str:
    thing = document.get("object")
    if thing is None or document["type"] in ("Follow", "Like", "Dislike"):
        return document["type"]
    if isinstance(thing, str):
        return f"{document['type']}(id)"
    return f"{document['type']}{{{form(thing)}}}"


@dataclass
class Somebody:
    """An actor of a peer."""

    peer: "Peer"
    uri: str
    name: str
    type: str = "Person"

    @property
    def handle(self) -> str:
        return f"@{self.name}@{self.peer.host}"

    @property
    def inbox(self) -> str:
        return f"{self.uri}/inbox"

    @property
    def key_id(self) -> str:
        return f"{self.uri}{self.peer.key_suffix}"

    @property
    def key(self) -> PrivateKey:
        return PrivateKey.from_pem(self.key_id, self.uri, pem(2), trusted=True)

    def document(self) -> Json:
        key = {"id": self.key_id, "owner": self.uri, "publicKeyPem": self.key.public.pem}
        document: Json = {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": self.type,
            "preferredUsername": self.name,
            "name": self.name.title(),
            "inbox": self.inbox,
            "outbox": f"{self.uri}/outbox",
            "followers": f"{self.uri}/followers",
            "publicKey": key,
        }
        if self.peer.shared_inbox:
            document["endpoints"] = {"sharedInbox": f"https://{self.peer.host}/inbox"}
        return document | self.peer.more_of(self)


class Peer(httpx.AsyncBaseTransport):
    """Serves its actors and posts, verifies what it is brought, and judges it as `judge` does."""

    software, version = "peer", "1.0"
    agent = "Peer/1.0 (+https://{host})"
    people = "/users/{name}"
    groups = "/c/{name}"
    key_suffix = "#main-key"
    shared_inbox = True
    wants_signed_gets = False
    only_rfc9421 = False
    asks_for_rfc9421 = False

    def __init__(self, wires: Wires, host: str) -> None:
        self.wires, self.host = wires, host
        self.documents: dict[str, Json] = {}
        self.gone: set[str] = set()
        self.received: list[Received] = []
        self.refused: list[str] = []
        self.knocks: list[str] = []
        self.nodeinfo_down = False
        self._numbers = count(1)
        self.actors: dict[str, Somebody] = {}
        self.site = self._actor(f"https://{host}/actor", host, "Application")
        wires.servers[host] = self

    def _actor(self, uri: str, name: str, kind: str) -> Somebody:
        actor = self.actors[uri] = Somebody(self, uri, name, kind)
        return actor

    def person(self, name: str) -> Somebody:
        return self._actor(f"https://{self.host}{self.people.format(name=name)}", name, "Person")

    def group(self, name: str) -> Somebody:
        return self._actor(f"https://{self.host}{self.groups.format(name=name)}", name, "Group")

    def more_of(self, actor: Somebody) -> Json:
        """What this software adds to an actor."""
        return {}

    def judge(self, got: Received) -> None:
        """Raise Refused for what this software does not take."""

    async def take(self, got: Received) -> None:
        """Do what this software does with it."""

    def new_id(self, kind: str = "activities") -> str:
        return f"https://{self.host}/{kind}/{next(self._numbers)}"

    def forms(self) -> list[str]:
        """Everything that was taken, in order, in short."""
        return [got.form for got in self.received]

    # what it serves

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        if request.method == "POST":
            return await self._knocked(request)
        status, body, kind = await self._serve(request)
        stream = httpx.ByteStream(json.dumps(body).encode())
        return httpx.Response(status, headers={"content-type": kind}, stream=stream)

    async def _serve(self, request: httpx.Request) -> tuple[int, Any, str]:
        path, uri = request.url.path, str(request.url)
        if path.startswith("/.well-known/webfinger"):
            return self._webfinger(request.url.params["resource"])
        if "nodeinfo" in path:
            if self.nodeinfo_down:
                raise httpx.ConnectError("nobody answers", request=request)
            return 200, self._nodeinfo(path), "application/json"
        if self.wants_signed_gets:
            try:
                await self._verify(request)
            except Refused as error:
                self.refused.append(f"GET {uri}: {error}")
                return 401, {"error": str(error)}, "application/json"
        return self._document(uri)

    def _document(self, uri: str) -> tuple[int, Any, str]:
        if uri in self.gone:
            return 410, {"id": uri, "type": "Tombstone"}, ACTIVITY
        owner = self.actors.get(uri) or self.actors.get(uri.removesuffix(self.key_suffix))
        found = owner.document() if owner is not None else self.documents.get(uri)
        return (404, {}, ACTIVITY) if found is None else (200, found, ACTIVITY)

    def _webfinger(self, resource: str) -> tuple[int, Any, str]:
        name = resource.removeprefix("acct:").partition("@")[0]
        found = next((one for one in self.actors.values() if one.name == name), None)
        if found is None:
            return 404, {}, "application/jrd+json"
        links = [{"rel": "self", "type": ACTIVITY, "href": found.uri}]
        subject = f"acct:{name}@{self.host}"
        return 200, {"subject": subject, "links": links}, "application/jrd+json"

    def _nodeinfo(self, path: str) -> Json:
        if path.startswith("/.well-known"):
            rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
            return {"links": [{"rel": rel, "href": f"https://{self.host}/nodeinfo/2.0"}]}
        return {"version": "2.0", "software": {"name": self.software, "version": self.version}}

    # what it is brought

    async def _knocked(self, request: httpx.Request) -> httpx.Response:
        self.knocks.append("rfc9421" if "signature-input" in request.headers else "cavage")
        headers = {"accept-signature": 'sig=("@method")'} if self.asks_for_rfc9421 else {}
        if self.only_rfc9421 and self.knocks[-1] == "cavage":
            return httpx.Response(401, headers=headers, stream=httpx.ByteStream(b""))
        try:
            signer = await self._verify(request)
            got = Received(request.url.path, request.content, signer, json.loads(request.content))
            check(signer == got.document["actor"], "signed by another than the actor")
            self.judge(got)
        except Refused as error:
            self.refused.append(f"{request.content.decode()[:300]}: {error}")
            return httpx.Response(400, stream=httpx.ByteStream(b""))
        self.received.append(got)
        await self.take(got)
        return httpx.Response(202, headers=headers, stream=httpx.ByteStream(b""))

    async def _verify(self, request: httpx.Request) -> str:
        """The actor whose key signed this request."""
        key = knock.key_id(request)
        check(key, "not signed")
        owner = (await self.get((key or "").partition("#")[0])).json()
        check(owner["publicKey"]["id"] == key, "the actor lists another key")
        rule: Callable[[httpx.Request, str], None] = knock.cavage
        if "signature-input" in request.headers:
            rule = knock.rfc9421
        rule(request, owner["publicKey"]["publicKeyPem"])
        return owner["id"]

    # what it asks and says

    async def get(
        self, uri: str, *, accept: str = ACCEPT, signed: bool = True, agent: str | None = None
    ) -> httpx.Response:
        """As this software asks; `agent` "" is a request that does not say who asks."""
        agent = self.agent.format(host=self.host) if agent is None else agent
        headers = {"Accept": accept, "User-Agent": agent}
        if signed:
            headers |= cavage.sign("GET", uri, None, self.site.key, datetime.now(UTC))
        async with httpx.AsyncClient(transport=self.wires) as client:
            return await client.get(uri, headers=headers)

    async def read(self, uri: str) -> Json:
        """A document of another server, as strictly as anybody reads it."""
        answer = await self.get(uri)
        check(answer.status_code == 200, f"{uri}: {answer.status_code}")
        microblogs.content_type(answer.headers["content-type"])
        return answer.json()

    async def finds(self, name: str, host: str) -> Json:
        """The actor of a handle: WebFinger, its first self link, and back again."""
        where = f"https://{host}/.well-known/webfinger?resource=acct:{name}@{host}"
        found = (await self.get(where, accept="application/jrd+json", signed=False)).json()
        actor = await self.read(microblogs.self_link(found))
        check(actor["id"] == microblogs.self_link(found), "self is another id")
        microblogs.subject(found, actor["preferredUsername"], host)
        return actor

    async def says(self, who: Somebody, inbox: str, document: Json) -> Json:
        """Deliver as `who`; it must be answered with 202."""
        document = {"@context": "https://www.w3.org/ns/activitystreams"} | document
        body = json.dumps(document, indent=1, ensure_ascii=False).encode()
        headers = cavage.sign("POST", inbox, body, who.key, datetime.now(UTC))
        headers |= {"User-Agent": self.agent.format(host=self.host)}
        async with httpx.AsyncClient(transport=self.wires) as client:
            answer = await client.post(inbox, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return document | {"body": body}

    def act(self, who: Somebody, verb: str, thing: Any, **more: Any) -> Json:
        return {"id": self.new_id(), "type": verb, "actor": who.uri, "object": thing} | more

    async def follows(self, who: Somebody, name: str, host: str) -> tuple[Json, Json]:
        """Ask to belong to a community; the Follow, and the actor as it was read."""
        group = await self.finds(name, host)
        follow = self.act(who, "Follow", group["id"], to=[group["id"]])
        return await self.says(who, group["inbox"], follow), group

    def note(self, who: Somebody, text: str, *, to: Any = (PUBLIC,), **more: Any) -> Json:
        """A post as this software writes one, and serves it."""
        uri = f"{who.uri}/statuses/{next(self._numbers)}"
        document: Json = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": uri,
            "type": "Note",
            "summary": None,
            "inReplyTo": None,
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "url": uri,
            "attributedTo": who.uri,
            "to": list(to),
            "cc": [f"{who.uri}/followers"],
            "sensitive": False,
            "content": text,
            "attachment": [],
            "tag": [],
        } | more
        self.documents[uri] = document
        return document
