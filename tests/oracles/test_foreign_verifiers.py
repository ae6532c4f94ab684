"""All that we send is accepted by the foreign packages: a whole story between real servers."""

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import orjson
import pytest

from fedcop.domain.people.follow import follow
from fedcop.domain.people.models import Actor
from fedcop.work.unit_of_work import UnitOfWork
from tests.fediverse import Fediverse, Person
from tests.oracles.packages import Oracle

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("fediverse", ["sqlite"], indirect=True),
]
RED, BLUE = "red.test", "blue.test"
Documents = dict[str, dict[str, Any]]


class OnlyRfc9421(httpx.AsyncBaseTransport):
    """A server that does not read draft-cavage, in front of one of ours."""

    def __init__(self, behind: httpx.AsyncBaseTransport) -> None:
        self._behind = behind

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        signed = "signature" in request.headers
        if signed and "signature-input" not in request.headers:
            return httpx.Response(401)
        return await self._behind.handle_async_request(request)


Door = Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport]


async def tell_a_story(world: Fediverse, door: Door = lambda server: server) -> None:
    """What people can say to another server, each once; each server stands behind a `door`."""
    red, blue = await world(RED, BLUE)
    for host, server in world.wires.servers.items():
        world.wires.servers[host] = door(server)
    ada, bob = await red.person("ada"), await blue.person("bob")
    gardeners = await red.community("gardeners", ada)
    await bob.join(gardeners)
    await follow_each_other(ada, bob)
    await world.settle()
    frost = await ada.write(gardeners, "Frost in Mai? 🌱", "Grün, *or* not.\n\n> a < b & c")
    asked = await bob.write(gardeners, "Slugs", "They eat everything.")
    await world.settle()
    answer = await bob.reply(frost, "Fleece — “old” but good.")
    await ada.reply(asked, "Beer traps, @bob@blue.test.")
    await bob.vote(frost)
    await ada.vote(asked, -1)
    await world.settle()
    await bob.edit(answer, "Fleece, twice.")
    await ada.edit(frost, "Or in June?")
    await bob.vote(frost, 0)
    await gardeners.rewrite(ada, "We learn by doing. Anew.")
    await world.settle()
    await bob.delete(answer)
    await bob.leave(gardeners)
    await world.settle()


async def follow_each_other(*people: Person) -> None:
    for one, other in (people, people[::-1]):
        row_id = await one.server.meet(other.uri)

        def act(uow: UnitOfWork, who: int = one.id, whom: int = row_id) -> None:
            follow(uow, uow.get(Actor, who), uow.get(Actor, whom))

        await one.server.act(act)


async def key_documents(world: Fediverse) -> Documents:
    """The actors of both servers by their ids, as anybody may read them."""
    found: Documents = {}
    for host, names in ((RED, ("u/ada", "c/gardeners", "")), (BLUE, ("u/bob", ""))):
        async with httpx.AsyncClient(transport=world.wires.servers[host]) as client:
            for name in names:
                uri = f"https://{host}/{name}"
                answer = await client.get(uri, headers={"Accept": "application/activity+json"})
                found[uri] = answer.json()
    return found


def as_asked(request: httpx.Request, documents: Documents) -> dict[str, Any]:
    """A request that we sent, for the packages, with the key that it names."""
    headers = {name.decode(): value.decode() for name, value in request.headers.raw}
    body = b64encode(cast("httpx.ByteStream", request.stream)._stream).decode()
    signature = headers.get("Signature-Input", headers["Signature"])
    _, _, rest = signature.partition("keyid=" if "Signature-Input" in headers else "keyId=")
    owner = rest[1:].partition('"')[0].partition("#")[0]
    pem = documents[owner]["publicKey"]["publicKeyPem"]
    what: dict[str, Any] = {"url": str(request.url), "method": request.method, "body": body}
    what |= {"headers": headers, "pem": pem, "documents": documents}
    return what | {"now": datetime.now(UTC).timestamp()}


def proved(thing: object) -> Iterator[Mapping[str, Any]]:
    """Every object with a proof in a document, as it stands there."""
    if isinstance(thing, dict):
        if "proof" in thing:
            yield thing
        for below in thing.values():
            yield from proved(below)
    elif isinstance(thing, list):
        for below in thing:
            yield from proved(below)


async def test_cavage_is_read_by_both_and_proofs_by_fedify(fediverse, oracle):
    await tell_a_story(fediverse)
    documents = await key_documents(fediverse)
    counts, proofs = Counter[str](), Counter[str]()
    for request in fediverse.wires.sent:
        if "signature" not in request.headers:
            assert "/.well-known/" in request.url.path or "/nodeinfo/" in request.url.path
            continue
        what = as_asked(request, documents)
        for package in ("misskey", "fedify"):
            answer = oracle.ask(f"{package} verify", **what)
            assert answer["ok"], (package, request.method, request.url, answer)
        counts[request.method] += 1
        if request.method == "POST":
            for document in proved(orjson.loads(b64decode(what["body"]))):
                check_proof(oracle, document, documents)
                proofs[document["type"]] += 1
    print(f"cavage {dict(counts)}, proofs {dict(proofs)}")  # noqa: T201
    assert counts["POST"] >= 20
    assert counts["GET"] >= 4
    assert proofs.keys() >= {"Create", "Update"}


def check_proof(oracle: Oracle, document: Mapping[str, Any], documents: Documents) -> None:
    answer = oracle.ask("fedify verify proof", document=document, documents=documents)
    assert answer["ok"], (document, answer)
    changed = {**document, "published": "2001-01-01T00:00:00Z"}
    assert not oracle.ask("fedify verify proof", document=changed, documents=documents)["ok"]


async def test_the_second_knock_is_read_by_misskeys_package(fediverse, oracle):
    await tell_a_story(fediverse, OnlyRfc9421)
    documents = await key_documents(fediverse)
    counts = Counter[str]()
    for request in fediverse.wires.sent:
        if "signature-input" not in request.headers:
            continue
        answer = oracle.ask("misskey verify 9421", **as_asked(request, documents))
        assert answer["ok"], (request.method, request.url, answer)
        counts[request.method] += 1
    print(f"RFC 9421 {dict(counts)}")  # noqa: T201
    assert counts["POST"] >= 20
    assert counts["GET"] >= 4
